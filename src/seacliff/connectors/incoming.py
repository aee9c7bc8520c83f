"""The way in for what outside systems bring: kept by whoever brings it, read by a desk, settled in one transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import FETCH_PEERS

from seacliff.connectors.models import Incoming
from seacliff.record import arrays
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.desks import desk
from seacliff.record.ids import uuid7

log = structlog.get_logger("seacliff.connectors")
BATCH = 20
BELL = "connectors_incoming"
State, Kind = Incoming.State, Incoming.Kind
Reader = Callable[[Incoming], None]

READERS: dict[str, Reader] = {}  # by channel; a reader sets state, kind and reason of a row, and does what it says

# By channel, for channels that bring much: settles the plain ones among many rows at once, and gives back the others.
READERS_OF_MANY: dict[str, Callable[[Sequence[Incoming]], list[Incoming]]] = {}

KEEP = """
WITH made AS (
    INSERT INTO connectors_incoming (id, channel, key, ask_id, dispatch_id, sender, subject, raw, state, kind, reason)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'kept', '', '') ON CONFLICT (channel, key) DO NOTHING RETURNING id
)
SELECT id, pg_notify(%s, '') FROM made
"""


def keep(
    channel: str,
    key: str,
    raw: bytes,
    *,
    ask_id: UUID | None = None,
    dispatch_id: UUID | None = None,
    sender: str = "",
    subject: str = "",
) -> UUID:
    """It is on disk when this returns. The same key again gives the first one."""
    key = _storable(key, 1000)
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP,
            [uuid7(), channel, key, ask_id, dispatch_id, _storable(sender, 320), _storable(subject, 500), raw, BELL],
        )
        made = cursor.fetchone()
    return made[0] if made else Incoming.objects.values_list("id", flat=True).get(channel=channel, key=key)


@desk("incoming", every=5.0, wake=BELL)
def read_incoming() -> int:
    """Read some of what waits. The database or the storage failing rolls the batch back, to be tried again; whatever
    else goes wrong is about one row, which is then shown to a person."""
    with transaction.atomic():
        rows = left = _waiting()
        try:
            with transaction.atomic():
                left = _settled_together(rows)
        except Exception:
            log.exception("a batch of what came in failed; it is read one by one", rows=len(rows))
            rows = left = _waiting()  # as they were
        for row in left:
            _settle(row)
        _save(rows)
    return len(rows)


def _waiting() -> list[Incoming]:
    waiting = Incoming.objects.filter(state=State.KEPT, channel__in=READERS).order_by("id")
    return list(waiting.select_for_update(skip_locked=True).fetch_mode(FETCH_PEERS)[:BATCH])


def _settled_together(rows: Sequence[Incoming]) -> list[Incoming]:
    """Settle what can be settled at once; what is left. The mails of one ask stay in their order, so they are left."""
    asks = Counter(row.ask_id for row in rows)
    left = [row for row in rows if row.channel not in READERS_OF_MANY or asks[row.ask_id] > 1]
    for channel, read in READERS_OF_MANY.items():
        left += read([row for row in rows if row.channel == channel and asks[row.ask_id] == 1])
    return sorted(left, key=lambda row: row.id)


def _settle(row: Incoming) -> None:
    try:
        with transaction.atomic():
            READERS[row.channel](row)
    except (DatabaseError, OSError):
        raise
    except Exception as error:
        log.exception("incoming could not be read", incoming=str(row.id), channel=row.channel)
        row.kind = ""
        needs_human(row, f"It could not be read ({type(error).__name__}); this is an error of Seacliff's.")


SAVE = """
UPDATE connectors_incoming AS i
SET state = n.state, kind = n.kind, reason = n.reason, message_id = n.message_id, settled_at = now()
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[]) AS n (id, state, kind, reason, message_id)
WHERE i.id = n.id
"""
SAVED = ("id", "state", "kind", "reason", "message_id")


def _save(rows: Sequence[Incoming]) -> None:
    """What was made of them; the record hears of those that a person must look at."""
    arrays.execute(SAVE, rows, SAVED)
    write([
        event("ask.reply-needs-human", Subject("ask", row.ask_id), SYSTEM, story=row.ask_id, reason=row.reason,
              data={"channel": row.channel, "from": row.sender})
        for row in rows if row.state == State.NEEDS_HUMAN and row.ask_id
    ])  # fmt: skip


def done(row: Incoming, kind: Incoming.Kind) -> None:
    row.state, row.kind = State.DONE, kind


def ignored(row: Incoming, kind: Incoming.Kind, reason: str) -> None:
    row.state, row.kind, row.reason = State.IGNORED, kind, reason[:1000]


def needs_human(row: Incoming, reason: str) -> None:
    row.state, row.reason = State.NEEDS_HUMAN, reason[:1000]


def _storable(text: str, most: int) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]
