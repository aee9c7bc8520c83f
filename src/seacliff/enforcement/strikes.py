"""Strikes: given by an action that takes effect, counted per policy within its window, taken back with the decision.

A policy version says what one weighs, for how many days it counts, how many lead to what. The count is always taken over
the rows; the number beside a target is a summary for screens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.enforcement.models import Action, Strike
from seacliff.policy.models import ActionKind, Policy, PolicyVersion
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.targets.models import Target


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one more strike would do to a target: its count under the policy before and after, and what follows."""

    target: Target
    version: PolicyVersion
    before: int
    after: int

    @property
    def triggers(self) -> ActionKind | None:
        return ActionKind(self.version.strike_action) if self.after >= self.version.strike_threshold else None

    @property
    def sentence(self) -> str:
        said = {
            "after": self.after,
            "threshold": self.version.strike_threshold,
            "days": self.version.strike_days,
            "target": self.target,
        }
        if self.triggers:
            said["action"] = self.triggers.label
            return (
                _("Strike %(after)s of %(threshold)s within %(days)s days: this triggers “%(action)s” on %(target)s.")
                % said
            )
        return _("Strike %(after)s of %(threshold)s within %(days)s days for %(target)s.") % said


def forecast(target: Target, version: PolicyVersion) -> Forecast:
    """What a strike given now under this version would trigger. Nothing is written. One query."""
    before = _under(version.policy_id, [target.id], timezone.now()).get(target.id, 0)
    return Forecast(target, version, before, before + version.strike_weight)


def give(action: Action, version: PolicyVersion, now: datetime) -> None:
    """The strike of an action that takes effect; at the policy's threshold the action it attaches is ordered."""
    # Two strikes at one moment must see each other; whoever writes a row that refers to the target need not wait.
    Target.objects.select_for_update(no_key=True).get(id=action.target_id)
    Strike.objects.create(
        target=action.target,
        policy_version=version,
        action=action,
        weight=version.strike_weight,
        given_at=now,
        expires_at=now + timedelta(days=version.strike_days),
    )
    recount([action.target_id], now)
    count = _under(version.policy_id, [action.target_id], now)[action.target_id]
    if count >= version.strike_threshold:
        _threshold_reached(action, version, count, now)


def take_back(action_id: UUID, now: datetime) -> None:
    """The strike that an action gave counts no more. What rested on its count is reversed by reversal.py."""
    strike = Strike.objects.filter(action=action_id, taken_back_at=None).first()
    if strike is not None:
        strike.taken_back_at = now
        strike.save(update_fields=["taken_back_at"])
        recount([strike.target_id], now)


def below_threshold(follow_up: Action, without: Iterable[UUID]) -> bool:
    """Whether an action that strikes triggered would not have been, had the strikes of these actions not been given."""
    version = follow_up.policy_version
    if version is None:
        return False
    counted = Strike.objects.filter(
        target=follow_up.target_id,
        policy_version__policy=version.policy_id,
        taken_back_at=None,
        given_at__lte=follow_up.not_before,
        expires_at__gt=follow_up.not_before,
    ).exclude(action__in=list(without))
    return (counted.aggregate(weight=Sum("weight"))["weight"] or 0) < version.strike_threshold


def _under(policy: UUID, targets: list[UUID], at: datetime) -> dict[UUID, int]:
    """Weight of the strikes that count at a moment, by target, under one policy."""
    counted = Strike.objects.filter(
        target__in=targets, policy_version__policy=policy, taken_back_at=None, expires_at__gt=at
    )
    return dict(counted.values_list("target").annotate(total=Sum("weight")))


def _threshold_reached(action: Action, version: PolicyVersion, strikes: int, now: datetime) -> None:
    """The action that the policy attaches to its strike threshold, ordered once per decision."""
    follow_up = Action.objects.create(
        case_id=action.case_id,
        decision_id=action.decision_id,
        target=action.target,
        kind=version.strike_action,
        parameters={"because": "strikes", "strikes": strikes},
        policy_version=version,
        not_before=now,
    )
    reason = f"{strikes} strikes within {version.strike_days} days"
    data = {"kind": follow_up.kind, "target": str(follow_up.target_id)}
    subject = Subject("action", follow_up.id)
    write([event("action.ordered", subject, SYSTEM, story=action.case_id, policy_version=version.id, reason=reason,
                 data=data)])  # fmt: skip


def recount(targets: Iterable[UUID], now: datetime) -> None:
    """Count the live strikes of targets again and keep the number beside each."""
    ids = list(targets)
    counted = dict(
        Strike.objects.filter(target__in=ids, taken_back_at=None, expires_at__gt=now)
        .values_list("target")
        .annotate(total=Sum("weight"))
    )
    for id in ids:
        Target.objects.filter(id=id).update(strikes=counted.get(id, 0))


def expire_strikes(now: datetime | None = None) -> int:
    """Recount targets whose summary still includes strikes that have expired; how many there were."""
    now = now or timezone.now()
    stale = list(
        Strike.objects.filter(expires_at__lte=now, expires_at__gt=now - timedelta(days=2), target__strikes__gt=0)
        .values_list("target", flat=True)
        .distinct()[:5000]
    )
    recount(stale, now)
    return len(stale)


@dataclass(frozen=True, slots=True)
class Tried:
    """What other terms would have meant for the strikes of the past: accounts that would have reached the threshold,
    those that did under the terms in force then, and what would change for how many."""

    strikes: int
    targets: int
    would: int
    did: int
    newly: int
    spared: int


# Each strike with the weight of those on the same target in the window that ends with it: a range frame over time.
BACKTEST = """
WITH struck AS (
    SELECT s.target_id, s.given_at,
        count(*) OVER w * %(weight)s >= %(threshold)s AS hit
    FROM enforcement_strike s JOIN policy_policyversion v ON v.id = s.policy_version_id
    WHERE v.policy_id = %(policy)s AND s.taken_back_at IS NULL AND s.given_at >= %(since)s
    WINDOW w AS (PARTITION BY s.target_id ORDER BY s.given_at
        RANGE BETWEEN make_interval(days => %(days)s) PRECEDING AND CURRENT ROW)
), by_target AS (
    SELECT target_id, bool_or(hit) AS hit, count(*) AS strikes FROM struck GROUP BY target_id
), before AS (
    SELECT DISTINCT a.target_id FROM enforcement_action a JOIN policy_policyversion v ON v.id = a.policy_version_id
    WHERE v.policy_id = %(policy)s AND a.parameters @> '{"because": "strikes"}' AND a.not_before >= %(since)s
        AND a.reverses_id IS NULL AND a.state <> 'cancelled'
)
SELECT coalesce(sum(strikes), 0), count(*), count(*) FILTER (WHERE hit), count(before.target_id),
    count(*) FILTER (WHERE hit AND before.target_id IS NULL), count(before.target_id) FILTER (WHERE NOT hit)
FROM by_target LEFT JOIN before USING (target_id)
"""


def backtest(policy: Policy, *, weight: int, days: int, threshold: int, since: datetime) -> Tried:
    """How many accounts other terms would have hit, had they held since a day. One query, nothing is written."""
    values: dict[str, Any] = {
        "policy": policy.id,
        "weight": weight,
        "days": days,
        "threshold": threshold,
        "since": since,
    }
    with connection.cursor() as cursor:
        cursor.execute(BACKTEST, values)
        return Tried(*map(int, cursor.fetchone()))
