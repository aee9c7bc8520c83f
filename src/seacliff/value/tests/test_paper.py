"""The page on paper: it says all that the page on the screen says, and what people wrote is read as the screen reads it."""

import io
import json
import re

import pytest
import typst
from PIL import Image

from seacliff.screens.text import markdown_tree
from seacliff.value import assumptions
from seacliff.value.assumptions import Costs
from seacliff.value.board import printed
from seacliff.value.board.drafts import LONGEST
from seacliff.value.board.page import Page, page_of
from seacliff.value.ledger import actions
from seacliff.value.models import Reading
from seacliff.value.tests.test_designs_of_ledger import OTHER, fact
from seacliff.value.tests.test_ledger import proposed

pytestmark = pytest.mark.django_db
WORK = {
    "days": 179, "decisions": 700, "cost": {}, "charts": {},
    "service": [{"what": "case: first decision", "due": 677, "met": 584, "late": 86, "open": 7, "share": 0.8626}],
    "backlog": [{"severity": 2, "waiting": 4711, "late": 813}],
    "asks": [{"function": "Legal and friends", "asked": 2077, "in_time": 606, "late": 303, "helped": 202, "nothing": 0}],
    "prevalence": {"share": 0.5, "low": 0.4, "high": 0.6, "refusal": "", "strata": [
        {"queue": "Fraud lane", "cases": 409, "sampled": 69, "share": 0.652, "low": 0.476, "high": 0.873},
        {"queue": "Quiet lane", "cases": 17, "sampled": 0, "share": None, "low": None, "high": None}]},
}  # fmt: skip
MARKDOWN = """# Our case

**Bold** and *soft*, ~~gone~~, `code`, [a link](https://example.com/x) and [a trap](javascript:alert(1)).

3. third
4. fourth

> said before

| a | b |
|---|---|
| c | #panic("no") $x$ |
"""


def asked_of(page: Page, selector: str) -> list[dict]:
    """Elements of the document that typst makes of the page."""
    given = {"page": json.dumps(printed.told(page))}
    return json.loads(typst.query(printed._template(), selector, sys_inputs=given))


def words(found: object) -> str:
    """All text inside elements, in order."""
    if isinstance(found, list):
        return " ".join(map(words, found))
    if not isinstance(found, dict):
        return ""
    inner = [words(value) for key, value in found.items() if key in ("body", "children", "child", "header")]
    return " ".join(filter(None, [found.get("text", "") if isinstance(found.get("text"), str) else "", *inner]))


def written(lead, kind: str, text: str) -> Page:
    from seacliff.value.board import drafts

    drafts.write(lead, kind, text)
    return page_of(lead)


@pytest.fixture
def board(lead, settings):
    """A page with something in every section."""
    settings.COMPANY_NAME = "Meetings and Sons"
    assumptions.publish(lead, Costs(loaded_cost=60_000.0), "Finance")
    Reading.objects.update_or_create(kind="operations", defaults={"content": WORK, "made_at": "2026-03-01T00:00:00Z"})
    Reading.objects.update_or_create(kind="staffing", defaults={"error": "The team could not be read at all."})
    fact(lead, "A", 2, 4, worth=1000.0)
    fact(lead, "B", -1, 3, worth=10.0, plan=OTHER)
    proposed(lead, question="Does anybody still wait for an estimate here?")
    return page_of(lead)


SAID = (
    "Meetings and Sons", "Lena Lead", "The team could not be read at all", "Waiting now", "4711", "813", "Asked of others",
    "Legal and friends", "2077", "606", "Does anybody still wait for an estimate here?", "as Finance told in spring", "1,000 EUR",
    "3,000 EUR (2,000 to 4,000)", "a year's worth assumes that it lasts", "whatever the errors of the findings have in common",
    "Fraud lane", "65.2", "too few to tell", "nobody has edited it",
)  # fmt: skip


def test_paper_and_screen_say_the_same(client, lead, board):
    client.force_login(lead)
    screen = re.sub(r"\s+", " ", client.get("/value").content.decode()).replace("&#x27;", "'").replace(" – ", " to ")
    told = json.dumps(printed.told(board), ensure_ascii=False)
    for said in SAID:
        assert said in screen, said
        assert said in told or said in printed._template().decode(), said


def test_everything_that_is_told_is_printed(board):
    template = printed._template().decode()
    assert not [name for name in printed.told(board) if f"page-data.{name}" not in template]


def test_what_is_printed_is_in_the_document(board):
    tables = [words(one) for one in asked_of(board, "table")]
    for row in ("4711", "Legal and friends", "as Finance told in spring", "Fraud lane"):
        assert any(row in table for table in tables), row
    assert "still wait for an estimate" in words(asked_of(board, "list"))
    assert {"Waiting now", "Asked of others"} <= {words(one) for one in asked_of(board, "heading.where(level: 2)")}


