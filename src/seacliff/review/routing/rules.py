"""Rules in the Common Expression Language (github.com/google/cel-spec), compiled into a book that routes a context."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

from seacliff.review.routing.context import EXAMPLE, SCHEMA

HOURS_BY_SEVERITY = {1: 1.0, 2: 8.0, 3: 48.0, 4: 120.0}
STRING = re.compile(r"""r?("([^"\\]|\\.)*"|'([^'\\]|\\.)*')""")
SETTABLE = {"severity", "rank", "queue", "tier", "hours", "calendar", "language", "playbook"}


class RuleError(ValueError):
    """What is wrong with a rule, in a sentence; `rule` is its position, from 0."""

    def __init__(self, rule: int, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Route(NamedTuple):
    """Where a report goes. `hours` is the time to a first decision: elapsed, or working hours of `calendar`."""

    severity: int
    rank: int
    queue: str
    tier: int
    hours: float
    calendar: str
    language: str
    matched: tuple[str, ...]
    playbook: str = ""

    @property
    def place(self) -> dict[str, Any]:
        """The route without how it came about: what a backtest compares."""
        return {name: value for name, value in self._asdict().items() if name != "matched"}


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    when: str
    set: dict[str, Any]


@dataclass(slots=True)
class RuleBook:
    """Compiled rules. All conditions are one CEL program, a list, so that a context crosses into CEL once."""

    rules: list[Rule]
    fields: set[str]
    program: Any
    singles: list[Any] = field(repr=False)

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]], *, queues: Iterable[str] | None = None) -> "RuleBook":
        """Compile a rule set's rows. Raises RuleError for the first rule that is wrong.

        queues: the slugs that exist, when rules are checked before publishing.
        """
        known_queues = None if queues is None else set(queues)
        rules = [_checked(position, row, known_queues) for position, row in enumerate(rows)]
        whole = "[" + ", ".join(f"({rule.when})" for rule in rules) + "]"
        fields = set().union(*(fields_of(rule.when) for rule in rules))
        return cls(rules, fields, program_of(whole), [program_of(rule.when) for rule in rules])

    def route(self, context: dict[str, dict[str, Any]], severity: int, queue: str) -> Route:
        """Apply the rules in order to `context`; where several set the same thing, the last has the word.

        severity, queue: what holds when no rule says otherwise (the category's severity, the general queue).
        """
        settings: dict[str, Any] = {"severity": severity, "queue": queue}
        matched = []
        for rule, holds in zip(self.rules, self._conditions(context), strict=True):
            if holds is True:
                settings.update(rule.set)
                matched.append(rule.name)
        return Route(
            severity=settings["severity"],
            rank=settings.get("rank", 0),
            queue=settings["queue"],
            tier=settings.get("tier", 1),
            hours=settings.get("hours", HOURS_BY_SEVERITY[settings["severity"]]),
            calendar=settings.get("calendar", ""),
            language=settings.get("language", ""),
            matched=tuple(matched),
            playbook=settings.get("playbook", ""),
        )

    def _conditions(self, context: dict[str, dict[str, Any]]) -> list[Any]:
        from cel import Context

        prepared = Context(context)
        try:
            return self.program.execute(prepared)
        except Exception:
            # One condition failed on this context (a key of report.extra that isn't there): it alone doesn't hold.
            return [_holds(single, prepared) for single in self.singles]


def _holds(program: Any, context: Any) -> bool:
    try:
        return program.execute(context) is True
    except Exception:
        return False


def fields_of(condition: str) -> set[str]:
    """The names, such as "history.reports_30d", that a condition speaks of."""
    bare = STRING.sub('""', condition)
    named = {
        f"{variable}.{name}"
        for variable, name in re.findall(r"(?<![\w.])(\w+)\.(\w+)\b(?!\()", bare)
        if variable in SCHEMA
    }
    for variable in re.findall(r"(?<![\w.])(\w+)\s*\[", bare):
        named |= {f"{variable}.{name}" for name in SCHEMA.get(variable, ())}
    return named


def _checked(position: int, row: dict[str, Any], queues: set[str] | None) -> Rule:
    name = str(row.get("name") or f"rule {position + 1}")
    when = str(row.get("when") or "").strip()
    problem = _condition_problem(when) or _setting_problem(row.get("set") or {}, queues)
    if problem:
        raise RuleError(position, f"“{name}”: {problem}")
    return Rule(name, when, dict(row["set"]))


def _condition_problem(when: str) -> str:
    if not when:
        return "it has no condition. Write true for a rule that always holds."
    program, problem = compiled(when)
    if program is None:
        return problem
    for name in sorted(fields_of(when)):
        variable, _, attribute = name.partition(".")
        if attribute not in SCHEMA[variable]:
            near = get_close_matches(attribute, SCHEMA[variable], 1)
            return f"there is no {name}." + (f" Did you mean {variable}.{near[0]}?" if near else "")
    try:
        value = program.execute(EXAMPLE)
    except KeyError:
        return ""  # a key of report.extra: its absence is no mistake
    except Exception as error:
        return f"the condition fails: {error}"
    return "" if isinstance(value, bool) else f"the condition gives {value!r}; it must be true or false."


def program_of(expression: str) -> Any:
    """Its program. Raises ValueError for what is none."""
    from cel import compile  # loads a command line of its own: half a second that few commands need

    return compile(expression)


def compiled(condition: str) -> tuple[Any, str]:
    """The program of a condition, or None and a sentence that says where it can't be read."""
    try:
        return program_of(condition), ""
    except ValueError as error:
        detail = str(error).partition("ERROR: <input>:")[2].splitlines()
        place = f", at {detail[0]}." if detail else f": {error}"
        return None, f"the condition can't be read{place}"


def _setting_problem(settings: dict[str, Any], queues: set[str] | None) -> str:
    unknown = set(settings) - SETTABLE
    if unknown:
        return f"it can't set {', '.join(sorted(unknown))}. It may set {', '.join(sorted(SETTABLE))}."
    if not settings:
        return "it sets nothing."
    for key, low, high in (("severity", 1, 4), ("tier", 1, 9), ("rank", -100, 100)):
        if key in settings and not (type(settings[key]) is int and low <= settings[key] <= high):
            return f"{key} must be a whole number from {low} to {high}, not {settings[key]!r}."
    if "hours" in settings and not (isinstance(settings["hours"], int | float) and 0 < settings["hours"] <= 8760):
        return f"hours must be more than 0 and at most 8760, not {settings['hours']!r}."
    if queues is not None and "queue" in settings and settings["queue"] not in queues:
        return f"there is no queue {settings['queue']!r}. There are: {', '.join(sorted(queues))}."
    if queues is not None and "playbook" in settings and settings["playbook"] not in (known := _playbooks()):
        return f"there is no playbook {settings['playbook']!r}. There are: {', '.join(sorted(known)) or 'none'}."
    return ""


_playbooks: Callable[[], Iterable[str]] = tuple


def playbooks_are(found: Callable[[], Iterable[str]]) -> None:
    """Said by the room of playbooks, above: the short names that a rule may start."""
    global _playbooks
    _playbooks = found


def playbook_choices() -> list[tuple[str, str]]:
    return [(slug, slug) for slug in sorted(_playbooks())]
