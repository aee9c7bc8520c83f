"""The sample's own clock: while it runs, everything in this process and in this transaction takes a moment of the past for now.

The sample company plays its half year by the verbs that a real team uses, and these ask what time it is. In Python there is
one place they ask (`timezone.now`, and `uuid7` for ids); in PostgreSQL there are its functions. Both are changed from outside,
here: no room knows of it, so there is nothing in them that could be told another time. The functions are made and dropped
within one transaction, which nobody else ever sees. docs/decisions/008-the-samples-half-year.md argues for it.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from seacliff.record import ids

FUNCTIONS = ("now", "statement_timestamp", "clock_timestamp")
SETTING = "sample.now"
A_MILLISECOND = 1 << 12  # ids of one millisecond are numbered, so that their order is the order they were made in


class Clock:
    """Stands still until it is moved. Ids are drawn from `dice`, so that the same company has the same ids every time."""

    def __init__(self, at: datetime, dice: random.Random) -> None:
        self._dice, self._last = dice, 0
        self.now = at

    def move(self, at: datetime) -> None:
        """It is `at` from now on, which may lie before what it was: stories are told one after the other."""
        self.now, self._last = at, 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, at.isoformat()])

    def id(self) -> UUID:
        """A version 7 UUID of now."""
        self._last = max(self._last + 1, int(self.now.timestamp() * 1000) * A_MILLISECOND)
        milliseconds, number = divmod(self._last, A_MILLISECOND)
        return UUID(int=(milliseconds << 80) | (7 << 76) | (number << 64) | (2 << 62) | self._dice.getrandbits(62))


# Tables and columns whose default is the time, as PostgreSQL keeps it: a default names its function for good.
DEFAULTS = """
SELECT c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
JOIN pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE c.relnamespace = current_schema()::regnamespace AND pg_get_expr(d.adbin, d.adrelid) = ANY(%s)
"""


@contextmanager
def running(at: datetime, seed: int) -> Iterator[Clock]:
    """The clock stands at `at`; in the caller's transaction. Chance is the sample's too: what the rooms draw is the same
    every time."""
    assert connection.in_atomic_block, "The sample's clock runs within one transaction, which nobody else sees."
    dice = random.Random(seed)  # noqa: S311  the same company every time
    clock, before = Clock(at, dice), random.getstate()
    with (
        transaction.atomic(),
        patch.object(timezone, "now", lambda: clock.now),
        patch.object(ids, "uuid7_now", clock.id),
        patch.object(ids.secrets, "randbits", dice.getrandbits),
        # All or nothing anyhow: a verb that fails fails the whole, so none needs a savepoint, of which there would be thousands.
        patch.object(connection.features, "uses_savepoints", False),
    ):
        random.seed(seed)
        clock.move(at)
        with _in_postgresql():
            yield clock
    random.setstate(before)


@contextmanager
def _in_postgresql() -> Iterator[None]:
    """Functions before PostgreSQL's own, for statements and for defaults of columns; none is left."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        path = cursor.fetchone()[0]
        cursor.execute("SELECT setseed(0.5), quote_ident(current_schema())")
        schema = cursor.fetchone()[1]
        cursor.execute(DEFAULTS, [[f"{name}()" for name in FUNCTIONS]])
        columns = cursor.fetchall()
        for name in FUNCTIONS:
            cursor.execute(
                f"CREATE FUNCTION {schema}.{name}() RETURNS timestamptz LANGUAGE sql STABLE"
                f" AS $$ SELECT current_setting('{SETTING}')::timestamptz $$"
            )
        _default(columns, schema)
        cursor.execute("SELECT set_config('search_path', %s, true)", [f"{schema}, pg_catalog"])
        yield
        cursor.execute("SELECT set_config('search_path', %s, true)", [path])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks outstanding can't be altered
        _default(columns, "pg_catalog")
        for name in FUNCTIONS:
            cursor.execute(f"DROP FUNCTION {schema}.{name}()")


def _default(columns: list[tuple[str, str, str]], schema: str) -> None:
    with connection.cursor() as cursor:
        for table, column, function in columns:
            cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DEFAULT {schema}.{function}')
