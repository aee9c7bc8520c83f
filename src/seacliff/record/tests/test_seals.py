"""The owner of the database turns off the triggers, changes history, and is found out."""

import hashlib
import random
import threading
import time
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from typer.testing import CliRunner

from seacliff.record import actions, commands, seals
from seacliff.record.actions import SYSTEM, Actor, Subject
from seacliff.record.ids import uuid7
from seacliff.record.models import Event, Seal
from seacliff.record.verify import verify

pytestmark = pytest.mark.django_db(transaction=True)
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
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE record_event ENABLE TRIGGER append_only")
        cursor.execute("ALTER TABLE record_seal ENABLE TRIGGER append_only")


@pytest.fixture
def history():
    """Thirty events in three transactions, under four seals of eight at most; their ids in the order of commits."""
    ids = [id for _ in range(3) for id in write(10)]
    assert [seal.count for seal in seals.seal_all(block_size=8)] == [8, 8, 8, 6]
    assert verify().intact
    return ids


def named(id, what):
    problems = verify().problems
    return any(str(id) in problem and what in problem for problem in problems), problems


def test_an_intact_log_has_no_problems_and_says_how_much_was_looked_at(history):
    write(2)
    verdict = verify()
    assert (verdict.events, verdict.seals, verdict.unsealed, verdict.problems) == (30, 4, 2, [])


def test_nothing_to_seal_makes_no_seal(history):
    assert seals.seal_all() == []
    assert seals.unsealed_since() is None
    write(1)
    assert seals.unsealed_since() is not None


def test_the_triggers_refuse_every_change(history):
    for statement in (
        "UPDATE record_event SET reason = 'x'",
        "DELETE FROM record_event",
        "UPDATE record_seal SET count = 1",
        "DELETE FROM record_seal",
    ):
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'case.closed'",
        "actor_kind = 'system'",
        "actor_id = NULL",
        "actor_id = gen_random_uuid()",
        "actor_name = 'Bob'",
        "subject_kind = 'report'",
        "subject_id = gen_random_uuid()",
        "story_id = gen_random_uuid()",
        "policy_version_id = gen_random_uuid()",
        "reason = reason || ' '",
        "reason = ''",
        "data = '{\"n\": 999}'",
        "data = 'null'",
    ],
)
def test_an_edit_of_any_column_names_the_event(history, change):
    with as_owner() as cursor:
        cursor.execute(f"UPDATE record_event SET {change} WHERE id = %s", [history[13]])
    assert verify().problems == [f"Event {history[13]} (seal 2) was edited after it was sealed."]


def test_every_column_of_the_table_is_sealed():
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, "record_event")}
    assert columns == set(seals.COLUMNS)


def test_moving_text_from_one_column_to_the_next_is_seen():
    [id] = write(1)
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET actor_name = 'ab', subject_kind = 'c' WHERE id = %s", [id])
    seals.seal_all()
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET actor_name = 'a', subject_kind = 'bc' WHERE id = %s", [id])
    assert named(id, "was edited")[0]


@pytest.mark.parametrize("place", [0, 7, 8, 15, 29])
def test_a_removed_event_is_named(history, place):
    with as_owner() as cursor:
        cursor.execute("DELETE FROM record_event WHERE id = %s", [history[place]])
    assert verify().problems == [f"Event {history[place]} (seal {place // 8 + 1}) was removed after it was sealed."]


def test_all_events_of_a_block_removed_are_each_named(history):
    with as_owner() as cursor:
        cursor.execute("DELETE FROM record_event WHERE id = ANY(%s)", [history[8:16]])
    assert len(verify().problems) == 8


@pytest.mark.parametrize("place", [0, 8, 17])
def test_an_event_put_in_the_middle_is_named(history, place):
    new = uuid7()
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO record_event SELECT %s, tx, seq, verb, actor_kind, actor_id, actor_name, subject_kind,"
            " subject_id, story_id, policy_version_id, 'forged', data FROM record_event WHERE id = %s",
            [new, history[place]],
        )
    found, problems = named(new, "was put in")
    assert found, problems


def test_an_event_put_before_the_first_is_named(history):
    new = uuid7()
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO record_event SELECT %s, 0, 0, verb, actor_kind, actor_id, actor_name, subject_kind,"
            " subject_id, story_id, policy_version_id, reason, data FROM record_event WHERE id = %s",
            [new, history[0]],
        )
    assert named(new, "was put in")[0]


def test_an_event_with_a_number_of_the_future_is_seen(history):
    with as_owner() as cursor:
        cursor.execute(
            "INSERT INTO record_event SELECT %s, 4611686018427387904, seq, verb, actor_kind, actor_id, actor_name,"
            " subject_kind, subject_id, story_id, policy_version_id, reason, data FROM record_event WHERE id = %s",
            [uuid7(), history[0]],
        )
    assert "1 events carry transaction numbers" in verify().problems[0]


