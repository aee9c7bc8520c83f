"""Proportional hazards in counting-process form, Efron's ties: Cox (1972); Efron (1977); Therneau and Grambsch (2000), chapter 3.

Sums over risk sets are differences of running sums, so a step costs one pass over the rows whatever the number of events.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import chi2, rankdata

from seacliff.value.designs.result import DesignError
from seacliff.value.designs.spans import Array, Codes, Mask

STEPS = 50


@dataclass(frozen=True)
class Hazards:
    """Coefficients (k,), their covariance, and Schoenfeld residuals (events, k) in the order of `times` (events,)."""

    params: Array
    covariance: Array
    residuals: Array
    times: Array

    @property
    def se(self) -> Array:
        return np.sqrt(np.diag(self.covariance))

    def proportionality(self) -> list[tuple[float, float]]:
        """(statistic, p) for each covariate: do scaled residuals go with the rank of time? Grambsch and Therneau (1994)."""
        rank = rankdata(self.times)
        off, count = rank - rank.mean(), len(rank)
        scaled = self.residuals @ self.covariance * count
        statistic = (off @ scaled) ** 2 / (count * np.diag(self.covariance) * (off @ off))
        return [(float(value), float(chi2.sf(value, 1))) for value in statistic]


class _Risk:
    """Rows (start, stop] and the places of event times in them, once for all steps."""

    def __init__(self, start: Array, stop: Array, event: Mask, x: Array) -> None:
        self.x, self.event = x, event
        self.times, self.tied = np.unique(stop[event], return_inverse=True)
        self.deaths = np.bincount(self.tied)
        self.by_stop, self.by_start = np.argsort(stop), np.argsort(start)
        self.from_stop = np.searchsorted(stop[self.by_stop], self.times, "left")
        self.from_start = np.searchsorted(start[self.by_start], self.times, "left")
        first = np.cumsum(self.deaths) - self.deaths
        self.which = np.repeat(np.arange(len(self.times)), self.deaths)
        self.share = (np.arange(len(self.which)) - first[self.which]) / self.deaths[self.which]

    @cached_property
    def squares(self) -> Array:
        n, k = self.x.shape
        return (self.x[:, :, None] * self.x[:, None, :]).reshape(n, k * k)

    def at_risk(self, values: Array) -> Array:
        """Sums of values over the risk set of each event, those tied with it counted in part: (events, columns)."""
        late, early = (self._from(values[order], place) for order, place in
                       ((self.by_stop, self.from_stop), (self.by_start, self.from_start)))  # fmt: skip
        own = values[self.event]
        tied = np.zeros((len(self.times), values.shape[1]))
        np.add.at(tied, self.tied, own)
        return (late - early)[self.which] - self.share[:, None] * tied[self.which]

    @staticmethod
    def _from(values: Array, place: Codes) -> Array:
        sums = np.vstack([np.cumsum(values[::-1], axis=0)[::-1], np.zeros((1, values.shape[1]))])
        return sums[place]

    def step(self, params: Array) -> tuple[float, Array, Array, Array]:
        """Log likelihood, its gradient, information, and the risk sets' mean covariates at each event."""
        k = self.x.shape[1]
        line = self.x @ params
        weight = np.exp(line - line.max())[:, None]
        sums = self.at_risk(np.hstack([weight, weight * self.x, weight * self.squares]))
        total, mean = sums[:, :1], sums[:, 1 : k + 1] / sums[:, :1]
        information = (sums[:, k + 1 :] / total).sum(axis=0).reshape(k, k) - mean.T @ mean
        likelihood = float(line[self.event].sum() - (np.log(total) + line.max()).sum())
        return likelihood, self.x[self.event].sum(axis=0) - mean.sum(axis=0), information, mean


def proportional_hazards(start: Array, stop: Array, event: Mask, x: Array) -> Hazards:
    """Rows (start, stop] with whether each ended in the event, and covariates (n, k). Newton's steps, halved where too long."""
    middle, size = x.mean(axis=0), x.std(axis=0)
    if (size == 0).any():
        raise DesignError("A covariate has one value only; leave it out.")
    risk = _Risk(start, stop, event, (x - middle) / size)
    params = np.zeros(x.shape[1])
    likelihood, gradient, information, mean = risk.step(params)
    for _ in range(STEPS):
        move = np.linalg.solve(information, gradient)
        reached = risk.step(params + move)
        while not reached[0] >= likelihood - 1e-9 * abs(likelihood) and np.abs(move).max() > 1e-12:
            move = move / 2
            reached = risk.step(params + move)
        params = params + move
        likelihood, gradient, information, mean = reached
        if np.abs(move).max() < 1e-9:
            break
        if np.abs(params).max() > 20:
            raise DesignError(
                "The model has no finite answer: a covariate foretells the event, or its absence, without fail."
            )
    averaged = np.zeros((len(risk.times), x.shape[1]))
    np.add.at(averaged, risk.which, mean)
    rest = risk.x[event] - (averaged / risk.deaths[:, None])[risk.tied]
    return Hazards(params / size, np.linalg.inv(information) / np.outer(size, size), rest * size, stop[event])
