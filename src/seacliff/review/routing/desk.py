"""The routing desk: takes unrouted reports off the table in batches and leaves cases in queues.

One batch is one transaction. If it fails, its reports are routed one by one, so that one unroutable report holds up nobody;
it stays on the table with its reason, and people see it under "needs a human".
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from seacliff.enforcement.models import Notice
from seacliff.enforcement.notices import acknowledgement
from seacliff.intake.models import Channel, Report, Unrouted
from seacliff.intake.receipts import status_url
from seacliff.policy.models import Category
from seacliff.policy.queries import notice_text
from seacliff.record import arrays, clocks
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.desks import desk, wake
from seacliff.record.ids import uuid7
from seacliff.record.models import Calendar, Clock
from seacliff.review.models import Case, CaseReport, Queue, RuleSet, ShadowResult, WantedRun, Work
from seacliff.review.reporters.trust import Trusted, trusted_now
from seacliff.review.routing.context import build, look_up
from seacliff.review.routing.known import resolve
from seacliff.review.routing.rules import HOURS_BY_SEVERITY, Route, RuleBook
from seacliff.review.tiers.plan import Plan, plan_in_force

log = structlog.get_logger("seacliff.routing")

BATCH = 500
ATTEMPTS_MOST = 5
GENERAL_QUEUE = "general"
FIRST_DECISION = "first decision"
MASS_REPORTERS = 10
MASS_WINDOW = timedelta(hours=24)


TRUSTED_RANK = -50


@dataclass(slots=True)
class Rules:
    """The rule sets in force for one batch."""

    live: RuleSet | None
    book: RuleBook
    shadow: RuleSet | None
    shadow_book: RuleBook | None
    severities: dict[str, int]
    queues: dict[str, Queue]
    calendars: dict[str, Calendar]
    plan: Plan
    trusted: Trusted

    @classmethod
    def in_force(cls) -> "Rules":
        sets = {rule_set.state: rule_set for rule_set in RuleSet.objects.filter(state__in=["live", "shadow"])}
        live, shadow = sets.get("live"), sets.get("shadow")
        queues = {queue.slug: queue for queue in Queue.objects.filter(retired_at=None)}
        if GENERAL_QUEUE not in queues:
            queues[GENERAL_QUEUE], _ = Queue.objects.update_or_create(
                slug=GENERAL_QUEUE, defaults={"retired_at": None}, create_defaults={"name": "General", "position": 99}
            )
        return cls(
            live=live,
            book=RuleBook.of(live.rules if live else []),
            shadow=shadow,
            shadow_book=RuleBook.of(shadow.rules) if shadow else None,
            severities=dict(Category.objects.values_list("slug", "severity")),
            queues=queues,
            calendars={calendar.slug: calendar for calendar in Calendar.objects.all()},
            plan=plan_in_force(),
            trusted=trusted_now(),
        )

    def severity(self, category: str) -> int:
        return self.severities.get(category, 3)

    def queue(self, slug: str) -> Queue:
        # A queue that was retired after the rules went live: its work goes to the general queue, not into the void.
        return self.queues.get(slug) or self.queues[GENERAL_QUEUE]

    def rank(self, reports: list[Report], rank: int) -> int:
        """What trusted flaggers report comes first among what is equally severe (Regulation (EU) 2022/2065, art. 22)."""
        trusted = any(self.trusted.covers(report.reporter_key, report.category) for report in reports)
        return rank + TRUSTED_RANK if trusted else rank

    @property
    def fields(self) -> set[str]:
        return self.book.fields | (self.shadow_book.fields if self.shadow_book else set())


@desk("routing", wake="intake_report")
def route_waiting() -> int:
    """Route one batch; the number of reports that left the table or were set aside with their reason."""
    with transaction.atomic():
        waiting = (
            Unrouted.objects.filter(attempts__lt=ATTEMPTS_MOST, error="")
            .order_by("report_id")
            .select_for_update(skip_locked=True)
            .values_list("report_id", flat=True)[:BATCH]
        )
        ids = list(waiting)
        if not ids:
            return 0
        reports = list(Report.objects.filter(id__in=ids).order_by("id"))
        try:
            with transaction.atomic():
                route(reports, Rules.in_force())
        except Exception:
            log.exception("a batch failed; its reports are routed one by one", reports=len(reports))
            for report in reports:
                _route_alone(report)
        return len(ids)


def _route_alone(report: Report) -> None:
    try:
        with transaction.atomic():
            route([report], Rules.in_force())
    except Exception as error:
        log.exception("a report can't be routed", report=str(report.id))
        Unrouted.objects.filter(report_id=report.id).update(
            attempts=F("attempts") + 1, error=f"Routing failed: {type(error).__name__}: {error}"[:500]
        )


def route(reports: list[Report], rules: Rules) -> None:
    """Put the reports into cases, inside the caller's transaction."""
    # Two routers would meet on the same targets and cases; one at a time is fast enough and can't deadlock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('seacliff routing'))")
    known = resolve(reports)
    look_up(known, reports, rules.fields)
    groups: dict[tuple[UUID, str], list[Report]] = defaultdict(list)
    for report in reports:
        groups[known.target_of(report).id, report.category].append(report)
    cases = {
        (case.target_id, case.category): case
        for case in Case.objects.filter(
            target__in={target for target, _ in groups}, state__in=[Case.State.OPEN, Case.State.HELD]
        ).select_for_update(of=["self"])
    }
    known.open_cases = set(cases)
    routes, shadows = _routes(reports, known, rules)
    ShadowResult.objects.bulk_create(shadows, ignore_conflicts=True)
    fresh = [
        _open(group, routes[group[0].id], known.target_of(group[0]), rules)
        for key, group in groups.items()
        if key not in cases
    ]
    _store(fresh, routes, rules)
    cases |= {(opening.case.target_id, opening.case.category): opening.case for opening in fresh}
    _place(groups, cases, {opening.case.id for opening in fresh}, routes, rules)
    _want_runs(groups, cases, routes)
    Unrouted.objects.filter(report_id__in=[report.id for report in reports]).delete()
    wake("review_case")


