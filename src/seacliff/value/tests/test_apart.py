"""What the worker does apart, as its threads do it: with a process of its own on the same database."""

import os
import threading

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from seacliff.record.desks import DESKS
from seacliff.value.models import Reading


@pytest.fixture
def here(monkeypatch):
    """Processes of our own are to find the test's database."""
    monkeypatch.setenv(
        "DATABASE_URL", make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    )


@pytest.mark.django_db(transaction=True)
def test_readings_are_made_in_a_process_of_their_own_that_ends(here):
    desk = DESKS["value-readings"]
    assert desk.waits()
    desk.take(threading.Event())
    assert set(Reading.objects.exclude(made_at=None).values_list("kind", flat=True)) == set(Reading.Kind.values)
    assert not desk.waits()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_stops_does_not_wait_for_it(here):
    stopping = threading.Event()
    stopping.set()
    DESKS["value-readings"].take(stopping)
    assert not Reading.objects.exclude(made_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_that_fails_is_told_of(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    with pytest.raises(RuntimeError, match="value-readings"):
        DESKS["value-readings"].take(threading.Event())
