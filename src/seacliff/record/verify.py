"""Hold the event log against its seals, and name whatever was edited, removed, put in or moved since it was sealed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from psycopg import sql

from seacliff.record.models import Event, Seal
from seacliff.record.seals import GENESIS, LEAF, hashes_of, merkle_root, read_block, sha256, signed_here, statement

AT_ONCE = 4  # seals fetched in one query; their leaves are megabytes
NAMED_MOST = 1000  # of each kind; beyond, they are counted
HASH = re.compile(r"\b[0-9a-fA-F]{64}\b")


@dataclass(slots=True)
class Verdict:
    """What was found. `problems` are sentences; an intact log has none."""

    events: int = 0
    seals: int = 0
    unsealed: int = 0
    newest: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.problems


@dataclass(slots=True)
class _Differences:
    """Event ids by what seems to have happened to them; what moved from one block to another shows in two of these."""

    edited: dict[UUID, int] = field(default_factory=dict)
    moved: dict[UUID, int] = field(default_factory=dict)
    gone: dict[UUID, int] = field(default_factory=dict)
    added: dict[UUID, int] = field(default_factory=dict)


def verify(against: str = "", progress: Callable[[int], None] = lambda _events: None) -> Verdict:
    """Recompute everything. `against`: text with hashes of seals published earlier (one, or a whole log of them)."""
    verdict, differences = Verdict(), _Differences()
    published = {found.lower() for found in HASH.findall(against)}
    before: Seal | None = None
    for seal in _seals():
        verdict.problems += _wrong_with(seal, before)
        verdict.events += _compare(seal, before, differences)
        verdict.seals += 1
        published.discard(bytes(seal.hash).hex())
        before = seal
        progress(verdict.events)
    verdict.newest = bytes(before.hash).hex() if before else ""
    _look_for_moved(differences)
    verdict.problems += _named(differences)
    verdict.problems += [
        f"The published seal {hashed} is not among the seals here: history was rewritten or cut off after it was published."
        for hashed in sorted(published)
    ]
    verdict.unsealed, impossible = _open_events(before)
    if impossible:
        verdict.problems.append(
            f"{impossible} events carry transaction numbers that this database has not reached: they were put in by hand, "
            "or the database was restored and `seacliff migrate` was not run after it."
        )
    return verdict


def _seals() -> Iterator[Seal]:
    number = 0
    while found := list(Seal.objects.filter(number__gt=number).order_by("number")[:AT_ONCE]):
        yield from found
        number = found[-1].number


def _wrong_with(seal: Seal, before: Seal | None) -> list[str]:
    """What is wrong with the seal itself, whatever became of its events."""
    name, leaves = f"Seal {seal.number}", bytes(seal.leaves)
    wrong = []
    if seal.number != (before.number if before else 0) + 1:
        wrong.append(f"{name} is the first after {f'seal {before.number}' if before else 'none'}: seals were removed.")
    elif bytes(seal.previous) != (bytes(before.hash) if before else GENESIS):
        wrong.append(f"{name} does not follow from the seal before it: one of the two was replaced.")
    if len(leaves) != LEAF * seal.count or merkle_root(hashes_of(leaves)) != bytes(seal.root):
        wrong.append(f"{name}: the list of its events' hashes was changed; its root is that of another list.")
    if sha256(statement(seal)).digest() != bytes(seal.hash):
        wrong.append(f"{name}: what it says of itself was changed; its hash is that of another statement.")
    if not signed_here(seal):
        wrong.append(
            f"{name} was not signed with this installation's secret key: it was rewritten, or the key was changed "
            "(then name the old one in SEACLIFF_SECRET_KEY_FALLBACKS)."
        )
    return wrong


def _compare(seal: Seal, before: Seal | None, differences: _Differences) -> int:
    """Hold the events of one seal's range against its leaves; how many there are."""
    start: sql.Composable
    if before is not None and before.number == seal.number - 1:
        start = sql.SQL("tx >= {0} AND (tx, seq) > ({0}, {1})").format(*map(sql.Literal, (before.to_tx, before.to_seq)))
    elif before is None and seal.number == 1:
        start = sql.SQL("true")
    else:  # seals are missing: what lies before this one's first event is nobody's
        start = sql.SQL("tx >= {0} AND (tx, seq) >= ({0}, {1})").format(
            *map(sql.Literal, (seal.from_tx, seal.from_seq))
        )
    end = sql.SQL("tx <= {0} AND (tx, seq) <= ({0}, {1})").format(*map(sql.Literal, (seal.to_tx, seal.to_seq)))
    block = read_block(sql.SQL("{} AND {}").format(start, end))
    found, sealed = block.leaves if block else b"", bytes(seal.leaves)
    if found != sealed:
        _tell_apart(seal.number, sealed, found, differences)
    return len(found) // LEAF


def _tell_apart(number: int, sealed: bytes, found: bytes, differences: _Differences) -> None:
    was, now = _by_id(sealed), _by_id(found)
    differences.gone.update(dict.fromkeys(was.keys() - now.keys(), number))
    differences.added.update(dict.fromkeys(now.keys() - was.keys(), number))
    order_was = [id for id in was if id in now]
    order_now = [id for id in now if id in was]
    elsewhere = {id for pair in zip(order_was, order_now, strict=True) if pair[0] != pair[1] for id in pair}
    for id in order_was:
        if was[id] != now[id]:
            (differences.moved if id in elsewhere else differences.edited)[id] = number


def _by_id(leaves: bytes) -> dict[UUID, bytes]:
    """Event id to its hash, in order."""
    return {
        UUID(bytes=leaves[at : at + 16]): leaves[at + 16 : at + LEAF] for at in range(0, len(leaves) - LEAF + 1, LEAF)
    }


def _look_for_moved(differences: _Differences) -> None:
    """An event that is gone from one place and found in another was moved, not removed."""
    gone = differences.gone
    elsewhere = set(gone) & set(differences.added)
    missing = [id for id in gone if id not in elsewhere]
    for start in range(0, len(missing), 10_000):
        still_there = Event.objects.filter(id__in=missing[start : start + 10_000]).values_list("id", flat=True)
        elsewhere.update(still_there)
    for id in elsewhere:
        differences.moved[id] = gone.pop(id)
        differences.added.pop(id, None)


def _named(differences: _Differences) -> list[str]:
    kinds = (
        (differences.edited, "was edited"),
        (differences.gone, "was removed"),
        (differences.added, "was put in"),
        (differences.moved, "was moved to another place in the order"),
    )
    sentences = []
    for found, what in kinds:
        ids = sorted(found)
        sentences += [f"Event {id} (seal {found[id]}) {what} after it was sealed." for id in ids[:NAMED_MOST]]
        if len(ids) > NAMED_MOST:
            sentences.append(f"{len(ids) - NAMED_MOST} more events like these: each {what} after it was sealed.")
    return [sentence.replace("put in after it was sealed", "put in after that seal") for sentence in sentences]


def _open_events(newest: Seal | None) -> tuple[int, int]:
    """Events after the newest seal: how many wait for theirs, and how many no transaction here can have written."""
    after = (newest.to_tx, newest.to_seq) if newest else (-1, -1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(*) FILTER (
                WHERE tx >= record_tx_offset() + greatest(
                    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                    pg_current_xact_id_if_assigned()::text::bigint + 1))
            FROM record_event WHERE tx >= %s AND (tx, seq) > (%s, %s)
            """,
            [after[0], *after],
        )
        return cursor.fetchone()
