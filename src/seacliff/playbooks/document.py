"""What a playbook says, as a typed document that people read and edit as YAML."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

import msgspec

from seacliff.partners.access import OURS
from seacliff.partners.answers import Field, form_of
from seacliff.partners.charters.document import Kind, Severity

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
SPAN = re.compile(r"(\d{1,4}(?:\.\d+)?) ?(min|h|d|w)(?: after ([a-z][a-z0-9_]*))?\Z")
UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
START = "start"
USUAL_TASK = timedelta(hours=24)
LONGEST = timedelta(days=366)
STEPS_MOST = 100


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that whoever starts the run says: `input.<key>` in conditions and texts."""

    key: str
    label: str
    type: Literal["text", "line", "number", "date", "url", "choice", "yes-no"] = "line"
    choices: tuple[str, ...] = ()
    needed: bool = False
    help: str = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ask of another function, an approval, a task of the own team, or a note that writes itself into the record.

    `by`: the function that does it. `due`, `opens`: "4h", "2h after start", "1d after <step>"; without "after", from when
    the step can begin. `wait`: the record that the run is about waits for the answer. `if_no`: what a no does to the run;
    an approval that is refused ends it unless it says "go-on".
    """

    key: str
    title: str
    kind: Literal["ask", "approval", "task", "note"] = "task"
    text: str = ""
    ask: Kind = "advise"
    by: str = OURS
    after: tuple[str, ...] = ()
    when: str = ""
    due: str = ""
    opens: str = ""
    severity: Severity | None = None
    share: tuple[str, ...] = ()
    wait: bool = False
    form: tuple[Field, ...] | None = None
    if_no: Literal["", "end", "go-on"] = ""

    @property
    def asks(self) -> bool:
        """Whether somebody outside the team is asked."""
        return self.kind in ("ask", "approval") and self.by != OURS

    @property
    def ask_kind(self) -> str:
        return "approve" if self.kind == "approval" else self.ask

    @property
    def answered(self) -> bool:
        """Whether it is closed with yes, partly or no, rather than with done."""
        return self.kind in ("ask", "approval")

    @property
    def ends_on_no(self) -> bool:
        return self.if_no == "end" or (self.kind == "approval" and self.if_no != "go-on")

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of its answer."""
        if self.form is not None:
            return self.form
        return msgspec.convert(form_of(self.ask_kind), tuple[Field, ...]) if self.answered else ()


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When this holds, the run is over; what is still open is taken back."""

    when: str
    outcome: str


class Starts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What starts a run but a person: an event in the record, or the calendar. `categories`: harms it is offered for."""

    categories: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    every: Literal["", "day", "week", "month", "quarter", "year"] = ""
    first: date | None = None
    at: str = "09:00"


class Playbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    purpose: str = ""
    use_when: str = ""
    severity: Severity = 3
    inputs: tuple[Input, ...] = ()
    steps: tuple[Step, ...] = ()
    ends: tuple[End, ...] = ()
    starts: Starts = Starts()

    def step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)


class Span(NamedTuple):
    """A length of time, and from when: "start", the key of a step, or empty for when the step can begin."""

    length: timedelta
    after: str


def span_of(text: str) -> Span | None:
    """What "4h" or "1d after legal" says; None for what says nothing of the kind."""
    found = SPAN.fullmatch(text.strip())
    return Span(float(found[1]) * UNITS[found[2]], found[3] or "") if found else None


def content_of(book: Playbook) -> dict[str, Any]:
    return msgspec.to_builtins(book)


def book_of(content: dict[str, Any]) -> Playbook:
    return msgspec.convert(content, Playbook)


def step_of(content: dict[str, Any]) -> Step:
    return msgspec.convert(content, Step)


def ancestors(steps: tuple[Step, ...]) -> dict[str, frozenset[str]]:
    """Of each step, everything that is settled before it begins. Steps of a circle have themselves among them."""
    by_key = {step.key: step for step in steps}

    @cache
    def of(key: str, seen: frozenset[str] = frozenset()) -> frozenset[str]:
        found: set[str] = set()
        for before in by_key[key].after:
            if before in by_key:
                found.add(before)
                if before not in seen:
                    found |= of(before, seen | {key})
        return frozenset(found)

    return {key: of(key) for key in by_key}


def in_order(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Steps so that each comes after what it waits for. Of a circle, nothing."""
    done: set[str] = set()
    left = list(steps)
    while ready := [step for step in left if set(step.after) <= done]:
        yield from ready
        done |= {step.key for step in ready}
        left = [step for step in left if step.key not in done]
