"""Words of the page that somebody may edit; until they do, they are filled from the ledger and the record."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.actions import Subject, happened
from seacliff.record.ids import uuid7
from seacliff.value.ledger.queries import Standing
from seacliff.value.ledger.telling import interval_of, number_of
from seacliff.value.models import Draft

LONGEST = 20_000
KIND = Draft.Kind
NOT_MONEY = (
    "Child safety, threats to life and what the law demands are duties. They are not put in money here, and no saving elsewhere "
    "pays for a failure in them. Nor is the harm that people were spared: it is counted in cases and hours, not in currency."
)


def texts(standing: Standing, work: dict[str, Any], team: dict[str, Any]) -> dict[str, str]:
    """Every text: as somebody wrote it, else as it is filled. One query."""
    written = {draft.kind: draft.text for draft in Draft.objects.all() if draft.text.strip()}
    filled = {KIND.ASK: _ask(work, team), KIND.INVESTMENT: _investment(standing), KIND.CUT: _cut(standing, team),
              KIND.NOT_MONEY: NOT_MONEY}  # fmt: skip
    return {str(kind): written.get(kind, text) for kind, text in filled.items()}


def _ask(work: dict[str, Any], team: dict[str, Any]) -> str:
    cost = work.get("cost", {})
    people = cost.get("headcount")
    first = (
        f"We ask to keep the team as it is: {people:g} reviewers." if people else "We ask to keep the team as it is."
    )
    return " ".join([first, *_alternatives(team)])


def _alternatives(team: dict[str, Any]) -> list[str]:
    return [one["sentence"] for one in team.get("answers", []) if one.get("share")]


def _investment(standing: Standing) -> str:
    shown = [one for one in standing.counted if one not in standing.nulls]
    if not shown:
        return ("No effect of grade A or B has been shown yet. The investment is in being able to show one: a random share on "
                "the largest queue, and the next launch by lot.")  # fmt: skip
    lines = [f"{one.ref}: {one.question} {interval_of(one.current)} {one.unit} (grade {one.current.grade})."
             for one in shown if one.current]  # fmt: skip
    return "Effects that were shown:\n\n" + "\n".join(f"- {line}" for line in lines)


def _cut(standing: Standing, team: dict[str, Any]) -> str:
    fewer = next((one["sentence"] for one in team.get("answers", []) if one.get("share") == "-10%"), "")
    nulls = ", ".join(one.ref for one in standing.nulls if one.current and one.current.grade in ("A", "B"))
    first = fewer or "What fewer people would mean has not been simulated yet."
    rest = f" Where no effect was shown ({nulls}), less can be done first." if nulls else ""
    return (f"If a tenth has to go: {first}{rest} What the law demands and what protects children and lives is not cut: "
            "see what is not put in money.")  # fmt: skip


def write(user: User, kind: str, text: str) -> Draft:
    """Keep somebody's words; none: filled again."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    with transaction.atomic():
        made, _new = Draft.objects.update_or_create(
            kind=kind, defaults={"text": text.strip()[:LONGEST], "by": user, "at": timezone.now()}
        )
        happened("board.text-written", Subject("board", uuid7()), actor_of_user(user), data={"kind": kind})
    return made


def money(value: float | None, currency: str) -> str:
    return "–" if value is None else f"{number_of(value)} {currency}"
