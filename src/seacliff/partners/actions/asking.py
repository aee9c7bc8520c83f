"""Asking, and taking an ask back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import FETCH_PEERS
from django.utils import timezone

from seacliff.partners import answers, channels, reminders, taken
from seacliff.partners.access import OURS, By, must_ask_for, must_speak, our_function
from seacliff.partners.charters.document import Charter, charter_of
from seacliff.partners.directory import charter_between, people_of
from seacliff.partners.models import Ask, AskMessage, CharterVersion, Dispatch
from seacliff.partners.sharing import frozen, let_wait
from seacliff.people.models import Function
from seacliff.people.problems import Conflict, Invalid
from seacliff.record import arrays, clocks
from seacliff.record.actions import Subject, happened
from seacliff.record.clocks import Owner
from seacliff.record.desks import wake
from seacliff.record.models import Calendar, Clock

LONGEST = 5_000
LONGEST_TIME = timedelta(days=366)
CLOSED = "asks-closed"  # the channel that tells rooms above that an ask was closed


@dataclass(frozen=True, slots=True)
class NewAsk:
    """`share`: keys of the record's pieces. `due_at`: by hand, instead of the charter's time. `key`: the same is asked once.
    `wait`: the record it is about waits for the answer."""

    kind: str
    to: Function
    question: str
    severity: int = 3
    sender: Function | None = None
    about: Subject | None = None
    about_label: str = ""
    share: Sequence[str] = ()
    to_email: str = ""
    due_at: datetime | None = None
    form: Sequence[answers.Field] | None = None
    key: str | None = None
    wait: bool = False
    shared: Sequence[dict[str, str]] = field(default=())


def ask(by: By, new: NewAsk) -> Ask:
    """Ask a function. Raises Invalid, NotAllowed, NotFound; the ask there is already for a `key` asked before."""
    sender = new.sender or our_function()
    must_ask_for(by, sender)
    check(new, sender)
    label, shared = new.about_label, list(new.shared)
    if new.about is not None and by.user is not None:
        label, picked = frozen(by.user, new.about, new.share)
        shared += picked
    with transaction.atomic():
        if new.key:
            with connection.cursor() as cursor:  # two that ask the same at one moment: the second waits, and finds it
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ask'), hashtext(%s))", [new.key])
            if known := Ask.objects.filter(key=new.key).first():
                return known
        version = charter_between(sender, new.to)
        now = timezone.now()
        made = new_row(by, new, sender, version, label, shared)
        clock = new_clock(made, new.due_at, charter_of(version), now)
        clock.save(force_insert=True)
        made.due_at = clock.due_at
        taken.count_from(made, now)
        made.save(force_insert=True)
        made.refresh_from_db(fields=["number"])
        reminders.plan(made, now)
        channels.to_asked(made, Dispatch.Purpose.ASKED, "1")
        data = {"kind": made.kind, "to": new.to.name, "severity": made.severity, "due_at": made.due_at.isoformat(),
                "shared": [piece["label"] for piece in shared]}  # fmt: skip
        happened("ask.made", subject_of(made), by.actor, story=story_of(made), data=data)
        if new.wait and by.user is not None:
            let_wait(by.user, made)
    return made


def check(new: NewAsk, sender: Function) -> None:
    """Raises Invalid naming every field that can't be asked so."""
    problems: dict[str, str] = {}
    if new.kind not in Ask.Kind.values:
        problems["kind"] = f"Choose the kind of ask: {', '.join(Ask.Kind.values)}."
    if not 3 <= len(new.question.strip()) <= LONGEST:
        problems["question"] = f"Write the question, in at most {LONGEST} characters."
    if new.severity not in (1, 2, 3, 4):
        problems["severity"] = "The severity is 1, 2, 3 or 4."
    if new.to == sender:
        problems["to"] = "A function can't ask itself. Choose another one."
    elif OURS not in (new.to.slug, sender.slug):
        problems["to"] = "One of the two sides is Trust & Safety."
    now = timezone.now()
    if new.due_at and not now < new.due_at <= now + LONGEST_TIME:
        problems["due_at"] = "Choose a due time in the future, within a year."
    address = new.to_email.strip().lower()
    if address and not problems and address not in people_of(new.to, charter_between(sender, new.to)):
        problems["to_email"] = f"{new.to_email} is no contact or member of {new.to.name}."
    if problems:
        faults = [{"pointer": f"#/{name}", "detail": sentence} for name, sentence in problems.items()]
        raise Invalid(" ".join(problems.values()), errors=faults)  # type: ignore[arg-type]


def due_by(new: NewAsk, version: CharterVersion | None, now: datetime) -> datetime:
    """When such an ask would be due: by hand, or by the charter."""
    rule, amount, calendar = _rule(new.kind, new.severity, charter_of(version), of_us=new.to.slug == OURS)
    return new.due_at or clocks.due(rule, now, amount, calendar=calendar)


