"""Everything that the public reads is there in every language of the form."""

import ast
import re
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

from seacliff.partners.answers import FORMS
from seacliff.partners.models import Ask
from seacliff.policy.models import ActionKind

SOURCE = Path(__file__).parents[2] / "src/seacliff"
PAGES = [
    *(SOURCE / f"intake/templates/intake/{name}.html" for name in ("choose", "received", "report")),
    *(SOURCE / f"policy/templates/policy/{name}.html" for name in ("rules", "changes")),
    SOURCE / "review/templates/review/status.html",
    SOURCE / "start/templates/start/public.html",
    SOURCE / "screens/templates/screens/public.html",
    SOURCE / "appeals/templates/appeals/public.html",
    SOURCE / "enforcement/templates/enforcement/public_notice.html",
    SOURCE / "privacy/templates/privacy/download.html",
    SOURCE / "relationships/templates/relationships/pulse.html",
    *(
        SOURCE / f"partners/templates/partners/{name}.html"
        for name in ("by_link", "link_over", "parts/question", "parts/thread", "parts/answer_fields", "parts/thanks")
    ),
]
PROGRAMS = [
    *(SOURCE / f"intake/{name}.py" for name in ("public_form", "views")),
    SOURCE / "review/status.py",
    SOURCE / "enforcement/notices.py",
    SOURCE / "quality/telling.py",
    SOURCE / "relationships/pulse/answering.py",
    *(SOURCE / f"appeals/{name}.py" for name in ("wording", "views")),
    *(SOURCE / f"partners/{name}.py" for name in ("answers", "files", "templatetags/partners", "views/by_link")),
]
SAME: dict[str, set[str]] = {"de": set(), "es": {"No"}}  # words that are the same there
# What is said to the person outside, in programs that speak to colleagues as well.
SAID_OUTSIDE = {SOURCE / "appeals/access.py": "why_not", SOURCE / "appeals/views.py": "_lodged",
                SOURCE / "partners/actions/answering.py": "_checked", SOURCE / "partners/actions/talking.py": "_message",
                SOURCE / "relationships/views/pulse.py": "_shown",
                SOURCE / "partners/actions/timing.py": "hand_on", SOURCE / "partners/access.py": "must_speak"}  # fmt: skip


def said_in(file: Path) -> set[str]:
    """The texts that a program translates, whole however they are broken into lines."""
    tree: ast.AST = ast.parse(file.read_text())
    if file in SAID_OUTSIDE:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", "") == SAID_OUTSIDE[file])
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_")
    return {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}


def words() -> set[str]:
    on_pages = {word for page in PAGES for word in re.findall(r'{% translate "([^"]+)"', page.read_text())}
    acts = {str(kind.label) for kind in ActionKind} | labels_of_asks()
    return on_pages | acts | {word for file in [*PROGRAMS, *SAID_OUTSIDE] for word in said_in(file)}


def labels_of_asks() -> set[str]:
    shown = {str(label) for choices in (Ask.Answer, Ask.Outcome) for label in choices.labels} | {
        "Answered",
        "Withdrawn",
    }
    return shown | {field.label for fields in FORMS.values() for field in fields}


@pytest.mark.parametrize("language", ["de", "es"])
def test_no_word_is_missing(language):
    with override(language):
        assert [word for word in sorted(words()) if gettext(word) == word and word not in SAME[language]] == []
