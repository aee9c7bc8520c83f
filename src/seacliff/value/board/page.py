"""What stands on the page for the board, the same for HTML and PDF."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.value.access import promises_of
from seacliff.value.assumptions import Costs, costs
from seacliff.value.board import bridge, drafts
from seacliff.value.board.bridge import Step
from seacliff.value.board.drafts import Given, Text, money
from seacliff.value.ledger.queries import Standing, standing
from seacliff.value.models import Reading
from seacliff.value.promises.telling import Told, cause, told

PROMISES = 8  # the newest


@dataclass(frozen=True, slots=True)
class Page:
    company: str
    reader: str  # whose page it is: who printed it
    standing: Standing
    work: dict[str, Any]
    team: dict[str, Any]
    texts: dict[str, Text]
    ledger: str  # drafts.ledger_of
    bridge: list[Step]
    joint: str
    costs: Costs
    made: Reading | None
    trouble: list[str]
    promises: list[Told]
    promises_say: str
    priced: str


def page_of(user: User) -> Page:
    """Seven queries."""
    found = standing(user)
    made = {one.kind: one for one in Reading.objects.filter(kind__in=(Reading.Kind.OPERATIONS, Reading.Kind.STAFFING))}
    operations = made.get(Reading.Kind.OPERATIONS)
    team = made[Reading.Kind.STAFFING].content if Reading.Kind.STAFFING in made else {}
    work = operations.content if operations else {}
    trouble = [one.error for one in made.values() if one.error]
    reckoned = costs()
    return Page(
        settings.COMPANY_NAME, str(user), found, work, team, drafts.texts(Given(found, work, team, reckoned)),
        drafts.ledger_of(found, reckoned), bridge.steps(found, reckoned.currency), bridge.joint(found, reckoned.currency),
        reckoned, operations, trouble, told(promises_of(user)[:PROMISES]), cause(),
        priced(work.get("cost", {}).get("priced") or [], reckoned.currency),
    )  # fmt: skip


def priced(rows: list[dict[str, Any]], currency: str) -> str:
    """By which versions of the costs the spend was reckoned."""
    parts = [
        _("%(since)s to %(until)s by version %(number)s, %(year)s a year: %(spend)s")
        % {**row, "year": money(row["year"], currency), "spend": money(row["spend"], currency)}
        for row in rows
    ]
    return _("Priced by the costs that held on each day: %s.") % "; ".join(parts) if parts else ""
