"""When a playbook that runs by date is due next."""

from datetime import UTC, date, datetime, time, timedelta

from seacliff.playbooks.document import Starts

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}


def next_start(starts: Starts, after: datetime) -> datetime | None:
    """The first moment of its calendar that lies after `after`; None for one without."""
    if not starts.every or starts.first is None:
        return None
    at = time.fromisoformat(starts.at)
    turn = _turns_until(starts, after.date())
    while True:
        moment = datetime.combine(_day(starts.first, starts.every, turn), at, UTC)
        if moment > after:
            return moment
        turn += 1


def _turns_until(starts: Starts, day: date) -> int:
    """A turn that is not later than `day`, so that nobody counts from the first."""
    assert starts.first is not None
    if starts.every in DAYS:
        return max(0, (day - starts.first) // timedelta(days=DAYS[starts.every]))
    months = (day.year - starts.first.year) * 12 + day.month - starts.first.month
    return max(0, months // MONTHS[starts.every] - 1)


def _day(first: date, every: str, turn: int) -> date:
    """The nth day; the 31st is the last day of a shorter month."""
    if every in DAYS:
        return first + timedelta(days=DAYS[every] * turn)
    month = first.month - 1 + MONTHS[every] * turn
    year, month = first.year + month // 12, month % 12 + 1
    return date(year, month, min(first.day, _last_day(year, month)))


def _last_day(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
