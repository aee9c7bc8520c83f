"""How the work with each function goes, both ways: what T&S asked of it, and what it asked of T&S.

Everything is counted over the asks made in the period and those from before that are still open: neither an old ask that
nobody answers nor one that was only just made can be left out. One statement reads them by id, however long the history.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from seacliff.partners.counted import counted
from seacliff.partners.models import Ask
from seacliff.people.models import Function
from seacliff.record.ids import first_id, time_of
from seacliff.relationships.launches import LAUNCH_LIKE
from seacliff.relationships.periods import Period

TOLD_MOST = 8
LAUNCHES_MOST = 5_000


@dataclass(slots=True)
class Side:
    """One direction of the work with a function. Times are hours that the charter counts, pauses left out."""

    asked: int = 0
    before: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    waiting: int = 0
    withdrawn: int = 0
    yes: int = 0
    partly: int = 0
    no: int = 0
    timed: int = 0
    times: list[float] | None = None
    helped: int = 0
    helped_partly: int = 0
    nothing: int = 0
    engaged_before: int = 0
    engaged_after: int = 0

    @property
    def judged(self) -> int:
        """Answers, and what is open past its time: that is a miss already."""
        return self.answered + self.late

    @property
    def unsaid(self) -> int:
        """Answered, and nobody has said yet what came of it, or it was too early to."""
        return self.answered - self.helped - self.helped_partly - self.nothing

    @property
    def median(self) -> timedelta | None:
        return timedelta(seconds=self.times[0]) if self.times else None

    @property
    def ninetieth(self) -> timedelta | None:
        return timedelta(seconds=self.times[1]) if self.times else None


@dataclass(slots=True)
class Both:
    """The work with a function. `we_asked`: T&S asked it; `they_asked`: it asked T&S."""

    function: Function
    we_asked: Side = field(default_factory=Side)
    they_asked: Side = field(default_factory=Side)


def overview(functions: Iterable[Function], period: Period) -> list[Both]:
    """The functions in their order. Three queries, and one for each kind of record that goes live."""
    found = {function.id: Both(function) for function in functions}
    sides = _counted(period)
    for (asker, answerer), side in sides.items():
        if answerer in found:
            found[answerer].we_asked = side
        elif asker in found:
            found[asker].they_asked = side
    _engaged(sides, period)
    return list(found.values())


def _counted(period: Period) -> dict[tuple[UUID, UUID], Side]:
    return {pair: Side(**row) for pair, row in counted(period.since, period.until).items()}


def _engaged(sides: dict[tuple[UUID, UUID], Side], period: Period) -> None:
    """Count the asks that came before what they are about went live, and those that came after."""
    asks = Ask.objects.filter(
        id__gte=first_id(period.since), id__lt=first_id(period.until), about_kind__in=list(LAUNCH_LIKE)
    ).values_list("id", "about_kind", "about_id", "from_function_id", "to_function_id")[:LAUNCHES_MOST]
    by_kind: defaultdict[str, list[Any]] = defaultdict(list)
    for id, kind, about, *between in asks:
        by_kind[kind].append((time_of(id), about, tuple(between)))
    for kind, rows in by_kind.items():
        live = LAUNCH_LIKE[kind]([about for _at, about, _between in rows])
        for at, about, between in rows:
            if _is_before(at, live.get(about)):
                sides[between].engaged_before += 1
            else:
                sides[between].engaged_after += 1


def _is_before(at: datetime, live_from: datetime | None) -> bool:
    return live_from is None or at < live_from


def of_function(function: Function, period: Period) -> Both:
    return overview([function], period)[0]


def refusals(function: Function, period: Period) -> list[Ask]:
    """The newest answers of the period that were not a plain yes, in both directions. Two queries."""
    return _newest(function, period, state="answered", answer__in=["partly", "no"])


def latest(function: Function, period: Period) -> list[Ask]:
    """The newest asks of the period, in both directions. Two queries."""
    return _newest(function, period)


def _newest(function: Function, period: Period, **like: Any) -> list[Ask]:
    made = Ask.objects.filter(id__gte=first_id(period.since), id__lt=first_id(period.until), **like)
    made = made.select_related("to_function", "from_function")
    ways = [made.filter(to_function=function), made.filter(from_function=function)]
    found = [ask for way in ways for ask in way.order_by("-id")[:TOLD_MOST]]
    return sorted(found, key=lambda ask: ask.id, reverse=True)[:TOLD_MOST]


WEEKLY = """
SELECT date_bin('7 days', uuid_extract_timestamp(id), %(until)s) AS week, count(*)
FROM partners_ask WHERE id >= %(first)s AND id < %(last)s AND (to_function_id = %(function)s OR from_function_id = %(function)s)
GROUP BY 1
"""


def weekly(function: Function, period: Period) -> list[int]:
    """Asks between both in each week of the period, the oldest week first; weeks end with the period."""
    ids = {"first": first_id(period.since), "last": first_id(period.until), "function": function.id}
    values: dict[str, Any] = {**ids, "until": period.until}
    with connection.cursor() as cursor:
        cursor.execute(WEEKLY, values)
        counts = {(period.until - week).days // 7: count for week, count in cursor.fetchall()}
    weeks = max(1, -(-(period.until - period.since).days // 7))
    return [counts.get(back, 0) for back in range(weeks, 0, -1)]
