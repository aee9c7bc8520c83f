"""`seacliff whatif` needs no database, answers in sentences, and refuses in one."""

import subprocess
import sys

from seacliff.value.staffing.tests.world import TEAM


def whatif(path):
    return subprocess.run(
        [sys.executable, "-m", "seacliff", "whatif", path], capture_output=True, text=True, check=False
    )


def test_scenarios_are_answered(tmp_path):
    (tmp_path / "team.yaml").write_text(TEAM)
    done = whatif(tmp_path / "team.yaml")
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "Two fewer at the first tier",
        "A quarter more of everything",
        "A machine decides half of spam",
    ]


def test_a_wrong_file_is_refused(tmp_path):
    (tmp_path / "team.yaml").write_text("world: 3")
    done = whatif(tmp_path / "team.yaml")
    assert done.returncode == 1
    assert done.stderr.startswith("seacliff: The scenario file cannot be used")
    assert whatif(tmp_path / "none.yaml").returncode == 1
