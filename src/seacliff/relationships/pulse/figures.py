"""The rounds of the past year added up, for one function or many."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from seacliff.people.models import Function
from seacliff.relationships.models import PulseRound
from seacliff.relationships.pulse.answering import GRADES

BACK = timedelta(days=365)


@dataclass(slots=True)
class Figures:
    """How many said 1, 2, 3, 4 and 5 to each question."""

    easy: list[int] = field(default_factory=lambda: [0] * len(GRADES))
    worth: list[int] = field(default_factory=lambda: [0] * len(GRADES))
    rounds: int = 0

    @property
    def answers(self) -> int:
        return sum(self.easy)


def mean(counts: list[int]) -> float:
    """Of at least one answer."""
    return sum(grade * count for grade, count in zip(GRADES, counts, strict=True)) / sum(counts)


def of_functions(functions: Iterable[Function], now: datetime | None = None) -> dict[UUID, Figures]:
    """By function, those with a closed round alone. One query."""
    now = now or timezone.now()
    found: dict[UUID, Figures] = {}
    rounds = PulseRound.objects.filter(function__in=list(functions), closed_at__gt=now - BACK, closed_at__lte=now)
    for each in rounds:
        of = found.setdefault(each.function_id, Figures())
        of.easy = [first + second for first, second in zip(of.easy, each.easy, strict=True)]
        of.worth = [first + second for first, second in zip(of.worth, each.worth, strict=True)]
        of.rounds += 1
    return found


def of_function(function: Function, now: datetime | None = None) -> Figures | None:
    return of_functions([function], now).get(function.id)


def closed_between(function: Function, since: datetime, until: datetime) -> bool:
    """Whether a round was closed in that time: then there is something new to say."""
    return PulseRound.objects.filter(function=function, closed_at__gte=since, closed_at__lt=until).exists()
