"""A tabletop: a playbook played with answers that are made up, by a seed, and without a word in the record.

The same rules as a run's decide what begins when (flow.py). How long somebody takes is drawn from how long they took for past
asks of that kind, as a share of the time they were given; without enough of those, from a lognormal distribution around half
of it, so that about one answer in eight is late: what charters get in their first months. One can also say of a function
that it answers in time, late, never, or no.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

from django.db.models import F

from seacliff.partners.models import Ask
from seacliff.playbooks import flow
from seacliff.playbooks.document import OURS, Playbook, Step
from seacliff.playbooks.expressions import NO_CASE, of_inputs
from seacliff.playbooks.flow import Over
from seacliff.playbooks.timeline import Expected
from seacliff.record.ids import time_of

Behaviour = Literal["usual", "in time", "late", "never", "no"]
BEHAVIOURS: tuple[Behaviour, ...] = ("usual", "in time", "late", "never", "no")
START = datetime(2027, 1, 4, 9, tzinfo=UTC)
MEDIAN, SPREAD = 0.5, 0.6  # of the time given; the standard deviation of its logarithm
ENOUGH = 5  # past answers to draw from
LOOKED_AT = 500
PLAYS = 200
HORIZON = timedelta(days=120)
FILLED = {"number": "10", "date": "2027-01-31", "url": "https://example.org", "yes-no": "yes"}


@dataclass(slots=True)
class Spot:
    """A step in a game."""

    spec: Step
    state: str = "waiting"
    opens_at: datetime | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    answer: str = ""
    reason: str = ""
    values: dict[str, str] = field(default_factory=dict)
    comes_at: datetime | None = None  # when its answer will come; None for never
    says: str = ""  # what it will be
    fills: dict[str, str] = field(default_factory=dict)

    @property
    def breached(self) -> bool:
        """Its due time passed without an answer."""
        if self.due_at is None or self.opened_at is None:
            return False
        return self.comes_at is None or self.comes_at > self.due_at


@dataclass(frozen=True, slots=True)
class Play:
    """One game: how each step went, how it ended; `over` None when it waits for somebody for ever."""

    spots: list[Spot]
    over: Over | None
    ended_at: datetime

    @property
    def breaches(self) -> list[Spot]:
        return sorted((spot for spot in self.spots if spot.breached), key=lambda spot: spot.due_at or START)

    @property
    def stuck(self) -> list[Spot]:
        """What never begins because somebody never answers."""
        return [spot for spot in self.spots if spot.state == "waiting"] if self.over is None else []

    @property
    def silent(self) -> list[Spot]:
        """Who is waited for when nothing moves any more."""
        return [spot for spot in self.spots if spot.state == "open"] if self.over is None else []

    @property
    def length(self) -> timedelta:
        return self.ended_at - START


@dataclass(frozen=True, slots=True)
class Setting:
    """How the others behave: by function; the inputs, and what forms of tasks say (`steps.<key>.<field>`)."""

    behaviours: Mapping[str, str]
    inputs: Mapping[str, str]
    forms: Mapping[str, Mapping[str, str]]
    expected: Expected
    past: Mapping[tuple[str, str], Sequence[float]]


def play(book: Playbook, setting: Setting, seed: int) -> Play:
    """One game, from start to end or until nothing moves any more. Draws only from the seed."""
    random = Random(seed)  # noqa: S311  a game, not a secret
    spots = [Spot(step) for step in book.steps]
    facts = {"run": {"ref": "R-0", "title": book.name, "severity": book.severity}, "case": NO_CASE,
             "input": of_inputs(book.inputs, setting.inputs)}  # fmt: skip
    now = START
    while now - START < HORIZON:
        _answers_come(spots, now)
        context = flow.context_of(spots, facts, START, now)
        moves, over = flow.go_on(book, spots, context, START, now)
        if over is not None:
            return Play(_dropped(spots, now), over, now)
        for move in moves:
            if move.what == "open" and move.place.state == "open":
                _draw(move.place, setting, random, now)  # type: ignore[arg-type]
        coming = [spot.comes_at for spot in spots if spot.state == "open" and spot.comes_at]
        coming += [spot.opens_at for spot in spots if spot.state == "scheduled" and spot.opens_at]
        if not coming:
            break
        now = min(coming)
    return Play(spots, None, now)


def _answers_come(spots: Sequence[Spot], now: datetime) -> None:
    for spot in spots:
        if spot.state == "open" and spot.comes_at is not None and spot.comes_at <= now:
            spot.state, spot.done_at, spot.answer, spot.values = "done", spot.comes_at, spot.says, spot.fills
            spot.reason = "As played" if spot.answer == "no" else ""


def _dropped(spots: list[Spot], now: datetime) -> list[Spot]:
    for spot in spots:
        if spot.state in flow.LIVE:
            spot.comes_at = spot.comes_at or (now if spot.opened_at else None)
            spot.state, spot.done_at = "dropped", now
            spot.due_at = spot.due_at if spot.due_at and spot.due_at < now else None
    return spots


def _draw(spot: Spot, setting: Setting, random: Random, now: datetime) -> None:
    """When the answer to an open step comes, and what it says."""
    behaviour = setting.behaviours.get(spot.spec.by, "usual")
    if spot.due_at is None:
        spot.due_at = now + setting.expected(spot.spec)
    given = spot.due_at - now if spot.due_at > now else flow.SHORTEST
    share = _share(behaviour, setting.past.get((spot.spec.by, spot.spec.ask_kind), ()), random)
    spot.comes_at = None if share is None else now + given * share
    spot.says = ("no" if behaviour == "no" else "yes") if spot.spec.answered else ""
    said = setting.forms.get(spot.spec.key, {})
    spot.fills = {each.key: said.get(each.key) or filled(each) for each in spot.spec.fields}


def filled(field: Any) -> str:
    """Something fitting for a field of an answer."""
    return FILLED.get(field.type) or (field.choices[0] if field.choices else "As played")


def _share(behaviour: str, past: Sequence[float], random: Random) -> float | None:
    """Of the time given; None for never."""
    match behaviour:
        case "never":
            return None
        case "late":
            return random.uniform(1.1, 2.5)
        case "in time" | "no":
            return random.uniform(0.1, 0.95)
    if len(past) >= ENOUGH:
        return random.choice(past)
    return random.lognormvariate(math.log(MEDIAN), SPREAD)


def past_shares(slugs: Sequence[str]) -> dict[tuple[str, str], list[float]]:
    """Of past asks of these functions, by kind: how long the answer took as a share of the time given. One query."""
    answered = Ask.objects.filter(to_function__slug__in=slugs, state=Ask.State.ANSWERED).order_by("-id")[:LOOKED_AT]
    found: dict[tuple[str, str], list[float]] = {}
    for slug, kind, id, due_at, answered_at in answered.values_list(
        F("to_function__slug"), "kind", "id", "due_at", "answered_at"
    ):
        asked_at = time_of(id)
        if due_at > asked_at and answered_at:
            found.setdefault((slug, kind), []).append((answered_at - asked_at) / (due_at - asked_at))
    return found


@dataclass(frozen=True, slots=True)
class Odds:
    """Of many games: how often a step was begun, and how often its time passed."""

    step: Step
    begun: int
    breached: int

    @property
    def share(self) -> float:
        return self.breached / self.begun if self.begun else 0.0

    @property
    def hundredths(self) -> int:
        return round(self.share * 100)


@dataclass(frozen=True, slots=True)
class Table:
    """Many games: the odds of each step, how often it came to its end, and half and nine in ten of the lengths."""

    plays: int
    odds: list[Odds]
    ended: int
    outcomes: list[tuple[str, int]]
    median: timedelta | None
    ninety: timedelta | None


def tables(book: Playbook, setting: Setting, seed: int, plays: int = PLAYS) -> Table:
    """The same game, many times, each with a seed of its own."""
    games = [play(book, setting, seed * 100_003 + n) for n in range(plays)]
    begun: Counter[str] = Counter()
    breached: Counter[str] = Counter()
    for game in games:
        begun.update(spot.spec.key for spot in game.spots if spot.opened_at is not None)
        breached.update(spot.spec.key for spot in game.spots if spot.breached)
    lengths = sorted(game.length for game in games if game.over is not None)
    outcomes = Counter(game.over.outcome if game.over else "Waits for ever" for game in games)
    return Table(
        plays,
        [Odds(step, begun[step.key], breached[step.key]) for step in book.steps if step.kind != "note"],
        len(lengths),
        outcomes.most_common(),
        lengths[len(lengths) // 2] if lengths else None,
        lengths[min(len(lengths) - 1, math.ceil(len(lengths) * 0.9) - 1)] if lengths else None,
    )


def players(book: Playbook) -> list[str]:
    """The short names of whoever takes part, the team first."""
    others = sorted({step.by for step in book.steps} - {OURS})
    return [OURS, *others]
