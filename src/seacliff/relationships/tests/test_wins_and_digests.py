"""Wins read off the record; the weekly digest: once for each function and week, without anybody's data, unless unwanted."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seacliff.appeals.tests.test_appeals import appealed, decided, ruled
from seacliff.connectors.email.letters import letter_of
from seacliff.partners.models import Dispatch
from seacliff.people.problems import NotAllowed, NotFound
from seacliff.record.models import Event
from seacliff.relationships import actions, digests, wins
from seacliff.relationships.models import Digest
from seacliff.review.actions import Verdict
from seacliff.review.tests import factories
from seacliff.review.tests.factories import publish

from .factories import HOUR, MONDAY, answered, function, lead, made_ask, partner

pytestmark = pytest.mark.django_db
NEXT_MONDAY = MONDAY + timedelta(days=7)


@pytest.fixture
def helped(comms):
    return answered(comms, outcome="helped", text="The wording by dana@lantern.example stopped the rumours.")


def feed(**of):
    with time_machine.travel(NEXT_MONDAY, tick=False):
        return wins.feed(**of)


def test_an_answer_that_changed_the_outcome_is_a_win_without_addresses_in_it(comms, helped):
    answered(comms, outcome="nothing")
    [win] = feed()
    assert (win.id, win.function, win.by_us, win.label) == (helped.id, comms, False, helped.ref)
    assert win.text == "The wording by [e-mail] stopped the rumours."
    assert feed(function=function("legal")) == []


def test_a_lead_words_and_pins_one_and_it_stays_on_top(comms, helped):
    newer = answered(comms, outcome="helped", at=MONDAY + 5 * HOUR)
    actions.word_win(lead(), "ask", helped.id, "Comms calmed a school in an hour.", pinned=True)
    first, second = feed()
    assert (first.id, first.text, second.id) == (helped.id, "Comms calmed a school in an hour.", newer.id)
    assert Event.objects.filter(verb="win.worded", subject_id=helped.id).count() == 1
    actions.word_win(lead(), "ask", helped.id, "", pinned=False)
    assert [win.id for win in feed()] == [newer.id, helped.id]


def test_what_is_no_win_can_not_be_made_one(comms):
    with pytest.raises(NotFound):
        actions.word_win(lead(), "ask", answered(comms, outcome="nothing").id, "Great!", pinned=True)


def test_the_feed_takes_a_fixed_number_of_queries(comms, helped):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            feed()
        return len(found)

    first = queries()
    for _ in range(5):
        answered(comms, outcome="helped")
    assert queries() == first <= 6


def sent() -> list[Dispatch]:
    return list(Dispatch.objects.filter(purpose="digest").order_by("id"))


def run(at=NEXT_MONDAY):
    with time_machine.travel(at, tick=False):
        return digests.send_due()


def test_a_function_hears_once_what_it_gave_what_it_did_and_what_is_due(comms, helped):
    with time_machine.travel(MONDAY + 30 * HOUR, tick=False):
        made_ask(comms, question="What may we say about +1 415 555 2671?")
    function("legal")
    assert run() == 2
    assert run() == run(NEXT_MONDAY + timedelta(days=3)) == 0
    [mail] = sent()
    assert mail.address == "dana@lantern.example"
    text = letter_of(mail).text()
    assert "you answered 1 ask this week, all in time" in text
    assert f"{helped.ref}, What may we say about this?: it changed the outcome." in " ".join(text.split())
    assert "late since Tuesday 17 November" in text and "[telephone]" in text and "2671" not in text
    assert "What we owe you" not in text
    assert "Dana" not in text and "Reviewer" not in text
    assert Digest.objects.get(function=function("legal")).recipients == 0


def test_a_week_later_there_is_another_and_a_missed_one_is_made_late(comms, helped):
    assert run(NEXT_MONDAY + timedelta(days=5)) == 1
    answered(comms, at=NEXT_MONDAY)
    assert run(NEXT_MONDAY + timedelta(days=7)) == 1
    assert [digest.week for digest in Digest.objects.all()] == [date(2026, 11, 23), date(2026, 11, 16)]
    assert len(sent()) == 2


def test_it_waits_for_monday_morning(comms, helped):
    assert digests.last_week(datetime(2026, 11, 23, 5, 59, tzinfo=UTC)) == date(2026, 11, 9)
    assert digests.last_week(datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == date(2026, 11, 16)


def test_a_function_that_wants_none_gets_none(comms, helped):
    actions.choose_digest(partner(comms), comms, wanted=False)
    assert run() == 0 and sent() == []
    actions.choose_digest(lead(), comms, wanted=True)
    assert run() == 1


def test_another_function_s_people_don_t_choose_for_it(comms):
    with pytest.raises(NotAllowed):
        actions.choose_digest(partner(function("legal")), comms, wanted=False)


def test_a_pinned_win_of_the_week_is_told_even_when_it_is_older(comms):
    old = answered(comms, outcome="helped", at=MONDAY - timedelta(days=30))
    with time_machine.travel(MONDAY + HOUR, tick=False):
        actions.word_win(lead(), "ask", old.id, "The statement of October still holds.", pinned=True)
    paper = digests.paper(comms, date(2026, 11, 16), NEXT_MONDAY)
    assert paper.sections[1].lines == [f"{old.ref}: The statement of October still holds."]


def test_rules_that_an_appeal_changed_are_wins(alice, rules):
    appeal = appealed(decided(alice, rules, "suspend-account"))
    version = publish(rules.policy, 2, change=f"Lists with consent are allowed ({appeal.ref}).")
    assert wins.feed() == []
    verdict = Verdict("no-violation", "spam", None, "They had agreed.", [])
    ruled(appeal, factories.person("Sam Second", tier=2), verdict)
    [win] = wins.feed()
    assert (win.kind, win.id, win.function, win.label) == ("policy-version", version.id, None, appeal.ref)
