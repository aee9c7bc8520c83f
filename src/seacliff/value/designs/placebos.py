"""What chance alone makes of places where nothing happened, and how far an estimate must stand out among them.

Each placebo is an estimate in a place, or a group of places, that did not have the change. Where places differ in how noisy they
are, an estimate is told in units of its own place's noise before the change: a noisy place would stand out among calm ones
whatever happened (Abadie, Diamond and Hainmueller 2010 rank it so; Ferman and Pinto 2019, Review of Economics and Statistics 101,
say why it must be). All that is then needed is that places are alike but for their noise.

The interval is the wider of two, for neither can be relied on alone. Student's holds where placebos look normal. The placebos'
own quantile (a permutation test turned round: Chernozhukov, Wüthrich and Zhu 2021, Journal of the American Statistical
Association 116; Conley and Taber 2011, Review of Economics and Statistics 93) needs no such shape; from 19 of them on it can tell
one in twenty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from seacliff.value.designs.guards import ROUNDING
from seacliff.value.designs.result import ALPHA, DesignError
from seacliff.value.designs.spans import Array

ENOUGH = round(1 / ALPHA) - 1  # placebos among which a rank of one in twenty can be told
FEWEST = 10  # places without the change


@dataclass(frozen=True)
class Placebos:
    """Estimates (placebos,) in units of noise: each its own, the real one's is `noise`. Without the noise all are alike."""

    ratios: Array
    noise: float
    freedom: int  # places without the change, less one

    @property
    def se(self) -> float:
        """Of the real estimate. Placebos without bound, of places that never moved before, count in their rank alone."""
        return self.noise * float(np.std(self.ratios[np.isfinite(self.ratios)], ddof=1))

    @property
    def reach(self) -> float:
        """Half the interval."""
        return max(self.se * float(student.ppf(1 - ALPHA / 2, self.freedom)), self.noise * furthest(self.ratios))

    def rank(self, estimate: float) -> tuple[int, int]:
        """Place of the real estimate among all by how far it lies from nought, and their number."""
        own = abs(estimate) / self.noise * (1 - 1e-12)
        return 1 + int((np.abs(self.ratios) >= own).sum()), 1 + len(self.ratios)


def in_noise(estimates: Array, noises: Array, noise: float, freedom: int, size: float) -> Placebos:
    """Each in units of its own noise (placebos,). One that never moved (by `size`, the outcome's) says nothing; one that moved
    after the change alone is without bound."""
    still = noises <= ROUNDING * size
    ratios = np.where(still, np.inf, estimates / np.where(still, 1.0, noises))
    return Placebos(ratios[~(still & (np.abs(estimates) <= ROUNDING * size))], noise, freedom)


def must_move(treated: Array, others: Array, size: float) -> None:
    """Chance is told by how outcomes vary before the change, (places, periods): where they hardly do, one odd event would look
    like an effect."""
    with_it, without = (int((np.ptp(paths, axis=1) > ROUNDING * size).sum()) for paths in (treated, others))
    if with_it < len(treated) or without < FEWEST:
        raise DesignError(
            f"Before the change the outcome varies in {with_it} of {len(treated)} units with it and in {without} without; all of "
            f"the former and {FEWEST} of the latter are needed to tell chance from an effect. Take an outcome that happens more "
            "often, or longer periods."
        )


def furthest(ratios: Sequence[float] | Array) -> float:
    """How far from nought an estimate must lie for its rank among these and itself to be one in twenty; 0 where too few are
    there to tell."""
    rank = int(ALPHA * (len(ratios) + 1))
    return sorted(map(abs, ratios))[-rank] if rank else 0.0
