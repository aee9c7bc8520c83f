"""The clock of an ask: seen, handed on, paused, set anew, reminded of."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.partners import channels, reminders, taken
from seacliff.partners.access import By, must_speak
from seacliff.partners.actions.asking import LONGEST_TIME, locked, must_be_open, story_of, subject_of
from seacliff.partners.directory import people_of
from seacliff.partners.models import Ask, AskMessage, Dispatch
from seacliff.people.problems import Conflict, Invalid
from seacliff.record import clocks
from seacliff.record.actions import event, happened, write
from seacliff.record.clocks import Owner
from seacliff.record.ids import time_of, uuid7

BY_HAND_EVERY = timedelta(hours=1)
ASKER, ASKED = AskMessage.Side.ASKER, AskMessage.Side.ASKED


def acknowledge(by: By, asked: Ask) -> Ask:
    """Somebody has seen it and takes it on. The same again changes nothing."""
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, ASKED)
        if asked.state != Ask.State.ASKED:
            return asked
        asked.state = Ask.State.ACKNOWLEDGED
        asked.acknowledged_at, asked.acknowledged_by = timezone.now(), by.name
        asked.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
        channels.to_asker(asked, Dispatch.Purpose.ACKNOWLEDGED, "1")
        happened("ask.acknowledged", subject_of(asked), by.actor, story=story_of(asked), data={"via": by.via})
    return asked


def hand_on(by: By, asked: Ask, email: str, note: str = "") -> Ask:
    """Give it to a colleague of the same function: a contact of its charter or one of its people. To whoever has it already
    changes nothing."""
    address = email.strip().lower()
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, ASKED)
        must_be_open(asked)
        if address not in people_of(asked.to_function, asked.charter):
            sentence = _("Choose a contact or a member of %s.") % asked.to_function.name
            raise Invalid(sentence, errors=[{"pointer": "#/to_email", "detail": sentence}])
        if address == asked.to_email:
            return asked
        asked.to_email = address
        asked.save(update_fields=["to_email"])
        data = {"by": by.name, "via": by.via}
        noted = event("ask.handed-on", subject_of(asked), by.actor, story=story_of(asked), reason=note, data=data)
        write([noted])
        # Told as often as it is handed on, also to somebody who had it before.
        channels.to_asked(asked, Dispatch.Purpose.ASKED, f"handed-on.{noted.id}", handed_on_by=by.name, note=note)
    return asked


def pause(by: By, asked: Ask, reason: str) -> Ask:
    """The asker lets the clock stand still, for something that neither side can hurry."""
    if not reason.strip():
        raise Invalid("Say what it waits for.", errors=[{"pointer": "#/reason", "detail": "Say what it waits for."}])
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, ASKER)
        must_be_open(asked)
        if asked.state not in Ask.WAITING:
            raise Conflict(f"The clock of {asked.ref} stands still already.")
        stand_still(asked, Ask.State.PAUSED)
        channels.to_asked(asked, Dispatch.Purpose.CHANGED, f"paused.{asked.round}", changed="paused", reason=reason)
        happened("ask.paused", subject_of(asked), by.actor, story=story_of(asked), reason=reason)
    return asked


def resume(by: By, asked: Ask) -> Ask:
    """The clock runs on with what was left of it."""
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, ASKER)
        if asked.state not in (Ask.State.PAUSED, Ask.State.CLARIFYING):
            raise Conflict(f"The clock of {asked.ref} is running.")
        run_on(asked)
        channels.to_asked(asked, Dispatch.Purpose.CHANGED, f"resumed.{asked.round}", changed="resumed")
        happened("ask.resumed", subject_of(asked), by.actor, story=story_of(asked))
    return asked


def reschedule(by: By, asked: Ask, due_at: datetime, reason: str) -> Ask:
    """The asker grants more time, or needs it sooner. Reminders begin anew."""
    now = timezone.now()
    if not now < due_at <= now + LONGEST_TIME:
        raise Invalid("Choose a time in the future, within a year.", errors=[
            {"pointer": "#/due_at", "detail": "Choose a time in the future, within a year."}])  # fmt: skip
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, ASKER)
        must_be_open(asked)
        before = asked.due_at
        if asked.state not in Ask.WAITING:
            asked.state = Ask.State.ACKNOWLEDGED if asked.acknowledged_at else Ask.State.ASKED
        set_clock(asked, due_at, now)
        channels.to_asked(asked, Dispatch.Purpose.CHANGED, f"due.{asked.round}", changed="due", reason=reason)
        data = {"from": before.isoformat(), "to": due_at.isoformat()}
        happened("ask.rescheduled", subject_of(asked), by.actor, story=story_of(asked), reason=reason, data=data)
    return asked


def remind_now(by: By, asked: Ask) -> Ask:
    """One more mail, on the asker's wish; at most one an hour. Raises Conflict when none goes, and says why."""
    with transaction.atomic():
        asked = locked(asked)
        must_speak(by, asked, ASKER)
        if asked.state not in Ask.WAITING:
            raise Conflict(f"Nobody is waited for in {asked.ref} at the moment.")
        last = Dispatch.objects.filter(ask=asked, purpose=Dispatch.Purpose.REMINDER, data__step="hand").first()
        if last and timezone.now() < (again := time_of(last.id) + BY_HAND_EVERY):
            raise Conflict(
                f"They were reminded within the hour, so no second mail was sent. The next can go at {again:%H:%M} UTC."
            )
        if not channels.to_asked(asked, Dispatch.Purpose.REMINDER, f"hand.{uuid7()}", step="hand"):
            raise Conflict(f"{asked.to_function.name} has no contact and no members, so nobody was reminded.")
        happened("ask.reminded", subject_of(asked), by.actor, story=story_of(asked), data={"step": "by hand"})
    return asked


def stand_still(asked: Ask, state: Ask.State) -> None:
    """Save a locked ask whose clock is to stand still."""
    asked.state = state
    taken.count_until(asked, timezone.now())
    asked.save(update_fields=["state", "taken", "counting_since"])
    clocks.pause(subject_of(asked), Ask.CLOCK)
    reminders.drop(asked)


def run_on(asked: Ask) -> None:
    """Save a locked ask whose clock is to run on."""
    now = timezone.now()
    clock = clocks.resume(subject_of(asked), Ask.CLOCK, now)
    if clock is not None:
        asked.due_at = clock.due_at
    asked.state = Ask.State.ACKNOWLEDGED if asked.acknowledged_at else Ask.State.ASKED
    asked.round += 1
    taken.count_from(asked, now)
    asked.save(update_fields=["state", "due_at", "round", "taken", "counting_since"])
    reminders.plan(asked, now)


def set_clock(asked: Ask, due_at: datetime, now: datetime) -> None:
    """Save a locked ask that is due at another time; the next round of reminders."""
    clocks.stop(subject_of(asked), Ask.CLOCK, now)
    owner = Owner("function", asked.to_function_id)
    clocks.start(subject_of(asked), Ask.CLOCK, "order", due_at=due_at, owner=owner, at=now)
    asked.due_at, asked.round = due_at, asked.round + 1
    taken.count_from(asked, now)
    asked.save()
    reminders.plan(asked, now)