@pytest.mark.parametrize(("one", "other"), [(2, 5), (2, 25), (8, 29)])
def test_two_events_that_changed_places_are_both_named(history, one, other):
    with as_owner() as cursor:
        cursor.execute(
            "UPDATE record_event e SET tx = o.tx, seq = o.seq FROM record_event o"
            " WHERE e.id = ANY(%s) AND o.id = ANY(%s) AND e.id <> o.id",
            [[history[one], history[other]]] * 2,
        )
    problems = verify().problems
    assert len(problems) == 2
    for id in (history[one], history[other]):
        assert any(f"Event {id}" in problem and "was moved" in problem for problem in problems)


def test_two_events_that_changed_ids_are_both_named(history):
    first, second = history[3], history[20]
    with as_owner() as cursor:
        for old, new in ((first, UUID(int=1)), (second, first), (UUID(int=1), second)):
            cursor.execute("UPDATE record_event SET id = %s WHERE id = %s", [new, old])
    problems = verify().problems
    assert all(any(str(id) in problem for problem in problems) for id in (first, second)), problems


def test_an_event_moved_behind_the_newest_seal_is_named(history):
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET tx = record_tx(), seq = 10^9 WHERE id = %s", [history[4]])
    assert named(history[4], "was moved")[0]


def forge(number: int, **changes) -> None:
    """Rewrite a seal, and whatever follows from it, as well as one can without the key."""
    with as_owner():
        chain = list(Seal.objects.filter(number__gte=number))
        for name, value in changes.items():
            setattr(chain[0], name, value)
        for position, seal in enumerate(chain):
            if position:
                seal.previous = chain[position - 1].hash
            seal.root = seals.merkle_root(seals.hashes_of(bytes(seal.leaves)))
            seal.hash = hashlib.sha256(seals.statement(seal)).digest()
            Seal.objects.filter(number=seal.number).update(
                previous=seal.previous, root=seal.root, hash=seal.hash, leaves=seal.leaves, count=seal.count
            )


def test_an_edit_with_the_whole_chain_recomputed_is_found_by_the_signatures(history):
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET reason = 'forged' WHERE id = %s", [history[9]])
    seal = Seal.objects.get(number=2)
    now = seals.read_block(
        seals.sql.SQL("(tx, seq) BETWEEN ({}, {}) AND ({}, {})").format(
            *map(seals.sql.Literal, (seal.from_tx, seal.from_seq, seal.to_tx, seal.to_seq))
        )
    )
    forge(2, leaves=now.leaves)
    problems = verify().problems
    assert len(problems) == 3
    assert [f"Seal {n} was not signed" in problem for n, problem in zip((2, 3, 4), problems, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"root": b"x" * 32}, "its root is that of another list"),
        ({"previous": b"x" * 32}, "does not follow from the seal before"),
        ({"hash": b"x" * 32}, "its hash is that of another statement"),
        ({"mac": b"x" * 32}, "was not signed"),
        ({"count": 7}, "its root is that of another list"),
        ({"leaves": b"x" * 48 * 8}, "its root is that of another list"),
        ({"to_seq": 10**9}, "its hash is that of another statement"),
        ({"from_tx": 0}, "its hash is that of another statement"),
        ({"sealed_at": "2020-01-01T00:00:00Z"}, "its hash is that of another statement"),
    ],
)
def test_a_change_of_anything_in_a_seal_names_the_seal(history, change, sentence):
    with as_owner():
        Seal.objects.filter(number=3).update(**change)
    assert any(problem.startswith("Seal 3") and sentence in problem for problem in verify().problems)


def test_a_removed_seal_is_named_and_one_removed_at_the_end_only_by_what_was_published(history):
    published = bytes(seals.newest().hash).hex()
    with as_owner():
        Seal.objects.filter(number=4).delete()
        Event.objects.filter(id__in=history[24:]).delete()
    assert verify().intact
    assert published in verify(against=f"some log line, hash={published} and more").problems[0]
    with as_owner():
        Seal.objects.filter(number=2).delete()
    assert any("Seal 3 is the first after seal 1" in problem for problem in verify().problems)


def test_the_first_seal_removed_is_named(history):
    with as_owner():
        Seal.objects.filter(number=1).delete()
    assert any("Seal 2 is the first after none" in problem for problem in verify().problems)


def test_a_changed_key_is_told_and_the_old_one_still_believed(history, settings):
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="another key"):
        assert len(verify().problems) == 4
    with override_settings(SECRET_KEY="another key", SECRET_KEY_FALLBACKS=[old]):
        assert verify().intact


def test_the_merkle_tree_is_that_of_rfc_6962():
    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(7)]

    def node(left, right):
        return hashlib.sha256(b"\1" + left + right).digest()

    def tree(part):  # RFC 6962, section 2.1, word for word: k is the largest power of two smaller than n
        if len(part) == 1:
            return part[0]
        k = 1 << (len(part) - 1).bit_length() - 1
        return node(tree(part[:k]), tree(part[k:]))

    for n in range(1, 8):
        assert seals.merkle_root(leaves[:n]) == tree(leaves[:n])
    assert seals.merkle_root([]) == hashlib.sha256(b"").digest()


