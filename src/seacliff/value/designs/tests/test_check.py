"""`make value-check` says what it did not run, and fails where a figure is off."""

import subprocess
import sys
from pathlib import Path

from seacliff.value import check


def test_absent_data_is_said_and_packages_are_used(tmp_path):
    lines = list(check.published(tmp_path))
    assert sum("not run" in line for line, _ in lines) == 5  # the sources that are files
    assert any("| 7.4141 |" in line for line, _ in lines) and all(agrees for _, agrees in lines)


def test_a_figure_that_is_off_is_told(monkeypatch, tmp_path):
    wrong = check.Published("made", [("figure", 1.0, 1.1, 1e-3)])
    monkeypatch.setattr(check, "SOURCES", (lambda _: wrong,))
    [(line, agrees)] = check.published(tmp_path)
    assert not agrees and "**no**" in line


def test_the_report_is_written(tmp_path):
    out = tmp_path / "validation.md"
    command = [sys.executable, "-m", "seacliff.value.check", "--draws", "20", "--world", "randomised", "--out", out]
    done = subprocess.run([*command, "--data", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| randomised |" in Path(out).read_text() and "20 draws" in Path(out).read_text()
