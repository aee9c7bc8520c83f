"""Events in words, and where the records they speak of are shown.

A room says its own: its module `sentences` holds SENTENCES, a verb of the record to what follows the name of whoever did it,
such as "escalated the case[ to tier {to}]". {names} are what the event carries; a part in brackets falls away when it carries
none of that. Where records are shown is added in AppConfig.ready().
"""

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import NoReverseMatch, reverse

from seacliff.record.models import Event

PLACES: dict[str, str] = {}  # kind of record to the name of the address that shows it by its id
SHOWN_MOST = 6
LONGEST = 80


NAME = re.compile(r"\{([a-z_]+)\}")
PART = re.compile(r"\[([^\]]*)\]")


@cache
def sentences() -> dict[str, str]:
    """Verb to sentence, of all rooms."""
    modules = [f"{config.name}.sentences" for config in apps.get_app_configs() if config.name.startswith("seacliff.")]
    return {verb: said for module in modules if find_spec(module) for verb, said in import_module(module).SENTENCES.items()}


def sentence_of(event: Event) -> str:
    """What happened, to stand behind the name of whoever did it; with its own subject where nobody is named."""
    said = sentences().get(event.verb, event.words)
    told = {name: _short(value) for name, value in event.data.items() if not _is_id(value)}
    whole = PART.sub(lambda part: part[1] if all(told.get(name) for name in NAME.findall(part[1])) else "", said)
    text = NAME.sub(lambda name: told.get(name[1], ""), whole).strip()
    return text if event.actor_name else f"Somebody outside {text}"


def shown_at(**places: str) -> None:
    """Say under which address name (taking the id) a kind of record is shown: shown_at(case="review:by-id")."""
    PLACES.update({kind.replace("_", "-"): name for kind, name in places.items()})


def place_of(kind: str, id: UUID | None) -> str:
    """The address of a record's page; empty when there is none."""
    if id is None or kind not in PLACES:
        return ""
    try:
        return reverse(PLACES[kind], args=[id])
    except NoReverseMatch:
        return ""


def details_of(event: Event) -> list[tuple[str, str]]:
    """What an event carries, as short labels and values; identifiers are left to the event's own page."""
    pairs = [(label.replace("_", " "), _short(value)) for label, value in event.data.items() if not _is_id(value)]
    return [(label, value) for label, value in pairs if value][:SHOWN_MOST]


def _is_id(value: Any) -> bool:
    if not isinstance(value, str) or len(value) not in (36, 64):
        return False
    return all(character in "0123456789abcdef-" for character in value)


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        text = ", ".join(f"{label} {_short(inner)}" for label, inner in value.items())
    elif isinstance(value, list):
        text = ", ".join(map(_short, value))
    else:
        text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
