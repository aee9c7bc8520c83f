"""How a result is told: its worst diagnostic, its plots, what was told by others."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.value import designs
from seacliff.value.board.charts import drawn
from seacliff.value.ledger import actions, queries, surveys, telling
from seacliff.value.ledger.pictures import pictures
from seacliff.value.ledger.plans import Plan
from seacliff.value.models import Finding, Run
from seacliff.value.tests import test_designs_of_ledger as by_design
from seacliff.value.tests.test_designs_of_ledger import fact
from seacliff.value.tests.test_ledger import estimated

TOLD = surveys.Survey("Would hosts recommend Lantern to others?", 0.62, 0.55, 0.69, "share of hosts", 210, "Hosts in Germany",
                      "Asked by mail in May, report of the research team", date(2026, 5, 31))  # fmt: skip


def look(name, passed, figure, says):
    return {"name": name, "passed": passed, "figure": figure, "says": says, "rows": []}


@pytest.mark.parametrize(
    ("looks", "worst"),
    [
        ([look("shares as planned", True, 0.7, "a"), look("balance of the arms", True, 0.27, "b")], "b"),
        ([look("leave one out", True, 0.001, "a"), look("pre-trends", True, 0.4, "b (p = 0.40)")], "b (p = 0.40)"),
        (
            [look("monotonicity by subgroup", True, -0.3, "a, least p 0.62"), look("pre-trends", True, 0.7, "b")],
            "a, least p 0.62",
        ),
        ([look("event study", None, 2.0, "a"), look("leave one out", True, 0.2, "b")], "b"),
        ([look("pre-trends", True, 0.01, "a"), look("leave one out", False, 9.0, "b")], "b"),
        ([], ""),
    ],
)
def test_the_worst_diagnostic_is_one_that_failed_or_came_closest_to_it(looks, worst):
    assert telling.worst_of(Run(result={"diagnostics": looks})) == worst


def test_what_is_ranked_by_chance_is_what_the_designs_call_it():
    text = " ".join(path.read_text() for path in Path(designs.__file__).parent.glob("*.py"))
    assert set(re.findall(r'"([a-z -]+)"', text)) >= telling.LOOKS_AT_CHANCE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("design", "names"), [("launch", {"path", "leave one out", "placebos in space"}), ("staggered", {"event study"})]
)
def test_a_finding_shows_its_plots(lead, client, design, names):
    by_design.markets(0.2)
    found = estimated(lead, plan=Plan(design, "active_days", launch="limits", plausible=7.0))
    charts = found.current.result["charts"]
    assert set(charts) >= names and all(svg.startswith("<svg") for svg in charts.values())
    client.force_login(lead)
    text = client.get(f"/value/ledger/{found.ref}").content.decode()
    assert text.count("data:image/svg+xml") == len(charts)
    assert "sdid" not in text and "influence function<" not in text


def test_rows_with_intervals_and_covariates_are_drawn_and_others_are_not():
    rows = {
        "a": [{"bandwidth": "half", "estimate": 1.0, "low": 0.5, "high": 1.5}],
        "b": [{"covariate": name, "difference": 0.1, "in deviations": 0.02, "p": 0.8} for name in ("days", "revenue")],
        "c": [{"covariate": "days", "jump": 0.1, "se": 0.2, "p": 0.8}],
        "d": [],
        "e": [{"estimate": 1.0, "low": 0.5, "high": 1.5}],  # of what, no word says
    }
    specs = pictures({"estimate": 1.0, "diagnostics": [{"name": name, "rows": of} for name, of in rows.items()]})
    assert set(specs) == {"a", "b"} and all(drawn(spec).startswith("<svg") for spec in specs.values())


@pytest.mark.django_db
def test_what_others_told_is_of_grade_d_stands_apart_and_is_added_to_nothing(lead, alice, client):
    with pytest.raises(NotAllowed):
        surveys.enter(alice, TOLD)
    found, counted = surveys.enter(lead, TOLD), fact(lead, "A", 1, 3)
    assert found.current.grade == "D" and found.current.low == 0.55 and found.data_rows == 210
    standing = queries.standing(lead)
    assert standing.told == [found] and standing.in_it == [counted] and not standing.shown and not standing.nulls
    with pytest.raises(Conflict, match="nothing to estimate"):
        actions.run(lead, found)
    client.force_login(lead)
    text = client.get("/value").content.decode()
    assert text.index("Told by others") < text.index(found.question) and TOLD.source in text
    assert "added to nothing" in client.get(f"/value/ledger/{found.ref}").content.decode()


@pytest.mark.django_db
def test_the_database_gives_grade_d_to_what_was_told_and_to_nothing_else(lead):
    found, other = surveys.enter(lead, TOLD), fact(lead, "A", 1, 3)
    for one, grade in ((found, "A"), (other, "D")):
        run = Run.objects.create(finding=one)
        with pytest.raises(IntegrityError, match="of grade D"), transaction.atomic():
            Run.objects.filter(id=run.id).update(state="done", grade=grade)
    with pytest.raises(IntegrityError, match="finding_survey_not_in_money"), transaction.atomic():
        Finding.objects.create(design="survey", worth=3.0, worth_basis="x", state="offered")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("question", "Who?"), ("figure", 0.9), ("unit", " "), ("answers", 0), ("population", ""), ("source", "the web"),
     ("told_on", date(2100, 1, 1)), ("high", float("inf"))],
)  # fmt: skip
def test_what_is_told_names_its_source_whom_and_when(lead, field, value):
    from dataclasses import replace

    with pytest.raises(Invalid) as told:
        surveys.enter(lead, replace(TOLD, **{field: value}))
    assert [one["pointer"] for one in told.value.errors] == [f"#/{field}"]


@pytest.mark.django_db
def test_a_survey_is_entered_on_its_page(lead, client):
    client.force_login(lead)
    said = {name: getattr(TOLD, name) for name in TOLD.__dataclass_fields__}
    wrong = client.post("/value/ledger/survey", said | {"figure": 0.1})
    assert wrong.status_code == 422 and "lies within its interval" in wrong.content.decode()
    made = client.post("/value/ledger/survey", said)
    text = client.get(made.url).content.decode()
    assert "0.62 (0.55 to 0.69)" in text and "entered what others told" in text and "Estimate again" not in text
    assert "/value/ledger/survey" in client.get("/value/ledger/new").content.decode()
