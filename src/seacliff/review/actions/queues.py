"""Verbs on queues: the piles that routing fills and reviewers take from."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.record.actions import Actor, Subject, happened
from seacliff.review.access import Refused
from seacliff.review.models import Queue, RuleSet


@transaction.atomic
def save_queue(queue: Queue, actor: Actor) -> None:
    """Store a new or changed queue. Its slug stays what it was: rules and links name it."""
    verb = "queue.added" if queue._state.adding else "queue.changed"
    queue.save()
    data = {"slug": queue.slug, "name": queue.name, "position": queue.position, "random_share": queue.random_share}
    happened(verb, subject_of(queue), actor, data=data)


@transaction.atomic
def retire_queue(queue: Queue, actor: Actor) -> None:
    """Nothing is routed there any more; what waits in it is still decided. Raises Refused while live rules name it."""
    live = RuleSet.objects.filter(state=RuleSet.State.LIVE).first()
    named = [rule.get("name", "") for rule in (live.rules if live else []) if rule["set"].get("queue") == queue.slug]
    if named:
        raise Refused(
            _("The live rules send reports here (%s). Publish rules that don't, then retire the queue.")
            % ", ".join(named)
        )
    queue.retired_at = timezone.now()
    queue.save(update_fields=["retired_at"])
    happened("queue.retired", subject_of(queue), actor, data={"slug": queue.slug})


@transaction.atomic
def reopen_queue(queue: Queue, actor: Actor) -> None:
    queue.retired_at = None
    queue.save(update_fields=["retired_at"])
    happened("queue.reopened", subject_of(queue), actor, data={"slug": queue.slug})


def subject_of(queue: Queue) -> Subject:
    return Subject("queue", UUID(int=queue.pk))
