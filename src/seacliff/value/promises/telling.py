"""Promises in words, the same on pages, in the PDF and by the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from seacliff.value.assumptions import costs
from seacliff.value.ledger.telling import number_of
from seacliff.value.models import Promise
from seacliff.value.promises.measures import MEASURES, Measure

BOUND = {True: _lazy("at most %s"), False: _lazy("at least %s")}
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
    mark: str  # what must be known beside the state


def cause() -> str:
    """What a kept promise does not say."""
    return _("Kept and missed compare a figure with the one that was promised. They don't say whether what was granted brought "
             "it about: that is a question for the ledger.")  # fmt: skip


def figure(measure: Measure, value: float | None, currency: str) -> str:
    if value is None:
        return "–"
    if measure.unit == "share":
        return f"{value:.1%}"
    return f"{number_of(value)} {currency}" if measure.unit == "money" else number_of(value)


def told(promises: Iterable[Promise]) -> list[Told]:
    """One query, for the currency."""
    currency = costs().currency
    return [_told(promise, MEASURES[promise.measure], currency) for promise in promises]


def _told(promise: Promise, measure: Measure, currency: str) -> Told:
    said = partial(figure, measure, currency=currency)
    found = said(promise.found)
    if promise.found_low is not None and promise.found_high is not None:
        found += f" ({said(promise.found_low)} – {said(promise.found_high)})"
    bound = str(BOUND[measure.lower_is_better]) % said(promise.promised)
    tone = TONES.get(promise.held, "amber" if promise.is_due else "slate")
    mark = _mark(promise, measure)
    return Told(promise, measure.label, bound, said(promise.baseline), found, _state(promise), tone, mark)


def _mark(promise: Promise, measure: Measure) -> str:
    if promise.baseline is None:
        return _("Nobody knew how it stood when it was asked for.")
    if not measure.better(promise.promised, promise.baseline):
        return _("No better than it was when it was asked for: it promised nothing.")
    return ""


def _state(promise: Promise) -> str:
    if promise.held:
        return str(promise.get_held_display())
    if not promise.is_due:
        return _("Runs until %s") % promise.due if promise.answer != "open" else _("Waits for an answer")
    if promise.answer == "open":
        return _("Due: say whether it was granted")
    return _("Due: the record can't tell of it yet")
