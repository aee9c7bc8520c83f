"""Which rows hold data about people, by class: what is in them, from when their time counts, how they are forgotten.

A room registers its classes in `personal.py`, which its AppConfig imports; the room of privacy, above, applies rules of
retention, holds, erasure and access to all of them alike. A test fails for a field of text that no class covers and that
nobody has called not personal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Rows = Sequence[Any]
Forget = Callable[[Rows], int]
Export = Callable[[Rows, str], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class DataClass:
    """A class of personal data.

    `rows` is a SELECT of the rows that still hold something, with the columns of COLUMNS (`NULL::uuid` where a row has
    no such tie; a row that hangs on several reports comes once for each). `keep` is a sentence when the row must not go
    whatever the rules say. `forget` empties or deletes the rows with these ids, inside the caller's transaction.
    What is `of_a_case` stays at least as long as the decision can be appealed. `floor` is the least number of days.
    `export` gives them as a "reporter" or as an "affected" user may see them: nothing of anybody else.
    """

    slug: str
    label: str
    way: str
    since: str
    covers: dict[str, str]
    rows: str
    forget: Forget
    days: int
    export: Export | None = None
    floor: int = 0
    of_a_case: bool = False
    key: str = "uuid"
    withheld: str = ""


COLUMNS = ("id", "at", "ref", "party", "report_id", "case_id", "target_id", "reporter_key", "keep")


@dataclass(frozen=True, slots=True)
class Duty:
    """Cases that must be kept by law or while something is under way. `cases` is a SELECT of case_id."""

    slug: str
    reason: str
    cases: str


@dataclass(slots=True)
class Registry:
    classes: dict[str, DataClass] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    other: dict[str, dict[str, str]] = field(default_factory=dict)


REGISTRY = Registry()


def register(*found: DataClass | Duty) -> None:
    for one in found:
        if isinstance(one, Duty):
            REGISTRY.duties[one.slug] = one
        else:
            REGISTRY.classes[one.slug] = one


def not_personal(reason: str, **models: str) -> None:
    """Fields that hold nothing about people, or that stay for the given reason: app_Model="field field"; "*" for all."""
    for name, fields in models.items():
        label = name.replace("__", ".")
        REGISTRY.other.setdefault(label, {}).update(dict.fromkeys(fields.split(), reason))


def emptied(model: Any, rows: Rows, **values: Any) -> int:
    """Set these fields of the rows with these ids."""
    return model.objects.filter(pk__in=list(rows)).update(**values)
