"""The time that numbers are about: the last so many days, or from one day to another."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.http import QueryDict
from django.utils import timezone

from seacliff.people.problems import Fault, Invalid

CHOICES = (30, 90, 365)
USUAL = 90
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until before `until`; `days` when it was chosen as the last so many."""

    since: datetime
    until: datetime
    days: int | None = None

    @property
    def last_day(self) -> date:
        return (self.until - timedelta(microseconds=1)).date()


def last(days: int = USUAL, now: datetime | None = None) -> Period:
    now = now or timezone.now()
    return Period(now - timedelta(days=days), now, days)


def between(since: date, until: date) -> Period:
    """Both days whole, in UTC. Raises Invalid when the end lies before the start, or more than a year after."""
    first = datetime.combine(since, time.min, UTC)
    end = datetime.combine(until, time.min, UTC) + timedelta(days=1)
    if end <= first:
        raise _invalid("until", "The last day lies before the first. Swap them.")
    if end - first > LONGEST:
        raise _invalid("until", "Choose at most a year.")
    return Period(first, end)


def asked(query: QueryDict) -> Period:
    """The period of an address: ?days=30, or ?since=2027-01-01&until=2027-03-31. Raises Invalid."""
    since, until = query.get("since", ""), query.get("until", "")
    if since or until:
        return between(_day("since", since), _day("until", until))
    days = query.get("days", "")
    return last(next((choice for choice in CHOICES if days == str(choice)), USUAL))


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2200:
        raise _invalid(name, "Write a day such as 2027-01-31.")
    return found


def _invalid(name: str, sentence: str) -> Invalid:
    fault: Fault = {"pointer": f"#/{name}", "detail": sentence}
    return Invalid(sentence, errors=[fault])
