"""How much of what is out there breaks the rules: a stratified sample, reviewed, with an interval.

Prevalence is what users meet, not what was removed or reported, so it is estimated from a sample drawn by lot from all of it. A
stratum is a part that is sampled at its own rate (high scores more densely than low ones). Each has the exact binomial interval
(Clopper and Pearson 1934, Biometrika 26) at the size that its sample is worth where it is much of a finite stratum (Korn and
Graubard 1998, Survey Methodology 24); distances from the share are put together in squares (MOVER: Zou, Huang and Zhang 2009,
Computational Statistics and Data Analysis 53). So it holds where a sample has none at all, and closes where all was reviewed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from seacliff.value.designs.result import ALPHA, DesignError

LEAST_DRAWN_FROM = 0.8  # of the whole


@dataclass(frozen=True)
class Stratum:
    """A part of the whole: how many there are (or how often they were seen), how many were drawn, how many broke a rule."""

    name: str
    population: int
    drawn: int
    found: int

    @property
    def share(self) -> float:
        return self.found / self.drawn

    @property
    def interval(self) -> tuple[float, float]:
        if self.drawn == self.population:
            return self.share, self.share
        size = self.drawn * (self.population - 1) / (self.population - self.drawn)
        found = size * self.share
        low = beta.ppf(ALPHA / 2, found, size - found + 1) if self.found else 0.0
        high = beta.ppf(1 - ALPHA / 2, found + 1, size - found) if self.found < self.drawn else 1.0
        return float(low), float(high)


@dataclass(frozen=True)
class Prevalence:
    """A share of the whole with its 95% interval."""

    share: float
    low: float
    high: float
    population: int
    drawn: int

    def sentence(self) -> str:
        """For the reader of the page."""
        return (
            f"Of {self.population:,}, {self.share:.2%} break a rule (95% interval {self.low:.2%} to {self.high:.2%}), from "
            f"{self.drawn:,} drawn by lot and reviewed."
        )


def prevalence(strata: Iterable[Stratum]) -> Prevalence:
    """The share of the whole. What nothing was drawn from may break rules throughout or not at all: the interval holds both.

    DesignError where that is a large part of the whole, or where counts can't be.
    """
    parts = [one for one in strata if one.population]
    for one in parts:
        if not 0 <= one.found <= one.drawn <= one.population:
            raise DesignError(f"In {one.name} {one.found} of {one.drawn} drawn from {one.population} can't be.")
    whole = sum(one.population for one in parts)
    if not whole:
        raise DesignError("There is nothing to sample from.")
    drawn = [one for one in parts if one.drawn]
    seen = sum(one.population for one in drawn) / whole
    if seen < LEAST_DRAWN_FROM:
        missing = sorted((one for one in parts if not one.drawn), key=lambda one: -one.population)
        named = ", ".join(one.name for one in missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
        raise DesignError(f"Nothing was drawn from {named}: {1 - seen:.0%} of the whole, of which nothing is known.")
    weight = np.array([one.population / whole for one in drawn])
    share = np.array([one.share for one in drawn])
    low, high = np.array([one.interval for one in drawn]).T
    known = float(weight @ share)
    return Prevalence(
        known / seen,
        max(0.0, known - float(np.hypot.reduce(weight * (share - low)))),
        min(1.0, known + float(np.hypot.reduce(weight * (high - share))) + 1 - seen),
        whole,
        sum(one.drawn for one in drawn),
    )
