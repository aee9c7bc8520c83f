"""What the tests of seals share: writing events, and the database's owner, to whom triggers are no obstacle."""

from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from seacliff.record import actions
from seacliff.record.actions import Actor, Subject
from seacliff.record.ids import uuid7
from seacliff.record.models import Event

ROSA = Actor(Event.ActorKind.PERSON, uuid7(), "Rosa")


def write(number: int, **details) -> list[UUID]:
    events = [
        actions.event("case.decided", Subject("case", uuid7()), ROSA, reason=f"reason {n}", data={"n": n}, **details)
        for n in range(number)
    ]
    actions.write(events)
    return [event.id for event in events]


@contextmanager
def as_owner():
    """A connection of the database's owner, to whom the append-only triggers are no obstacle."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("record_event", "record_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("ALTER TABLE record_event ENABLE TRIGGER append_only")
        cursor.execute("ALTER TABLE record_seal ENABLE TRIGGER append_only")
