"""The ledger: what is fixed before the estimate, who may, what the database refuses, what Finance is asked."""

from datetime import timedelta

import msgspec
import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from seacliff.partners.access import by_user
from seacliff.partners.actions import answer
from seacliff.partners.tests import factories as partners
from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.value.ledger import actions, signing, telling
from seacliff.value.ledger.actions import Proposal, Worth
from seacliff.value.ledger.designs import fingerprint
from seacliff.value.ledger.plans import Plan, code_version
from seacliff.value.models import Finding, Reading, Run
from seacliff.value.tests import world

PLAN = Plan("leniency", "reports_again", plausible=5.0)
SOURCE = "as Finance told in spring"
QUESTION = "Does acting on spam make its reporter report again?"


def proposed(user, **said):
    """`worth`: money of a unit, once a year."""
    if isinstance(said.get("worth"), float):
        said["worth"] = Worth(1, said["worth"], 1, said.pop("worth_basis", SOURCE))
    return actions.propose(user, Proposal(**({"question": QUESTION, "plan": PLAN, "overlap": "reporters"} | said)))


@pytest.fixture
def past(db):
    return world.decided(again=0.3)


def estimated(user, **said):
    found = proposed(user, **said)
    clear("value-ledger")
    actions.run(user, found)
    clear("value-ledger")
    found.refresh_from_db()
    return found


def test_a_proposal_fixes_question_plan_data_and_code(lead, past):
    found = proposed(lead)
    assert not found.is_frozen and found.code_version == code_version()
    clear("value-ledger")
    found.refresh_from_db()
    assert found.data_rows == 300 and len(found.data_hash) == 64
    assert found.unit == "share of reporters who report again within 28 days"


def test_an_estimate_before_the_data_are_frozen_is_refused_by_the_verb_and_by_the_database(lead, past):
    found = proposed(lead)
    with pytest.raises(Conflict, match="still being frozen"):
        actions.run(lead, found)
    with pytest.raises(IntegrityError, match="Propose the finding"), transaction.atomic():
        Run.objects.create(finding=found)


def test_a_run_keeps_estimate_grade_and_every_diagnostic(lead, past):
    found = estimated(lead)
    run = found.current
    assert run.state == "done" and run.grade in ("B", "X") and run.n > 250
    assert {one["name"] for one in run.result["diagnostics"]} >= {"first-stage F", "balance within cells"}
    assert run.data_hash == found.data_hash and not run.data_changed
    assert telling.is_null(run) or run.low > 0 or run.high < 0
    verbs = Event.objects.filter(subject_id=found.id).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["finding.proposed", "finding.frozen", "finding.run", "finding.estimated"]


def test_what_could_only_show_an_implausible_effect_is_refused_and_says_how_much_data_would_do(lead, past):
    run = estimated(lead, plan=Plan("leniency", "reports_again", plausible=0.0001)).current
    assert run.state == "done" and not run.grade and run.estimate is None
    assert "would do" in run.refusal and run.result["needed"] > 1000


def test_where_there_are_no_rows_nothing_is_frozen(lead, db):
    found = proposed(lead)
    clear("value-ledger")
    found.refresh_from_db()
    assert found.trouble.startswith("There are no rows") and not found.is_frozen


def changed(past):
    """The record moves on: a finding is turned round, a case was named to somebody after all."""
    type(past[0]).objects.filter(id=past[0].id).update(finding="no-violation", policy_version=None)
    type(past[1]).objects.filter(id=past[1].id).update(assignment="named")


def again(user, found):
    actions.run(user, found)
    clear("value-ledger")
    return Finding.objects.get(id=found.id)


def test_what_is_estimated_first_on_other_rows_than_were_frozen_does_not_count(lead, past):
    found = proposed(lead)
    clear("value-ledger")
    changed(past)
    found = again(lead, found)
    run = Run.objects.get(finding=found)
    assert run.state == "done" and run.data_changed and found.current is None
    assert telling.departs(run) == "other rows"


