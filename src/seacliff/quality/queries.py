"""Read models of this room's pages: a fixed number of queries each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from seacliff.people.models import User
from seacliff.policy.models import ActionKind, Category, PolicyVersion
from seacliff.quality import dossier
from seacliff.quality.access import may_lead
from seacliff.quality.actions.settling import why_no_correction
from seacliff.quality.models import Check, Opinion
from seacliff.quality.plan import plan_in_force
from seacliff.review.actions.correcting import judged_by
from seacliff.review.models import Precedent
from seacliff.review.queries import Offer, offers, tree_above

State, Kind, Right = Check.State, Check.Kind, Check.Right


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in the queue of second looks, by number alone: which cases they are is nobody's to know."""

    count: int
    overdue: int
    next_due: datetime | None
    differing: int


def waiting() -> Waiting:
    now = timezone.now()
    found = Check.objects.filter(state=State.WAITING, kind=Kind.SAMPLE).aggregate(
        count=Count("id"), overdue=Count("id", filter=Q(due_at__lt=now)), next_due=Min("due_at")
    )
    return Waiting(**found, differing=Check.objects.filter(state=State.DIFFERS).count())


def held_by(user: User) -> Check | None:
    return Check.objects.filter(holder=user, lease_until__gt=timezone.now()).first()


def looks_of(user: User, limit: int = 20) -> list[Check]:
    """One's latest second looks at sampled decisions. Golden ones are among the scores, calibrations on their own pages."""
    rows = Check.objects.filter(second=user, kind=Kind.SAMPLE).select_related("case")
    return list(rows.order_by("-id")[:limit])


def found_wrong(user: User, limit: int = 20) -> list[Check]:
    """One's own decisions of the last half year that were found wrong."""
    since = timezone.now() - timedelta(days=183)
    rows = Check.objects.filter(first=user, state=State.SETTLED, settled_at__gte=since).exclude(right=Right.FIRST)
    return list(rows.select_related("case").order_by("-settled_at")[:limit])


def answered(state: str = "") -> QuerySet[Check]:
    """Second looks at sampled decisions that have been answered: what leads see."""
    rows = Check.objects.filter(kind=Kind.SAMPLE, answered_at__isnull=False)
    if state:
        rows = rows.filter(state=state)
    return rows.select_related("case__target", "first", "second", "settled_by", "policy_version")


def differences_for(user: User) -> list[Check]:
    """Differences that wait for this person, the oldest first: never one in which they gave a verdict."""
    rows = answered(State.DIFFERS).exclude(first=user).exclude(second=user).order_by("answered_at")
    if not may_lead(user):
        rows = rows.exclude(opinions__user=user)
    return list(rows[:50])


@dataclass(slots=True)
class Blind:
    """What somebody sees who judges: the matter, the rule, precedents. Nothing of what was decided."""

    check: Check
    dossier: dossier.Dossier
    version: PolicyVersion | None
    category: Category | None
    kinds: list[ActionKind]
    precedents: list[Precedent]

    @property
    def reports(self) -> list[tuple[dict[str, Any], Any]]:
        return list(zip(self.dossier.said, self.dossier.evidence, strict=True))


def blind_page(check: Check) -> Blind:
    version = check.policy_version
    allowed = [ActionKind(kind) for kind in (version.allowed_actions if version else [])]
    return Blind(
        check=check,
        dossier=dossier.of_check(check),
        version=version,
        category=Category.objects.filter(slug=check.category).first(),
        kinds=[kind for kind in allowed if kind != ActionKind.DISMISS],
        precedents=dossier.precedents_of(check),
    )


@dataclass(slots=True)
class Compared:
    """Two verdicts beside each other, and what may be done about them."""

    check: Check
    blind: Blind
    offers: list[Offer]
    ticked: list[str]
    no_correction: str
    opinions: list[Opinion]
    own_opinion: Opinion | None
    wanted: int


def compared(user: User, check: Check) -> Compared:
    decision = check.decision
    assert decision is not None
    plan = plan_in_force()
    said = list(check.opinions.select_related("user"))
    over = len(said) >= plan.settle.voters or check.state == State.SETTLED
    return Compared(
        check=check,
        blind=blind_page(check),
        offers=offers(check.case, judged_by(decision, decision.category), tree_above(check.case.target)),
        ticked=[f"{action['kind']}:{action['target_id']}" for action in decision.actions],
        no_correction=why_no_correction(check),
        opinions=said if over else [],
        own_opinion=next((opinion for opinion in said if opinion.user_id == user.id), None),
        wanted=plan.settle.voters if plan.settle.by == "consensus" else 0,
    )
