"""Reminders before and after an ask is due, and escalation along the charter. An ask never expires in silence.

Each reminder is a row, planned when the due time is set; the desk writes it off in the transaction that orders its news.
Whatever dies leaves the row or has done it: none is missed, none doubled, and clocks that jump change nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from seacliff.partners import channels
from seacliff.partners.charters.document import Charter, charter_of
from seacliff.partners.directory import asker_of, escalated_to
from seacliff.partners.models import Ask, Dispatch, Reminder
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.desks import desk

BATCH = 200
SOON = 0.25  # of the time given, before it is due
SHORTEST_NOTICE = timedelta(minutes=15)
DAILY = timedelta(days=1)


def plan(ask: Ask, since: datetime) -> None:
    """Plan the reminders of an ask that is due anew, in the round the ask is in."""
    steps = dict(_steps(ask, since, charter_of(ask.charter)))
    Reminder.objects.filter(ask=ask, done_at=None).exclude(round=ask.round, step__in=steps).delete()
    Reminder.objects.bulk_create(
        [Reminder(ask=ask, round=ask.round, step=step, at=at) for step, at in steps.items()],
        update_conflicts=True,
        unique_fields=["ask", "round", "step"],
        update_fields=["at"],
    )


def plan_new(asks: Iterable[tuple[Ask, Charter]], since: datetime) -> None:
    """Plan the reminders of new asks, each with the charter that holds for it."""
    Reminder.objects.bulk_create(
        Reminder(ask=ask, round=ask.round, step=step, at=at)
        for ask, charter in asks
        for step, at in _steps(ask, since, charter)
    )


def _steps(ask: Ask, since: datetime, charter: Charter) -> Iterator[tuple[str, datetime]]:
    span = ask.due_at - since
    if span > 2 * SHORTEST_NOTICE:
        yield "soon", ask.due_at - max(SHORTEST_NOTICE, span * SOON)
    yield "due", ask.due_at
    yield "late-1", ask.due_at + min(DAILY, max(span * SOON, timedelta(hours=1)))
    for number, step in enumerate(charter.escalation, start=1):
        yield f"escalate-{number}", ask.due_at + timedelta(hours=step.after_hours)


def drop(*asks: Ask) -> None:
    """Nobody waits any more, or the clocks stand still."""
    Reminder.objects.filter(ask__in=asks, done_at=None).delete()


@desk("ask-reminders", every=1.0)
def remind_due() -> int:
    """One batch of reminders whose time has come, by PostgreSQL's clock."""
    with transaction.atomic():
        due = (
            Reminder.objects.filter(done_at=None, at__lte=timezone.now())
            .order_by("at", "id")
            .select_for_update(skip_locked=True, of=["self"])
            .select_related("ask__to_function", "ask__from_function", "ask__charter")[:BATCH]
        )
        rows = list(due)
        events = []
        now = timezone.now()
        for row in rows:
            row.done_at = now
            if row.ask.state in Ask.WAITING:
                _remind(row)
                data = {"step": row.step, "due_at": row.ask.due_at.isoformat()}
                events.append(event("ask.reminded", Subject("ask", row.ask_id), SYSTEM, story=row.ask_id, data=data))
        Reminder.objects.bulk_update(rows, ["done_at"])
        write(events)
    return len(rows)


def _remind(row: Reminder) -> None:
    ask, what = row.ask, f"{row.round}.{row.step}"
    if row.step.startswith("escalate-"):
        told = escalated_to(ask, int(row.step.removeprefix("escalate-")))
        channels.order(ask, Dispatch.Purpose.ESCALATED, what, [*told, *asker_of(ask)], step=row.step)
        return
    channels.to_asked(ask, Dispatch.Purpose.REMINDER, what, step=row.step)
    if row.step.startswith("late-"):
        number = int(row.step.removeprefix("late-"))
        Reminder.objects.get_or_create(
            ask=ask, round=row.round, step=f"late-{number + 1}", defaults={"at": row.at + DAILY}
        )


def waiting(at: datetime) -> int:
    """Reminders whose time has passed and that are not done: what a desk that lies still leaves."""
    return Reminder.objects.filter(Q(done_at=None), at__lte=at).count()
