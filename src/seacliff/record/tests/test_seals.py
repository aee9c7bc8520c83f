"""The owner of the database turns off the triggers, changes history, and is found out."""

import hashlib
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from seacliff.record import seals
from seacliff.record.ids import uuid7
from seacliff.record.models import Event, Seal
from seacliff.record.verify import verify

from .owner import as_owner, write


@pytest.fixture(scope="module")
def committed(django_db_setup, django_db_blocker):
    """Thirty events in three transactions, under four seals of eight at most; their ids in the order of commits."""
    with django_db_blocker.unblock():
        ids = [id for _ in range(3) for id in write(10)]
        assert [seal.count for seal in seals.seal_all(block_size=8)] == [8, 8, 8, 6]
        yield ids
        with as_owner():
            Seal.objects.all().delete()
            Event.objects.all().delete()


@pytest.fixture
def history(db, committed):
    """What each test may change as it likes: it is rolled back."""
    assert verify().intact
    return committed


def named(id, what):
    problems = verify().problems
    return any(str(id) in problem and what in problem for problem in problems), problems


def test_an_intact_log_has_no_problems_and_says_how_much_was_looked_at(history):
    write(2)
    verdict = verify()
    assert (verdict.events, verdict.seals, verdict.unsealed, verdict.problems) == (30, 4, 2, [])


def test_the_triggers_refuse_every_change(history):
    for statement in (
        "UPDATE record_event SET reason = 'x'",
        "DELETE FROM record_event",
        "UPDATE record_seal SET count = 1",
        "DELETE FROM record_seal",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
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


def test_every_column_of_the_table_is_sealed(db):
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, "record_event")}
    assert columns == set(seals.COLUMNS)


def test_moving_text_from_one_column_to_the_next_is_seen(history):
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET actor_name = 'Ros', subject_kind = 'acase' WHERE id = %s", [history[7]])
    assert verify().problems == [f"Event {history[7]} (seal 1) was edited after it was sealed."]


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