def test_the_first_estimate_on_the_frozen_rows_counts_whatever_a_later_one_says(lead, past):
    found = estimated(lead)
    first = found.current
    changed(past)
    found = again(lead, found)
    assert found.current == first and found.runs.count() == 2
    with pytest.raises(IntegrityError, match="first estimate of its own"), transaction.atomic():
        Finding.objects.filter(id=found.id).update(current=found.runs.order_by("-id")[0])


def test_a_run_with_other_code_is_told(lead, past, monkeypatch):
    from seacliff.value.ledger import running

    found = estimated(lead)
    assert "numpy-" in found.code_version and telling.departs(found.current) == ""
    monkeypatch.setattr(running, "code_version", lambda: "another+code")
    found = again(lead, found)
    assert [telling.departs(one) for one in found.runs.order_by("id")] == ["", "other code"]


def test_until_when_it_looks_is_fixed_so_the_rows_do_not_grow(lead, past):
    found = proposed(lead)
    assert found.plan["until"] == timezone.now().date().isoformat()
    clear("value-ledger")
    with time_machine.travel(timezone.now() + timedelta(days=90)):
        world.decided(40, seed=9, since=world.NOON + timedelta(days=280))  # what comes later is of no concern
        found = again(lead, found)
    assert found.current.data_hash == found.data_hash


def test_the_database_takes_no_estimate_that_nobody_asked_for(lead, past):
    found, other = estimated(lead), proposed(lead)
    clear("value-ledger")
    made_up = {"finding": other, "state": "done", "grade": "A", "estimate": 5.0, "low": 4.0, "high": 6.0, "n": 9}
    with pytest.raises(IntegrityError, match="asked for before"), transaction.atomic():
        Run.objects.create(**made_up)
    for run in (found.current, Run.objects.create(finding=other)):  # another's, and one that only waits
        with pytest.raises(IntegrityError, match="first estimate of its own"), transaction.atomic():
            Finding.objects.filter(id=other.id).update(current=run)
    with pytest.raises(IntegrityError, match="first estimate of its own"), transaction.atomic():
        Finding.objects.filter(id=found.id).update(current=None)


def test_what_was_proposed_is_never_changed_nor_deleted(lead, past):
    found = estimated(lead)
    for change in ({"question": "Something else entirely?"}, {"plan": {}}, {"data_hash": "x"}, {"state": "declined"},
                   {"worth": 3.0, "worth_basis": "x"}):  # fmt: skip
        with pytest.raises(IntegrityError, match="was proposed"), transaction.atomic():
            Finding.objects.filter(id=found.id).update(**change)
    for change in ({"grade": "A"}, {"low": 1.0}):
        with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
            Run.objects.filter(id=found.current_id).update(**change)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        Run.objects.filter(id=found.current_id)._raw_delete("default")
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Finding.objects.filter(id=found.id)._raw_delete("default")


def test_superseded_findings_stay_and_say_why(lead, past):
    old, new = estimated(lead), estimated(lead, question="The same question, asked better this time?")
    actions.supersede(lead, old, new, "The window was too short")
    old.refresh_from_db()
    assert old.superseded_by == new and Finding.objects.count() == 2
    with pytest.raises(Conflict):
        actions.supersede(lead, old, new, "And once more so")
    with pytest.raises(Conflict, match="superseded"):
        actions.run(lead, old)
    assert Reading.objects.get(kind="operations").asked_at  # the page's plot held it
    other = proposed(lead, question="The same question, asked for one queue alone?")
    actions.supersede(lead, other, new, "One covers both of them")
    assert {one.ref for one in new.supersedes.all()} == {old.ref, other.ref}
    for reason in (" ", "no", "because"):
        with pytest.raises(Invalid, match="in a sentence"):
            actions.supersede(lead, new, old, reason)


