"""Promises in words, the same on pages, in the PDF and by the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from seacliff.value.assumptions import costs
from seacliff.value.ledger.telling import number_of
from seacliff.value.models import Promise
from seacliff.value.promises.measures import MEASURES, Measure

TONES = {"kept": "green", "missed": "red", "unclear": "amber", "void": "slate"}


@dataclass(frozen=True, slots=True)
class Told:
    promise: Promise
    label: Any
    promised: str
    baseline: str
    found: str
    state: str
    tone: str


def told(promises: Iterable[Promise]) -> list[Told]:
    """One query, for the currency."""
    currency = costs().currency
    return [_told(promise, MEASURES[promise.measure], currency) for promise in promises]


def _told(promise: Promise, measure: Measure, currency: str) -> Told:
    def figure(value: float | None) -> str:
        if value is None:
            return "–"
        if measure.unit == "share":
            return f"{value:.1%}"
        return f"{number_of(value)} {currency}" if measure.unit == "money" else number_of(value)

    bound = _("at most %s") if measure.lower_is_better else _("at least %s")
    found = figure(promise.found)
    if promise.found_low is not None and promise.found_high is not None:
        found += f" ({figure(promise.found_low)} – {figure(promise.found_high)})"
    return Told(promise, measure.label, bound % figure(promise.promised), figure(promise.baseline), found, _state(promise),
                TONES.get(promise.held, "amber" if promise.is_due else "slate"))  # fmt: skip


def _state(promise: Promise) -> str:
    if promise.held:
        return str(promise.get_held_display())
    if not promise.is_due:
        return _("Runs until %s") % promise.due if promise.answer != "open" else _("Waits for an answer")
    if promise.answer == "open":
        return _("Due: say whether it was granted")
    return _("Due: the record can't tell of it yet")
