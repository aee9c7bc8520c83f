"""Conditions and texts: the Common Expression Language over what a run knows, as routing uses it over reports."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from seacliff.partners.sharing import redacted
from seacliff.playbooks.document import Input, Playbook, Step
from seacliff.review.routing.rules import STRING, compiled, program_of

PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
NAMES = re.compile(r"(?<![\w.])(run|input|case|steps)\.(\w+)(?:\.(\w+))?(?:\.(\w+))?")
STEPS_ANYHOW = re.compile(r"\bsteps\b")
STEP_NAMED = re.compile(r"(?<![\w.])steps\.(\w+)\b(?!\s*\()")  # not steps.exists(…)
LONGEST = 2_000

RUN = {"ref": "R-1001", "title": "A run", "severity": 2, "hours": 1.5}
CASE = {
    "ref": "C-1001", "state": "open", "severity": 2, "tier": 1, "category": "harassment", "harm": "Harassment",
    "product": "Meetings", "reports": 3, "reporters": 2, "wave": False, "finding": "",
}  # fmt: skip
NO_CASE = {name: type(value)() for name, value in CASE.items()}
STEP = {"state": "waiting", "settled": False, "answer": "", "reason": "", "late": False}
WORDS = {
    "run": "what is running", "input": "what the run was started with", "case": "the case it is about, if any",
    "steps": "answers so far",
}  # fmt: skip
Context = Mapping[str, Any]


@lru_cache(maxsize=4096)
def _program(expression: str) -> Any:
    return program_of(expression)


@lru_cache(maxsize=4096)
def _steps_named(expression: str) -> frozenset[str] | None:
    """The steps it speaks of, each by its key; None when it may look at any of them."""
    bare = STRING.sub('""', expression)
    named = STEP_NAMED.findall(bare)
    return frozenset(named) if len(named) == len(STEPS_ANYHOW.findall(bare)) else None


def _executed(expression: str, context: Context) -> Any:
    """Its value. All that a run knows is made into CEL's values for each expression: what it can't look at is left out."""
    named = _steps_named(expression)
    if named is not None:
        steps = context["steps"]
        context = {**context, "steps": {key: steps[key] for key in named if key in steps}}
    return _program(expression).execute(context)


def holds(expression: str, context: Context) -> bool:
    """Whether the condition holds; an empty one does, one that fails (no such answer yet) doesn't."""
    if not expression:
        return True
    try:
        return _executed(expression, context) is True
    except Exception:
        return False


def rendered(text: str, context: Context) -> str:
    """The text with what its {{ placeholders }} say now. Addresses and numbers of people are taken out of what they bring."""
    if "{{" not in text:
        return text
    return PLACEHOLDER.sub(lambda found: _value(found[1].strip(), context), text)


def _value(expression: str, context: Context) -> str:
    try:
        value = _executed(expression, context)
    except Exception:
        return "–"
    said = str(value)
    if isinstance(value, bool):
        said = "yes" if value else "no"
    elif isinstance(value, float) and value.is_integer():
        said = str(int(value))
    looks = "@" in said or sum(map(str.isdigit, said)) >= 7
    return (redacted(said) if looks else said)[:LONGEST] or "–"


def typed(type: str, text: str) -> Any:
    """An input or an answer as conditions see it: numbers as numbers, everything else as text."""
    if type != "number":
        return text
    try:
        return float(text)
    except ValueError:
        return 0.0


def of_inputs(inputs: tuple[Input, ...], given: Mapping[str, str]) -> dict[str, Any]:
    return {each.key: typed(each.type, given.get(each.key, "")) for each in inputs}


def of_form(step: Step, values: Mapping[str, str]) -> dict[str, Any]:
    return {field.key: typed(field.type, values.get(field.key, "")) for field in step.fields}


def example(book: Playbook) -> dict[str, Any]:
    """A context in which every name of the playbook is there, to try its conditions on."""
    return {
        "run": RUN,
        "case": CASE,
        "input": of_inputs(book.inputs, {}),
        "steps": {step.key: STEP | {"form": of_form(step, {})} for step in book.steps},
    }


def problem_of(expression: str, book: Playbook, before: frozenset[str] | None, *, condition: bool = True) -> str:
    """What is wrong with it, in a sentence; empty when nothing is. `before`: the steps it may speak of (None: all)."""
    _program_found, problem = compiled(expression)
    if problem:
        return problem
    bare = STRING.sub('""', expression)
    for match in NAMES.finditer(bare):
        if problem := _name_problem(match, book, before):
            return problem
    try:
        value = program_of(expression).execute(example(book))
    except Exception as error:
        return f"{_what(condition)} fails: {error}"
    if condition and not isinstance(value, bool):
        return f"{_what(condition)} gives {value!r}; it must be true or false."
    if not condition and not isinstance(value, str | int | float | bool):
        return f"{_what(condition)} gives a {type(value).__name__}; it must be a text or a number."
    return ""


def _what(condition: bool) -> str:
    return "the condition" if condition else "the placeholder"


def _name_problem(match: re.Match[str], book: Playbook, before: frozenset[str] | None) -> str:
    variable, first, second, third = match.groups()
    known: dict[str, Any] = example(book)
    if first not in known[variable]:
        if variable == "steps" and second is None:
            return ""  # a macro over all steps: steps.exists(key, …)
        return _unknown(f"{variable}.{first}", variable, first, known[variable])
    if variable != "steps":
        return ""
    if before is not None and first not in before:
        return f"{first} does not come before this step. Name it under after, or leave it out of the condition."
    if second is not None and second not in known["steps"][first]:
        return _unknown(f"steps.{first}.{second}", f"steps.{first}", second, known["steps"][first])
    form = known["steps"][first]["form"]
    if second == "form" and third is not None and third not in form:
        return _unknown(f"steps.{first}.form.{third}", f"steps.{first}.form", third, form)
    return ""


def _unknown(name: str, of: str, said: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(said, known, 1)
    if near:
        return f"there is no {name}. Did you mean {of}.{near[0]}?"
    return f"there is no {name}. There is: {', '.join(known) or 'nothing'}."


def placeholders(text: str) -> list[str]:
    return [found.strip() for found in PLACEHOLDER.findall(text)]
