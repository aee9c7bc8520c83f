"""How a run goes on: which steps begin, which fall away, when it is over. Pure: the desk and the tabletop both play by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from seacliff.playbooks.document import START, USUAL_TASK, Playbook, Step, span_of
from seacliff.playbooks.expressions import Context, holds, of_form

State = Literal["waiting", "scheduled", "open", "done", "skipped", "dropped"]
SETTLED = ("done", "skipped", "dropped")
LIVE = ("waiting", "scheduled", "open")
NOT_NEEDED = "Its condition does not hold"
COMPLETED = "Every step is done"


class Place(Protocol):
    """A step within a run, in the database or in a game."""

    state: str
    opens_at: datetime | None
    opened_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    answer: str
    reason: str
    values: dict[str, str]

    @property
    def spec(self) -> Step: ...


@dataclass(frozen=True, slots=True)
class Move:
    """Something the run does now. `open`: a step begins; `skip`: it is not needed; `schedule`: it begins later."""

    what: Literal["open", "skip", "schedule"]
    place: Place


@dataclass(frozen=True, slots=True)
class Over:
    """The run is over: `finished` when everything was done, `ended` when a criterion or a refusal ended it."""

    state: Literal["finished", "ended"]
    outcome: str


def context_of(
    places: Sequence[Place], facts: Mapping[str, Any], started_at: datetime, now: datetime
) -> dict[str, Any]:
    """What conditions and texts see. `facts`: run, input and case."""
    hours = (now - started_at).total_seconds() / 3600
    return {
        **facts,
        "run": {**facts["run"], "hours": hours},
        "steps": {place.spec.key: seen(place, now) for place in places},
    }


def seen(place: Place, now: datetime) -> dict[str, Any]:
    """One step as conditions see it."""
    late = place.due_at is not None and (place.done_at or now) > place.due_at
    return {
        "state": place.state,
        "settled": place.state in SETTLED,
        "answer": place.answer,
        "reason": place.reason,
        "late": late,
        "form": of_form(place.spec, place.values),
    }


def go_on(
    book: Playbook, places: Sequence[Place], context: dict[str, Any], started_at: datetime, now: datetime
) -> tuple[list[Move], Over | None]:
    """Move what can move, in the places themselves, until nothing does; what was moved, and whether the run is over.

    `context` is kept up to date. Notes begin and are done in one; asks, approvals and tasks begin and stay open.
    """
    moves: list[Move] = []
    by_key = {place.spec.key: place for place in places}
    waiting = [place for place in places if place.state in ("waiting", "scheduled")]
    moved = True
    while moved:
        if over := over_by(book, places, context):
            return moves, over
        moved = False
        for place in waiting:
            move = _move(place, by_key, context, started_at, now)
            if move is not None:
                moves.append(move)
                moved = moved or place.state != "scheduled"
                context["steps"][place.spec.key] = seen(place, now)
        waiting = [place for place in waiting if place.state in ("waiting", "scheduled")]
    return moves, None


def over_by(book: Playbook, places: Sequence[Place], context: Context) -> Over | None:
    for place in places:
        if place.state == "done" and place.answer == "no" and place.spec.ends_on_no:
            return Over("ended", f"{place.spec.title}: no")
    for end in book.ends:
        if holds(end.when, context):
            return Over("ended", end.outcome)
    return Over("finished", COMPLETED) if all(place.state in SETTLED for place in places) else None


def _move(
    place: Place, by_key: Mapping[str, Place], context: Context, started_at: datetime, now: datetime
) -> Move | None:
    spec = place.spec
    if place.state == "waiting":
        if any(name in by_key and by_key[name].state not in SETTLED for name in spec.after):
            return None
        if not holds(spec.when, context):
            place.state, place.done_at, place.reason = "skipped", now, NOT_NEEDED
            return Move("skip", place)
        place.opens_at = after(spec.opens, by_key, started_at, ready_at(spec, by_key, started_at))
        if place.opens_at is not None and place.opens_at > now:
            place.state = "scheduled"
            return Move("schedule", place)
    elif place.opens_at is not None and place.opens_at > now:
        return None
    place.state, place.opened_at = "open", now
    place.due_at = due_of(spec, by_key, started_at, now)
    if spec.kind == "note":
        place.state, place.done_at = "done", now
    return Move("open", place)


def ready_at(spec: Step, by_key: Mapping[str, Place], started_at: datetime) -> datetime:
    """When the last of what it waits for was settled."""
    settled = [by_key[name].done_at for name in spec.after if name in by_key]
    return max([moment for moment in settled if moment is not None], default=started_at)


def after(text: str, by_key: Mapping[str, Place], started_at: datetime, ready: datetime) -> datetime | None:
    """The moment that "4h after start" names; None when nothing is said."""
    span = span_of(text) if text else None
    if span is None:
        return None
    since = by_key[span.after].done_at if span.after in by_key else None
    return (started_at if span.after == START else since or ready) + span.length


def due_of(spec: Step, by_key: Mapping[str, Place], started_at: datetime, opened: datetime) -> datetime | None:
    """By its own words; None for an ask that leaves it to the charter."""
    said = after(spec.due, by_key, started_at, opened)
    if said is not None or spec.kind == "note":
        return said
    return None if spec.asks else opened + USUAL_TASK


def next_at(places: Sequence[Place]) -> datetime | None:
    """When the next scheduled step begins."""
    return min((place.opens_at for place in places if place.state == "scheduled" and place.opens_at), default=None)


SHORTEST = timedelta(minutes=15)  # what is asked after its time was due is due this soon
