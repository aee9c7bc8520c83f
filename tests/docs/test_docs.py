"""The documentation says what is there: every setting, every command, every link."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
VARIABLE = re.compile(r"\b(?:env(?:\.\w+)?\(|envvar=|setting\()\s*\"(SEACLIFF_[A-Z_]+|DATABASE_URL)\"")


def source() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py") if "tests" not in path.parts)


def test_every_setting_is_described_and_none_that_is_not_there():
    used = set(VARIABLE.findall(source()))
    described = set(
        re.findall(r"`((?:SEACLIFF_[A-Z_]+|DATABASE_URL))`", (ROOT / "docs/operate/settings.md").read_text())
    )
    assert used == described


def test_every_command_that_the_pages_name_is_there():
    from seacliff.cli import _mount_rooms, app

    _mount_rooms()
    commands = set(get_command(app).commands)
    named = {(page.name, word) for page in PAGES for word in re.findall(r"`seacliff ([a-z-]+)", page.read_text())}
    assert [pair for pair in named if pair[1] not in commands] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page):
    for link in re.findall(r"\]\(([^)#\s]+)\)", page.read_text()):
        if not re.match(r"[a-z]+:", link):
            assert (page.parent / link).exists(), link


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project.get("dependency-groups", {}).values()]
    wanted = {re.split(r"[\[<>=~! ]", line)[0].lower() for group in groups for line in group if isinstance(line, str)}
    told = (ROOT / "docs/dependencies.md").read_text().lower()
    assert [name for name in sorted(wanted) if f"`{name}`" not in told] == []
