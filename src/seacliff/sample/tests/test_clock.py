"""The sample's clock: what it changes while it runs, that nothing is left of it, and that there is one place to ask."""

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

import seacliff
from seacliff.people.models import User
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.ids import time_of, uuid7
from seacliff.record.models import Event
from seacliff.sample.clock import FUNCTIONS, Clock, running

THEN = datetime(2025, 2, 3, 14, 30, tzinfo=UTC)
LATER = THEN + timedelta(hours=2)
ASKS = re.compile(r"datetime\.(?:now|utcnow|today)\(|date\.today\(")


def _asked(sql: str) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchone())


def _defaults() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef ORDER BY adrelid, adnum")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_everything_that_tells_the_time_follows_it_and_nothing_is_left():
    all_of_them = "SELECT " + ", ".join(f"{name}()" for name in FUNCTIONS)
    before = _defaults()
    with transaction.atomic(), running(THEN, seed=1) as clock:
        assert _asked(all_of_them) == [THEN] * len(FUNCTIONS) and timezone.now() == THEN
        clock.move(LATER)
        assert _asked(all_of_them) == [LATER] * len(FUNCTIONS)
        happened("product.added", Subject("product", uuid7()), SYSTEM)
        assert time_of(Event.objects.get().id) == LATER
        user = User.objects.create(email="mei@lantern.example", name="Mei", roles=["reviewer"])
        user.refresh_from_db()
        assert user.joined_at == LATER
        assert _asked("SELECT pgh_created_at FROM people_userhistory") == [LATER]  # a trigger's
    assert _defaults() == before
    User.objects.create(email="jo@lantern.example", name="Jo", roles=["reviewer"])
    assert abs(User.objects.get(name="Jo").joined_at - datetime.now(UTC)) < timedelta(hours=1)
    assert all(abs(told - datetime.now(UTC)) < timedelta(hours=1) for told in _asked(all_of_them))
    assert abs(timezone.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert time_of(uuid7()) > LATER
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname = ANY(%s) AND pronamespace <> 'pg_catalog'::regnamespace",
                       [list(FUNCTIONS)])  # fmt: skip
        assert cursor.fetchone()[0] == 0


@pytest.mark.django_db
def test_ids_are_in_order_and_the_same_every_time():
    with transaction.atomic():
        made = []
        for _ in range(2):
            clock = Clock(THEN, random.Random(3))
            made.append([clock.id() for _ in range(5000)])
    assert made[0] == made[1] == sorted(made[0]) and len(set(made[0])) == 5000
    assert time_of(made[0][0]) == THEN and time_of(made[0][-1]) == THEN + timedelta(milliseconds=1)


@pytest.mark.django_db(transaction=True)
def test_it_runs_in_a_transaction_or_not_at_all():
    with pytest.raises(AssertionError, match="within one transaction"), running(THEN, seed=1):
        pass


def test_there_is_one_place_to_ask_what_time_it_is():
    """Where Django runs: before that, and in what runs without it, there is no record to write."""
    root = Path(seacliff.__file__).parent
    asked = [
        f"{path.relative_to(root)}:{number}"
        for path in root.rglob("*.py")
        if not {"tests", "migrations"} & set(path.relative_to(root).parts)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if ASKS.search(line)
    ]
    assert asked == [], "Ask timezone.now(): the sample's clock, and tests, move that one."