def _routes(reports: list[Report], known: Any, rules: Rules) -> tuple[dict[UUID, Route], list[ShadowResult]]:
    routes, shadows = {}, []
    fields = rules.fields
    for report in reports:
        context = build(report, known, fields)
        severity = rules.severity(report.category)
        routes[report.id] = live = rules.book.route(context, severity, GENERAL_QUEUE)
        if rules.shadow and rules.shadow_book:
            shadow = rules.shadow_book.route(context, severity, GENERAL_QUEUE)
            if shadow.place != live.place:
                shadows.append(
                    ShadowResult(
                        report_id=report.id, rule_set=rules.shadow, live=live._asdict(), shadow=shadow._asdict()
                    )
                )
    return routes, shadows


@dataclass(slots=True)
class Opening:
    """A case about to be opened, with what belongs to it."""

    case: Case
    work: Work
    clock: Clock
    first: Report


def _open(group: list[Report], route: Route, target: Any, rules: Rules) -> Opening:
    first = group[0]
    queue = rules.queue(route.queue)
    calendar = rules.calendars.get(route.calendar)
    rule = Clock.Rule.BUSINESS if calendar else Clock.Rule.ELAPSED
    case_id = uuid7(first.received_at)
    tier = max(route.tier, rules.plan.first_tier(first.category))
    clock = clocks.draft(
        Subject("case", case_id),
        FIRST_DECISION,
        rule,
        timedelta(hours=route.hours),
        calendar=calendar,
        at=first.received_at,
    )
    case = Case(
        id=case_id,
        product_id=first.product_id,
        target=target,
        category=first.category,
        queue=queue,
        severity=route.severity,
        tier=tier,
        language=first.language,
        rule_set=rules.live,
        opened_at=first.received_at,
        due_at=clock.due_at,
    )
    work = Work(
        case=case,
        queue=queue,
        severity=route.severity,
        rank=rules.rank(group, route.rank),
        due_at=clock.due_at,
        tier=tier,
        category=first.category,
        language=route.language,
    )
    return Opening(case, work, clock, first)


def _store(openings: list[Opening], routes: dict[UUID, Route], rules: Rules) -> None:
    Case.objects.bulk_create([opening.case for opening in openings])
    Work.objects.bulk_create([opening.work for opening in openings])
    Clock.objects.bulk_create([opening.clock for opening in openings])
    write(
        [
            event(
                "case.opened",
                Subject("case", opening.case.id),
                SYSTEM,
                story=opening.case.id,
                data={"rule_set": rules.live.number if rules.live else None, **_plain(routes[opening.first.id])},
            )
            for opening in openings
        ]
    )


