"""Clocks: what somebody waits for, when it is due, and whether that was kept.

Call start, pause, resume and stop inside the transaction of the verb that causes them. A breach is a fact about rows
(due and neither stopped nor paused), not about a timer that fired: whichever worker looks first writes it down, once,
and a clock that jumps or a worker that sleeps can't lose one.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from seacliff.record import actions
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.business import add, between, instant_of, zone_of
from seacliff.record.models import Calendar, Clock, Event

Rule = Clock.Rule
BATCH = 500


class ClockError(ValueError):
    """A clock that can't be started or found; the message says why."""


class Owner(NamedTuple):
    """Who answers for a clock: a queue, a person or a function."""

    kind: str
    id: UUID


def draft(
    subject: Subject,
    name: str,
    rule: Clock.Rule | str,
    amount: timedelta | None = None,
    *,
    due_at: datetime | None = None,
    calendar: Calendar | None = None,
    owner: Owner | None = None,
    at: datetime | None = None,
) -> Clock:
    """A clock, not yet written (for Clock.objects.bulk_create). `amount` is a length; the order rule takes `due_at`."""
    at = at or timezone.now()
    return Clock(
        subject_kind=subject.kind,
        subject_id=subject.id,
        name=name,
        rule=Rule(rule),
        amount=amount,
        calendar=calendar,
        owner_kind=owner.kind if owner else "",
        owner_id=owner.id if owner else None,
        started_at=at,
        due_at=due(rule, at, amount, calendar=calendar, due_at=due_at),
    )


def due(
    rule: Clock.Rule | str,
    at: datetime,
    amount: timedelta | None = None,
    *,
    calendar: Calendar | None = None,
    due_at: datetime | None = None,
) -> datetime:
    """When a clock of this rule that starts at `at` is due. Raises ClockError, CalendarError."""
    match Rule(rule):
        case Rule.ORDER:
            if due_at is None:
                raise ClockError("A clock set by an order needs the time that the order gives.")
            return due_at
        case _ if amount is None or amount < timedelta(0):
            raise ClockError("A clock needs a length of time, of zero or more.")
        case Rule.ELAPSED:
            return at + amount
        case Rule.CALENDAR:
            if amount % timedelta(days=1):
                raise ClockError(f"Calendar days are counted whole; {amount} is not. Use elapsed hours for it.")
            return _same_time_later(at, amount, calendar)
        case Rule.BUSINESS:
            if calendar is None:
                raise ClockError("Business hours need the calendar that says which hours those are.")
            return add(calendar, at, amount)
    raise AssertionError(rule)


def _same_time_later(at: datetime, wall: timedelta, calendar: Calendar | None) -> datetime:
    """The same time on the wall clock `wall` later: calendar days don't know daylight saving."""
    zone = zone_of(calendar)
    return instant_of(at.astimezone(zone).replace(tzinfo=None) + wall, zone)


@transaction.atomic
def start(
    subject: Subject,
    name: str,
    rule: Clock.Rule | str,
    amount: timedelta | None = None,
    *,
    due_at: datetime | None = None,
    calendar: Calendar | None = None,
    owner: Owner | None = None,
    at: datetime | None = None,
) -> Clock:
    """Start a clock now, or as of `at`. Raises ClockError when one of that name runs on the subject already."""
    clock = draft(subject, name, rule, amount, due_at=due_at, calendar=calendar, owner=owner, at=at)
    try:
        with transaction.atomic():
            clock.save(force_insert=True)
    except IntegrityError as error:
        if "clock_runs_once" not in str(error):
            raise
        raise ClockError(f'A clock "{name}" is running on this {subject.kind} already. Stop or restart it.') from error
    return clock


@transaction.atomic
def pause(subject: Subject, name: str, at: datetime | None = None) -> Clock | None:
    """Stop counting until resume(). None when no such clock runs. A time given by an order runs on."""
    clock = _running(subject, name)
    if clock is None or clock.paused_at or clock.rule == Rule.ORDER:
        return clock
    clock.paused_at = at or timezone.now()
    _notice([clock], clock.paused_at)
    clock.save(update_fields=["paused_at", "breached_at"])
    return clock


@transaction.atomic
def resume(subject: Subject, name: str, at: datetime | None = None) -> Clock | None:
    """Count on with what was left, by the clock's own rule. What was overdue when it was paused stays overdue."""
    clock = _running(subject, name)
    if clock is None or clock.paused_at is None:
        return clock
    at = max(at or timezone.now(), clock.paused_at)
    if clock.due_at > clock.paused_at:
        clock.due_at = _shifted(clock, clock.paused_at, at)
    clock.paused_for = (clock.paused_for or timedelta(0)) + (at - clock.paused_at)
    clock.paused_at = None
    clock.save(update_fields=["due_at", "paused_for", "paused_at"])
    return clock


def _shifted(clock: Clock, paused: datetime, resumed: datetime) -> datetime:
    match Rule(clock.rule):
        case Rule.BUSINESS:
            assert clock.calendar is not None
            return add(clock.calendar, resumed, between(clock.calendar, paused, clock.due_at))
        case Rule.CALENDAR:
            zone = zone_of(clock.calendar)
            wall = resumed.astimezone(zone).replace(tzinfo=None) - paused.astimezone(zone).replace(tzinfo=None)
            return max(_same_time_later(clock.due_at, wall, clock.calendar), resumed)
        case _:
            return clock.due_at + (resumed - paused)


