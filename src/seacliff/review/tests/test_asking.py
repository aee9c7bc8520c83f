"""A case asks other functions, waits for them, and comes back at the front with its reviewer first."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from seacliff.partners import actions as partners
from seacliff.partners.access import by_user
from seacliff.partners.actions import NewAsk
from seacliff.partners.sharing import offered
from seacliff.partners.tests.factories import function, partner
from seacliff.people.problems import Conflict, NotFound
from seacliff.record import evidence
from seacliff.record.actions import Subject
from seacliff.record.models import Clock, Event
from seacliff.review import actions
from seacliff.review.asking import return_answered
from seacliff.review.models import Case, Deliberation, Work
from seacliff.review.tests import factories
from seacliff.review.tiers.beginning import begin
from seacliff.review.tiers.deliberating import pass_on_overdue
from seacliff.review.tiers.plan import DEFAULT

pytestmark = pytest.mark.django_db


def ask(user, case, slug="communications", **said):
    new = NewAsk("advise", function(slug), "What may we say?", about=Subject("case", case.id), form=(), wait=True)
    for name, value in said.items():
        object.__setattr__(new, name, value)
    return partners.ask(by_user(user), new)


def answered(asked):
    partners.answer(by_user(partner(asked.to_function)), asked, "yes", "Say this.")
    return return_answered()


@pytest.fixture
def held(alice):
    case = factories.case()
    actions.claim(alice, case)
    return case


def test_it_leaves_the_queue_and_its_clock_stands_still(alice, held):
    ask(alice, held)
    held.refresh_from_db()
    work = Work.objects.get(case=held)
    assert held.state == "held" and work.holder is None and work.assigned_to == alice
    assert Clock.objects.get(subject_id=held.id, name=Case.CLOCK).paused_at is not None


def test_it_comes_back_when_the_last_ask_is_answered_and_is_the_next_one(alice, held):
    first, second = ask(alice, held), ask(alice, held, "government-relations")
    answered(first)
    held.refresh_from_db()
    assert held.state == "held"
    factories.case(severity=held.severity, rank=-50)
    answered(second)
    held.refresh_from_db()
    assert held.state == "open" and Clock.objects.get(subject_id=held.id, name=Case.CLOCK).paused_at is None
    assert actions.claim_next(alice, held.queue) == held
    assert Event.objects.filter(verb="case.resumed", subject_id=held.id).count() == 1


def test_a_withdrawn_ask_is_waited_for_no_longer(alice, held):
    asked = ask(alice, held)
    partners.withdraw(by_user(alice), asked, "Found out ourselves")
    assert return_answered() == 1 and return_answered() == 0
    held.refresh_from_db()
    assert held.state == "open"


def test_a_case_that_nobody_answers_comes_back_all_the_same(alice, held):
    asked = ask(alice, held)
    with time_machine.travel(asked.due_at + timedelta(days=31)):
        assert actions.return_held() == 1


def test_who_does_not_hold_the_case_can_ask_and_can_not_let_it_wait(alice, held):
    bob = factories.person(tier=1)
    with pytest.raises(Conflict, match="was taken by"):
        ask(bob, held)
    assert ask(bob, held, wait=False).about_label == held.ref


def test_a_deliberation_waits_too_and_does_not_run_out_meanwhile():
    voter = factories.person(tier=3)
    case = factories.case(tier=3)
    opened = begin(case, DEFAULT.tiers[2], DEFAULT)
    actions.claim(voter, case)
    asked = ask(voter, case)
    with time_machine.travel(timezone.now() + timedelta(hours=80)):
        assert pass_on_overdue() == 0
        answered(asked)
        opened.refresh_from_db()
        assert opened.stage == Deliberation.Stage.VOTES and opened.due_at > timezone.now() + timedelta(hours=71)
        assert pass_on_overdue() == 0
        assert actions.claim_next(voter, case.queue) == case


def test_what_may_be_shared_names_nobody(alice):
    tree = factories.tree("Northfield School")
    case = factories.case(tree["event"])
    factories.report(case, reporter_name="Ann Reporter", text="Ann Reporter of Northfield School, +49 30 901820: help")
    found = offered(alice, Subject("case", case.id))
    words = found.label + " ".join(f"{piece.label} {piece.text}" for piece in found.pieces)
    for secret in ("Ann", "Northfield", "901820", case.target.ref, "ann@example.org"):
        assert secret not in words
    assert found.label == case.ref and {piece.key for piece in found.pieces} >= {"harm", "severity", "what", "report-1"}


def test_where_something_restricted_came_not_even_the_words_are_offered(alice):
    case = factories.case()
    report = factories.report(case)
    evidence.attach(evidence.keep(b"x", restricted=True), Subject("report", report.id), "x.bin")
    assert not [piece for piece in offered(alice, Subject("case", case.id)).pieces if piece.key.startswith("report-")]


def test_partners_can_not_share_a_case():
    case = factories.case()
    with pytest.raises(NotFound):
        offered(partner(function()), Subject("case", case.id))
