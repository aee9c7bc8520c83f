"""A change that few places got, at one date or several: what chance makes of it is told by places that never got it.

With few treated places standard errors from influence functions are far too small: a place that alone got the change at its date
has none at all. So as many places that never got it are drawn again and again, as if they had got it at the same dates, and
compared with the rest of them (Conley and Taber 2011, Review of Economics and Statistics 93; MacKinnon and Webb 2020, Journal of
Econometrics 218), in units of their noise before the change (Ferman and Pinto 2019, the same Review 101): `placebos`.

Everything compared is linear in a place's path, so a draw costs a few sums. Pre-trends are one figure, the slope before the
change, for a dozen places can't carry a test of as many figures as there were periods.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb, nan
from typing import Any

import numpy as np

from seacliff.value.designs.placebos import ENOUGH, FEWEST, Placebos, in_noise, must_move
from seacliff.value.designs.result import ALPHA, DesignError, Diagnostic
from seacliff.value.designs.spans import Array, Codes

DRAWS = 999
ENOUGH_BEFORE = 5  # periods from which a place's noise, and its slope, can be told


def columns_of(first: int, distances: Codes, periods: int) -> Array:
    """What is asked of a path whose change came in period `first`, each a linear map (periods, 2 + distances): its mean after
    less the last period before, its slope before, and its steps at each distance from the change (before it, from the period
    ahead); NaN marks a distance that is not seen."""
    asked = np.zeros((periods, 2 + len(distances)))
    asked[first:, 0] = 1 / (periods - first)
    asked[first - 1, 0] = -1.0
    time = np.arange(first) - (first - 1) / 2
    asked[:first, 1] = time / (time @ time) if first > 1 else 0.0
    for column, distance in enumerate(distances, start=2):
        at = first + distance
        if not 1 <= at < periods:
            asked[:, column] = nan
            continue
        asked[at, column] += 1.0
        asked[first - 1 if distance >= 0 else at - 1, column] -= 1.0
    return asked


@dataclass(frozen=True)
class Few:
    """Paths of places that got the change and of those that never did (places, periods), and when the former got it."""

    treated: Array
    first: Codes
    never: Array
    aggregate: str
    seed: int

    @cached_property
    def distances(self) -> Codes:
        return np.unique(np.arange(1, self.never.shape[1])[None, :] - self.first[:, None])

    @cached_property
    def draws(self) -> Codes:
        """Places without the change as if they had it at the treated ones' dates, (draws, treated): each in turn where one had
        it, else by lot."""
        count, size = len(self.never), len(self.first)
        if size == 1:
            return np.arange(count)[:, None]
        generator = np.random.default_rng(self.seed)
        return np.argsort(generator.uniform(size=(DRAWS, count)), axis=1)[:, :size]

    @cached_property
    def _asked(self) -> Array:
        """(treated, never + 1, asked): of each path that never got it, at each date; last the treated one's own."""
        found = [np.vstack([self.never, own]) @ columns_of(int(first), self.distances, self.never.shape[1])
                 for own, first in zip(self.treated, self.first, strict=True)]  # fmt: skip
        return np.stack(found)

    @cached_property
    def _weights(self) -> Array:
        """(treated, asked): of each treated place in the means over them."""
        seen = np.isfinite(self._asked[:, 0, :]).astype(np.float64)
        if self.aggregate == "simple":
            seen[:, 0] = self.never.shape[1] - self.first
        return seen / seen.sum(axis=0)

    def _overall(self, means: Array) -> Array:
        """Of means (..., asked) the aggregate, then the slope before, then the distances."""
        if self.aggregate == "dynamic":
            means[..., 0] = means[..., 2:][..., self.distances >= 0].mean(axis=-1)
        return means

    @cached_property
    def real(self) -> Array:
        values = np.nan_to_num(self._asked)
        return self._overall(((values[:, -1] - values[:, :-1].mean(axis=1)) * self._weights).sum(axis=0))

    @cached_property
    def elsewhere(self) -> Array:
        """(draws, asked)"""
        values, size = np.nan_to_num(self._asked[:, :-1]), len(self.first)
        total = np.zeros((len(self.draws), values.shape[2]))
        for place in range(size):
            chosen = sum(values[place][self.draws[:, other]] for other in range(size))
            rest = (values[place].sum(axis=0) - chosen) / (len(self.never) - size)
            total += (values[place][self.draws[:, place]] - rest) * self._weights[place]
        return self._overall(total)

    def _noise(self) -> tuple[float, Array]:
        """Root mean square of paths before the change, less those that never got it and less their own level: of the treated,
        and of each draw."""
        count = len(self.never)
        own, others = 0.0, np.zeros(len(self.draws))
        for place, (path, first) in enumerate(zip(self.treated, self.first, strict=True)):
            usual = self.never.mean(axis=0)
            off = (path - usual)[:first]
            own += float(((off - off.mean()) ** 2).sum())
            apart = (self.never - usual)[:, :first] * count / (count - 1)  # from the others, not from all and itself
            sums = ((apart - apart.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
            others += sums[self.draws[:, place]]
        freedom = float((self.first - 1).sum())
        return (own / freedom) ** 0.5, (others / freedom) ** 0.5

    @property
    def scaled(self) -> bool:
        return bool(self.first.min() >= ENOUGH_BEFORE)

    def placebos(self, column: int) -> Placebos:
        """In units of noise before the change, where enough was seen before it."""
        found, freedom = self.elsewhere[:, column], len(self.never) - 1
        if not self.scaled:
            return Placebos(found, 1.0, freedom)
        noise, others = self._noise()
        return in_noise(found, others, noise, freedom, float(np.abs(self.never).max()))


def few(treated: Array, first: Codes, never: Array, aggregate: str, seed: int) -> Few:
    """DesignError where there are too few without the change to draw from, or where too few ever vary before it."""
    needed = max(ENOUGH if len(first) == 1 else FEWEST, 2 * len(first))
    if len(never) < needed or comb(len(never), len(first)) < ENOUGH:
        raise DesignError(
            f"{len(first)} places got the change and {len(never)} never did: with so few of the former at least {needed} of the "
            "latter are needed to tell chance from an effect."
        )
    found, size = Few(treated, first, never, aggregate, seed), float(max(np.abs(treated).max(), np.abs(never).max()))
    if found.scaled:
        least = int(first.min())
        must_move(treated[:, :least], never[:, :least], size)
    return found


def before(found: Few) -> Diagnostic:
    """Do the paths already part before the change? Their slope, ranked among placebos."""
    if not found.scaled:
        says = f"A place is seen for fewer than {ENOUGH_BEFORE} periods before its change: pre-trends can't be tested."
        return Diagnostic("pre-trends", None, nan, says)
    spread = found.placebos(1)
    rank, of = spread.rank(float(found.real[1]))
    p = rank / of
    says = (
        f"Places that got the change were already parting from the others before it (p = {p:.3f})."
        if p < ALPHA
        else f"Before the change places went in parallel as far as can be seen (p = {p:.2f}, by their slope)."
    )
    return Diagnostic("pre-trends", p >= ALPHA, p, says)


def event_study(found: Few) -> Diagnostic:
    """Effects by distance from the change, in a band that holds for all of them in 95 of 100 placebos."""
    points, chance = found.real[2:], found.elsewhere[:, 2:]
    spread = chance.std(axis=0, ddof=1)
    spread = np.where(spread > 0, spread, 1.0)
    wide = float(np.quantile(np.abs(chance / spread).max(axis=1), 1 - ALPHA))
    rows: list[dict[str, Any]] = [
        {"periods since": int(distance), "estimate": float(point), "low": point - wide * one, "high": point + wide * one}
        for distance, point, one in zip(found.distances, points, spread, strict=True)
    ]
    return told_by_distance(rows, wide)


def told_by_distance(rows: list[dict[str, Any]], wide: float) -> Diagnostic:
    later = [row for row in rows if row["periods since"] >= 0]
    outside = sum(row["low"] > 0 or row["high"] < 0 for row in later)
    says = f"Of {len(later)} periods after the change {outside} lie wholly off nought in a band that holds for all."
    return Diagnostic("event study", None, wide, says, rows)


def in_space(found: Few) -> Diagnostic:
    """The rank that decides the interval."""
    rank, of = found.placebos(0).rank(float(found.real[0]))
    size = len(found.first)
    says = (
        f"{size} places got the change: too few for a standard error. Among {of} groups of as many places, each as if it had got "
        f"it at the same dates, the real one lies rank {rank} furthest from nought (p = {rank / of:.3f})."
    )
    return Diagnostic("placebos in space", True, rank / of, says)
