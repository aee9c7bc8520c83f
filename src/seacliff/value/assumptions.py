"""What money and shifts are reckoned with: configuration, in versions, each with whoever said so."""

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


def publish(user: User, new: Costs, change: str) -> Assumptions:
    """Reckon with these from now on. Raises Invalid."""
    must_be_allowed(user, Permission.VALUE_COST)
    if not change.strip():
        raise Invalid(
            "Say what changed, and who says so.", errors=[{"pointer": "#/change", "detail": "Say who says so."}]
        )
    with transaction.atomic():
        made = Assumptions.succeed(change, costs=msgspec.to_builtins(new), by=user)
        data = {"number": made.number, **msgspec.to_builtins(new)}
        happened(
            "assumptions.published", Subject("assumptions", made.id), actor_of_user(user), reason=change, data=data
        )
        ask_anew(Reading.Kind.OPERATIONS, Reading.Kind.STAFFING)
    return made


def ask_anew(*kinds: str) -> None:
    """What the worker read off the inputs is to be read again."""
    for kind in kinds:
        Reading.objects.update_or_create(kind=kind, defaults={"asked_at": timezone.now()})
    wake(CHANNEL)
