"""Taking reports: one SQL statement for a whole batch, whatever its size and whoever its senders.

The statement writes the idempotency keys, and for the keys that are new the reports, their places in the routing
queue, their events and their attachments. So a batch costs one round trip and one commit, and no key is there without
its report.
Arrays through unnest() were the fastest of four ways tried, from batches of 16 to batches of 5,000.
"""

import threading
import time
from contextlib import nullcontext
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from django.db import DataError, IntegrityError, connection, transaction

from seacliff.intake.incoming import NewReport, Outcome, unstorable
from seacliff.intake.models import Channel
from seacliff.record.actions import PUBLIC, Actor
from seacliff.record.ids import time_of, uuid7

COLUMNS = {  # of the statement's input, with their types
    "id": "uuid", "product_id": "uuid", "channel": "text", "category": "text", "target_kind": "text",
    "target_ref": "text", "target_name": "text", "target_tree": "jsonb", "reporter_key": "text",
    "reporter_name": "text", "reporter_email": "text", "language": "text", "subject": "text", "text": "text",
    "url": "text", "occurred_at": "timestamptz", "received_at": "timestamptz", "external_ref": "text",
    "message_id": "uuid", "extra": "jsonb",
    "owner_id": "uuid", "key": "text", "digest": "bytea", "event_id": "uuid", "actor_kind": "text",
    "actor_id": "uuid", "actor_name": "text",
}  # fmt: skip
ATTACHED = {"id": "uuid", "subject_id": "uuid", "evidence_id": "text", "name": "text", "declared_type": "text"}
WAKE_EVERY = 0.05  # seconds between notifications of one process: under load the desks find work without them


def _unnest(columns: dict[str, str]) -> str:
    """A SELECT of one row per element of the arrays given for `columns`; JSON travels as text."""
    wanted = ", ".join(f"{name}::jsonb" if kind == "jsonb" else name for name, kind in columns.items())
    arrays = ", ".join(f"%b::{'text' if kind == 'jsonb' else kind}[]" for kind in columns.values())
    return f"SELECT {wanted} FROM unnest({arrays}) AS given({', '.join(columns)})"  # noqa: S608  our own names


_REPORT = ", ".join(list(COLUMNS)[:20])
# Keys are inserted in order, so that two batches with the same keys wait for each other instead of deadlocking. The
# last SELECT answers for the keys that were there already; a row committed after this statement began it can't see.
TAKE = f"""
WITH input AS MATERIALIZED ({_unnest(COLUMNS)}),
kept AS (
    INSERT INTO intake_idempotencykey (owner_id, key, report_id, digest)
    SELECT owner_id, key, id, digest FROM input WHERE key <> '' ORDER BY owner_id, key
    ON CONFLICT DO NOTHING RETURNING report_id),
fresh AS MATERIALIZED (SELECT * FROM input WHERE key = '' OR id IN (SELECT report_id FROM kept)),
reports AS (INSERT INTO intake_report ({_REPORT}) SELECT {_REPORT} FROM fresh),
waiting AS (INSERT INTO intake_unrouted (report_id, attempts, error) SELECT id, 0, '' FROM fresh),
attached AS (
    INSERT INTO record_attachment (id, subject_kind, subject_id, evidence_id, name, declared_type)
    SELECT id, 'report', subject_id, evidence_id, name, declared_type FROM ({_unnest(ATTACHED)}) AS pieces
    WHERE subject_id IN (SELECT id FROM fresh) ON CONFLICT DO NOTHING),
events AS (
    INSERT INTO record_event (id, verb, actor_kind, actor_id, actor_name, subject_kind, subject_id, reason, data)
    SELECT event_id, 'report.received', actor_kind, actor_id, actor_name, 'report', id, '',
           jsonb_build_object('channel', channel, 'category', category)
    FROM fresh)
SELECT input.id, earlier.report_id, earlier.digest
FROM input LEFT JOIN intake_idempotencykey AS earlier USING (owner_id, key)
WHERE input.key <> '' AND input.id NOT IN (SELECT report_id FROM kept)
"""  # noqa: S608  our own names
EARLIER = """
SELECT owner_id, key, report_id, digest FROM intake_idempotencykey
JOIN unnest(%b::uuid[], %b::text[]) AS wanted(owner_id, key) USING (owner_id, key)
"""
CONFLICT = "This idempotency key was used before with another body. Use a new key for a new report."


class Sender(NamedTuple):
    """Where a report came from: its channel, who is named in the event, and whose idempotency keys these are."""

    channel: Channel
    actor: Actor = PUBLIC
    owner: UUID | None = None


class Entry(NamedTuple):
    report: NewReport
    sender: Sender


def take_reports(
    reports: list[NewReport], *, channel: Channel, owner: UUID | None = None, actor: Actor = PUBLIC
) -> list[Outcome]:
    """Take a batch from one sender; an outcome for each, in order. The routing desk is woken when it is committed.

    `owner` scopes the idempotency keys (an API token's id, say); the report's product does when it is not given.
    """
    sender = Sender(Channel(channel), actor, owner)
    return take([Entry(report, sender) for report in reports])


