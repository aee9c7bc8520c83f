"""How strong something hidden would have to be to explain an association away: the E-value.

VanderWeele and Ding (2017), Annals of Internal Medicine 167: the least risk ratio by which something unmeasured would have to
go with both the exposure and the outcome, beyond what was adjusted for. Closed forms; conversions to a risk ratio from their
table 2.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, isfinite, nan, sqrt
from typing import Literal

import numpy as np

from seacliff.value.designs.result import Diagnostic, Grade, Result
from seacliff.value.designs.spans import Array

NAME = "E-value"
Scale = Literal["risk ratio", "hazard ratio", "odds ratio", "standardised difference"]


@dataclass(frozen=True)
class EValue:
    """For the estimate, and for the end of the interval nearer to no association (1 where the interval holds none)."""

    point: float
    bound: float


def e_value(ratio: float, low: float = 0.0, high: float = float("inf")) -> EValue:
    """Of a risk ratio with its 95% interval."""
    if ratio <= 0 or low > ratio or high < ratio:
        raise ValueError(
            f"A risk ratio lies above nought and within its interval: {low} to {ratio} to {high} does not."
        )
    end = low if ratio >= 1 else high
    crosses = low <= 1 <= high
    return EValue(_of(ratio), 1.0 if crosses else _of(end))


def _of(ratio: float) -> float:
    larger = max(ratio, 1 / ratio)
    return larger + sqrt(larger * (larger - 1))


def as_risk_ratio(value: float, scale: Scale, rare: bool = False) -> float:
    """A ratio or a standardised difference as a risk ratio. `rare`: fewer than 15% have the outcome."""
    if scale == "standardised difference":
        return exp(0.91 * value)
    if scale == "risk ratio" or rare:
        return value
    if scale == "odds ratio":
        return sqrt(value)
    return (1 - 0.5 ** sqrt(value)) / (1 - 0.5 ** sqrt(1 / value))


def with_hidden(result: Result, outcome: Array) -> Result:
    """An association (grade C) with its E-value, if it lacks one: the estimate in standard deviations of the outcome (n,)."""
    if result.grade != Grade.ADJUSTED or any(one.name == NAME for one in result.diagnostics):
        return result
    spread = float(np.nanstd(outcome)) or 1.0
    point, low, high = (one / spread for one in (result.estimate, result.low, result.high))
    if isfinite(point):
        found = hidden(point, low, high, "standardised difference", rare=False)
    else:
        found = Diagnostic(NAME, None, nan, "Without a point there is nothing of which to tell how it could be explained away.")
    return replace(result, diagnostics=(*result.diagnostics, found))


def hidden(log_ratio: float, low: float, high: float, scale: Scale, rare: bool) -> Diagnostic:
    """The diagnostic that every association carries; arguments are logarithms (or a standardised difference)."""
    place: Callable[[float], float] = (lambda value: value) if scale == "standardised difference" else exp
    logarithms = (log_ratio, low, high)
    ends = [as_risk_ratio(place(one), scale, rare) if isfinite(one) else place(one) for one in logarithms]
    found = e_value(*ends)
    says = (
        "The interval holds no association, so nothing hidden is needed to explain it."
        if found.bound == 1
        else "To explain it away, something hidden would have to raise both the exposure and the outcome "
        f"{found.point:.2f} times ({found.bound:.2f} times to bring the interval to nought), beyond what is adjusted for."
    )
    return Diagnostic(
        NAME,
        None,
        found.bound,
        says,
        [{"point": found.point, "bound": found.bound}],
    )
