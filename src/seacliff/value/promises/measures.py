"""What a promise can be about: the figures of the page for the board that say how the work is done, each read one way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

Work = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A measure's value; `low` and `high` its 95% interval, or None where it was counted whole."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """`unit`: "share" (0 to 1), "money" or "count". `read` gives None where the record can't tell."""

    slug: str
    label: Any
    unit: str
    lower_is_better: bool
    read: Callable[[Work], Found | None]

    def kept(self, promised: float, found: Found) -> bool | None:
        """Whether what was found is at least as good as promised; None where its interval lies on both sides."""
        good = self._good(promised)
        ends = {good(found.low if found.low is not None else found.value),
                good(found.high if found.high is not None else found.value)}  # fmt: skip
        return ends.pop() if len(ends) == 1 else None

    def better(self, promised: float, baseline: float) -> bool:
        """Whether what is promised is more than what there is: what is there already can't be missed."""
        return promised < baseline if self.lower_is_better else promised > baseline

    def _good(self, promised: float) -> Callable[[float], bool]:
        return (lambda value: value <= promised) if self.lower_is_better else (lambda value: value >= promised)


def _cost(name: str, low: str = "", high: str = "") -> Callable[[Work], Found | None]:
    def read(work: Work) -> Found | None:
        cost = work.get("cost") or {}
        value = cost.get(name)
        return None if value is None else Found(value, cost.get(low), cost.get(high))

    return read


def _in_time(work: Work) -> Found | None:
    due = sum(row["due"] for row in work.get("service", []))
    return Found(sum(row["met"] for row in work["service"]) / due) if due else None


def _late(work: Work) -> Found | None:
    return Found(float(sum(row["late"] for row in work["backlog"]))) if "backlog" in work else None


def _prevalence(work: Work) -> Found | None:
    share = work.get("prevalence") or {}
    return None if share.get("share") is None else Found(share["share"], share["low"], share["high"])


MEASURES = {
    measure.slug: measure
    for measure in (
        Measure("in-time", _("Share of duties met in time"), "share", False, _in_time),
        Measure("late", _("Cases waiting past their time"), "count", True, _late),
        Measure("overturned", _("Share of decided appeals that were overturned or changed"), "share", True,
                _cost("overturned", "overturned_low", "overturned_high")),
        Measure("per-decision", _("Cost of a decision"), "money", True, _cost("per_decision")),
        Measure("per-correct", _("Cost of a correct decision"), "money", True,
                _cost("per_correct", "per_correct_low", "per_correct_high")),
        Measure("prevalence", _("Share of reported cases that break a rule"), "share", True, _prevalence),
    )
}  # fmt: skip
