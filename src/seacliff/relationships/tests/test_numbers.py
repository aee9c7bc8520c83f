"""The numbers of both directions: what counts, what is a miss, what is too few to say."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from seacliff.partners import actions
from seacliff.partners.access import by_user, our_function
from seacliff.partners.actions import NewAsk
from seacliff.partners.models import Ask
from seacliff.people.problems import Invalid
from seacliff.relationships import numbers, periods, scores
from seacliff.review.tests.factories import policy, publish

from .factories import HOUR, MONDAY, answered, dated, function, lead, partner, reviewer, waiting

pytestmark = pytest.mark.django_db
PERIOD = periods.Period(MONDAY - timedelta(days=1), MONDAY + timedelta(days=6))
AFTER = MONDAY + timedelta(days=5)


@pytest.fixture
def comms():
    return function("communications")


def both(of):
    with time_machine.travel(AFTER, tick=False):
        return numbers.of_function(of, PERIOD)


def test_an_answer_by_the_due_time_is_in_time_and_an_open_one_past_it_is_a_miss(comms):
    for hours in (1, 2, 30):  # severity 2 is due after eight hours
        answered(comms, hours)
    waiting(comms)
    waiting(comms, severity=4, due_at=MONDAY + timedelta(days=100))
    side = both(comms).we_asked
    assert (side.asked, side.answered, side.in_time, side.late, side.waiting, side.judged) == (5, 3, 2, 1, 2, 4)
    score = scores.in_time(side)
    assert score.few and score.value == "2 of 4" and "2 ÷ (3 + 1)" in score.formula


def test_an_ask_from_before_the_period_that_is_still_open_counts(comms):
    waiting(comms, at=MONDAY - timedelta(days=60))
    answered(comms, 1, at=MONDAY - timedelta(days=60))
    side = both(comms).we_asked
    assert (side.asked, side.before, side.answered, side.late, side.judged) == (0, 1, 0, 1, 1)


def test_one_that_waits_for_the_asker_is_no_miss(comms):
    rita = reviewer()
    with time_machine.travel(MONDAY, tick=False):
        actions.pause(by_user(rita), waiting(comms, by=rita), "They wait for a judge.")
        actions.withdraw(by_user(rita), waiting(comms, by=rita), "It is over.")
    side = both(comms).we_asked
    assert (side.waiting, side.late, side.withdrawn, side.judged) == (1, 0, 1, 0)


def test_what_they_asked_of_us_is_the_other_side(comms):
    with time_machine.travel(MONDAY, tick=False):
        made = actions.ask(by_user(partner(comms)), NewAsk("inform", our_function(), "Is it over?", sender=comms))
        dated(made, MONDAY)
    found = both(comms)
    assert (found.we_asked.asked, found.they_asked.asked, found.they_asked.late) == (0, 1, 1)


def test_median_and_ninetieth_percentile_are_told_from_enough_answers_on(comms):
    for hours in range(1, 5):
        answered(comms, hours)
    assert scores.median(both(comms).we_asked).few
    for hours in range(5, 12):
        answered(comms, hours)
    side = both(comms).we_asked
    assert abs((side.median or HOUR) - 6 * HOUR) < timedelta(minutes=1)
    assert abs((side.ninetieth or HOUR) - 10 * HOUR) < timedelta(minutes=1)
    assert scores.median(side).value == "6.0 h" and scores.ninetieth(side).value == "10 h"
    assert scores.in_time(side) == scores.Score("73 %", scores.in_time(side).formula)


def test_refusals_come_with_their_reasons_and_outcomes_are_counted(comms):
    said_no = answered(comms, 1, "no")
    answered(comms, 1, outcome="helped")
    answered(comms, 1, outcome="nothing")
    answered(comms, 1, outcome="open")
    side = both(comms).we_asked
    assert (side.yes, side.no, side.helped, side.nothing, side.unsaid) == (3, 1, 1, 1, 2)
    assert numbers.refusals(comms, PERIOD) == [said_no]
    assert scores.helped(side).value == "1 of 2"


def test_asks_about_a_rule_were_made_before_it_went_live_or_after(comms):
    rules = policy()  # in force long before anybody was asked, and a second version long after
    later = publish(rules.policy, 2, at=MONDAY + timedelta(days=90))
    for version in (rules, later, later):
        asked = waiting(comms)
        Ask.objects.filter(id=asked.id).update(about_kind="policy-version", about_id=version.id)
    found = both(comms)
    assert (found.we_asked.engaged_before, found.we_asked.engaged_after) == (2, 1)
    assert scores.of_side(found.we_asked).before_launch.value == "2 of 3"
    assert both(function("legal")).we_asked.engaged_before == 0
    assert scores.of_side(both(function("legal")).we_asked).before_launch is None


def test_the_weeks_end_with_the_period(comms):
    answered(comms, at=MONDAY - timedelta(days=8))
    answered(comms)
    answered(comms)
    period = periods.Period(MONDAY - timedelta(days=15), MONDAY + timedelta(days=6))
    assert numbers.weekly(comms, period) == [0, 1, 2]


def test_the_overview_takes_as_many_queries_for_much_as_for_little(comms):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            numbers.overview([comms, function("legal")], PERIOD)
        return len(found)

    function("legal")
    first = queries()
    for number in range(6):
        answered(comms if number % 2 else function("legal"), outcome="helped")
    assert queries() == first


def test_a_period_is_read_from_dates_or_days():
    found = periods.asked(QueryDict("since=2026-01-01&until=2026-01-31"))
    assert (found.until - found.since).days == 31 and str(found.last_day) == "2026-01-31"
    assert periods.asked(QueryDict("days=30")).days == 30
    assert periods.asked(QueryDict("days=31")).days == periods.USUAL
    for wrong in ("since=2026-02-01&until=2026-01-01", "since=2020-01-01&until=2026-01-01", "since=x&until=2026-01-01"):
        with pytest.raises(Invalid):
            periods.asked(QueryDict(wrong))


def test_a_lead_reads_hours_in_words():
    assert [scores.hours(timedelta(minutes=each)) for each in (5, 119, 150, 900)] == [
        "5 min",
        "119 min",
        "2.5 h",
        "15 h",
    ]
    assert lead().name
