"""Read models of the appeals pages: the list, one appeal, what became of appeals."""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from seacliff.appeals.access import had_a_hand
from seacliff.appeals.models import Appeal
from seacliff.enforcement.models import Action, Notice
from seacliff.people.models import User
from seacliff.policy.models import PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.review.actions.correcting import judged_by
from seacliff.review.models import Decision, Precedent
from seacliff.review.queries import Offer, Shown, offers, reports_of, tree_above
from seacliff.review.tiers.precedents import near
from seacliff.targets.models import Target

YEAR = timedelta(days=365)
Z = 1.959964  # of a two-sided 95 % interval


def listed(state: str = "", side: str = "", outcome: str = "") -> QuerySet[Appeal]:
    rows = Appeal.objects.select_related("case__target", "reviewer", "holder", "decided_by")
    for name, value in (("state", state), ("side", side), ("outcome", outcome)):
        if value:
            rows = rows.filter(**{name: value})
    return rows


def waiting(limit: int = 50) -> list[Appeal]:
    """What waits or is with the panel, the soonest due first."""
    rows = Appeal.objects.filter(~Q(state=Appeal.State.DECIDED))
    return list(rows.select_related("case__target", "reviewer", "holder").order_by("due_at", "id")[:limit])


@dataclass(slots=True)
class Page:
    """Everything that deciding an appeal needs."""

    appeal: Appeal
    reports: list[Shown]
    tree: list[Target]
    version: PolicyVersion | None
    offers: list[Offer]
    ticked: list[str]
    decisions: list[Decision]
    actions: list[Action]
    precedents: list[Precedent]
    told: list[Notice]
    own: bool


def page_of(user: User, appeal: Appeal) -> Page:
    case, decision = appeal.case, appeal.decision
    above = tree_above(case.target)
    version = judged_by(decision, decision.category) or version_in_force(case.category)
    reports, _older = reports_of(case)
    return Page(
        appeal=appeal,
        reports=reports,
        tree=[*reversed(above), case.target],
        version=version,
        offers=offers(case, version, above),
        ticked=[f"{action['kind']}:{action['target_id']}" for action in decision.actions],
        decisions=list(
            Decision.objects.filter(case=case, undone_at=None)
            .select_related("reviewer", "policy_version")
            .order_by("id")
        ),
        actions=list(Action.objects.filter(case_id=case.id).select_related("target").order_by("id")),
        precedents=near(case),
        told=list(Notice.objects.filter(case_id=case.id, audience="affected").order_by("id")[:10]),
        own=user.id in had_a_hand(decision),
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """Appeals of one group that were decided, and how many of them the first decision did not survive."""

    label: str
    decided: int
    overturned: int
    changed: int

    @property
    def share(self) -> float:
        return (self.overturned + self.changed) / self.decided if self.decided else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % score interval of the share (Wilson 1927, JASA 22:209): honest for few appeals, too."""
        n, p = self.decided, self.share
        if not n:
            return 0.0, 1.0
        middle = p + Z * Z / (2 * n)
        spread = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        whole = 1 + Z * Z / n
        return max(0.0, middle - spread) / whole, (middle + spread) / whole


STATISTICS = """
SELECT GROUPING(p.slug, a.first_tier, u.name, left(a.language, 2), a.automated, a.side), p.slug, a.first_tier, u.name,
    left(a.language, 2), a.automated, a.side, count(*), count(*) FILTER (WHERE a.outcome = 'overturned'),
    count(*) FILTER (WHERE a.outcome = 'changed')
FROM appeals_appeal a
LEFT JOIN policy_policyversion v ON v.id = a.policy_version_id LEFT JOIN policy_policy p ON p.id = v.policy_id
LEFT JOIN people_user u ON u.id = a.reviewer_id
WHERE a.state = 'decided' AND a.decided_at >= %(since)s
GROUP BY GROUPING SETS ((p.slug), (a.first_tier), (u.name), (left(a.language, 2)), (a.automated), (a.side), ())
"""
GROUPS = ("policy", "tier", "reviewer", "language", "automated", "side")


def statistics(since: timedelta = YEAR) -> dict[str, list[Rate]]:
    """Overturn rates by policy, tier, reviewer, language, automation and side, and in all ("all"). One query."""
    found: dict[str, list[Rate]] = {name: [] for name in (*GROUPS, "all")}
    with connection.cursor() as cursor:
        cursor.execute(STATISTICS, {"since": timezone.now() - since})
        for grouping, *rest in cursor.fetchall():
            keys, (decided, overturned, changed) = rest[:6], rest[6:]
            # GROUPING's bits are set for the columns that a row does not group by, the first column's highest.
            place = next((i for i in range(6) if not grouping >> (5 - i) & 1), None)
            name = "all" if place is None else GROUPS[place]
            label = _label(name, keys[place]) if place is not None else ""
            found[name].append(Rate(label, decided, overturned, changed))
    for rates in found.values():
        rates.sort(key=lambda rate: (-rate.decided, rate.label))
    return found


def _label(name: str, key: Any) -> str:
    if name == "automated":
        return "automated" if key else "by a person"
    return "–" if key is None or key == "" else str(key)
