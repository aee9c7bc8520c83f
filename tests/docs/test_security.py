"""Every test that docs/security.md names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_each_requirement_is_shown_by_a_test_that_is_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text()))
    files = [*(ROOT / "src").rglob("test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    there = {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text())}
    assert not named - there
    assert len(named) > 50


def test_every_row_names_one():
    rows = [line for line in (ROOT / "docs/security.md").read_text().splitlines() if re.match(r"\| \d", line)]
    assert [row for row in rows if "`test_" not in row] == []
