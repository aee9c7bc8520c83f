"""Seals: proof that the event log was not edited.

Events are taken in the order of commits, in blocks. A block's events are hashed one by one (leaf), the leaves form a Merkle
tree (RFC 6962, section 2.1), and the seal's hash covers the tree's root and the seal before. Its MAC is made with a key
derived from SECRET_KEY: whoever owns the database but not the key can't rewrite a seal unseen. Whoever owns both can't
rewrite what was published: `seacliff seal` prints the newest seal's hash for that, `seacliff verify --against` holds it up.

The order of commits: each event carries the number of its transaction (`tx`) and a sequence number. Transactions get
rising numbers, and those below the oldest that still runs (record_tx_horizon()) are settled, so nothing can appear there
any more. Sealing below that horizon misses no event and seals none twice, however long a writer takes.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from psycopg import sql

from seacliff.record.ids import time_of
from seacliff.record.models import Seal

log = structlog.get_logger("seacliff.seals")

BLOCK = 50_000
LEAF = 48  # bytes of a stored leaf: the event's id and its hash
COLUMNS = (
    *("id", "tx", "seq", "verb", "actor_kind", "actor_id", "actor_name", "subject_kind", "subject_id", "story_id"),
    *("policy_version_id", "reason", "data"),
)
# A row as COPY BINARY writes it (PostgreSQL's documentation of COPY, "Tuples"): a count, then each field behind its
# length, so that no two rows look alike. Ours begins with id, tx and seq, which are never null.
HEADER = 19
START = struct.Struct(">hi16siqiq")
GENESIS = bytes(32)
LOCK = "record seals"

Place = tuple[int, int]  # tx, seq
sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Block:
    """Events as they are now: 48 bytes each, in order, and the places of the first and the last."""

    leaves: bytes
    first: Place
    last: Place

    @property
    def count(self) -> int:
        return len(self.leaves) // LEAF


def read_block(condition: sql.Composable, limit: int | None = None) -> Block | None:
    """Hash the events that meet `condition`, in the order of commits; None when there are none."""
    query = sql.SQL(
        "COPY (SELECT {columns} FROM record_event WHERE {condition} ORDER BY tx, seq {limit}) TO STDOUT BINARY"
    )
    leaves: list[bytes] = []
    first = last = None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        composed = query.format(
            columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
            condition=condition,
            limit=sql.SQL("LIMIT {}").format(sql.Literal(limit)) if limit else sql.SQL(""),
        )
        with cursor.copy(composed) as rows:
            for row in rows:
                if first is None:
                    row = bytes(row)[HEADER:]
                    first = row
                if len(row) > 2:  # the trailer is a count of -1
                    leaves += (row[6:22], sha256(b"\0" + row).digest())
                    last = row
    if last is None or first is None:
        return None
    return Block(b"".join(leaves), _place(bytes(first)), _place(bytes(last)))


def _place(row: bytes) -> Place:
    _fields, _length, _id, _length, tx, _length, seq = START.unpack_from(row)
    return tx, seq


def merkle_root(hashes: list[bytes]) -> bytes:
    """The root of the tree over the leaves' hashes, as RFC 6962 draws it: a node left alone moves up as it is."""
    while len(hashes) > 1:
        alone = hashes[-1:] if len(hashes) % 2 else []
        pairs = zip(hashes[::2], hashes[1::2], strict=False)
        hashes = [sha256(b"\1" + left + right).digest() for left, right in pairs] + alone
    return hashes[0] if hashes else sha256().digest()


def hashes_of(leaves: bytes) -> list[bytes]:
    return [leaves[at : at + 32] for at in range(16, len(leaves), LEAF)]


def statement(seal: Seal) -> bytes:
    """What a seal's hash is the SHA-256 of: text, so that anybody can recompute it with any tool."""
    lines = [
        "seacliff seal, version 1",
        f"number: {seal.number}",
        f"previous: {bytes(seal.previous).hex()}",
        f"events: {seal.count}",
        f"from: {seal.from_tx} {seal.from_seq}",
        f"to: {seal.to_tx} {seal.to_seq}",
        f"root: {bytes(seal.root).hex()}",
        f"leaves: {sha256(seal.leaves).hexdigest()}",
        f"sealed: {seal.sealed_at.astimezone(UTC).isoformat(timespec='microseconds')}",
    ]
    return "\n".join(lines).encode()


