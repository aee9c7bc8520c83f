"""Sealing while others write, after a restore, and by command. These tests really commit."""

import random
import threading
import time
from uuid import UUID

import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from seacliff.record import actions, commands, seals
from seacliff.record.ids import uuid7
from seacliff.record.models import Event, Seal
from seacliff.record.verify import verify

from .owner import as_owner, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def history():
    """Thirty events in three transactions, under four seals of eight at most."""
    ids = [id for _ in range(3) for id in write(10)]
    assert [seal.count for seal in seals.seal_all(block_size=8)] == [8, 8, 8, 6]
    return ids


def test_nothing_to_seal_makes_no_seal(history):
    assert seals.seal_all() == []
    assert seals.unsealed_since() is None
    write(1)
    assert seals.unsealed_since() is not None


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
