"""The structured part of an answer, by kind of ask. An ask keeps the fields it was made with."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from seacliff.people.problems import Fault, Invalid

Type = Literal["text", "line", "number", "date", "url", "choice", "yes-no"]
LONGEST = 10_000


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`needed_for`: the answers (yes, partly, no) that can't be given without it."""

    key: str
    label: str
    type: Type = "line"
    choices: tuple[str, ...] = ()
    needed_for: tuple[str, ...] = ()
    help: str = ""


FORMS: dict[str, tuple[Field, ...]] = {
    "review": (
        Field("risks", gettext_noop("What you see"), "text"),
        Field("changes", gettext_noop("What should change before it goes out"), "text", needed_for=("partly",)),
    ),
    "approve": (Field("conditions", gettext_noop("Conditions"), "text", needed_for=("partly",)),),
    "advise": (Field("advice", gettext_noop("Your advice"), "text", needed_for=("yes", "partly")),),
    "build": (
        Field("planned_for", gettext_noop("Planned for"), "date", needed_for=("yes",)),
        Field("tracker_url", gettext_noop("Where it is tracked"), "url"),
        Field("instead", gettext_noop("What can be done meanwhile"), "text"),
    ),
    "publish": (
        Field("wording", gettext_noop("Approved wording"), "text", needed_for=("yes", "partly")),
        Field("published_on", gettext_noop("Published on"), "date"),
    ),
    "inform": (),
}


def form_of(kind: str) -> list[dict[str, Any]]:
    return stored(FORMS[kind])


def stored(fields: tuple[Field, ...]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(field) for field in fields]


def fields_of(form: list[dict[str, Any]]) -> tuple[Field, ...]:
    return msgspec.convert(form, tuple[Field, ...])


def worded(field: Field) -> str:
    """Its label; those that come with Seacliff in the reader's language."""
    return _(field.label) if field.label else field.key


def checked(form: list[dict[str, Any]], answer: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The form's values as text, empty ones left out. Raises Invalid naming every field that is wrong or missing."""
    faults: list[Fault] = []
    values: dict[str, str] = {}
    for field in fields_of(form):
        value = str(given.get(field.key) or "").strip()
        if problem := problem_with(field, value, answer):
            faults.append({"pointer": f"#/form/{field.key}", "detail": problem})
        elif value:
            values[field.key] = value
    if faults:
        raise Invalid(" ".join(fault["detail"] for fault in faults), errors=faults)
    return values


def problem_with(field: Field, value: str, answer: str) -> str:
    """What is wrong with one value, as a sentence; empty when nothing is."""
    label = worded(field)
    if not value:
        return _("%s: this is needed for your answer.") % label if answer in field.needed_for else ""
    if len(value) > LONGEST:
        return _("%(label)s: at most %(most)s characters.") % {"label": label, "most": LONGEST}
    match field.type:
        case "number" if not _is(float, value):
            return _("%s: write a number.") % label
        case "date" if not _is(date.fromisoformat, value):
            return _("%s: write a date such as 2027-01-31.") % label
        case "url" if not _is(_web_address, value):
            return _("%s: write a whole address that begins with https://.") % label
        case "choice" if value not in field.choices:
            return _("%(label)s: choose one of %(choices)s.") % {"label": label, "choices": ", ".join(field.choices)}
        case "yes-no" if value not in ("yes", "no"):
            return _("%s: answer yes or no.") % label
    return ""


def _is(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _web_address(value: str) -> None:
    parts = urlsplit(value)  # raises ValueError itself for brackets that hold no address
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(value)
