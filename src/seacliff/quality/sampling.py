"""Drawing the decisions that are looked at again.

Each decision has a number between 0 and 1 made from the plan's seed and its own id: the same draw, however often and in
whatever order it is made. Divided by the share that holds for the decision it is its rank; ranks below 1 are drawn (Poisson
sampling). Where a reviewer's week brings fewer than the plan's minimum, their lowest ranks are drawn up to it. Each of a
week that brings no more than the minimum was drawn with the chance min(1, share x the next rank, if that is above 1):
sequential Poisson sampling (Ohlsson, J. Off. Stat. 14, 1998), the same as priority sampling (Duffield, Lund and Thorup,
J. ACM 54, 2007). The chance is kept with the check, for a share that is estimated weighs each by 1/chance.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from math import inf
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from seacliff.policy.models import Category
from seacliff.policy.queries import version_in_force
from seacliff.quality.models import Check, Unsampled
from seacliff.quality.plan import Plan, plan_in_force
from seacliff.record import clocks
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.ids import first_id
from seacliff.record.models import Attachment
from seacliff.review.models import STANDS, CaseReport, Decision, Deliberation

AT_ONCE = 500
WEEKS = 3  # how far back a week is still brought up to its minimum: decisions can become final late
WHOLE = float(2**64)


def draw_number(seed: str, decision: UUID) -> float:
    """Between 0 and 1, evenly spread, and always the same for the same seed and decision."""
    return int.from_bytes(sha256(f"{seed}:{decision}".encode()).digest()[:8], "big") / WHOLE


def eligible() -> QuerySet[Decision]:
    """Decisions that one person took and that stand. What several decided together is not looked at by one alone, nor what
    holds restricted material, which a second person can't be shown."""
    report = Attachment.objects.filter(
        subject_id__in=CaseReport.objects.filter(case=OuterRef(OuterRef("case"))).values("report_id"),
        evidence__restricted=True,
    )
    on_case = Attachment.objects.filter(subject_id=OuterRef("case"), evidence__restricted=True)
    return Decision.objects.filter(
        STANDS,
        ~Exists(Deliberation.objects.filter(decision=OuterRef("id"))),
        ~Exists(report),
        ~Exists(on_case),
        settled=True,
        automated=False,
        reviewer__isnull=False,
        corrects__isnull=True,
    ).exclude(finding=Decision.Finding.DUPLICATE)


def share_of(plan: Plan, decision: Decision, policies: dict[str, str]) -> float:
    """The share that holds for a decision; `policies` names the policy of each harm."""
    assert decision.reviewer is not None
    days = (decision.decided_at - decision.reviewer.joined_at).days
    policy, queue = policies.get(decision.category, ""), decision.case.queue.slug
    fitting = [
        rule.share
        for rule in plan.rules
        if rule.policy in ("", policy)
        and rule.queue in ("", queue)
        and (not rule.newer_than_days or days < rule.newer_than_days)
    ]
    return max(fitting, default=plan.share)


def rank_of(plan: Plan, decision: Decision, share: float) -> float:
    return draw_number(plan.seed, decision.id) / share if share else inf


