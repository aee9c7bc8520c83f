"""Where a deliberation begins: a case has come to a tier that several decide."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from seacliff.record import clocks
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.review.models import Case, Decision, Deliberation, Work
from seacliff.review.tiers.plan import Plan, Tier, plan_in_force

Stage = Deliberation.Stage
BATCH = 100

WAITING = """
SELECT w.case_id FROM review_work w
WHERE w.tier = ANY(%(tiers)s) AND w.tier > 1
    AND NOT EXISTS (SELECT FROM review_deliberation d WHERE d.case_id = w.case_id AND d.closed_at IS NULL)
LIMIT %(most)s
"""


def begin_waiting() -> int:
    """The desk: cases that routing sent straight to such a tier. How many."""
    plan = plan_in_force()
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"tiers": plan.shared, "most": BATCH})
        ids = [id for (id,) in cursor.fetchall()]
    if not ids:
        return 0
    cases = Case.objects.filter(id__in=ids, state=Case.State.OPEN).select_for_update(skip_locked=True)
    return begin_where_due(cases, plan)


def begin_where_due(cases: Iterable[Case], plan: Plan | None = None) -> int:
    """Open a deliberation for each locked case whose tier several decide and that has none. How many."""
    plan = plan or plan_in_force()
    begun = 0
    for case in cases:
        tier = plan.tier(case.tier)
        if tier.way != "single" and not Deliberation.objects.filter(case=case, closed_at=None).exists():
            begin(case, tier, plan)
            begun += 1
    return begun


def begin(case: Case, tier: Tier, plan: Plan, *, corrects: Decision | None = None) -> Deliberation:
    """One deliberation. A panel's case leaves the queue at once; for a consensus it stays to be voted on."""
    way = Deliberation.Way(tier.way)
    now = timezone.now()
    opened = Deliberation.objects.create(
        case=case,
        way=way,
        stage=Stage.VOTES if way == Deliberation.Way.CONSENSUS else Stage.ROSTER,
        tier=tier.number,
        plan_number=plan.number,
        voters=tier.voters,
        due_at=now + timedelta(hours=tier.hours),
        corrects=corrects,
    )
    clocks.start(subject_of(opened), Deliberation.CLOCK, "elapsed", timedelta(hours=tier.hours), at=now)
    if way == Deliberation.Way.PANEL:
        set_aside(opened)
    data = {"way": way, "tier": tier.number, "plan": plan.number, "voters": tier.voters}
    happened("deliberation.opened", subject_of(opened), SYSTEM, story=case.id, data=data)
    return opened


def set_aside(deliberation: Deliberation) -> None:
    """The case is in nobody's hands while several decide it; its own clock runs on."""
    Work.objects.filter(case=deliberation.case_id).update(
        held_until=deliberation.due_at, holder=None, lease_until=None, claimed_at=None, assigned_to=None
    )


def subject_of(deliberation: Deliberation) -> Subject:
    return Subject("deliberation", deliberation.id)
