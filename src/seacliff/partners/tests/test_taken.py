"""How long an ask took: in its charter's hours, without the time in which its clock stood still."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from seacliff.partners import actions
from seacliff.partners.access import by_address, by_user
from seacliff.partners.charters.document import Promise
from seacliff.partners.models import Ask
from seacliff.record.models import Calendar

from .factories import charter, function, made_ask, reviewer

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DANA = by_address("dana@lantern.example", "Dana Press", "email")


@pytest.fixture
def office():
    hours = {str(day): [["09:00", "17:00"]] for day in range(5)}
    return Calendar.objects.create(slug="office", name="Office", hours=hours)


@pytest.fixture
def comms(office):
    found = function()
    charter(found, calendar="office", we_ask=(Promise("advise", hours={3: 8}),))
    return found


def taken(ask: Ask) -> timedelta | None:
    return Ask.objects.get(id=ask.id).taken


def test_working_hours_are_counted_where_the_charter_counts_them(comms):
    with time_machine.travel(MONDAY + 7 * HOUR, tick=False) as clock:
        slow, urgent = made_ask(comms, severity=3), made_ask(comms, severity=1)
        clock.move_to(MONDAY + 25 * HOUR)  # an hour on Monday, an hour on Tuesday
        actions.answer(DANA, slow, "yes", form={"advice": "Say nothing."})
        actions.answer(DANA, urgent, "yes", form={"advice": "Say nothing."})
    assert taken(slow) == 2 * HOUR
    assert taken(urgent) == 18 * HOUR


def test_an_ask_of_a_batch_is_counted_like_any_other(comms):
    rita = reviewer("Rita")
    with time_machine.travel(MONDAY + 7 * HOUR, tick=False) as clock:
        new = actions.NewAsk("advise", comms, "What may we say?", severity=3, key="wave")
        (asked,) = actions.ask_many([(by_user(rita), new)])
        clock.move_to(MONDAY + 25 * HOUR)
        actions.answer(DANA, asked, "yes", form={"advice": "Say nothing."})
    assert taken(asked) == 2 * HOUR


def test_a_due_time_by_hand_does_not_change_which_hours_are_counted(comms):
    with time_machine.travel(MONDAY + 7 * HOUR, tick=False) as clock:
        asked = made_ask(comms, severity=3, due_at=MONDAY + 48 * HOUR)
        clock.move_to(MONDAY + 25 * HOUR)
        actions.answer(DANA, asked, "yes", form={"advice": "Say nothing."})
    assert taken(asked) == 2 * HOUR


def test_time_in_which_the_clock_stood_still_is_left_out_even_when_it_was_late(comms):
    rita = reviewer("Rita")
    with time_machine.travel(MONDAY, tick=False) as clock:
        asked = made_ask(comms, by=rita, severity=2)
        clock.move_to(MONDAY + 6 * HOUR)  # two hours late
        actions.pause(by_user(rita), asked, "They wait for a judge.")
        clock.move_to(MONDAY + 100 * HOUR)
        actions.resume(by_user(rita), asked)
        clock.move_to(MONDAY + 101 * HOUR)
        actions.ask_back(DANA, asked, "Which wave?")
        clock.move_to(MONDAY + 110 * HOUR)
        actions.say(by_user(rita), asked, "Monday's.")
        clock.move_to(MONDAY + 112 * HOUR)
        actions.answer(DANA, asked, "yes", form={"advice": "Say nothing."})
    assert taken(asked) == 9 * HOUR


def test_an_ask_that_is_opened_again_goes_on_counting(comms):
    rita = reviewer("Rita")
    with time_machine.travel(MONDAY, tick=False) as clock:
        asked = made_ask(comms, by=rita, severity=2)
        clock.move_to(MONDAY + HOUR)
        actions.answer(DANA, asked, "yes", form={"advice": "Say nothing."})
        clock.move_to(MONDAY + 50 * HOUR)
        actions.reopen(by_user(rita), asked, "To whom?")
        clock.move_to(MONDAY + 52 * HOUR)
        actions.answer(DANA, asked, "yes", form={"advice": "To nobody."})
    assert taken(asked) == 3 * HOUR
