import pytest

from seacliff.review.routing.context import _FILL, EXAMPLE, SCHEMA
from seacliff.review.routing.rules import RuleBook, RuleError, fields_of


def rule(when: str, **settings: object) -> dict:
    return {"name": "a rule", "when": when, "set": settings or {"severity": 2}}


def test_the_last_matching_rule_has_the_word():
    book = RuleBook.of([rule("true", severity=3, queue="a"), rule('report.category == "phishing"', severity=1)])
    route = book.route(EXAMPLE, 4, "general")
    assert (route.severity, route.queue, route.hours) == (1, "a", 1.0)
    assert route.matched == ("a rule", "a rule")


def test_without_a_match_the_category_decides():
    route = RuleBook.of([rule("false")]).route(EXAMPLE, 4, "general")
    assert (route.severity, route.queue, route.hours, route.matched) == (4, "general", 120.0, ())


def test_a_condition_that_fails_on_one_report_does_not_hold_and_stops_no_other():
    book = RuleBook.of([rule('report.extra.feed == "x"', tier=2), rule("report.hour == 14", rank=-1)])
    route = book.route(EXAMPLE, 4, "general")
    assert (route.tier, route.rank) == (1, -1)


def test_every_field_of_the_schema_can_be_filled_and_nothing_else():
    assert set(_FILL) == {f"{variable}.{name}" for variable, fields in SCHEMA.items() for name in fields}


def test_only_the_fields_that_rules_speak_of_are_looked_up():
    assert fields_of('report.text.contains("target.state") && history.reports_30d > 2') == {
        "report.text",
        "history.reports_30d",
    }
    assert fields_of('tree["admin"] == "x"') == {
        "tree.organisation",
        "tree.organisation_plan",
        "tree.admin",
        "tree.depth",
    }


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (rule('report.categry == "x"'), "Did you mean report.category?"),
        (rule("report.category"), "must be true or false"),
        (rule("report.hour =="), "can't be read"),
        (rule("reprot.hour == 1"), "reprot"),
        (rule('report.hour == "x" + 1'), "fails"),
        (rule(""), "has no condition"),
        (rule("true", severity=5), "from 1 to 4"),
        (rule("true", severity="2"), "whole number"),
        (rule("true", colour="red"), "can't set colour"),
        (rule("true", hours=0), "more than 0"),
        (rule("true", queue="nowhere"), "There are: general"),
        ({"name": "empty", "when": "true", "set": {}}, "sets nothing"),
    ],
)
def test_a_wrong_rule_is_refused_with_a_sentence_and_its_place(row, says):
    with pytest.raises(RuleError, match="“") as refused:
        RuleBook.of([rule("true"), row], queues=["general"])
    assert says in str(refused.value)
    assert refused.value.rule == 1
