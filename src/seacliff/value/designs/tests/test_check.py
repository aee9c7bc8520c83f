"""`make value-check` says what it did not run, and fails where a figure is off."""

import subprocess
import sys
from pathlib import Path

import pytest

from seacliff.value import check


def test_absent_data_is_said_and_packages_are_used(tmp_path):
    lines = list(check.published(tmp_path, whole=False))
    assert sum("not run" in line for line, _ in lines) == 5  # the sources that are files
    assert any("| 7.4141 |" in line for line, _ in lines) and all(agrees for _, agrees in lines)


def test_a_figure_that_is_off_is_told(monkeypatch, tmp_path):
    wrong = check.Published("made", [("figure", 1.0, 1.1, 1e-3)])
    monkeypatch.setattr(check, "SOURCES", (lambda _: wrong,))
    [(line, agrees)] = check.published(tmp_path)
    assert not agrees and "**no**" in line


def test_absent_data_fail_where_everything_is_asked_for(tmp_path):
    assert sum(not agrees for _, agrees in check.published(tmp_path)) == 5


@pytest.mark.parametrize(
    ("covered", "false", "conservative", "said"),
    [(0.95, 0.05, False, "yes"), (0.95, 0.062, False, "within its error"), (0.925, 0.05, False, "within its error"),
     (0.95, 0.08, False, "**no**"), (0.9, 0.05, False, "**no**"), (0.999, 0.0, False, "**no**"), (0.999, 0.0, True, "yes")],
)  # fmt: skip
def test_what_keeps_the_promise_is_told_from_what_its_error_allows(covered, false, conservative, said):
    assert check.verdict(covered, false, 1000, conservative) == said


def test_the_report_is_written(tmp_path):
    out = tmp_path / "validation.md"
    command = [sys.executable, "-m", "seacliff.value.check", "--draws", "20", "--world", "randomised", "--out", out]
    strict = subprocess.run([*command, "--data", tmp_path], capture_output=True, text=True, check=False)
    assert strict.returncode == 1 and "not run" in Path(out).read_text()
    done = subprocess.run([*command, "--data", tmp_path, "--partial"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| randomised |" in Path(out).read_text() and "20 draws" in Path(out).read_text()