def test_finance_is_asked_by_an_ask_and_its_answer_is_the_sign_off(lead, past):
    finance = partners.function("finance")
    fay = partners.partner(finance)
    found = estimated(lead)
    assert found.current.grade == "B"
    found = signing.ask_sign_off(lead, found)
    assert found.ask.kind == "approve" and found.ask.about_label == found.ref
    assert {piece["key"] for piece in found.ask.shared} >= {"question", "result", "worst", "diagnostics", "fixed"}
    assert "balance within cells (held)" in next(piece["text"] for piece in found.ask.shared if piece["key"] == "diagnostics")
    assert telling.signed(found) == "asked"
    with pytest.raises(Conflict, match="asked already"):
        signing.ask_sign_off(lead, found)
    answer(by_user(fay), found.ask, "partly", "Only for one year", {"conditions": "Reckon with one year"})
    found = Finding.objects.get(id=found.id)
    assert telling.signed(found) == "signed with conditions"
    with pytest.raises(Conflict, match=r"asked about this estimate.*signed with conditions"):
        signing.ask_sign_off(lead, found)


def test_a_sign_off_stays_with_the_estimate_that_was_signed(lead, past):
    """Estimating again changes neither what counts nor what Finance signed."""
    fay = partners.partner(partners.function("finance"))
    found = signing.ask_sign_off(lead, estimated(lead))
    answer(by_user(fay), found.ask, "yes", "Agreed")
    first = Finding.objects.get(id=found.id)
    assert telling.signed(first) == "signed"
    anew = again(lead, first)
    assert anew.current_id == first.current_id and telling.signed(anew) == "signed" and anew.runs.count() == 2


def test_nobody_is_asked_to_sign_what_has_no_estimate(lead, past):
    found = proposed(lead)
    with pytest.raises(Conflict, match="no function Finance"):
        signing.ask_sign_off(lead, found)
    finance = partners.function("finance")
    with pytest.raises(Conflict, match="Nobody is in the function Finance"):
        signing.ask_sign_off(lead, found)
    partners.partner(finance)
    with pytest.raises(Conflict, match="no estimate"):
        signing.ask_sign_off(lead, found)


def test_only_those_who_may_propose_do(alice, lead, past):
    found = proposed(lead)
    for verb in (lambda: proposed(alice), lambda: actions.run(alice, found), lambda: actions.decline(alice, found, "no"),
                 lambda: actions.supersede(alice, found, found, "x"), lambda: signing.ask_sign_off(alice, found),
                 lambda: actions.try_again(alice, found)):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"question": "Why?"}, "question"),
        ({"worth": Worth(1, 1.0, 1, "because")}, "source"),
        ({"worth": Worth(0, 1.0, 1, SOURCE)}, "accounts"),
        ({"worth": Worth(1e15, 1.0, 1, SOURCE)}, "accounts"),
        ({"worth": Worth(100, 0.0, 1, SOURCE)}, "margin"),
        ({"worth": Worth(100, 1.0, 14, SOURCE)}, "times"),  # of four weeks there are 13 a year
        *(
            ({"plan": Plan(design, outcome, **said)}, "plausible")
            for design, outcome, said in (
                ("leniency", "reports_again", {}),
                ("launch", "left", {"launch": "x"}),
                ("staggered", "left", {"launch": "x"}),
                ("series", "reports", {"category": "spam", "changed_at": world.START}),
                ("churn", "left", {}),
            )
        ),
        ({"plan": Plan("trial", "left", launch="x", plausible=1.0)}, "planned"),
        ({"plan": Plan("trial", "left", launch="x", plausible=1.0, planned=1.0)}, "planned"),
        ({"plan": Plan("leniency", "happiness", plausible=1.0)}, "outcome"),
        ({"plan": Plan("guess", "left")}, "design"),
        ({"plan": Plan("leniency", "reports_again", plausible=-1.0)}, "plausible"),
        ({"plan": Plan("leniency", "reports_again", plausible=1.0, horizon_days=0)}, "horizon_days"),
    ],
)
def test_a_proposal_with_a_fault_names_its_field(lead, said, field):
    with pytest.raises(Invalid) as caught:
        proposed(lead, **said)
    assert caught.value.errors[0]["pointer"] == f"#/{field}"
    assert not Finding.objects.exists()


