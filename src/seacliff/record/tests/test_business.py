"""Working time, held against an oracle that walks the wall clock minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seacliff.record.business import CalendarError, add, between, business_day, check, instant_of
from seacliff.record.models import Calendar

OFFICE = {str(day): [["09:00", "17:00"]] for day in range(5)}
MINUTE = timedelta(minutes=1)
BERLIN = Calendar(slug="berlin", name="Berlin", time_zone="Europe/Berlin", country="DE", subdivision="BE", hours=OFFICE)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


class WallClock:
    """Walks the minutes of a range; a span opens when the wall clock first reaches its start and closes when it first
    reaches its end. Knows nothing of offsets, folds or gaps."""

    def __init__(self, calendar: Calendar, first: datetime, last: datetime, closed: set[date]):
        zone = ZoneInfo(calendar.time_zone)
        self.working: dict[datetime, bool] = {}
        opened: set[tuple] = set()
        shut: set[tuple] = set()
        moment = first - timedelta(days=2)
        while moment < last:
            wall = moment.astimezone(zone).replace(tzinfo=None)
            for day in (wall.date() - timedelta(days=1), wall.date()):
                if day in closed:
                    continue
                for span in calendar.hours.get(str(day.weekday()), []):
                    key = (day, *span)
                    if wall >= self._at(day, span[0]):
                        opened.add(key)
                    if wall >= self._at(day, span[1]):
                        shut.add(key)
            self.working[moment] = bool(opened - shut)
            moment += MINUTE

    @staticmethod
    def _at(day: date, text: str) -> datetime:
        hour, minute = map(int, text.split(":"))
        return datetime.combine(day, time.min) + timedelta(hours=hour, minutes=minute)

    def between(self, since: datetime, until: datetime) -> timedelta:
        return MINUTE * sum(works for moment, works in self.working.items() if since <= moment < until)

    def add(self, since: datetime, amount: timedelta) -> datetime | None:
        left = amount
        for moment, works in self.working.items():
            if moment >= since and left == timedelta(0):
                return moment
            if moment >= since and works:
                left -= MINUTE
        return None


@st.composite
def spans(draw):
    marks = sorted(draw(st.sets(st.integers(0, 48), min_size=2, max_size=4)))
    half_hours = [f"{mark // 2:02}:{mark % 2 * 30:02}" for mark in marks]
    return [[half_hours[i], half_hours[i + 1]] for i in range(0, len(half_hours) - 1, 2)]


# Days around the changes of daylight saving in each zone, and a plain week; Lord Howe changes by half an hour.
EVES = {
    "UTC": [utc(2026, 5, 4)],
    "Europe/Berlin": [utc(2026, 3, 27), utc(2026, 10, 23), utc(2026, 12, 23)],
    "America/New_York": [utc(2026, 3, 6), utc(2026, 10, 30)],
    "Australia/Lord_Howe": [utc(2026, 4, 3), utc(2026, 10, 2)],
    "Asia/Kathmandu": [utc(2026, 5, 4)],
}


@st.composite
def situations(draw):
    zone = draw(st.sampled_from(sorted(EVES)))
    days = draw(st.sets(st.integers(0, 6), min_size=3))
    calendar = Calendar(slug="any", time_zone=zone, hours={str(day): draw(spans()) for day in days})
    start = draw(st.sampled_from(EVES[zone])) + MINUTE * draw(st.integers(0, 2 * 1440))
    return calendar, start, MINUTE * draw(st.integers(1, 900))


@settings(max_examples=60, deadline=None)
@given(situations())
def test_adding_working_time_agrees_with_walking_the_minutes(situation):
    calendar, start, amount = situation
    oracle = WallClock(calendar, start, start + timedelta(days=9), set())
    expected = oracle.add(start, amount)
    found = add(calendar, start, amount)
    if expected is None:
        assert found >= start + timedelta(days=9)
    else:
        assert found == expected


@settings(max_examples=60, deadline=None)
@given(situations(), st.integers(0, 3 * 1440))
def test_working_time_between_two_moments_agrees_with_walking_the_minutes(situation, minutes):
    calendar, start, _ = situation
    until = start + MINUTE * minutes
    assert between(calendar, start, until) == WallClock(calendar, start, until, set()).between(start, until)


@settings(max_examples=100, deadline=None)
@given(situations())
def test_what_was_added_lies_between(situation):
    calendar, start, amount = situation
    assert between(calendar, start, add(calendar, start, amount)) == amount


def test_public_holidays_and_weekends_do_not_count():
    christmas_eve = utc(2026, 12, 24, 14, 0)  # 15:00 in Berlin; the 25th is a holiday, then comes a weekend
    assert add(BERLIN, christmas_eve, timedelta(hours=3)) == utc(2026, 12, 28, 9, 0)
    oracle = WallClock(BERLIN, christmas_eve, utc(2026, 12, 30), {date(2026, 12, 25), date(2026, 12, 26)})
    assert oracle.add(christmas_eve, timedelta(hours=3)) == utc(2026, 12, 28, 9, 0)


def test_a_holiday_of_the_subdivision_counts_there_only():
    bavaria = Calendar(slug="by", time_zone="Europe/Berlin", country="DE", subdivision="BY", hours=OFFICE)
    epiphany = utc(2026, 1, 6, 9, 0)
    assert add(BERLIN, epiphany, timedelta(hours=1)) == utc(2026, 1, 6, 10, 0)
    assert add(bavaria, epiphany, timedelta(hours=1)) == utc(2026, 1, 7, 9, 0)


def test_time_that_ends_with_the_day_is_due_at_closing_not_next_morning():
    assert add(BERLIN, utc(2026, 5, 4, 7, 0), timedelta(hours=8)) == utc(2026, 5, 4, 15, 0)


def test_the_same_eight_hours_are_another_instant_after_daylight_saving_begins():
    friday, monday = utc(2026, 3, 27, 8, 0), utc(2026, 3, 30, 7, 0)
    assert add(BERLIN, friday, timedelta(hours=8)) == utc(2026, 3, 27, 16, 0)
    assert add(BERLIN, friday, timedelta(hours=9)) == monday + timedelta(hours=1)


def test_five_business_days_are_one_week_even_where_fridays_are_short():
    long = {str(day): [["08:00", "12:00"], ["13:00", "17:30"]] for day in range(4)}
    short = Calendar(slug="s", hours={**long, "4": [["08:00", "14:00"]]})
    start = utc(2026, 5, 6, 10, 0)
    assert add(short, start, 5 * business_day(short)) == start + timedelta(days=7)


def test_a_skipped_wall_time_is_the_moment_of_the_jump():
    berlin = ZoneInfo("Europe/Berlin")
    assert instant_of(datetime.fromisoformat("2026-03-29T02:30"), berlin) == utc(2026, 3, 29, 1, 0)
    assert instant_of(datetime.fromisoformat("2026-10-25T02:30"), berlin) == utc(2026, 10, 25, 0, 30)
    # Samoa skipped the whole of 30 December 2011.
    assert instant_of(datetime.fromisoformat("2011-12-30T12:00"), ZoneInfo("Pacific/Apia")) == utc(2011, 12, 30, 10, 0)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"hours": {}}, "no working hours"),
        ({"hours": {"7": [["09:00", "17:00"]]}}, "no weekday"),
        ({"hours": {"0": [["17:00", "09:00"]]}}, "must close after it opens"),
        ({"hours": {"0": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "overlap"),
        ({"hours": {"0": [["nine", "five"]]}}, "is not a list of spans"),
        ({"hours": {"0": "09:00-17:00"}}, "is not a list of spans"),
        ({"hours": OFFICE, "time_zone": "Europe/Nowhere"}, "is no time zone"),
        ({"hours": OFFICE, "time_zone": "../../etc/passwd"}, "is no time zone"),
        ({"hours": OFFICE, "country": "XX"}, "No public holidays are known for XX"),
        ({"hours": OFFICE, "country": "DE", "subdivision": "ZZ"}, "No public holidays are known for DE ZZ"),
    ],
)
def test_a_calendar_that_cannot_be_counted_with_says_what_to_change(broken, sentence):
    with pytest.raises(CalendarError, match=sentence):
        check(Calendar(slug="broken", **broken))


def test_a_span_may_last_until_midnight():
    night = Calendar(slug="night", hours={"0": [["22:00", "24:00"]], "1": [["00:00", "06:00"]]})
    assert add(night, utc(2026, 5, 4, 23, 0), timedelta(hours=2)) == utc(2026, 5, 5, 1, 0)