def _place(
    groups: dict[tuple[UUID, str], list[Report]],
    cases: dict[tuple[UUID, str], Case],
    fresh: set[UUID],
    routes: dict[UUID, Route],
    rules: Rules,
) -> None:
    """Join every report to its case: repetitions are marked, counts kept, urgency raised when a report is graver."""
    first_of = _first_reports([case.id for case in cases.values() if case.id not in fresh], groups)
    joins, events = [], []
    for key, group in groups.items():
        case = cases[key]
        for report in group:
            original = first_of.get((case.id, report.reporter_key)) if report.reporter_key else None
            joins.append(
                CaseReport(report_id=report.id, case=case, reporter_key=report.reporter_key, duplicate_of=original)
            )
            if original is None:
                first_of[case.id, report.reporter_key] = report.id
                case.reporter_count += 1
            case.report_count += 1
            details = {"case": str(case.id), **({"duplicate_of": str(original)} if original else {})}
            events.append(event("report.routed", Subject("report", report.id), SYSTEM, story=case.id, data=details))
        newly_mass = _is_mass(case, group[-1].received_at) and not case.mass_reported
        if newly_mass:
            case.mass_reported = True
            events.append(
                event(
                    "case.mass-reported",
                    Subject("case", case.id),
                    SYSTEM,
                    story=case.id,
                    data={"reporters": case.reporter_count},
                )
            )
        if case.id not in fresh and rules.rank(group, 0):
            Work.objects.filter(case=case, rank__gt=TRUSTED_RANK).update(rank=TRUSTED_RANK)
        if case.id not in fresh:
            _raise_urgency(case, [routes[report.id] for report in group], group[-1].received_at)
    CaseReport.objects.bulk_create(joins)
    Notice.objects.bulk_create(_receipts(groups, cases))
    arrays.execute(COUNTS, list(cases.values()), COUNTED)
    write(events)


def _want_runs(
    groups: dict[tuple[UUID, str], list[Report]], cases: dict[tuple[UUID, str], Case], routes: dict[UUID, Route]
) -> None:
    """Leave on the table that a rule starts a playbook; the same is wanted once a case."""
    wanted = [
        WantedRun(case=cases[key], playbook=route.playbook, rule=", ".join(route.matched))
        for key, group in groups.items()
        for route in (routes[report.id] for report in group)
        if route.playbook
    ]
    if wanted:
        WantedRun.objects.bulk_create(wanted, ignore_conflicts=True)
        wake("playbook-wanted")


COUNTS = """
UPDATE review_case AS c SET report_count = n.report_count, reporter_count = n.reporter_count,
    mass_reported = n.mass_reported, severity = n.severity, due_at = n.due_at
FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::bool[], %s::smallint[], %s::timestamptz[])
    AS n (id, report_count, reporter_count, mass_reported, severity, due_at)
WHERE c.id = n.id
"""
COUNTED = ("id", "report_count", "reporter_count", "mass_reported", "severity", "due_at")


def _receipts(groups: dict[tuple[UUID, str], list[Report]], cases: dict[tuple[UUID, str], Case]) -> list[Notice]:
    """Mails that say "we have it", for people who left an address. Machines get none: mail loops begin that way."""
    text = cache(notice_text)
    return [
        acknowledgement(
            report_id=report.id,
            case_id=cases[key].id,
            ref=cases[key].ref,
            product=cases[key].target.product.name,
            what=report.target_name or report.target_ref,
            address=report.reporter_email,
            language=report.language,
            received_at=report.received_at,
            status_url=status_url(report.id),
            text=text,
        )
        for key, group in groups.items()
        for report in group
        if report.reporter_email and (report.channel == Channel.FORM or report.extra.get("acknowledge"))
    ]


def _first_reports(cases: list[UUID], groups: dict[tuple[UUID, str], list[Report]]) -> dict[tuple[UUID, str], UUID]:
    keys = {report.reporter_key for group in groups.values() for report in group if report.reporter_key}
    rows = CaseReport.objects.filter(case__in=cases, reporter_key__in=keys, duplicate_of=None)
    return {(case, key): report for case, key, report in rows.values_list("case_id", "reporter_key", "report_id")}


def _is_mass(case: Case, now: datetime) -> bool:
    return case.reporter_count >= MASS_REPORTERS and now - case.opened_at <= MASS_WINDOW


def _raise_urgency(case: Case, routes: list[Route], now: datetime) -> None:
    """A later report can make a case more urgent, never less; the case keeps its queue and the rules it began with."""
    severity = min(route.severity for route in routes)
    if severity >= case.severity:
        return
    case.severity = severity
    case.due_at = min(case.due_at, now + timedelta(hours=HOURS_BY_SEVERITY[severity]))
    Work.objects.filter(case=case).update(severity=severity, due_at=case.due_at)
    Clock.objects.filter(subject_id=case.id, name=FIRST_DECISION, stopped_at=None).update(due_at=case.due_at)


def _plain(route: Route) -> dict[str, Any]:
    return {**route._asdict(), "matched": list(route.matched)}
