"""Reading a playbook from YAML, and saying in sentences, by line, what can't stay as it is."""

import re
from collections.abc import Iterator
from datetime import time
from typing import Any, NamedTuple

import msgspec
import yaml

from seacliff.partners.access import OURS
from seacliff.partners.answers import Field
from seacliff.people.problems import Invalid
from seacliff.playbooks.document import (
    KEY,
    LONGEST,
    START,
    STEPS_MOST,
    Input,
    Playbook,
    Step,
    ancestors,
    span_of,
)
from seacliff.playbooks.expressions import placeholders, problem_of
from seacliff.record.written import NotYaml, yaml_of

MOST = 100_000
Path = tuple[str | int, ...]
PLACE = re.compile(r" - at `\$(.*)`\Z")
PART = re.compile(r"\.(\w+)|\[(\d+)\]")


class Wrong(NamedTuple):
    """Something to be changed; `line` counts from 1, 0 when it is about the whole."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}" if self.line else self.sentence


def read(text: str, functions: set[str] | None = None) -> Playbook:
    """A playbook from YAML. Raises Invalid naming everything that is wrong; `functions`: the short names there are."""
    book, wrong = check(text, functions)
    if book is None or wrong:
        raise Invalid(
            " ".join(map(str, wrong)), errors=[{"pointer": "#/source", "detail": str(each)} for each in wrong]
        )
    return book


def check(text: str, functions: set[str] | None = None) -> tuple[Playbook | None, list[Wrong]]:
    """The playbook as far as it can be read, and what is wrong, by line."""
    if len(text) > MOST:
        return None, [Wrong(0, f"A playbook has at most {MOST} characters.")]
    try:
        content = yaml_of(text)
    except NotYaml as error:
        return None, [Wrong(error.line, f"{error.sentence}{_quotes(error.sentence)}")]
    if not isinstance(content, dict):
        return None, [Wrong(1, "A playbook begins with its name, such as name: Press inquiry.")]
    lines = _lines(text)
    try:
        book = msgspec.convert(content, Playbook)
    except msgspec.ValidationError as error:
        return None, [_unreadable(str(error), lines)]
    return book, sorted({Wrong(_line(lines, path), said) for path, said in _faults(book, functions)})


def _quotes(problem: str) -> str:
    wanted = "but got" in problem or "mapping values" in problem
    return " Put a text that has : ? { } or # in it in quotes." if wanted else ""


def _lines(text: str) -> dict[Path, int]:
    """The line of every key and item of a text that is YAML."""
    found: dict[Path, int] = {}

    def walk(node: yaml.Node, path: Path, line: int) -> None:
        found[path] = line
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                walk(value, (*path, str(key.value)), key.start_mark.line + 1)
        elif isinstance(node, yaml.SequenceNode):
            for at, value in enumerate(node.value):
                walk(value, (*path, at), value.start_mark.line + 1)

    root = yaml.compose(text, yaml.SafeLoader)
    if root is not None:
        walk(root, (), 1)
    return found


def _line(lines: dict[Path, int], path: Path) -> int:
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 0)


def _unreadable(message: str, lines: dict[Path, int]) -> Wrong:
    place = PLACE.search(message)
    path: Path = tuple(int(at) if at else name for name, at in PART.findall(place[1])) if place else ()
    said = PLACE.sub("", message)
    hint = ' Put it in quotes, such as "yes".' if "got `bool`" in said else ""
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return Wrong(_line(lines, path), f"{where + ': ' if where else ''}{said}.{hint}")


Fault = tuple[Path, str]


def _faults(book: Playbook, functions: set[str] | None) -> Iterator[Fault]:
    if not book.name.strip():
        yield ("name",), "Give the playbook a name."
    if not book.steps:
        yield ("steps",), "A playbook has at least one step."
    if len(book.steps) > STEPS_MOST:
        yield ("steps",), f"A playbook has at most {STEPS_MOST} steps."
    yield from _doubled("inputs", book.inputs)
    yield from _doubled("steps", book.steps)
    for at, given in enumerate(book.inputs):
        yield from _field_faults(("inputs", at), given)
    before = ancestors(book.steps)
    known = {step.key for step in book.steps}
    for at, step in enumerate(book.steps):
        path = ("steps", at)
        for place, name in enumerate(step.after):
            if name not in known:
                yield (*path, "after", place), f"There is no step {name}. There are: {', '.join(sorted(known))}."
        if step.key in before[step.key]:
            yield (
                (*path, "after"),
                f"{step.key} waits in a circle, for itself: {', '.join(step.after)} wait for it too.",
            )
        yield from step_faults(step, book, before[step.key], functions, path)
    for at, end in enumerate(book.ends):
        if not end.outcome.strip():
            yield ("ends", at), "Say what came of it: outcome."
        if problem := problem_of(end.when, book, None):
            yield ("ends", at, "when"), f"The end criterion: {problem}"
    yield from _start_faults(book)


def step_faults(
    step: Step, book: Playbook, before: frozenset[str], functions: set[str] | None, path: Path = ()
) -> Iterator[Fault]:
    """What is wrong with one step; `before`: the steps that come before it."""
    if not KEY.fullmatch(step.key):
        yield (*path, "key"), f"{step.key!r} is no key: small letters, digits and _, beginning with a letter."
    if step.key == START:
        yield (*path, "key"), "start is the beginning of the run; call the step something else."
    if not step.title.strip():
        yield (*path, "title"), f"{step.key}: give the step a title."
    if functions is not None and step.by not in functions:
        yield (*path, "by"), f"There is no function {step.by}. There are: {', '.join(sorted(functions))}."
    if step.kind == "ask" and step.by == OURS:
        yield (*path, "by"), f"{step.key}: an ask goes to another function; say by whom. What the team does is a task."
    if step.kind in ("task", "note") and step.by != OURS:
        yield (*path, "by"), f"{step.key}: a {step.kind} is the team's own. To have {step.by} do it, make it an ask."
    if step.kind in ("ask", "note") and not step.text.strip():
        yield (*path, "text"), f"{step.key}: write the {'question' if step.kind == 'ask' else 'note'} under text."
    if step.wait and not step.asks:
        yield (*path, "wait"), f"{step.key}: only what another function is asked can be waited for. Leave out wait."
    yield from _span_faults(step, before, path)
    yield from _doubled((*path, "form"), step.form or ())
    for at, field in enumerate(step.form or ()):
        yield from _field_faults((*path, "form", at), field)
    if step.when and (problem := problem_of(step.when, book, before)):
        yield (*path, "when"), f"{step.key}: {problem}"
    for expression in placeholders(step.text):
        if problem := problem_of(expression, book, before, condition=False):
            yield (*path, "text"), f"{step.key}, {{{{ {expression} }}}}: {problem}"


def _span_faults(step: Step, before: frozenset[str], path: Path) -> Iterator[Fault]:
    for name in ("due", "opens"):
        text = getattr(step, name)
        span = span_of(text) if text else None
        if text and span is None:
            yield (*path, name), f"{step.key}: {name} is a time such as 30min, 4h, 2d after start, or 1d after <step>."
        elif span is not None and span.after not in ("", START, *before):
            yield (*path, name), f"{step.key}: {span.after} does not come before it. Name it under after."
        elif span is not None and not span.length <= LONGEST:
            yield (*path, name), f"{step.key}: {name} is at most a year."
    if step.due and step.kind == "note":
        yield (*path, "due"), f"{step.key}: a note is written at once; opens says when."


def _field_faults(path: Path, field: Field | Input) -> Iterator[Fault]:
    if not KEY.fullmatch(field.key):
        yield (*path, "key"), f"{field.key!r} is no key: small letters, digits and _, beginning with a letter."
    if not field.label.strip():
        yield (*path, "label"), f"{field.key}: give it a label."
    if (field.type == "choice") != bool(field.choices):
        yield (*path, "choices"), f"{field.key}: a choice has choices, and nothing else has."


def _doubled(path: str | Path, rows: tuple[Any, ...]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, row in enumerate(rows):
        if row.key in seen:
            yield (*((path,) if isinstance(path, str) else path), at, "key"), f"There are two called {row.key}."
        seen.add(row.key)


def _start_faults(book: Playbook) -> Iterator[Fault]:
    starts = book.starts
    if bool(starts.every) != (starts.first is not None):
        yield (
            ("starts",),
            "A playbook that runs by date says every (day, week, month, quarter, year) and first (a date).",
        )
    try:
        time.fromisoformat(starts.at)
    except ValueError:
        yield ("starts", "at"), "at is a time of day in UTC, such as 09:00."
    for at, verb in enumerate(starts.events):
        if not re.fullmatch(r"[a-z-]+\.[a-z-]+", verb):
            yield ("starts", "events", at), f"{verb!r} is no event of the record; they look like emergency.declared."
    if (starts.every or starts.events) and (needed := [each.key for each in book.inputs if each.needed]):
        yield ("inputs",), f"Nobody is there to say {', '.join(needed)} when it starts by itself. Leave out needed."
