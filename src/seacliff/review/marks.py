"""Marks on a case's page that rooms above put there: a room's AppConfig registers a function that looks."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from seacliff.review.models import Case


class Mark(NamedTuple):
    words: str
    tone: str
    icon: str


Looker = Callable[[Case, Sequence[UUID]], Mark | None]
LOOKERS: list[Looker] = []


def of(case: Case, above: Sequence[UUID]) -> list[Mark]:
    """What the rooms have to say of this case, given the ids of its target's account tree; a query each at most."""
    return [mark for look in LOOKERS if (mark := look(case, above))]
