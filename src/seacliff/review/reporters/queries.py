"""What reporters are known for, and the signs by which bad faith and brigades show.

Signs are for people to look at; nothing is done to anybody because of one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from seacliff.intake.models import Report, Reporter, address_of
from seacliff.record.ids import first_id
from seacliff.review.models import Brigade, Case, CaseReport, SetAside, Trust

Z = 1.959964
FEW = 8  # decided reports before anything is concluded
SELDOM = 0.2  # of somebody's decided reports are upheld, and...
AT_BEST = 0.35  # ...even the upper end of the interval says no more than this
LATELY = timedelta(days=30)
SHOWN = 50


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
        return max(0.0, middle - spread) / (1 + Z * Z / n), (middle + spread) / (1 + Z * Z / n)

    @property
    def is_bad_faith(self) -> bool:
        """Even the favourable end of the interval says that their reports are seldom right."""
        return self.decided >= FEW and self.interval[1] < AT_BEST and self.upheld < SELDOM * self.decided


def reputation(reporter: Reporter) -> Reputation:
    return Reputation(reporter.upheld, reporter.upheld + reporter.rejected)


def reporters(words: str = "", kind: str = "", doubtful: bool = False) -> QuerySet[Reporter]:
    found = Reporter.objects.all()
    if kind:
        found = found.filter(kind=kind)
    if words.strip():
        found = found.filter(Q(key__icontains=words.strip()) | Q(name__icontains=words.strip()))
    if doubtful:
        found = found.filter(SELDOM_RIGHT)
    return found


# As Reputation.is_bad_faith, over rows: Wilson's interval ends below a share where the score test rejects that share.
# The first two terms are those of the index.
_N = F("upheld") + F("rejected")
SELDOM_RIGHT = (
    Q(rejected__gte=FEW)
    & Q(rejected__gt=F("upheld") * 4)
    & GreaterThan((F("upheld") - _N * AT_BEST) * (F("upheld") - _N * AT_BEST), _N * (Z * Z * AT_BEST * (1 - AT_BEST)))
)


def seldom_right(now: datetime | None = None) -> list[Reporter]:
    """Bad-faith reporters, by the look of it, who reported within the last thirty days; the busiest first."""
    since = first_id((now or timezone.now()) - LATELY)
    lately = Report.objects.filter(reporter_key=OuterRef("key"), id__gte=since).exclude(reporter_key="")
    found = Reporter.objects.filter(SELDOM_RIGHT, Exists(lately)).exclude(kind=Reporter.Kind.TRUSTED_FLAGGER)
    return list(found.order_by("-rejected", "id")[:SHOWN])


def brigades(*, dismissed: bool = False, now: datetime | None = None) -> list[Brigade]:
    """Groups that reported together within the last thirty days, the newest first."""
    found = Brigade.objects.filter(last_at__gte=(now or timezone.now()) - LATELY).select_related("judged_by")
    if not dismissed:
        found = found.exclude(state=Brigade.State.DISMISSED)
    return list(found[:SHOWN])


def in_brigades(keys: set[str]) -> set[str]:
    """Who of these belongs to a group that is suspected or confirmed. One query."""
    found = Brigade.objects.filter(members__overlap=sorted(keys)).exclude(state=Brigade.State.DISMISSED)
    return {key for members in found.values_list("members", flat=True) for key in members} & keys


@dataclass(frozen=True, slots=True)
class Wave:
    """A case that many people reported in a short time, and how many of them had never reported before."""

    case: Case
    reporters: int
    newcomers: int

    @property
    def share_new(self) -> float:
        return self.newcomers / self.reporters if self.reporters else 0.0


NEWCOMERS = """
SELECT cr.case_id, count(*), count(*) FILTER (WHERE r.reports = 1)
FROM review_casereport cr JOIN intake_reporter r ON r.key = cr.reporter_key
WHERE cr.case_id = ANY(%s) AND cr.duplicate_of IS NULL GROUP BY 1
"""


def waves(limit: int = 20, now: datetime | None = None) -> list[Wave]:
    """Cases of the last thirty days that came in a wave: an outrage, or a call to report."""
    since = first_id((now or timezone.now()) - LATELY)
    found = Case.objects.filter(mass_reported=True, id__gte=since).select_related("target", "brigade")
    cases = list(found.order_by("-id")[:limit])
    with connection.cursor() as cursor:
        cursor.execute(NEWCOMERS, [[case.id for case in cases]])
        counts = {case: (reporters, new) for case, reporters, new in cursor.fetchall()}
    return [Wave(case, *counts.get(case.id, (0, 0))) for case in cases]


def members_of(brigade: Brigade) -> list[Reporter]:
    return list(Reporter.objects.filter(key__in=brigade.members).order_by("-rejected", "id")[:200])


def cases_of(brigade: Brigade) -> list[Case]:
    return list(Case.objects.filter(brigade=brigade).select_related("target", "queue").order_by("-id")[:SHOWN])


def trusts(reporter: Reporter) -> list[Trust]:
    return list(reporter.trusts.select_related("given_by", "ended_by")[:20])


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

    @property
    def address(self) -> str:
        return address_of(self.key)


# Seconds since 1970 of a UUIDv7, which PostgreSQL before 18 can't extract by itself.
SECONDS_OF = "('x' || left(replace({id}::text, '-', ''), 12))::bit(48)::bigint / 1000.0"
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
WHERE abs({other} - {mine}) <= %(near)s
GROUP BY 1, 2 HAVING count(*) >= %(least)s ORDER BY 3 DESC LIMIT 20
""".format(other=SECONDS_OF.format(id="other.report_id"), mine=SECONDS_OF.format(id="mine.report_id"))  # noqa: S608  our own words


def fellows(reporter: Reporter, least: int = 3, near: timedelta = timedelta(hours=1)) -> list[Fellow]:
    values: dict[str, str | float] = {"key": reporter.key, "least": least, "near": near.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(FELLOWS, values)
        return [Fellow(*row) for row in cursor.fetchall()]
