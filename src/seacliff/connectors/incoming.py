"""The way in for what outside systems bring: kept by whoever brings it, read by a desk, settled in one transaction."""

from collections.abc import Callable
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from seacliff.connectors.models import Incoming
from seacliff.partners.models import Ask, Dispatch
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.desks import desk, wake

log = structlog.get_logger("seacliff.connectors")
BATCH = 20
BELL = "connectors_incoming"
State, Kind = Incoming.State, Incoming.Kind
Reader = Callable[[Incoming], None]

READERS: dict[str, Reader] = {}  # by channel; a reader sets state, kind and reason of a row, and does what it says


def keep(
    channel: str,
    key: str,
    raw: bytes,
    *,
    ask: Ask | None = None,
    dispatch: Dispatch | None = None,
    sender: str = "",
    subject: str = "",
) -> UUID:
    """It is on disk when this returns. The same key again gives the first one."""
    facts = {
        "ask": ask,
        "dispatch": dispatch,
        "sender": _storable(sender, 320),
        "subject": _storable(subject, 500),
        "raw": raw,
    }
    with transaction.atomic():
        row, made = Incoming.objects.get_or_create(channel=channel, key=_storable(key, 1000), defaults=facts)
        if made:
            wake(BELL)
    return row.id


@desk("incoming", every=5.0, wake=BELL)
def read_incoming() -> int:
    """Read some of what waits. The database or the storage failing rolls the batch back, to be tried again; whatever
    else goes wrong is about one row, which is then shown to a person."""
    with transaction.atomic():
        waiting = Incoming.objects.filter(state=State.KEPT, channel__in=READERS)
        rows = list(
            waiting.order_by("id").select_for_update(skip_locked=True, of=["self"])
            .select_related("dispatch", "ask__from_function", "ask__to_function", "ask__charter")[:BATCH]
        )  # fmt: skip
        for row in rows:
            _settle(row)
    return len(rows)


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
    row.settled_at = timezone.now()
    row.save(update_fields=["state", "kind", "reason", "message", "settled_at"])
    if row.state == State.NEEDS_HUMAN and row.ask_id:
        data = {"channel": row.channel, "from": row.sender}
        happened("ask.reply-needs-human", Subject("ask", row.ask_id), SYSTEM, story=row.ask_id,
                 reason=row.reason, data=data)  # fmt: skip


def done(row: Incoming, kind: Incoming.Kind) -> None:
    row.state, row.kind = State.DONE, kind


def ignored(row: Incoming, kind: Incoming.Kind, reason: str) -> None:
    row.state, row.kind, row.reason = State.IGNORED, kind, reason[:1000]


def needs_human(row: Incoming, reason: str) -> None:
    row.state, row.reason = State.NEEDS_HUMAN, reason[:1000]


def _storable(text: str, most: int) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]
