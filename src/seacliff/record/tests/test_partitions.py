"""Months get their tables while rows keep coming in."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection, transaction

from seacliff.record import partitions
from seacliff.record.ids import uuid7
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2031, 5, 1, tzinfo=UTC)


def write(count):
    moment = MAY.replace(day=17)
    Event.objects.bulk_create(
        Event(id=uuid7(moment), verb="case.noted", actor_kind="system", subject_kind="case", subject_id=uuid7())
        for _ in range(count)
    )


@pytest.fixture
def _no_table_for_may():
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS record_event_2031_05")


def test_no_row_is_lost_while_a_month_moves_to_its_table(_no_table_for_may):
    write(20_000)
    written, refused, stopping, begun = [], [], threading.Event(), threading.Event()

    def keep_writing():
        while not stopping.is_set():
            try:
                write(1)
                written.append(1)
            except Exception as error:
                refused.append(error)
            begun.set()
        connection.close()

    writers = [threading.Thread(target=keep_writing) for _ in range(3)]
    for writer in writers:
        writer.start()
    begun.wait(5)
    made = partitions.prepare("record_event", MAY, MAY)
    stopping.set()
    for writer in writers:
        writer.join()
    assert made == ["record_event_2031_05"]
    assert refused == []
    assert Event.objects.filter(verb="case.noted").count() == 20_000 + len(written)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM record_event_rest WHERE verb = 'case.noted'")
        assert cursor.fetchone() == (0,)
    assert partitions.prepare("record_event", MAY, MAY) == []


def test_a_long_reader_delays_the_months_table_and_nobody_else(_no_table_for_may, monkeypatch):
    monkeypatch.setattr(partitions, "PATIENCE_SECONDS", 0.05)
    reading, done = threading.Event(), threading.Event()

    def read_on():
        with transaction.atomic():
            Event.objects.exists()
            reading.set()
            done.wait(5)
        connection.close()

    reader = threading.Thread(target=read_on)
    reader.start()
    reading.wait(5)
    with pytest.raises(OperationalError, match="lock timeout"):
        partitions.prepare("record_event", MAY, MAY)
    assert "record_event_2031_05" not in partitions.prepare_ahead(MAY)
    write(1)
    done.set()
    reader.join()
    assert partitions.prepare("record_event", MAY, MAY) == ["record_event_2031_05"]
