"""Actions whose undo window is over: they take effect here (strikes, the target's state) and become deliveries."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from seacliff.enforcement.deliveries import delivery, listeners
from seacliff.enforcement.models import Action, Delivery, Strike
from seacliff.policy.models import ActionKind, PolicyVersion
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.desks import desk
from seacliff.targets.models import Target

BATCH = 200

STATE_AFTER: dict[str, Target.State] = {
    ActionKind.SUSPEND_ACCOUNT: Target.State.SUSPENDED,
    ActionKind.SUSPEND_HOST: Target.State.SUSPENDED,
    ActionKind.BLOCK_USER: Target.State.SUSPENDED,
    ActionKind.REMOVE_CONTENT: Target.State.REMOVED,
    ActionKind.END_EVENT: Target.State.REMOVED,
    ActionKind.RESTRICT_FEATURE: Target.State.RESTRICTED,
    ActionKind.GEOBLOCK: Target.State.RESTRICTED,
}


@desk("release-actions", every=1.0)
def release_due() -> int:
    """Release one batch of actions that can no longer be undone."""
    now = timezone.now()
    with transaction.atomic():
        actions = list(
            Action.objects.filter(state=Action.State.PENDING, not_before__lte=now)
            .select_related("target__product", "policy_version__policy", "target__parent")
            .order_by("not_before", "id")
            .select_for_update(skip_locked=True, of=["self"])[:BATCH]
        )
        if actions:
            release(actions, now)
    return len(actions)


def release(actions: list[Action], now: datetime) -> None:
    """Let the actions take effect, inside the caller's transaction."""
    deliveries: list[Delivery] = []
    for action in actions:
        _take_effect(action, now)
        heard = [
            delivery(endpoint, action.id, f"action.{action.kind}", payload(action), now, action)
            for endpoint in listeners(f"action.{action.kind}")
        ]
        deliveries += heard
        # A dismissal changes nothing in the product: that nobody listens to it is no fault.
        quiet = Action.State.DONE if action.kind == ActionKind.DISMISS else Action.State.UNHEARD
        action.state = Action.State.SENDING if heard else quiet
        action.done_at = now if action.state == Action.State.DONE else None
    Action.objects.bulk_update(actions, ["state", "done_at"])
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    write(
        [
            event(
                "action.released",
                Subject("action", action.id),
                SYSTEM,
                story=action.case_id,
                data={"kind": action.kind, "state": action.state},
            )
            for action in actions
        ]
    )


def payload(action: Action) -> dict[str, object]:
    """What the product is told: what to do to which object, under which rule. Nothing about reporters."""
    version = action.policy_version
    return {
        "action_id": str(action.id),
        "kind": action.kind,
        "parameters": action.parameters,
        "target": {"product": action.target.product.slug, "kind": action.target.kind, "ref": action.target.ref},
        "policy": {"slug": version.policy.slug, "version": version.number} if version else None,
        "reverses": str(action.reverses_id) if action.reverses_id else None,
        "case_id": str(action.case_id),
        "decision_id": str(action.decision_id),
    }


def _take_effect(action: Action, now: datetime) -> None:
    if action.kind == ActionKind.STRIKE and action.policy_version:
        _strike(action, action.policy_version, now)
    state = STATE_AFTER.get(action.kind)
    if state:
        Target.objects.filter(id=action.target_id).update(state=state)


def _strike(action: Action, version: PolicyVersion, now: datetime) -> None:
    Strike.objects.create(
        target=action.target,
        policy_version=version,
        action=action,
        weight=version.strike_weight,
        given_at=now,
        expires_at=now + timedelta(days=version.strike_days),
    )
    count = _count_strikes([action.target_id], now)[action.target_id]
    under_policy = (
        Strike.objects.filter(
            target=action.target, policy_version__policy=version.policy_id, taken_back_at=None, expires_at__gt=now
        ).aggregate(weight=Sum("weight"))["weight"]
        or 0
    )
    if under_policy >= version.strike_threshold:
        _threshold_reached(action, version, count, now)


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
    write(
        [
            event(
                "action.ordered",
                Subject("action", follow_up.id),
                SYSTEM,
                story=action.case_id,
                policy_version=version.id,
                reason=f"{strikes} strikes within {version.strike_days} days",
                data={"kind": follow_up.kind, "target": str(follow_up.target_id)},
            )
        ]
    )


def _count_strikes(targets: Iterable, now: datetime) -> dict:
    """Recount the live strikes of targets and keep the number beside each."""
    ids = list(targets)
    counted = dict(
        Strike.objects.filter(target__in=ids, taken_back_at=None, expires_at__gt=now)
        .values_list("target")
        .annotate(total=Sum("weight"))
    )
    for id in ids:
        Target.objects.filter(id=id).update(strikes=counted.get(id, 0))
    return {id: counted.get(id, 0) for id in ids}


def expire_strikes(now: datetime | None = None) -> int:
    """Recount targets whose summary still includes strikes that have expired; how many there were."""
    now = now or timezone.now()
    stale = list(
        Strike.objects.filter(expires_at__lte=now, expires_at__gt=now - timedelta(days=2), target__strikes__gt=0)
        .values_list("target", flat=True)
        .distinct()[:5000]
    )
    _count_strikes(stale, now)
    return len(stale)
