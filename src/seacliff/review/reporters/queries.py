"""What reporters are known for, and the signs by which bad faith and brigades show.

Signs are for people to look at; nothing is done to anybody because of one.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from seacliff.intake.models import Reporter
from seacliff.review.models import CaseReport, SetAside

Z = 1.959964
FEW = 8  # decided reports before anything is concluded
SELDOM = 0.2


@dataclass(frozen=True, slots=True)
class Reputation:
    """The share of somebody's decided reports that were upheld, with a 95 % interval (Wilson 1927)."""

    upheld: int
    decided: int

    @property
    def share(self) -> float | None:
        return self.upheld / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        n = self.decided
        if not n:
            return 0.0, 1.0
        p = self.upheld / n
        middle, spread = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return (middle - spread) / (1 + Z * Z / n), (middle + spread) / (1 + Z * Z / n)

    @property
    def is_bad_faith(self) -> bool:
        """Even the favourable end of the interval says that their reports are seldom right."""
        return self.decided >= FEW and self.interval[1] < SELDOM + 0.15 and self.upheld / self.decided < SELDOM


def reputation(reporter: Reporter) -> Reputation:
    return Reputation(reporter.upheld, reporter.upheld + reporter.rejected)


def reporters(words: str = "", kind: str = "", doubtful: bool = False) -> QuerySet[Reporter]:
    found = Reporter.objects.all()
    if kind:
        found = found.filter(kind=kind)
    if words.strip():
        found = found.filter(Q(key__icontains=words.strip()) | Q(name__icontains=words.strip()))
    if doubtful:
        found = found.filter(rejected__gte=FEW, upheld__lt=1 + SELDOM)
    return found


def recent(reporter: Reporter, limit: int = 30) -> list[CaseReport]:
    rows = CaseReport.objects.filter(reporter_key=reporter.key).select_related("case__target", "case__queue")
    return list(rows.order_by("-report_id")[:limit])


def asides(reporter: Reporter) -> list[SetAside]:
    return list(SetAside.objects.filter(reporter_key=reporter.key).select_related("by", "reversed_by")[:20])


@dataclass(frozen=True, slots=True)
class Fellow:
    """Somebody who reported the same cases within the same hour, again and again: one sign of a brigade."""

    id: UUID
    key: str
    together: int
    rejected: int


FELLOWS = """
WITH mine AS (
    SELECT case_id, report_id FROM review_casereport
    WHERE reporter_key = %(key)s AND duplicate_of IS NULL ORDER BY report_id DESC LIMIT 200
)
SELECT r.id, other.reporter_key, count(*),
    count(*) FILTER (WHERE d.finding = 'no-violation')
FROM mine JOIN review_casereport other ON other.case_id = mine.case_id AND other.reporter_key <> %(key)s
    AND other.reporter_key <> '' AND other.duplicate_of IS NULL
JOIN intake_reporter r ON r.key = other.reporter_key
LEFT JOIN review_decision d ON d.case_id = mine.case_id AND d.undone_at IS NULL AND d.superseded_at IS NULL
WHERE abs(extract(epoch FROM uuid_extract_timestamp(other.report_id) - uuid_extract_timestamp(mine.report_id))) <= %(near)s
GROUP BY 1, 2 HAVING count(*) >= %(least)s ORDER BY 3 DESC LIMIT 20
"""


def fellows(reporter: Reporter, least: int = 3, near: timedelta = timedelta(hours=1)) -> list[Fellow]:
    values: dict[str, str | float] = {"key": reporter.key, "least": least, "near": near.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(FELLOWS, values)
        return [Fellow(*row) for row in cursor.fetchall()]
