"""What money and shifts are reckoned with: configuration, in versions, each with whoever said so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid
from seacliff.record.actions import Subject, happened
from seacliff.record.desks import wake
from seacliff.value.models import Assumptions, Reading

MOST = 1e12
CHANNEL = "value-readings"  # what is reckoned with them is read anew


class Costs(msgspec.Struct, frozen=True):
    """Money is a year's, in `currency`. Nought: not told, and then nothing is reckoned with it."""

    currency: str = "EUR"
    loaded_cost: float = 0.0  # of a reviewer: pay, taxes, place, tools, leads' share
    overhead: float = 0.0  # what the team costs besides
    reviewers: float = 0.0  # full-time equivalents; nought: as many as there are accounts of reviewers
    hours_a_day: float = 8.0
    first_hour: int = 9
    minutes_a_review: float = 6.0  # where the record tells none
    absence: float = 0.1
    severe_hours_a_day: float = 0.0  # a cap; nought: none
    fines_realised: float = 0.0
    fines_cap: float = 0.0  # the most that the law allows


def reviewers() -> QuerySet[User]:
    """Whoever has the role, whatever else they do."""
    return User.objects.filter(is_active=True, roles__contains=["reviewer"])


def full_time(given: Costs, people: int) -> float:
    """How many full-time reviewers that many people come to: as was told, else each is one."""
    return given.reviewers or float(people)


def costs() -> Costs:
    found = Assumptions.in_force()
    return msgspec.convert(found.costs, Costs) if found else Costs()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which one version holds: `since`, until before `until`."""

    version: Assumptions
    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days

    @property
    def costs(self) -> Costs:
        return msgspec.convert(self.version.costs, Costs)


def stretches(since: date, until: date) -> list[Stretch]:
    """Which version holds on the days from `since` until before `until`: the newest of those that begin by then, and before any
    does, the first one that was told. One query; none where none was published."""
    versions = list(Assumptions.objects.order_by("number"))
    cuts = sorted({since, until, *(one.holds_from for one in versions if one.holds_from and since < one.holds_from < until)})
    found: list[Stretch] = []
    for begin, end in pairwise(cuts):
        version = _holds_on(begin, versions)
        if version is None:
            break
        if found and found[-1].version == version:
            found[-1] = Stretch(version, found[-1].since, end)
        else:
            found.append(Stretch(version, begin, end))
    return found


def _holds_on(day: date, versions: Sequence[Assumptions]) -> Assumptions | None:
    begun = [one for one in versions if one.holds_from is None or one.holds_from <= day]
    return begun[-1] if begun else min(versions, key=lambda one: (one.holds_from, one.number), default=None)


def publish(user: User, new: Costs, change: str, holds_from: date | None = None) -> Assumptions:
    """Reckon with these from a day on, and with those before until then; without a day they correct all that was told before.
    Raises Invalid naming each field."""
    must_be_allowed(user, Permission.VALUE_COST)
    check(new, change, holds_from)
    with transaction.atomic():
        made = Assumptions.succeed(change, costs=msgspec.to_builtins(new), by=user, holds_from=holds_from)
        data = {"number": made.number, "holds_from": f"{holds_from or ''}", **msgspec.to_builtins(new)}
        happened(
            "assumptions.published", Subject("assumptions", made.id), actor_of_user(user), reason=change, data=data
        )
        ask_anew(Reading.Kind.OPERATIONS, Reading.Kind.STAFFING)
    return made


def check(new: Costs, change: str, holds_from: date | None) -> None:
    """Raises Invalid."""
    faults: dict[str, str] = {}
    if not change.strip():
        faults["change"] = "Say what changed, and who says so."
    if holds_from and holds_from > timezone.now().date():
        faults["holds_from"] = "Costs hold from today on or from a day before: tell those to come on their day."
    if holds_from and new.currency != costs().currency and Assumptions.in_force():
        faults["currency"] = "Money of two currencies is not added up: with another one, leave the day empty and tell all anew."
    if new.fines_cap and new.fines_realised > new.fines_cap:
        faults["fines_realised"] = "That is more than the law allows: one of the two is wrong. Of several fines, add up the caps."
    for name, value in msgspec.to_builtins(new).items():
        if isinstance(value, float) and not 0 <= value <= MOST:
            faults[name] = f"Give a number from 0 to {MOST:,.0f}."
    if faults:
        errors: Any = [{"pointer": f"#/{name}", "detail": sentence} for name, sentence in faults.items()]
        raise Invalid(" ".join(faults.values()), errors=errors)


def ask_anew(*kinds: str) -> None:
    """What the worker read off the inputs is to be read again."""
    for kind in kinds:
        Reading.objects.update_or_create(kind=kind, defaults={"asked_at": timezone.now()})
    wake(CHANNEL)
