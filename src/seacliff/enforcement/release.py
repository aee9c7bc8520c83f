"""Actions whose undo window is over: they take effect here (strikes, the target's state) and become deliveries."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from seacliff.enforcement import strikes
from seacliff.enforcement.deliveries import delivery, listeners
from seacliff.enforcement.models import Action, Delivery
from seacliff.policy.models import ActionKind
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
HEAVIEST_FIRST = (Target.State.REMOVED, Target.State.SUSPENDED, Target.State.RESTRICTED)


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
    listening = {type: listeners(type) for type in {type_of(action) for action in actions}}
    for action in actions:
        _take_effect(action, now)
        heard = [
            delivery(endpoint, action.id, type_of(action), payload(action), now, action)
            for endpoint in listening[type_of(action)]
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


def type_of(action: Action) -> str:
    """The webhook's event type. A reversal is a type of its own: a product must not read it as the action again."""
    return "action.reversed" if action.reverses_id else f"action.{action.kind}"


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
    if action.reverses_id:
        strikes.take_back(action.reverses_id, now)
        Target.objects.filter(id=action.target_id).update(state=_state_without(action))
        return
    if action.kind == ActionKind.STRIKE and action.policy_version:
        strikes.give(action, action.policy_version, now)
    state = STATE_AFTER.get(action.kind)
    if state:
        Target.objects.filter(id=action.target_id).update(state=state)


def _state_without(reversal: Action) -> Target.State:
    """What the target is once this action is reversed: the heaviest of what still stands against it."""
    standing = (
        Action.objects.filter(target=reversal.target_id, kind__in=STATE_AFTER, reverses=None, reversed_by=None)
        .exclude(state__in=[Action.State.PENDING, Action.State.CANCELLED])
        .values_list("kind", flat=True)
    )
    left = {STATE_AFTER[kind] for kind in standing}
    return next((state for state in HEAVIEST_FIRST if state in left), Target.State.ACTIVE)