def test_an_offered_finding_is_taken_up_or_declined_once(lead, db):
    made = Proposal("Did the new policy on spam change what is reported?", PLAN)
    found = actions.offer(made, "policy-version:1")
    assert actions.offer(made, "policy-version:1") is None
    assert found.state == "offered"
    with pytest.raises(Conflict, match="not proposed"):
        actions.run(lead, found)
    taken = actions.propose(lead, made, of=found)
    assert taken.id == found.id and taken.state == "proposed"
    with pytest.raises(Conflict):
        actions.propose(lead, made, of=found)
    with pytest.raises(Conflict):
        actions.decline(lead, found, "It is too late")
    other = actions.offer(made, "policy-version:2")
    with pytest.raises(Invalid):
        actions.decline(lead, other, "")
    assert actions.decline(lead, other, "A typing error only").state == "declined"


def test_a_source_that_cannot_be_read_is_told_and_tried_again(lead, settings, past):
    settings.VALUE_SOURCE = "/no/such/folder"
    found = proposed(lead, plan=Plan("leniency", "target_revenue", plausible=100.0))
    clear("value-ledger")
    found.refresh_from_db()
    assert "is not there" in found.trouble and not found.is_frozen
    settings.VALUE_SOURCE = ""
    actions.try_again(lead, found)
    clear("value-ledger")
    found.refresh_from_db()
    assert found.trouble.startswith("There are no rows")  # it was read


def test_a_fingerprint_is_of_the_rows_and_not_of_their_order():
    import pandas as pd

    one = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    assert fingerprint(one) == fingerprint(one.iloc[::-1][["b", "a"]])
    assert fingerprint(one) != fingerprint(one.assign(a=[1.0, 2.1]))


def test_an_estimate_may_be_made_as_soon_as_the_data_are_frozen(lead, past):
    found = proposed(lead, at_once=True)
    clear("value-ledger")
    found.refresh_from_db()
    assert found.current.state == "done" and found.current.asked_by == lead


@pytest.fixture
def broken(monkeypatch):
    """Returns a function that makes one part of the worker's job fail as nobody foresaw."""
    from seacliff.value.ledger import running

    def breaks(name, only):
        real = getattr(running, name)

        def part(plan, *rest):
            if plan.horizon_days == only:
                raise ZeroDivisionError("nobody foresaw it")
            return real(plan, *rest)

        monkeypatch.setattr(running, name, part)

    return breaks


def test_a_finding_whose_data_break_the_worker_keeps_that_to_itself(lead, past, broken):
    broken("frame_of", 7)
    bad, good = proposed(lead, plan=msgspec.structs.replace(PLAN, horizon_days=7)), proposed(lead)
    clear("value-ledger")
    bad.refresh_from_db()
    good.refresh_from_db()
    assert "ZeroDivisionError" in bad.trouble and not bad.is_frozen and good.is_frozen


def test_a_run_that_breaks_the_worker_fails_and_the_next_is_made(lead, past, broken):
    bad, good = proposed(lead, plan=msgspec.structs.replace(PLAN, horizon_days=7)), proposed(lead)
    clear("value-ledger")
    broken("estimated", 7)
    actions.run(lead, bad)
    actions.run(lead, good)
    clear("value-ledger")
    failed = Run.objects.get(finding=bad)
    assert failed.state == "failed" and "ZeroDivisionError" in failed.error and failed.finished_at
    verbs = list(Event.objects.filter(subject_id=bad.id).order_by("id").values_list("verb", flat=True))
    assert verbs[-1] == "finding.estimate-failed"
    assert Run.objects.get(finding=good).state == "done"
