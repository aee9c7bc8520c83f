"""A case waits for those asks of a run that say so, comes back to the run's lead, and waits again for what is asked next."""

import pytest

from seacliff.playbooks.reading import check
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import Subject
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.review import actions as reviewing
from seacliff.review.models import AskWait, Work
from seacliff.review.tests import factories as cases

from .factories import actor, answered, published, settle, step

pytestmark = pytest.mark.django_db
BOOK = """
name: Before we act
steps:
  - {key: law, title: The law, kind: ask, by: legal, text: "What does the law say?", wait: true, form: []}
  - {key: news, title: For your information, kind: ask, ask: inform, by: support, text: We look into it.}
  - {key: words, title: The words, kind: ask, by: communications, text: "What do we say?", wait: true, after: [law], form: []}
"""


@pytest.fixture
def mei():
    return cases.person("Mei Tanaka")


@pytest.fixture
def case(mei):
    found = cases.case()
    reviewing.claim(mei, found)
    return found


def run_on(case, lead):
    run = start(
        actor(lead), NewRun(published(BOOK), "", about=Subject("case", case.id), about_label=case.ref, lead=lead)
    )
    settle()
    case.refresh_from_db()
    return run


def state(case):
    clear("asks-answered")
    case.refresh_from_db()
    return case.state


def test_it_waits_for_what_says_wait_and_for_nothing_else(mei, case):
    run = run_on(case, mei)
    assert case.state == "held"
    assert list(AskWait.objects.values_list("ask_id", "waiter_id")) == [(step(run, "law").ask_id, mei.id)]


def test_it_comes_back_and_waits_again_for_the_next_ask(mei, case):
    run = run_on(case, mei)
    answered(run, "law")
    assert state(case) == "held", "the next ask was made before the case came back"
    answered(run, "words")
    assert state(case) == "open" and step(run, "news").state == "open"
    assert reviewing.claim_next(mei, case.queue) == case


def test_it_waits_again_also_when_it_came_back_first(mei, case):
    run = run_on(case, mei)
    ask = step(run, "law").ask
    reply = {"answer": "yes", "state": "answered"}
    type(ask).objects.filter(id=ask.id).update(**reply, answered_at=ask.asked_at, closed_at=ask.asked_at)
    assert state(case) == "open"
    settle()
    case.refresh_from_db()
    assert case.state == "held" and Work.objects.get(case=case).assigned_to == mei


def test_it_is_not_taken_out_of_the_hands_of_somebody_else(mei, case):
    run = run_on(case, mei)
    ask = step(run, "law").ask
    type(ask).objects.filter(id=ask.id).update(
        answer="yes", state="answered", answered_at=ask.asked_at, closed_at=ask.asked_at
    )
    assert state(case) == "open"
    reviewing.claim(cases.person("Bob Second"), case)
    settle()
    assert step(run, "words").ask is not None and state(case) == "open"


def test_who_does_not_hold_the_case_asks_without_waiting_and_the_record_says_why(mei, case):
    run = run_on(case, cases.person("Bob Second"))
    told = Event.objects.get(verb="ask.not-waited-for")
    assert case.state == "open" and told.subject_id == step(run, "law").ask_id and told.story_id == case.id
    assert "was taken by Mei Tanaka" in told.reason


def test_a_run_about_nothing_that_can_wait_asks_all_the_same(mei):
    run = start(actor(mei), NewRun(published(BOOK), "", lead=mei))
    settle()
    assert step(run, "law").ask is not None and not Event.objects.filter(verb="ask.not-waited-for").exists()


def test_only_what_another_function_is_asked_can_be_waited_for():
    book, wrong = check("name: X\nsteps:\n  - {key: a, title: A, wait: true}\n")
    assert book is not None
    assert [str(each) for each in wrong] == [
        "Line 3: a: only what another function is asked can be waited for. Leave out wait."
    ]
