"""One question is counted once, and nobody is rid of its answer: what is merged by rule, what superseding and Finance change."""

import pytest

from seacliff.partners.access import by_user
from seacliff.partners.actions import answer
from seacliff.partners.tests import factories as partners
from seacliff.people.actions import issue_token
from seacliff.people.problems import Conflict
from seacliff.record.actions import SYSTEM
from seacliff.value.ledger import actions, queries, questions, signing
from seacliff.value.ledger.plans import Plan
from seacliff.value.models import Finding
from seacliff.value.tests.test_designs_of_ledger import OTHER, fact
from seacliff.value.tests.test_ledger import proposed

pytestmark = pytest.mark.django_db
WHY = "The window was too short"


def plan(design="leniency", outcome="reports_again", **said):
    return Plan(design, outcome, plausible=5.0, **said)


def head(lead):
    """What is in the headline, its point, and why what is not in it is not."""
    found = queries.standing(lead)
    return {one.ref for one in found.in_it}, found.headline.point, {one.ref: why for one, why in found.left_out}


@pytest.mark.parametrize(
    ("one", "two", "hang_together"),
    [
        (plan(), plan(horizon_days=14), True),
        (plan("trial", "active_days", launch="room"), plan("launch", "active_days", launch="room"), True),
        (plan("trial", "active_days", launch="room"), plan("trial", "revenue", launch="room"), True),  # the same money
        (plan("trial", "active_days", launch="room"), plan("trial", "active_days", launch="badge"), False),
        (plan("leniency", "target_revenue"), plan("strikes", "active_days", policy="spam"), True),
        (plan("leniency", "target_revenue"), plan("leniency", "reporter_revenue"), False),
        (plan(category="spam"), plan(), True),
        (plan(category="spam"), plan(category="phishing"), False),
        (plan(category="spam", queue="q"), plan(category="spam", queue="r"), False),
    ],
)
def test_which_plans_may_have_measured_the_same(one, two, hang_together):
    assert questions.overlap(one, two) is hang_together is questions.overlap(two, one)


def test_the_same_plan_twice_is_counted_once_whatever_its_group_is_called(lead):
    first, second = fact(lead, "A", 1, 3, worth=130.0), fact(lead, "A", 1, 3, worth=130.0, overlap="another name")
    counted, point, why = head(lead)
    assert counted == {first.ref} and point == 260.0 and why[second.ref] == f"overlaps with {first.ref}"


def test_findings_hang_together_through_others(lead):
    """Of spam and of phishing: apart, until one of all categories stands, or somebody says that they overlap."""
    spam, phishing = (fact(lead, "B", 1, 3, plan=plan(category=name)) for name in ("spam", "phishing"))
    assert head(lead)[0] == {spam.ref, phishing.ref}
    whole = fact(lead, "B", 1, 2, plan=plan())
    assert head(lead)[0] == {whole.ref}


def test_a_result_is_superseded_only_by_an_answer_to_the_same_question(lead):
    null = fact(lead, "A", -3, 1)
    other, part = proposed(lead, plan=OTHER), proposed(lead, plan=plan(category="spam"))
    for wrong in (other, part):
        with pytest.raises(Conflict, match="asks something else"):
            actions.supersede(lead, null, wrong, WHY)
    actions.supersede(lead, other, null, "It was a slip of the pen")  # without a result there is nothing to be rid of


@pytest.mark.parametrize(("grade", "takes"), [("", False), ("X", False), ("C", False), ("B", False), ("A", True)])
def test_a_superseded_result_stays_in_the_headline_until_a_result_as_good_takes_its_place(lead, grade, takes):
    null = fact(lead, "A", -3, 1)
    new = fact(lead, grade, 5, 7) if grade else proposed(lead)
    actions.supersede(lead, null, new, WHY)
    counted, point, _why = head(lead)
    assert (counted, point) == (({new.ref}, 6.0) if takes else ({null.ref}, -1.0))
    found = queries.standing(lead)
    assert [one.ref for one in found.superseded] == [null.ref]
    assert [one.ref for one in found.nulls] == ([] if takes else [null.ref])


def test_a_superseded_result_is_read_on_the_page_in_the_pdf_and_as_json(lead, client):
    from seacliff.value.board.page import page_of
    from seacliff.value.board.printed import told

    old, new = fact(lead, "A", -3, 1), fact(lead, "A", 5, 7)
    actions.supersede(lead, old, new, WHY)
    client.force_login(lead)
    text = client.get("/value").content.decode()
    assert "-1 (-3 to 1), A" in text and f"by {new.ref}: {WHY}" in text
    printed = told(page_of(lead))
    assert [line for line in printed["superseded"] if "-1 (-3 to 1), A" in line and WHY in line]
    assert printed["others"] == [f"{new.ref}, of the same question: {old.ref} -1 (-3 to 1), A."]
    secret = issue_token(SYSTEM, lead, name="t", scopes=["value:ledger:view"])[1]
    given = client.get("/api/v1/value/findings?state=superseded", headers={"Authorization": f"Bearer {secret}"}).json()
    [found] = given["items"]
    assert found["current"]["low"] == -3 and found["superseded_by"] == new.ref and len(found["runs"]) == 1
    assert found["asks"] == "acting on cases, reporters"


def test_what_else_was_found_of_the_same_question_stands_beside_it(lead, client):
    first, failed = fact(lead, "B", 1, 3), fact(lead, "X", 50, 60)
    client.force_login(lead)
    text = client.get(f"/value/ledger/{failed.ref}").content.decode()
    assert "Other findings of the same question" in text and "its estimate was known when this one was proposed" in text
    assert f"/value/ledger/{failed.ref}" in client.get(f"/value/ledger/{first.ref}").content.decode()
    assert "55 (50 to 60), X" in client.get("/value").content.decode()  # beside the one that is counted


def asked(lead, found):
    found = signing.ask_sign_off(lead, Finding.objects.get(id=found.id))
    return found.ask


def test_what_finance_refuses_leaves_the_headline_and_what_it_signed_is_said(lead, client):
    fay = partners.partner(partners.function("finance"))
    refused, signed, neither = (
        fact(lead, "A", 1, 3, plan=plan(category=name)) for name in ("spam", "phishing", "raids")
    )
    answer(by_user(fay), asked(lead, refused), "no", "The margin is made up")
    answer(by_user(fay), asked(lead, signed), "yes", "Agreed")
    counted, point, why = head(lead)
    assert counted == {signed.ref, neither.ref} and point == 4.0
    assert why == {refused.ref: "Finance refused it: The margin is made up"}
    client.force_login(lead)
    text = client.get("/value").content.decode()
    assert "The margin is made up" in text and f"Signed by Finance: {signed.ref}." in " ".join(text.split())
