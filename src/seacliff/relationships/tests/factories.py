"""Asks that took a known time, for the tests of this room."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from django.db import connection, transaction

from seacliff.partners import actions
from seacliff.partners.access import by_address, by_user
from seacliff.partners.models import Ask
from seacliff.partners.tests.factories import charter, function, made_ask, partner, reviewer
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.record.ids import uuid7

__all__ = ["HOUR", "MONDAY", "answered", "charter", "function", "lead", "made_ask", "partner", "reviewer", "waiting"]
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FORMS = {"advise": {"advice": "Say so."}, "publish": {"wording": "Soon."}}


def lead() -> User:
    found = User.objects.filter(email="lena@example.org").first()
    return found or User.objects.create_user("lena@example.org", name="Lena Lead", roles=[Role.LEAD])


def answered(
    of: Any = None,
    hours: float = 1,
    said: str = "yes",
    outcome: str = "",
    text: str = "",
    at: datetime = MONDAY,
    **asked: Any,
) -> Ask:
    """An ask made at a time and answered so many hours later by Dana; `outcome` as its asker told the next moment."""
    with time_machine.travel(at, tick=True) as clock:
        made = made_ask(of, **asked)
        clock.move_to(at + hours * HOUR)
        actions.answer(by_address("dana@lantern.example", "Dana Press", "email"), made, said,
                       "" if said == "yes" else "Not now.", FORMS.get(made.kind, {}))  # fmt: skip
        if outcome:
            assert made.asked_by
            actions.record_outcome(by_user(made.asked_by), made, outcome, text)
    return dated(made, at)


def waiting(of: Any = None, at: datetime = MONDAY, **asked: Any) -> Ask:
    """An ask made at a time that nobody has answered."""
    with time_machine.travel(at, tick=False):
        return dated(made_ask(of, **asked), at)


def dated(ask: Ask, at: datetime) -> Ask:
    """The ask under an id of that time, for ids take their time from the machine whatever a test says."""
    id: UUID = uuid7(at)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE partners_ask SET id = %s WHERE id = %s", [id, ask.id])
        for table in (
            "partners_reminder",
            "partners_askmessage",
            "partners_asklink",
            "partners_dispatch",
            "relationships_pulse",
        ):
            cursor.execute(f"UPDATE {table} SET ask_id = %s WHERE ask_id = %s", [id, ask.id])
        cursor.execute("UPDATE record_clock SET subject_id = %s WHERE subject_id = %s", [id, ask.id])
    return Ask.objects.select_related("from_function", "to_function", "charter", "asked_by").get(id=id)
