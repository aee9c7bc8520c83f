"""How much of what is out there breaks the rules: a stratified sample, reviewed, with an interval.

Prevalence is what users meet, not what was removed or reported, so it is estimated from a sample drawn by lot from all of it. A
stratum is a part that is sampled at its own rate (high scores more densely than low ones). Offences are rare, so the interval is
of a weighted sum of Poisson counts (Fay and Feuer 1997, Statistics in Medicine 16): it never covers less than it says, and it
holds where a stratum's sample has none at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import chi2

from seacliff.value.designs.result import ALPHA, DesignError


@dataclass(frozen=True)
class Stratum:
    """A part of the whole: how many there are (or how often they were seen), how many were drawn, how many broke a rule."""

    name: str
    population: int
    drawn: int
    found: int


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
    """The share of the whole; DesignError where a part was not sampled or counts can't be."""
    parts = [one for one in strata if one.population]
    for one in parts:
        if not 0 <= one.found <= one.drawn <= one.population:
            raise DesignError(f"In {one.name} {one.found} of {one.drawn} drawn from {one.population} can't be.")
        if not one.drawn:
            raise DesignError(
                f"Nothing was drawn from {one.name}, {one.population:,} of the whole: nothing is known of it."
            )
    whole = sum(one.population for one in parts)
    if not whole:
        raise DesignError("There is nothing to sample from.")
    weight = np.array([one.population / whole / one.drawn for one in parts])
    found = np.array([one.found for one in parts], np.float64)
    share, variance = float(weight @ found), float(weight**2 @ found)
    most = float(weight.max())
    low = variance / (2 * share) * chi2.ppf(ALPHA / 2, 2 * share**2 / variance) if share else 0.0
    spread, end = variance + most**2, share + most
    high = min(1.0, spread / (2 * end) * chi2.ppf(1 - ALPHA / 2, 2 * end**2 / spread))
    return Prevalence(share, float(low), float(high), whole, sum(one.drawn for one in parts))


def allocate(strata: Sequence[Stratum], size: int, fewest: int = 30) -> dict[str, int]:
    """How many to draw from each stratum next time: by size times spread (Neyman 1934), but `fewest` of each where there are as
    many. Shares come from the sample before, half an offence added so that a stratum without one is still looked at."""
    wanted = {}
    for one in strata:
        share = (one.found + 0.5) / (one.drawn + 1)
        wanted[one.name] = one.population * sqrt(share * (1 - share))
    total = sum(wanted.values())
    if not total:
        raise DesignError("There is nothing to sample from.")
    return {
        one.name: min(one.population, max(fewest, round(size * wanted[one.name] / total))) if one.population else 0
        for one in strata
    }
