"""Long work that one worker at a time does. A row lock would make pages wait for as long as the work takes."""

from django.db import connection


def alone(what: str) -> bool:
    """Whether nobody else is at it, from now until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"value {what}"])
        return bool(cursor.fetchone()[0])
