"""Writing to the record. Call these inside the transaction that makes the thing true, so that both stand or neither."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from seacliff.record import arrays
from seacliff.record.ids import uuid7
from seacliff.record.models import Event


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `name` is kept as it was, so that the log can be read after people have left."""

    kind: Event.ActorKind
    id: UUID | None = None
    name: str = ""


SYSTEM = Actor(Event.ActorKind.SYSTEM, name="Seacliff")
PUBLIC = Actor(Event.ActorKind.PUBLIC)


class Subject(NamedTuple):
    """A record of any room, by kind and id."""

    kind: str
    id: UUID


def event(
    verb: str,
    subject: Subject,
    actor: Actor,
    *,
    story: UUID | None = None,
    policy_version: UUID | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Event:
    """An event, not yet written. `at` is for history brought in from elsewhere; now otherwise."""
    return Event(
        id=uuid7(at),
        verb=verb,
        subject_kind=subject.kind,
        subject_id=subject.id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        story_id=story,
        policy_version_id=policy_version,
        reason=reason,
        data=data or {},
    )


def happened(verb: str, subject: Subject, actor: Actor, **details: Any) -> None:
    """Write one event; arguments as for event()."""
    write([event(verb, subject, actor, **details)])


WRITTEN = (
    "id", "verb", "actor_kind", "actor_id", "actor_name", "subject_kind", "subject_id", "story_id", "policy_version_id",
    "reason",
)  # fmt: skip
INSERT = """
INSERT INTO record_event (id, verb, actor_kind, actor_id, actor_name, subject_kind, subject_id, story_id,
    policy_version_id, reason, data)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[],
    %s::uuid[], %s::text[], %s::jsonb[])
"""


def write(events: list[Event]) -> None:
    """Write many, in their order."""
    arrays.execute(INSERT, events, WRITTEN, json=["data"])
