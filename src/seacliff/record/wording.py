"""Events in words, and where the records they speak of are shown. Rooms above add theirs in their AppConfig.ready()."""

from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from seacliff.record.models import Event

PLACES: dict[str, str] = {}  # kind of record to the name of the address that shows it by its id
SHOWN_MOST = 6
LONGEST = 80


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
