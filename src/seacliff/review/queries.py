"""Read models of the reviewer's pages: a fixed number of queries each, whatever the queues hold."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject
from django.utils import timezone

from seacliff.enforcement.models import Action, Strike
from seacliff.enforcement.strikes import Forecast, forecast
from seacliff.intake.models import Report, Reporter
from seacliff.people.models import User
from seacliff.policy.models import ActionKind, Category, PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record import evidence
from seacliff.record.models import Event, Note
from seacliff.record.pages import Page, page
from seacliff.review.models import (
    STANDS,
    Case,
    CaseReport,
    Decision,
    Deliberation,
    Look,
    Precedent,
    Queue,
    SearchDocument,
    Tally,
    Work,
)
from seacliff.review.reporters.queries import reputation
from seacliff.review.tiers.precedents import near
from seacliff.review.verdicts import LEVELS, PARAMETERS, ancestry, falls_on
from seacliff.targets.models import Target

REPORTS_SHOWN = 20
EVENTS_SHOWN = 50
ROWS = ("severity", "rank", "due_at", "case_id")


@dataclass(slots=True)
class QueueLine:
    """A queue and what waits in it, by severity 1 to 4."""

    queue: Queue
    free: dict[int, int]
    claimed: int = 0
    held: int = 0
    next_due: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.free.values())


def queue_lines() -> list[QueueLine]:
    """Every queue in its order, with counts from the tally. Three queries."""
    lines = {queue.id: QueueLine(queue, dict.fromkeys((1, 2, 3, 4), 0)) for queue in Queue.objects.all()}
    counts = Tally.objects.values_list("queue_id", "severity", "state").annotate(count=Sum("delta"))
    for queue, severity, state, count in counts:
        if (line := lines.get(queue)) is None:
            continue
        if state == "free":
            line.free[severity] += count
        elif state == "claimed":
            line.claimed += count
        else:
            line.held += count
    for queue, due_at in _next_due():
        lines[queue].next_due = due_at
    return [line for line in lines.values() if line.queue.retired_at is None or line.total]


def _next_due() -> list[tuple[int, datetime]]:
    """When the case that is offered next in each queue is due."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT q.id, w.due_at FROM review_queue q CROSS JOIN LATERAL (
                SELECT due_at FROM review_work WHERE queue_id = q.id
                    AND holder_id IS NULL AND held_until IS NULL AND assigned_to_id IS NULL
                ORDER BY severity, rank, due_at, case_id LIMIT 1) w""")
        return cursor.fetchall()


def work_of(user: User) -> list[Work]:
    """What this person holds, has on hold, or was given by name; the most urgent first."""
    mine = Work.objects.filter(Q(holder=user) | Q(assigned_to=user)).select_related("case__target", "queue")
    return list(mine.order_by("severity", "rank", "due_at")[:50])


def rows_of(queue: Queue, after: str = "") -> Page[Work]:
    """The open cases of a queue in the order in which they are offered."""
    rows = Work.objects.filter(queue=queue).select_related("case__target", "holder", "assigned_to")
    return page(rows, after=after, keys=ROWS)


@dataclass(slots=True)
class Offer:
    """An action that the rule in force allows, and whom it would fall on."""

    kind: ActionKind
    target: Target
    parameters: list[str]
    forecast: Forecast | None = None

    @property
    def name(self) -> str:
        return f"{self.kind.value}:{self.target.id}"


@dataclass(slots=True)
class Shown:
    """A report as the case page shows it."""

    report: Report
    duplicate_of: UUID | None
    evidence: list[evidence.Shown]
    reporter: Reporter | None = None

    @property
    def is_seldom_right(self) -> bool:
        return self.reporter is not None and reputation(self.reporter).is_bad_faith


@dataclass(slots=True)
class CasePage:
    """Everything that a decision needs, on one page."""

    case: Case
    work: Work | None
    reports: list[Shown]
    older_reports: str
    tree: list[Target]
    earlier: list[Case]
    strikes: list[Strike]
    version: PolicyVersion | None
    category: Category | None
    offers: list[Offer]
    similar: list[Decision]
    precedents: list[Precedent]
    deliberations: list[Deliberation]
    notes: list[Note]
    events: list[Event]
    decision: Decision | None
    actions: list[Action]


def case_page(case: Case, after: str = "") -> CasePage:
    """The read model of the case page."""
    above = tree_above(case.target)
    nodes = [case.target, *above]
    reports, older = reports_of(case, after)
    version = version_in_force(case.category)
    decision = case.decisions.select_related("reviewer", "policy_version").filter(STANDS).first()
    return CasePage(
        case=case,
        work=getattr(case, "work", None),
        reports=reports,
        older_reports=older,
        tree=[*reversed(above), case.target],
        earlier=list(
            Case.objects.filter(target__in=nodes).exclude(id=case.id).select_related("target").order_by("-id")[:10]
        ),
        strikes=list(
            Strike.objects.filter(target__in=nodes, taken_back_at=None, expires_at__gt=timezone.now()).select_related(
                "target", "policy_version"
            )
        ),
        version=version,
        category=Category.objects.filter(slug=case.category).first(),
        offers=offers(case, version, above),
        similar=list(
            Decision.objects.filter(STANDS, category=case.category, tier__gte=case.tier)
            .exclude(case=case)
            .select_related("case__target", "reviewer")
            .order_by("-id")[:5]
        ),
        precedents=near(case),
        deliberations=list(case.deliberations.order_by("-id")[:5]),
        notes=list(Note.objects.filter(subject_id=case.id).order_by("id")[:100]),
        events=list(Event.objects.filter(story_id=case.id).order_by("-id")[:EVENTS_SHOWN]),
        decision=decision,
        actions=list(Action.objects.filter(decision_id=decision.id).select_related("target", "reversed_by"))
        if decision
        else [],
    )


def tree_above(target: Target) -> list[Target]:
    """The account tree above a target, nearest first."""
    ids = ancestry([target.id])[target.id]
    nodes = Target.objects.in_bulk(ids)
    return [nodes[id] for id in ids]


def offers(case: Case, version: PolicyVersion | None, above: list[Target]) -> list[Offer]:
    """The actions that the rule allows, each with whom it falls on by default."""
    kinds = [ActionKind(kind) for kind in (version.allowed_actions if version else []) if kind != ActionKind.DISMISS]
    found = [Offer(kind, falls_on(kind, case.target, above), list(PARAMETERS.get(kind, {}))) for kind in kinds]
    fitting = [offer for offer in found if offer.target.kind in LEVELS[offer.kind]]
    for offer in fitting:
        if offer.kind == ActionKind.STRIKE and version is not None:
            offer.forecast = forecast(offer.target, version)
    return fitting


def reports_of(case: Case, after: str = "") -> tuple[list[Shown], str]:
    """Reports of a case with their evidence, oldest first, and the cursor of the later ones."""
    found = page(CaseReport.objects.filter(case=case), after=after, limit=REPORTS_SHOWN, keys=("report_id",))
    ids = [row.report_id for row in found.rows]
    who = Reporter.objects.filter(key=OuterRef("reporter_key")).values(
        found=JSONObject(id="id", kind="kind", upheld="upheld", rejected="rejected")
    )
    reports = Report.objects.annotate(who=Subquery(who)).in_bulk(ids)
    attached = evidence.of_many(ids)
    shown = [
        Shown(
            reports[row.report_id],
            row.duplicate_of,
            evidence.shown(attached[row.report_id], case.id),
            Reporter(**reports[row.report_id].who) if reports[row.report_id].who else None,
        )
        for row in found.rows
        if row.report_id in reports
    ]
    return shown, found.after


def lookers(case: Case, user: User) -> list[str]:
    """Who else has the case open now."""
    since = timezone.now() - timedelta(minutes=1)
    names = Look.objects.filter(case_id=case.id, seen_at__gte=since).exclude(user_id=user.id)
    return list(names.values_list("name", flat=True)[:10])


def search(words: str, facets: dict[str, Any], after: str = "", limit: int = 50) -> Page[Case]:
    """Cases that hold all the words and fit the facets (column to value), the newest first."""
    rows: QuerySet[Case] = Case.objects.filter(**facets).select_related("target", "queue", "decided_by")
    if words.strip():
        query = SearchQuery(words, search_type="websearch", config="simple")
        rows = rows.filter(id__in=SearchDocument.objects.filter(document=query).values("case_id"))
    return page(rows, after=after, limit=limit)