def test_markdown_is_read_and_not_printed_raw(lead, db):
    page = written(lead, "investment", MARKDOWN)
    assert "Our case" in [words(one) for one in asked_of(page, "heading.where(level: 2)")]
    assert "Bold" in [words(one) for one in asked_of(page, "strong")]
    assert [words(one) for one in asked_of(page, "strike")] == ["gone"]
    assert [one["dest"] for one in asked_of(page, "link")] == ["https://example.com/x"]
    assert [one["start"] for one in asked_of(page, "enum")] == [3]
    assert any('#panic("no") $x$' in words(one) for one in asked_of(page, "table"))
    assert printed.pdf(page).startswith(b"%PDF")


@pytest.mark.parametrize("kept", ["* a\n  * b\n    > c\n", "a\\\nb", "---\n\n    code\n\n```py\nx\n```", "<b>x</b> &amp; \\*",
                                  "![picture](x.png)", "| a |\n|---|\n", "1. \n2. x", "[x]: y", "\u202e\x00"])  # fmt: skip
def test_whatever_markdown_there_is_can_be_printed(lead, db, kept):
    assert markdown_tree(kept) is not None
    assert printed.pdf(written(lead, "ask", "x " + kept if kept[0] == "\u202e" else f"{kept}\n\nx")).startswith(b"%PDF")


def test_a_long_word_stays_on_the_page(lead, db):
    long = "W" * 400
    page = written(lead, "ask", f"{long}\n\n| {long} | b |\n|---|---|\n| `{long}` | {long} |\n\n```\n{long}\n```")
    given = {"page": json.dumps(printed.told(page))}
    first = typst.compile(printed._template(), format="png", ppi=50, sys_inputs=given)
    sheet = Image.open(io.BytesIO(first[0] if isinstance(first, list) else first)).convert("L")
    margin = sheet.crop((sheet.width - sheet.width * 16 // 210, 0, sheet.width, sheet.height))
    assert margin.getextrema()[0] > 250


def test_a_text_says_who_wrote_it_and_that_the_ledger_changed_since(client, lead, board):
    client.force_login(lead)
    client.post("/value/texts/cut", {"text": "Cut nothing."})
    page = page_of(lead)
    assert re.fullmatch(r"Written by Lena Lead on \d{4}-\d\d-\d\d\.", page.texts["cut"].written)
    assert page.texts["cut"].written in client.get("/value").content.decode()
    fact(lead, "A", 5, 6)
    page = page_of(lead)
    assert page.texts["cut"].outdated and "have changed since" in client.get("/value").content.decode()
    assert printed.told(page)["texts"]["cut"]["written"].endswith("its figures may be old.")
    client.post("/value/texts/cut", {"text": "Cut nothing, still."})
    assert not page_of(lead).texts["cut"].outdated
    assumptions.publish(lead, Costs(loaded_cost=70_000.0), "Finance, again")
    assert page_of(lead).texts["cut"].outdated


def test_a_text_that_is_too_long_is_refused_and_not_lost(client, lead, db):
    client.force_login(lead)
    long = "word " * (LONGEST // 5) + "the end"
    answer = client.post("/value/texts/cut", {"text": long})
    assert answer.status_code == 422 and "Nothing was saved" in answer.content.decode()
    assert "the end" in answer.content.decode()
    assert page_of(lead).texts["cut"].at is None


def test_the_joint_interval_holds_whatever_findings_have_in_common(lead, db):
    fact(lead, "A", 2, 4, worth=10.0)
    fact(lead, "B", 1, 3, worth=10.0, plan=OTHER)
    page = page_of(lead)
    assert (page.standing.headline.low, page.standing.headline.high) == (30.0, 70.0)
    assert "35.9 to 64.1 EUR" in page.joint


def test_superseded_findings_make_a_text_old(lead, db):
    old, new = fact(lead, "A", 2, 4), fact(lead, "A", 2, 5)
    client_page = page_of(lead)
    from seacliff.value.board import drafts

    drafts.write(lead, "cut", "Cut nothing.", client_page.ledger)
    actions.supersede(lead, old, new, "The new one is sharper")
    assert page_of(lead).texts["cut"].outdated


def test_before_the_record_is_read_nobody_is_told_that_costs_are_missing(client, lead, db):
    assumptions.publish(lead, Costs(loaded_cost=60_000.0), "Finance told us so")
    client.force_login(lead)
    text = client.get("/value").content.decode()
    assert text.count("The record was not read yet.") == 2 and "Costs were not told" not in text
    assert printed.told(page_of(lead))["untold"] == "The record was not read yet."
