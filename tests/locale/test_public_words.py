"""Everything that the public reads is there in every language of the form."""

import re
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

SOURCE = Path(__file__).parents[2] / "src/seacliff"
PAGES = [
    *(SOURCE / f"intake/templates/intake/{name}.html" for name in ("choose", "received", "report")),
    *(SOURCE / f"policy/templates/policy/{name}.html" for name in ("rules", "changes")),
    SOURCE / "review/templates/review/status.html",
    SOURCE / "start/templates/start/public.html",
    SOURCE / "screens/templates/screens/public.html",
]
PROGRAMS = [SOURCE / "intake/public_form.py", SOURCE / "intake/views.py", SOURCE / "review/status.py"]


def words() -> set[str]:
    on_pages = {word for page in PAGES for word in re.findall(r'{% translate "([^"]+)"', page.read_text())}
    return on_pages | {word for file in PROGRAMS for word in re.findall(r'_\(\s*"([^"]+)"', file.read_text())}


@pytest.mark.parametrize("language", ["de", "es"])
def test_no_word_is_missing(language):
    with override(language):
        assert [word for word in sorted(words()) if gettext(word) == word] == []