def _mac(hashed: bytes, key: str) -> bytes:
    return salted_hmac("seacliff.record.seals", hashed, secret=key, algorithm="sha256").digest()


def signed_here(seal: Seal) -> bool:
    """Was its hash signed with our secret key, or one of those before it (SECRET_KEY_FALLBACKS)?"""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(bytes(seal.mac), _mac(bytes(seal.hash), key)) for key in keys)


def newest() -> Seal | None:
    """The newest seal, without its leaves."""
    return Seal.objects.defer("leaves").order_by("-number").first()


def seal_block(block_size: int = BLOCK) -> Seal | None:
    """Seal the next settled events, at most `block_size`; None when there are none or somebody else is sealing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        before = newest()
        if before and _horizon() <= before.to_tx:
            align_commit_order()
        after = (before.to_tx, before.to_seq) if before else (-1, -1)
        condition = sql.SQL("tx >= {0} AND (tx, seq) > ({0}, {1}) AND tx < record_tx_horizon()")
        block = read_block(condition.format(*map(sql.Literal, after)), block_size)
        return _seal(block, before) if block else None


def _seal(block: Block, before: Seal | None) -> Seal:
    seal = Seal(
        number=before.number + 1 if before else 1,
        from_tx=block.first[0],
        from_seq=block.first[1],
        to_tx=block.last[0],
        to_seq=block.last[1],
        count=block.count,
        leaves=block.leaves,
        root=merkle_root(hashes_of(block.leaves)),
        previous=bytes(before.hash) if before else GENESIS,
        sealed_at=timezone.now(),
    )
    seal.hash = sha256(statement(seal)).digest()
    seal.mac = _mac(seal.hash, settings.SECRET_KEY)
    seal.save(force_insert=True)
    # The log is a second place to look a seal up, on another machine perhaps than the database.
    log.info("sealed", number=seal.number, events=seal.count, hash=seal.hash.hex())
    return seal


def seal_all(block_size: int = BLOCK) -> list[Seal]:
    """Seal until nothing settled is left open."""
    made = []
    while seal := seal_block(block_size):
        made.append(seal)
    return made


def unsealed_since() -> datetime | None:
    """When the oldest event was written that is settled and not yet sealed; None when all are sealed."""
    before = newest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id::text)::uuid FROM record_event WHERE tx > %s AND tx < record_tx_horizon()",
            [before.to_tx if before else -1],
        )
        oldest = cursor.fetchone()[0]
    return time_of(oldest) if oldest else None


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_tx_horizon()")
        return cursor.fetchone()[0]


@transaction.atomic
def align_commit_order(beyond: Iterable[int] = ()) -> int:
    """Let transactions here be numbered after everything that was written before: how far the numbers were moved.

    A database restored into a new cluster finds that cluster's counter far behind its own events. `beyond` are further
    numbers to leave behind, such as the places of readers of the log. Nothing changes where the counter is ahead.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('record commit order'))")
        cursor.execute("SELECT coalesce(max(to_tx), -1) FROM record_seal")
        sealed = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(max(tx), -1) FROM record_event WHERE tx > %s", [sealed])
        behind = max([sealed, cursor.fetchone()[0], *beyond])
        cursor.execute("SELECT record_tx_offset(), record_tx()")
        offset, current = cursor.fetchone()
        if current > behind:
            return 0
        move = behind - current + 1
        body = sql.Literal(f"SELECT {offset + move}::bigint")
        cursor.execute(
            sql.SQL("CREATE OR REPLACE FUNCTION record_tx_offset() RETURNS bigint LANGUAGE sql STABLE AS {}").format(
                body
            )
        )
        log.warning("commit order moved", by=move, because="the database's transaction counter was behind the record")
        return move