def take(entries: list[Entry]) -> list[Outcome]:
    """As take_reports, for a batch of many senders. An item that can't be stored is refused and harms no neighbour."""
    outcomes: list[Outcome | None] = [_refusal(entry.report) for entry in entries]
    numbers = [number for number, outcome in enumerate(outcomes) if outcome is None]
    for number, outcome in zip(numbers, _take([entries[number] for number in numbers]), strict=True):
        outcomes[number] = outcome
    return [outcome for outcome in outcomes if outcome is not None]


def _refusal(report: NewReport) -> Outcome | None:
    problem = unstorable(report)
    return Outcome(None, "refused", problem, "invalid") if problem else None


def _take(entries: list[Entry]) -> list[Outcome]:
    if not entries:
        return []
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            outcomes = _write(entries)
    except (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError) as error:
        if len(entries) == 1:
            return [Outcome(None, "refused", f"The report can't be stored: {str(error).splitlines()[0]}.", "invalid")]
        middle = len(entries) // 2
        return _take(entries[:middle]) + _take(entries[middle:])
    if any(outcome.state == "created" for outcome in outcomes):
        transaction.on_commit(_wake)
    return outcomes


def _write(entries: list[Entry]) -> list[Outcome]:
    ids = [uuid7(entry.report.received_at) for entry in entries]
    firsts: dict[tuple[UUID, str], int] = {}  # the first of this batch to use a key
    rows: list[tuple[Any, ...]] = []
    pieces: list[tuple[Any, ...]] = []
    for number, ((report, sender), id) in enumerate(zip(entries, ids, strict=True)):
        key = (sender.owner or report.product_id, report.idempotency_key)
        if report.idempotency_key and firsts.setdefault(key, number) != number:
            continue
        rows.append(_row(report, sender, id, key))
        pieces += [(uuid7(), id, piece.sha256, piece.name, piece.declared_type) for piece in report.attachments]
    earlier = _run(rows, pieces)
    return [_outcome(entries, ids, firsts, earlier, number) for number in range(len(entries))]


def _row(report: NewReport, sender: Sender, id: UUID, key: tuple[UUID, str]) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    return (
        id, report.product_id, str(sender.channel), report.category, report.target_kind, report.target_ref,
        report.target_name,
        msgspec.json.encode(report.target_tree).decode() if report.target_tree else "[]", report.reporter_key,
        report.reporter_name, report.reporter_email, report.language, report.subject, report.text, report.url,
        report.occurred_at, report.received_at or time_of(id), report.external_ref, report.message_id,
        msgspec.json.encode(report.extra).decode() if report.extra else "{}",
        *key, report.digest() if key[1] else b"", uuid7(report.received_at),
        str(sender.actor.kind), sender.actor.id, sender.actor.name,
    )  # fmt: skip


def _run(rows: list[tuple[Any, ...]], pieces: list[tuple[Any, ...]]) -> dict[UUID, tuple[UUID, bytes]]:
    """Write the rows; for each that was not new, its own id to the first report's id and digest."""
    found = _execute(TAKE, [*_columns(rows, len(COLUMNS)), *_columns(pieces, len(ATTACHED))])
    earlier = {id: (first, digest) for id, first, digest in found if first is not None}
    unseen = {id for id, first, _ in found if first is None}  # committed by somebody else a moment ago
    if unseen:
        keys = {(row[20], row[21]): row[0] for row in rows if row[0] in unseen}
        owners, names = zip(*keys, strict=True)
        for owner, key, first, digest in _execute(EARLIER, [list(owners), list(names)]):
            earlier[keys[owner, key]] = (first, digest)
    return earlier


def _columns(rows: list[tuple[Any, ...]], count: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(count)]


def _execute(statement: str, parameters: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Run on Django's connection, past its cursor: parameters bound by the server, the plan kept between batches."""
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        connection.connection.prepare_threshold = 0
        return psycopg.Cursor(connection.connection).execute(statement, parameters).fetchall()


def _outcome(
    entries: list[Entry],
    ids: list[UUID],
    firsts: dict[tuple[UUID, str], int],
    earlier: dict[UUID, tuple[UUID, bytes]],
    number: int,
) -> Outcome:
    report, sender = entries[number]
    if not report.idempotency_key:
        return Outcome(ids[number], "created")
    first = firsts[sender.owner or report.product_id, report.idempotency_key]
    if first == number and ids[number] not in earlier:
        return Outcome(ids[number], "created")
    report_id, digest = earlier.get(ids[first]) or (ids[first], entries[first].report.digest())
    if report.digest() == digest:
        return Outcome(report_id, "repeated")
    return Outcome(None, "refused", CONFLICT, "conflict")


_last_wake = 0.0
_waking = threading.Lock()


def _wake() -> None:
    """Tell the routing desk, at most once in WAKE_EVERY seconds: NOTIFY makes commits queue behind each other."""
    global _last_wake
    with _waking:
        now = time.monotonic()
        if now - _last_wake < WAKE_EVERY:
            return
        _last_wake = now
    with connection.cursor() as cursor:  # a notification need not survive a crash: the desk also looks by itself
        cursor.execute("SELECT set_config('synchronous_commit', 'off', true), pg_notify('intake_report', '')")