def week_of(at: datetime) -> date:
    """The Monday of the week (UTC) of a moment."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def sample_some() -> int:
    """The desk: draw among the decisions that have become final since. How many were looked at."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """DELETE FROM quality_unsampled WHERE decision_id IN (
                    SELECT decision_id FROM quality_unsampled ORDER BY decision_id LIMIT %s FOR UPDATE SKIP LOCKED)
                RETURNING decision_id""",
                [AT_ONCE],
            )
            ids = [id for (id,) in cursor.fetchall()]
        if ids:
            _draw(eligible().filter(id__in=ids), plan_in_force())
    return len(ids)


def _draw(decisions: QuerySet[Decision], plan: Plan) -> None:
    policies = _policies()
    drawn = []
    for decision in _with_facts(decisions):
        share = share_of(plan, decision, policies)
        if rank_of(plan, decision, share) < 1:
            drawn.append((decision, min(1.0, share)))
    add(drawn, plan)


def _with_facts(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    return decisions.select_related("case__queue", "case__target", "reviewer", "policy_version").order_by("id")


def _policies() -> dict[str, str]:
    return dict(Category.objects.values_list("slug", "policy__slug"))


def add(drawn: Iterable[tuple[Decision, float]], plan: Plan) -> list[Check]:
    """Put decisions into the queue of second looks, each with the chance by which it was drawn. Those there stay."""
    now = timezone.now()
    patience = timedelta(hours=plan.hours)
    checks = [
        Check(
            decision=decision,
            case=decision.case,
            policy_version=decision.policy_version or version_in_force(decision.category, decision.decided_at),
            category=decision.case.category,
            queue=decision.case.queue,
            tier=decision.tier,
            language=decision.case.language,
            first=decision.reviewer,
            first_finding=decision.finding,
            first_found=decision.category,
            first_actions=sorted({action["kind"] for action in decision.actions}),
            plan_number=plan.number,
            chance=chance,
            week=week_of(decision.decided_at),
            due_at=now + patience,
        )
        for decision, chance in drawn
    ]
    made = Check.objects.bulk_create(checks, ignore_conflicts=True) if checks else []
    there = list(Check.objects.filter(id__in=[check.id for check in made]))
    for check in there:
        clocks.start(Subject("check", check.id), Check.CLOCK, "elapsed", patience, at=now)
    # Their story is their own: the case's must not tell a second reviewer, nor the first one, what is going on.
    write([event("check.drawn", Subject("check", check.id), SYSTEM, data={"plan": plan.number}) for check in there])
    return there


def fill_up(now: datetime | None = None) -> int:
    """The desk: bring each reviewer's share of the weeks that are over up to the plan's minimum. How many were drawn."""
    plan = plan_in_force()
    this_week = week_of(now or timezone.now())
    drawn = 0
    if not plan.minimum or Unsampled.objects.exists():  # the draw itself comes first
        return 0
    for back in range(1, WEEKS + 1):
        monday = this_week - timedelta(weeks=back)
        for reviewer in _short_of(plan.minimum, monday):
            with transaction.atomic():
                drawn += _fill(reviewer, monday, plan)
    return drawn


def _in_week(monday: date) -> Q:
    start = datetime.combine(monday, time(), UTC)
    end = start + timedelta(weeks=1)
    # A decision's id carries when it was made: that is the index by which a week is found.
    return Q(id__gte=first_id(start), decided_at__gte=start, decided_at__lt=end)


def _short_of(minimum: int, monday: date) -> list[UUID]:
    """Reviewers of whose final decisions of a week no more than the minimum were drawn."""
    rows = Decision.objects.filter(_in_week(monday), settled=True, reviewer__isnull=False)
    decided = dict(rows.order_by().values_list("reviewer_id").annotate(n=Count("id")))
    checked = Check.objects.filter(kind=Check.Kind.SAMPLE, week=monday, first__in=list(decided))
    have = dict(checked.order_by().values_list("first_id").annotate(n=Count("id")))
    return [who for who in decided if who and have.get(who, 0) <= minimum]


def _fill(reviewer: UUID, monday: date, plan: Plan) -> int:
    policies = _policies()
    rows = list(_with_facts(eligible().filter(_in_week(monday), reviewer_id=reviewer)))
    shares = {row.id: share_of(plan, row, policies) for row in rows}
    ranked = sorted(rows, key=lambda row: rank_of(plan, row, shares[row.id]))
    ranked = [row for row in ranked if shares[row.id]]
    of_week = Check.objects.filter(kind=Check.Kind.SAMPLE, week=monday, first_id=reviewer)
    there = set(of_week.values_list("decision_id", flat=True))
    free = [row for row in ranked if row.id not in there]
    wanted = free[: max(0, plan.minimum - len(there))]
    left = free[len(wanted) :]
    next_rank = rank_of(plan, left[0], shares[left[0].id]) if left else inf
    chance = {row.id: min(1.0, shares[row.id] * max(1.0, next_rank)) for row in ranked}
    made = add([(row, chance[row.id]) for row in wanted], plan)
    for check in of_week.filter(decision_id__in=there & set(chance)).select_for_update():
        assert check.decision_id is not None
        if check.chance != chance[check.decision_id]:
            check.chance = chance[check.decision_id]
            check.save(update_fields=["chance"])
    return len(made)