def test_a_seal_is_made_in_the_same_order_whatever_the_ids_say():
    late, early = uuid7(), uuid7()
    actions.write([Event(id=late, verb="b", actor_kind="system", subject_kind="x", subject_id=late)])
    actions.write(
        [Event(id=UUID(int=early.int >> 1), verb="a", actor_kind="system", subject_kind="x", subject_id=late)]
    )
    [seal] = seals.seal_all()
    assert bytes(seal.leaves)[:16] == late.bytes


# ---- writers at the same time


def _session(work):
    """Run in a thread of its own, with a connection of its own."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_what_a_slow_transaction_wrote_early_is_sealed_when_it_commits():
    begun, finish = threading.Event(), threading.Event()
    slow_ids = []

    def slow():
        with transaction.atomic():
            slow_ids.extend(write(3))
            begun.set()
            finish.wait(10)

    thread = _session(slow)
    begun.wait(10)
    quick = write(3)
    assert seals.seal_all() == []  # the quick ones lie after the slow, which is not settled
    finish.set()
    thread.join()
    [seal] = seals.seal_all()
    ids = [UUID(bytes=bytes(seal.leaves)[at : at + 16]) for at in range(0, 48 * seal.count, 48)]
    assert ids == slow_ids + quick
    assert verify().intact


def test_what_was_rolled_back_leaves_no_gap_that_matters():
    write(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(2)
        raise ZeroDivisionError
    write(2)
    seals.seal_all()
    assert verify().events == 4


def test_with_many_writers_and_two_sealers_every_event_is_sealed_once():
    written, made, stop = [], [], threading.Event()

    def writer(seed):
        dice = random.Random(seed)
        for _ in range(15):
            with transaction.atomic():
                ids = write(dice.randint(1, 20))
                time.sleep(dice.random() * 0.03)
                if dice.random() < 0.2:
                    transaction.set_rollback(True)
                else:
                    written.extend(ids)

    def sealer():
        while not stop.is_set():
            made.extend(seals.seal_all(block_size=40))

    sealers = [_session(sealer) for _ in range(2)]
    writers = [_session(lambda seed=seed: writer(seed)) for seed in range(6)]
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seals.seal_all(block_size=40)
    verdict = verify()
    assert verdict.intact, verdict.problems
    leaves = b"".join(bytes(seal.leaves) for seal in Seal.objects.all())
    sealed = [UUID(bytes=leaves[at : at + 16]) for at in range(0, len(leaves), 48)]
    assert len(sealed) == len(set(sealed))
    assert set(sealed) == set(written)


# ---- a new cluster


def test_after_a_restore_into_a_young_cluster_events_are_numbered_after_the_old_ones(history):
    far = 10**12
    with as_owner() as cursor:  # as if the old cluster had counted far
        cursor.execute("DELETE FROM record_seal")
        cursor.execute("UPDATE record_event SET tx = tx + %s", [far])
        cursor.execute(
            "CREATE OR REPLACE FUNCTION record_tx_offset() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 0::bigint'"
        )
    assert seals.align_commit_order() > 0
    assert seals.align_commit_order() == 0
    new = write(1)
    made = seals.seal_all()
    assert bytes(made[-1].leaves)[-48:-32] == new[0].bytes
    assert verify().intact


def test_the_sealer_notices_a_young_cluster_by_itself(history):
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_tx_offset()")
        offset = cursor.fetchone()[0]
        body = f"SELECT {offset - 10**6}::bigint"
        cursor.execute(f"CREATE OR REPLACE FUNCTION record_tx_offset() RETURNS bigint LANGUAGE sql STABLE AS '{body}'")
    assert seals.seal_all() == []
    [new] = write(1)
    assert bytes(seals.seal_all()[-1].leaves)[:16] == new.bytes
    assert verify().intact


def test_further_numbers_can_be_left_behind(history):
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_tx()")
        now = cursor.fetchone()[0]
    assert seals.align_commit_order(beyond=[now + 500]) > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_tx()")
        assert cursor.fetchone()[0] > now + 500


# ---- the commands


def run(*arguments):
    return CliRunner().invoke(commands.app, list(arguments))


def test_the_command_seals_and_prints_the_newest_seal_to_publish(history):
    write(1)
    said = run("seal").output
    assert said.startswith(bytes(seals.newest().hash).hex())
    assert "seal 5" in said


def test_the_command_verifies_with_exit_code_and_sentences(history, tmp_path):
    first = run("seal").output
    said = run("verify", "--against", first.split()[0])
    assert said.exit_code == 0
    assert "Nothing was changed: 30 events under 4 seals" in said.output
    (tmp_path / "published.txt").write_text(first + "a" * 64)
    said = run("verify", "--against", str(tmp_path / "published.txt"))
    assert said.exit_code == 1
    assert "a" * 64 in said.output
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET reason = 'x' WHERE id = %s", [history[0]])
    said = run("verify")
    assert (said.exit_code, f"Event {history[0]} (seal 1) was edited" in said.output) == (1, True)
    assert run("verify", "--against", "no hash").exit_code == 2


def test_system_events_are_sealed_too():
    actions.happened("clock.breached", Subject("case", uuid7()), SYSTEM)
    assert [seal.count for seal in seals.seal_all()] == [1]
