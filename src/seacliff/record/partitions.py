"""Monthly partitions of the tables that grow without end. The key is the id, whose first 48 bits are its time.

A month that nobody prepared is never a reason to refuse a row: it lands in the default partition, and preparing the month
later moves it over.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import structlog
from django.db import OperationalError, connection, migrations, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from seacliff.record.ids import first_id

log = structlog.get_logger("seacliff.record")

PARTITIONED = ("record_event", "intake_report")
MONTHS_AHEAD = 3
PATIENCE_SECONDS = 1.0
TRIES = 5
IN_USE = (LockNotAvailable, DeadlockDetected)


def month_of(at: datetime) -> datetime:
    return datetime(at.year, at.month, 1, tzinfo=UTC)


def months(first: datetime, last: datetime) -> Iterator[datetime]:
    """The first instants of the months from `first`'s to `last`'s, both included."""
    month = month_of(first)
    while month <= last:
        yield month
        month = month_of(month + timedelta(days=31))


def prepare(table: str, first: datetime, last: datetime) -> list[str]:
    """Make the partitions of `table` for every month from `first` to `last`; the names of those that were missing.

    Whoever wants the table waits for a lock that is waited for: so it is asked for briefly, and then again.
    Raises OperationalError when somebody (a dump, a long report) holds the table all the while.
    """
    for _ in range(TRIES - 1):
        try:
            return _prepare(table, first, last)
        except OperationalError as error:
            if not isinstance(error.__cause__, IN_USE) or connection.in_atomic_block:
                raise
            time.sleep(PATIENCE_SECONDS)
    return _prepare(table, first, last)


def _prepare(table: str, first: datetime, last: datetime) -> list[str]:
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE_SECONDS * 1000:.0f}ms"])
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"partitions of {table}"])
        for month in months(first, last):
            name = f"{table}_{month:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                _make(cursor, table, name, month)
                made.append(name)
    return made


def _make(cursor: CursorWrapper, table: str, name: str, month: datetime) -> None:
    lower, upper = first_id(month), first_id(month_of(month + timedelta(days=31)))
    parts = {
        "parent": sql.Identifier(table),
        "part": sql.Identifier(name),
        "rest": sql.Identifier(f"{table}_rest"),
        "lower": sql.Literal(str(lower)),
        "upper": sql.Literal(str(upper)),
    }
    # Rows of this month that wait in the default partition would forbid the new one: they move through it. Nobody may add
    # one meanwhile: what were committed between the copying and the deleting would be gone. Writers wait at the parent,
    # before they choose a partition: one who had chosen the default one would be refused when the wait is over.
    statements = (
        "LOCK TABLE ONLY {parent} IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE",
        "CREATE TABLE {part} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        "INSERT INTO {part} SELECT * FROM {rest} WHERE id >= {lower} AND id < {upper}",
        "ALTER TABLE {rest} DISABLE TRIGGER USER",
        "DELETE FROM {rest} WHERE id >= {lower} AND id < {upper}",
        "ALTER TABLE {rest} ENABLE TRIGGER USER",
        "ALTER TABLE {parent} ATTACH PARTITION {part} FOR VALUES FROM ({lower}) TO ({upper})",
    )
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(**parts))


def prepare_ahead(now: datetime | None = None) -> list[str]:
    """This month and the next ones, for every partitioned table. What is in use all the while is left for the next time."""
    now = now or timezone.now()
    last = month_of(now) + timedelta(days=31 * MONTHS_AHEAD)
    made = []
    for table in PARTITIONED:
        try:
            made += prepare(table, now, last)
        except OperationalError as error:
            if not isinstance(error.__cause__, IN_USE):
                raise
            log.warning("a table was in use; its next month is prepared later", table=table)
    return made


def partition_by_id(table: str) -> migrations.RunSQL:
    """Migration step, right after CreateModel and before its indexes: the table becomes a partitioned one."""
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} RENAME TO {table}_plain;
        ALTER TABLE {table}_plain RENAME CONSTRAINT {table}_pkey TO {table}_plain_pkey;
        CREATE TABLE {table} (LIKE {table}_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY (id))
            PARTITION BY RANGE (id);
        DROP TABLE {table}_plain;
        CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT;
        """,
        migrations.RunSQL.noop,
    )
