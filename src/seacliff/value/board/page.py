"""What stands on the page for the board, the same for HTML and PDF."""

from dataclasses import dataclass
from typing import Any

from seacliff.people.models import User
from seacliff.value.access import promises_of
from seacliff.value.assumptions import Costs, costs
from seacliff.value.board import drafts
from seacliff.value.ledger.queries import Standing, standing
from seacliff.value.models import Reading
from seacliff.value.promises.telling import Told, told

PROMISES = 8  # the newest


@dataclass(frozen=True, slots=True)
class Page:
    standing: Standing
    work: dict[str, Any]
    team: dict[str, Any]
    texts: dict[str, str]
    costs: Costs
    made: Reading | None
    trouble: list[str]
    promises: list[Told]


def page_of(user: User) -> Page:
    """Seven queries."""
    found = standing(user)
    made = {one.kind: one for one in Reading.objects.filter(kind__in=(Reading.Kind.OPERATIONS, Reading.Kind.STAFFING))}
    operations = made.get(Reading.Kind.OPERATIONS)
    team = made[Reading.Kind.STAFFING].content if Reading.Kind.STAFFING in made else {}
    work = operations.content if operations else {}
    trouble = [one.error for one in made.values() if one.error]
    return Page(found, work, team, drafts.texts(found, work, team), costs(), operations, trouble,
                told(promises_of(user)[:PROMISES]))  # fmt: skip
