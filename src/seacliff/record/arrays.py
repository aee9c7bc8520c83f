"""Many rows in one statement: a column is an array, unnest() makes them rows again.

bulk_update writes CASE WHEN for each row and column, and bulk_create reads back what the database fills; either costs a batch
more than all else that it does.
"""

from collections.abc import Sequence

from django.db import connection
from psycopg.types.json import Jsonb


def execute(statement: str, rows: Sequence[object], names: Sequence[str], json: Sequence[str] = ()) -> None:
    """Run `statement`, whose placeholders are an array for each attribute of `names`, then of `json`; nothing without rows."""
    if not rows:
        return
    columns = [[getattr(row, name) for row in rows] for name in names]
    columns += [[Jsonb(getattr(row, name)) for row in rows] for name in json]
    with connection.cursor() as cursor:
        cursor.execute(statement, columns)