def new_row(
    by: By, new: NewAsk, sender: Function, version: CharterVersion | None, label: str, shared: list[dict[str, Any]]
) -> Ask:
    return Ask(
        kind=new.kind,
        severity=new.severity,
        question=new.question.strip(),
        from_function=sender,
        to_function=new.to,
        asked_by=by.user,
        asker_name=by.name,
        asker_email=by.email,
        to_email=new.to_email.strip().lower(),
        about_kind=new.about.kind if new.about else "",
        about_id=new.about.id if new.about else None,
        about_label=label,
        shared=shared,
        form=answers.form_of(new.kind) if new.form is None else answers.stored(tuple(new.form)),
        charter=version,
        key=new.key,
    )


def new_clock(made: Ask, due_at: datetime | None, charter: Charter, now: datetime) -> Clock:
    """Its clock, not yet written."""
    owner = Owner("function", made.to_function_id)
    if due_at is not None:
        return clocks.draft(subject_of(made), Ask.CLOCK, "order", due_at=due_at, owner=owner, at=now)
    rule, amount, calendar = _rule(made.kind, made.severity, charter, of_us=made.to_function.slug == OURS)
    return clocks.draft(subject_of(made), Ask.CLOCK, rule, amount, calendar=calendar, owner=owner, at=now)


def _rule(kind: str, severity: int, charter: Charter, *, of_us: bool) -> tuple[str, timedelta, Calendar | None]:
    amount, business = charter.target(kind, severity, of_us=of_us)
    calendar = Calendar.objects.filter(slug=charter.calendar).first() if business else None
    return ("business" if calendar else "elapsed"), amount, calendar


def withdraw(by: By, asked: Ask, reason: str) -> Ask:
    """The asker no longer needs it."""
    if not reason.strip():
        raise Invalid("Say why, so that nobody goes on working on it.", errors=[
            {"pointer": "#/reason", "detail": "Say why."}])  # fmt: skip
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, AskMessage.Side.ASKER)
        must_be_open(asked)
        asked.state, asked.reason = Ask.State.WITHDRAWN, reason.strip()
        close([asked])
        channels.to_asked(asked, Dispatch.Purpose.WITHDRAWN, "1")
        happened("ask.withdrawn", subject_of(asked), by.actor, story=story_of(asked), reason=reason)
    return asked


def locked(asked: Ask) -> Ask:
    wanted = Ask.objects.select_related("from_function", "to_function", "charter")
    return wanted.select_for_update(of=["self"], no_key=True).get(id=asked.id)


def locked_many(ids: Iterable[UUID]) -> dict[UUID, Ask]:
    """Asks to be changed, by id, locked in one order whoever does it; functions and charters are fetched once for all."""
    wanted = Ask.objects.filter(id__in=list(ids)).order_by("id").select_for_update(no_key=True)
    return {asked.id: asked for asked in wanted.fetch_mode(FETCH_PEERS)}


def must_be_open(asked: Ask) -> None:
    if not asked.is_open:
        said = f"was answered by {asked.answered_by}" if asked.state == Ask.State.ANSWERED else "was withdrawn"
        raise Conflict(f"{asked.ref} {said}.")


CLOSE = """
UPDATE partners_ask AS a SET state = n.state, closed_at = n.closed_at, taken = n.taken, counting_since = n.counting_since,
    answer = n.answer, reason = n.reason, answered_at = n.answered_at, answered_by = n.answered_by,
    answered_via = n.answered_via, form_answers = n.form_answers
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::interval[], %s::timestamptz[], %s::text[], %s::text[],
    %s::timestamptz[], %s::text[], %s::text[], %s::jsonb[])
    AS n (id, state, closed_at, taken, counting_since, answer, reason, answered_at, answered_by, answered_via,
        form_answers)
WHERE a.id = n.id
"""
SAVED = (
    "id", "state", "closed_at", "taken", "counting_since", "answer", "reason", "answered_at", "answered_by",
    "answered_via",
)  # fmt: skip


def close(asks: Sequence[Ask]) -> None:
    """Save locked asks that were answered or withdrawn: clocks stop, nobody is reminded, rooms above hear of it."""
    if not asks:
        return
    now = timezone.now()
    for asked in asks:
        asked.closed_at = now
        taken.count_until(asked, now)
    arrays.execute(CLOSE, asks, SAVED, json=["form_answers"])
    clocks.stop_many([subject_of(asked) for asked in asks], Ask.CLOCK, now)
    reminders.drop(*asks)
    Dispatch.objects.filter(
        ask__in=asks, state=Dispatch.State.PENDING, purpose__in=[Dispatch.Purpose.REMINDER, Dispatch.Purpose.ESCALATED]
    ).update(state=Dispatch.State.OBSOLETE)
    wake(CLOSED)


def subject_of(asked: Ask) -> Subject:
    return Subject("ask", asked.id)


def story_of(asked: Ask) -> Any:
    """The story an ask belongs to: that of the record it is about, else its own."""
    return asked.about_id or asked.id