def stop(subject: Subject, name: str, at: datetime | None = None) -> Clock | None:
    """What was waited for has happened. None when no such clock runs."""
    stopped = stop_many([subject], name, at)
    return stopped[0] if stopped else None


def stop_many(subjects: Sequence[Subject], name: str, at: datetime | None = None) -> list[Clock]:
    """stop() for many subjects, in one statement and a second one for those that are late: a breach, noticed or not."""
    at = at or timezone.now()
    clocks = list(
        Clock.objects.raw(
            """
            UPDATE record_clock SET stopped_at = %(at)s, breached_at =
                CASE WHEN breached_at IS NULL AND paused_at IS NULL AND due_at < %(at)s THEN %(at)s ELSE breached_at END
            WHERE subject_id = ANY(%(ids)s) AND name = %(name)s AND stopped_at IS NULL
            RETURNING *
            """,
            {"at": at, "ids": [subject.id for subject in subjects], "name": name},
        )
    )
    late = [clock for clock in clocks if clock.breached_at == at]
    if late:
        actions.write([_breached(clock) for clock in late])
    return clocks


def unstop(subject: Subject, name: str, stopped_at: datetime) -> bool:
    """Let the clock that was stopped at that moment run on as if it never had been (a decision was undone)."""
    stopped = _of(subject, name).filter(stopped_at=stopped_at)
    return bool(stopped.update(stopped_at=None))


@transaction.atomic
def restart(subject: Subject, name: str, at: datetime | None = None) -> Clock:
    """Begin anew with the same rule, length, calendar and owner (a decision was taken back). Raises ClockError."""
    at = at or timezone.now()
    stop(subject, name, at)
    last = _of(subject, name).order_by("-started_at", "-id").select_related("calendar").first()
    if last is None:
        raise ClockError(f'No clock "{name}" has ever run on this {subject.kind}. Start one.')
    owner = Owner(last.owner_kind, last.owner_id) if last.owner_id else None
    return start(subject, name, last.rule, last.amount, due_at=last.due_at, calendar=last.calendar, owner=owner, at=at)


def _of(subject: Subject, name: str) -> QuerySet[Clock]:
    return Clock.objects.filter(subject_id=subject.id, name=name)


def _running(subject: Subject, name: str) -> Clock | None:
    running = _of(subject, name).filter(stopped_at__isnull=True)
    return running.select_for_update(of=["self"]).select_related("calendar").first()


def _notice(clocks: Iterable[Clock], at: datetime) -> int:
    """Mark those of the locked `clocks` that were due before `at`, and write events. The caller saves the clocks."""
    late = [
        clock for clock in clocks if clock.paused_at in (None, at) and clock.breached_at is None and clock.due_at < at
    ]
    for clock in late:
        clock.breached_at = at
    actions.write([_breached(clock) for clock in late])
    return len(late)


def _breached(clock: Clock) -> Event:
    return actions.event(
        "clock.breached",
        Subject(clock.subject_kind, clock.subject_id),
        SYSTEM,
        story=clock.subject_id,
        data={
            "clock": str(clock.id),
            "name": clock.name,
            "due_at": clock.due_at.isoformat(),
            "owner_kind": clock.owner_kind,
            "owner_id": str(clock.owner_id) if clock.owner_id else None,
        },
    )


@transaction.atomic
def notice_breaches() -> int:
    """The desk: mark one batch of clocks that have passed their time, by PostgreSQL's clock, and write events."""
    late = Clock.objects.raw(
        """
        UPDATE record_clock SET breached_at = now() WHERE id IN (
            SELECT id FROM record_clock
            WHERE due_at < now() AND stopped_at IS NULL AND paused_at IS NULL AND breached_at IS NULL
            ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
        RETURNING *
        """,
        [BATCH],
    )
    events = [_breached(clock) for clock in late]
    actions.write(events)
    return len(events)


def due_between(
    first: datetime, last: datetime, *, owner: Owner | None = None, after: Clock | None = None, limit: int = 50
) -> list[Clock]:
    """Running clocks due from `first` until before `last`, soonest first; `after` is the last of the page before."""
    running = Clock.objects.filter(stopped_at__isnull=True, paused_at__isnull=True, due_at__gte=first, due_at__lt=last)
    if owner:
        running = running.filter(owner_kind=owner.kind, owner_id=owner.id)
    if after:
        running = running.filter(
            Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, id__gt=after.id), due_at__gte=after.due_at
        )
    return list(running.order_by("due_at", "id")[:limit])


def breached(
    *, at: datetime | None = None, owner: Owner | None = None, after: Clock | None = None, limit: int = 50
) -> list[Clock]:
    """Clocks that run past their time now, the longest overdue first; pages as in due_between()."""
    return due_between(datetime(1970, 1, 1, tzinfo=UTC), at or timezone.now(), owner=owner, after=after, limit=limit)


def running_on(subject: Subject) -> list[Clock]:
    """The clocks that run or are paused on a record, soonest first."""
    return list(Clock.objects.filter(subject_id=subject.id, stopped_at__isnull=True).order_by("due_at", "id"))


def breach_count(at_most: int = 10_000) -> int:
    """How many clocks run past their time; counts no further than `at_most`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM record_clock WHERE due_at < now() AND stopped_at IS NULL"
            " AND paused_at IS NULL LIMIT %s) AS late",
            [at_most],
        )
        return cursor.fetchone()[0]
