"""Taking back what a decision did: its actions that are undone in the product, its strikes, and what rested on them.

Called by the room that corrects a decision, inside its transaction. Reversals are actions of their own, delivered like
any other under a key of their own; what had not been released yet is cancelled instead.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from seacliff.enforcement import strikes
from seacliff.enforcement.models import Action
from seacliff.policy.models import ActionKind
from seacliff.record.actions import Actor, Subject, event, write

# Said once and not to be unsaid: a warning was read, a referral was made. A notice tells what became of them.
IRREVERSIBLE = frozenset({ActionKind.DISMISS, ActionKind.WARN, ActionKind.REFER, ActionKind.END_EVENT})


def reverse(
    decision_ids: Iterable[UUID], actor: Actor, *, reason: str, keep: Callable[[Action], bool] = lambda action: False
) -> list[Action]:
    """Reverse what these decisions ordered, except what the correction orders again (`keep`); the reversal actions.

    Suspensions that strikes triggered, here or through later decisions, are reversed when the strikes that are left
    would not have triggered them.
    """
    with transaction.atomic():
        own = list(
            Action.objects.filter(decision_id__in=list(decision_ids), reverses=None, reversed_by=None)
            .exclude(state=Action.State.CANCELLED)
            .select_for_update(of=["self"])
            .order_by("id")
        )
        ordered = [action for action in own if not action.parameters.get("because") and not keep(action)]
        fallen = _rested_on([action for action in ordered if action.kind == ActionKind.STRIKE])
        going = ordered + [action for action in fallen if action not in ordered]
        _cancel([action for action in going if action.state == Action.State.PENDING], actor, reason)
        done = [a for a in going if a.state != Action.State.PENDING and a.kind not in IRREVERSIBLE]
        return _order([_reversal(action, reason) for action in done], actor, reason)


def _rested_on(struck: list[Action]) -> list[Action]:
    """What strikes triggered that would not have been triggered without these ones."""
    ids = [action.id for action in struck]
    triggered = (
        Action.objects.filter(
            target__in=[action.target_id for action in struck],
            policy_version__policy__in=[a.policy_version.policy_id for a in struck if a.policy_version],
            parameters__because="strikes",
            reverses=None,
            reversed_by=None,
        )
        .exclude(state=Action.State.CANCELLED)
        .select_related("policy_version")
        .select_for_update(of=["self"])
    )
    return [action for action in triggered.order_by("id") if strikes.below_threshold(action, ids)]


def _reversal(action: Action, reason: str) -> Action:
    return Action(
        case_id=action.case_id,
        decision_id=action.decision_id,
        target_id=action.target_id,
        kind=action.kind,
        parameters={"because": "reversal"},
        policy_version_id=action.policy_version_id,
        not_before=timezone.now(),
        reverses=action,
    )


def _cancel(actions: list[Action], actor: Actor, reason: str) -> None:
    Action.objects.filter(id__in=[action.id for action in actions]).update(state=Action.State.CANCELLED)
    write([event("action.cancelled", Subject("action", a.id), actor, story=a.case_id, reason=reason) for a in actions])


def _order(reversals: list[Action], actor: Actor, reason: str) -> list[Action]:
    Action.objects.bulk_create(reversals)
    write(
        [
            event(
                "action.reversed",
                Subject("action", reversal.reverses_id),
                actor,
                story=reversal.case_id,
                reason=reason,
                data={"kind": reversal.kind, "target": str(reversal.target_id), "by": str(reversal.id)},
            )
            for reversal in reversals
            if reversal.reverses_id
        ]
    )
    return reversals
