"""The verbs of promises: made, answered by those who were asked, reviewed on their day by rule, commented on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import isfinite
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.value.assumptions import costs
from seacliff.value.models import Promise, Reading
from seacliff.value.promises.measures import MEASURES
from seacliff.value.promises.telling import figure

LONGEST, MOST = 2_000, 1e12
Answer, Held = Promise.Answer, Promise.Held


@dataclass(frozen=True, slots=True)
class NewPromise:
    """`promised`: in the measure's unit (a share is 0 to 1), to be reached by `due`."""

    asked: str
    measure: str
    promised: float
    due: date


def make(user: User, new: NewPromise, *, actor: Actor | None = None) -> Promise:
    """Write down what is asked for and what is promised for it. It can't be changed afterwards. Raises Invalid."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    baseline = _now(new.measure) if new.measure in MEASURES else None
    _check(new, baseline)
    with transaction.atomic():
        made = Promise.objects.create(
            asked=new.asked.strip(), measure=new.measure, promised=new.promised, due=new.due, by=user, baseline=baseline,
        )  # fmt: skip
        happened("promise.made", subject_of(made), actor or actor_of_user(user),
                 data={"measure": made.measure, "promised": made.promised, "due": f"{made.due}"})  # fmt: skip
    return made


def _check(new: NewPromise, baseline: float | None) -> None:
    faults: dict[str, str] = {}
    if not 5 <= len(new.asked.strip()) <= LONGEST:
        faults["asked"] = "Say in a sentence what is asked for."
    measure = MEASURES.get(new.measure)
    if measure is None:
        faults["measure"] = "Choose what it will be held against."
    if not isfinite(new.promised) or new.promised < 0 or (measure and measure.unit == "share" and new.promised > 1):
        faults["promised"] = "Give the figure that is promised; a share as a number from 0 to 1."
    elif new.promised > MOST:
        faults["promised"] = f"Promise a figure that somebody could believe: at most {MOST:,.0f}."
    elif measure and baseline is not None and not measure.better(new.promised, baseline):
        today = figure(measure, baseline, costs().currency)
        than = "below" if measure.lower_is_better else "above"
        faults["promised"] = f"It stands at {today} today: promise a figure {than} that, or nothing could be missed."
    if new.due <= timezone.now().date():
        faults["due"] = "Name a day to come."
    if faults:
        errors: Any = [{"pointer": f"#/{name}", "detail": sentence} for name, sentence in faults.items()]
        raise Invalid(" ".join(faults.values()), errors=errors)


def _now(measure: str) -> float | None:
    """The measure as the page for the board shows it today."""
    reading = Reading.objects.filter(kind=Reading.Kind.OPERATIONS).first()
    found = MEASURES[measure].read(reading.content) if reading else None
    return found.value if found else None


def answer(user: User, promise: Promise, said: str, on: date | None = None, *, actor: Actor | None = None) -> Promise:
    """What those who were asked said. From `on` (today when left out) the measure is counted. Raises Conflict, Invalid."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    today = timezone.now().date()
    if said not in Answer.values or said == Answer.OPEN:
        raise Invalid("Say whether it was granted, partly granted or refused.")
    if on is not None and not promise.made_at.date() <= on <= today:
        raise Invalid(f"It was asked for on {promise.made_at:%Y-%m-%d}: the answer came between then and today.")
    with transaction.atomic():
        promise = Promise.objects.select_for_update().get(id=promise.id)
        if promise.answer != Answer.OPEN:
            raise Conflict(f"It was {promise.get_answer_display().lower()} already.")
        promise.answer, promise.answered_on = said, on or today
        if said == Answer.REFUSED:
            promise.held, promise.reviewed_at = Held.VOID, timezone.now()
        promise.save(update_fields=["answer", "answered_on", "held", "reviewed_at"])
        happened("promise.answered", subject_of(promise), actor or actor_of_user(user), data={"answer": said})
    return promise


def comment(user: User, promise: Promise, text: str, *, actor: Actor | None = None) -> None:
    """What explains the outcome; the outcome itself is nobody's to change."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    with transaction.atomic():
        promise.comment = text.strip()[:LONGEST]
        promise.save(update_fields=["comment"])
        happened("promise.commented", subject_of(promise), actor or actor_of_user(user))


def waits() -> bool:
    """Whether a promise's day is over that was not reviewed."""
    return _due().exists()


def review_due() -> int:
    """The desk: promises whose day is over are held against the record of the time since they were granted. How many.

    One that the record can't tell of yet stays due, and its page says so. Only the worker calls it: it reads much.
    """
    return sum(_review(id) for id in _due().order_by("due").values_list("id", flat=True))


def _due() -> QuerySet[Promise]:
    return Promise.objects.filter(due__lt=timezone.now().date(), held="", answer__in=(Answer.GRANTED, Answer.PARTLY))


def _review(id: Any) -> bool:
    from seacliff.value.board.operations import operations

    with transaction.atomic():
        promise = Promise.objects.select_for_update(skip_locked=True).filter(id=id, held="").first()
        if promise is None or promise.answered_on is None:
            return False
        measure = MEASURES[promise.measure]
        found = measure.read(operations(datetime.combine(promise.answered_on, time(), UTC)))
        if found is None:
            return False
        kept = measure.kept(promise.promised, found)
        promise.found, promise.found_low, promise.found_high = found.value, found.low, found.high
        promise.held = {True: Held.KEPT, False: Held.MISSED, None: Held.UNCLEAR}[kept]
        promise.reviewed_at = timezone.now()
        promise.save(update_fields=["found", "found_low", "found_high", "held", "reviewed_at"])
        happened("promise.reviewed", subject_of(promise), SYSTEM, data={"held": promise.held, "found": promise.found})
    return True


def subject_of(promise: Promise) -> Subject:
    return Subject("promise", promise.id)
