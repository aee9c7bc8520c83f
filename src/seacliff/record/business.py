"""Working time: what a named Calendar counts, in the time zone where the people work.

A span such as 09:00-17:00 opens at the first instant when the wall clock there has reached 09:00 and closes at the
first when it has reached 17:00. So a span that a daylight-saving change cuts or stretches counts the time that really
passes.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from seacliff.record.models import Calendar

DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_CLOSED = 366  # days without working time after which a calendar is taken to have none

Span = tuple[timedelta, timedelta]  # of a day, counted from its midnight on the wall clock


class CalendarError(ValueError):
    """A calendar that can't be counted with; the message says what to change."""


def week_of(calendar: Calendar) -> dict[int, list[Span]]:
    """The working spans of each weekday, Monday being 0, in order. Raises CalendarError."""
    week: dict[int, list[Span]] = {}
    for day, spans in calendar.hours.items():
        if day not in {"0", "1", "2", "3", "4", "5", "6"}:
            raise CalendarError(
                f'The calendar {calendar}: "{day}" is no weekday. Use "0" for Monday to "6" for Sunday.'
            )
        week[int(day)] = _spans(calendar, int(day), spans)
    if not any(week.values()):
        raise CalendarError(f"The calendar {calendar} has no working hours. Give it some.")
    return week


def _spans(calendar: Calendar, day: int, given: Any) -> list[Span]:
    where = f"The calendar {calendar}, {WEEKDAYS[day]}"
    try:
        spans = sorted((_clock_time(opens), _clock_time(closes)) for opens, closes in given)
    except (TypeError, ValueError) as error:
        raise CalendarError(f'{where}: {given!r} is not a list of spans such as [["09:00", "17:00"]].') from error
    ends = timedelta(0)
    for opens, closes in spans:
        if opens >= closes:
            raise CalendarError(f"{where}: a span must close after it opens. Let a night shift end at 24:00.")
        if opens < ends:
            raise CalendarError(f"{where}: two spans overlap.")
        ends = closes
    return spans


def _clock_time(text: str) -> timedelta:
    if text == "24:00":
        return DAY
    at = time.fromisoformat(text)
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def business_day(calendar: Calendar) -> timedelta:
    """One business day as the calendar has it: the hours of its week over its working days, so that five make a week
    where people work five days."""
    days = [
        sum((closes - opens for opens, closes in spans), timedelta(0)) for spans in week_of(calendar).values() if spans
    ]
    return sum(days, timedelta(0)) / len(days)


def check(calendar: Calendar) -> None:
    """Raises CalendarError for hours, a time zone, a country or a subdivision that can't be counted with."""
    week_of(calendar)
    zone_of(calendar)
    _public_holidays(calendar.country, calendar.subdivision, 2024)


def spans(calendar: Calendar, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The working spans that end after `since`, without end, as instants."""
    week, zone = week_of(calendar), zone_of(calendar)
    day = since.astimezone(zone).date() - DAY
    closed = 0
    while True:
        todays = [] if is_holiday(calendar, day) else week.get(day.weekday(), [])
        for opens, closes in todays:
            first, last = _instant(day, opens, zone), _instant(day, closes, zone)
            if last > since and first < last:
                closed = 0
                yield first, last
        closed += 1
        if closed > LONGEST_CLOSED:
            raise CalendarError(f"The calendar {calendar} has no working time in a whole year.")
        day += DAY


def add(calendar: Calendar, since: datetime, amount: timedelta) -> datetime:
    """The first instant by which `amount` of working time has passed since `since`."""
    if amount <= timedelta(0):
        return since
    left = amount
    for opens, closes in spans(calendar, since):
        opens = max(opens, since)
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise AssertionError("spans() has no end")


def between(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """The working time from `since` to `until`; nothing when `until` is not after `since`."""
    total = timedelta(0)
    if until <= since:
        return total
    for opens, closes in spans(calendar, since):
        if opens >= until:
            break
        total += min(closes, until) - max(opens, since)
    return total


def is_holiday(calendar: Calendar, day: date) -> bool:
    return bool(calendar.country) and day in _public_holidays(calendar.country, calendar.subdivision, day.year)


@lru_cache(maxsize=512)
def _public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    from holidays import country_holidays  # slow to load, and cached from then on

    try:
        return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError as error:
        raise CalendarError(
            f"No public holidays are known for {country} {subdivision}".rstrip()
            + ". Use an ISO 3166 country code such as DE and its subdivision such as BE, or leave both empty."
        ) from error


def zone_of(calendar: Calendar | None) -> tzinfo:
    """The calendar's time zone; UTC without a calendar. Raises CalendarError."""
    if calendar is None:
        return UTC
    try:
        return ZoneInfo(calendar.time_zone)
    except (KeyError, OSError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise CalendarError(f'"{calendar.time_zone}" is no time zone. Use a name such as Europe/Berlin.') from error


def _instant(day: date, since_midnight: timedelta, zone: tzinfo) -> datetime:
    return instant_of(datetime.combine(day, time.min) + since_midnight, zone)


def instant_of(wall: datetime, zone: tzinfo) -> datetime:
    """The first instant when the wall clock in `zone` shows `wall` (naive), or a later time where that is skipped."""
    after = wall.replace(tzinfo=zone).astimezone(UTC)
    if after.astimezone(zone).replace(tzinfo=None) == wall:
        return after
    # Skipped: PEP 495 reads it with the offset before (too late) or after (too early). Between is the jump.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
