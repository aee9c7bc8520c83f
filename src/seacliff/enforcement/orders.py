"""What a decision orders: actions and notices, as rows that wait until the decision can no longer be undone.

Called by the room that decides, inside its transaction. Nothing here sends anything.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from seacliff.enforcement.models import Action, Notice
from seacliff.policy.models import ActionKind, PolicyVersion
from seacliff.record.actions import Actor, Subject, event, write
from seacliff.targets.models import Target


class Order(NamedTuple):
    """One action on one level of the account tree."""

    kind: ActionKind
    target: Target
    parameters: dict[str, Any]


@transaction.atomic(savepoint=False)
def order(
    *,
    case_id: UUID,
    decision_id: UUID,
    orders: Iterable[Order],
    notices: Iterable[Notice],
    policy_version: PolicyVersion | None,
    not_before: datetime,
    actor: Actor,
) -> list[Action]:
    """Store the actions and notices of a decision, to be released at `not_before` unless cancelled until then."""
    actions = [
        Action(
            case_id=case_id,
            decision_id=decision_id,
            target=ordered.target,
            kind=ordered.kind,
            parameters=ordered.parameters,
            policy_version=policy_version,
            not_before=not_before,
        )
        for ordered in orders
    ]
    Action.objects.bulk_create(actions)
    texts = list(notices)
    for notice in texts:
        notice.decision_id = decision_id
        notice.not_before = notice.next_at = not_before
    Notice.objects.bulk_create(texts)
    version = policy_version.id if policy_version else None
    write(
        [
            event(
                "action.ordered",
                Subject("action", action.id),
                actor,
                story=case_id,
                policy_version=version,
                data={"kind": action.kind, "target": str(action.target_id), **action.parameters},
            )
            for action in actions
        ]
    )
    return actions


@transaction.atomic
def cancel(decision_id: UUID, actor: Actor) -> None:
    """Take back what a decision ordered. The caller has made sure that the undo window is still open."""
    actions: QuerySet[Action] = Action.objects.filter(decision_id=decision_id, state=Action.State.PENDING)
    stories = [(action.id, action.case_id) for action in actions.select_for_update()]
    actions.update(state=Action.State.CANCELLED)
    Notice.objects.filter(decision_id=decision_id, state__in=[Notice.State.PENDING, Notice.State.NO_ADDRESS]).update(
        state=Notice.State.CANCELLED
    )
    write([event("action.cancelled", Subject("action", id), actor, story=case) for id, case in stories])
