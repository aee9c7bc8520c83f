"""A change that reached units at different dates: Callaway and Sant'Anna (2021), Journal of Econometrics 225.

Each group of units that got it together is compared, period by period, with units that had not got it; those effects are then
averaged. Two-way fixed effects are never used: they compare late units with early ones that have it already, and can turn the
sign. Standard errors come from influence functions, clustered where asked; bands of the event study hold for all its points
at once (their Algorithm 1, by draws from the normal limit).
"""

from dataclasses import dataclass
from math import nan
from typing import Any, Literal

import numpy as np
from scipy.stats import f as f_distribution

from seacliff.value.designs.result import (
    ALPHA,
    DesignError,
    Diagnostic,
    Grade,
    Result,
    around,
    detectable,
    explained,
    graded,
    told,
    unseen,
)
from seacliff.value.designs.spans import Array, Codes, Mask, codes_of

DESIGN = "staggered difference-in-differences"
Aggregate = Literal["simple", "group", "dynamic"]
FEW_CLUSTERS = 10


@dataclass(frozen=True)
class Panel:
    """Outcomes of units seen in every period: (units, periods); `first` the number of the first treated period, -1 for never."""

    periods: Array
    outcomes: Array
    first: Codes
    clusters: Codes
    incomplete: int  # units left out because a period is missing
    always: int  # units left out because they had the change from the first period on


@dataclass(frozen=True)
class Effects:
    """Effects by group and period with their influence functions, each a column: (units, effects)."""

    panel: Panel
    group: Codes
    period: Codes
    effect: Array
    influence: Array

    def aggregated(self, kind: Aggregate) -> tuple[float, Array]:
        """The overall effect and its influence function."""
        if kind == "simple":
            return self._mean(self.period >= self.group)
        if kind == "group":
            groups = np.unique(self.group[self.period >= self.group])
            own = [self._plain_mean((self.group == group) & (self.period >= group)) for group in groups]
            return self._weighed(groups, np.array([one[0] for one in own]), np.stack([one[1] for one in own], axis=1))
        later = [self.at(distance) for distance in np.unique((self.period - self.group)[self.period >= self.group])]
        return float(np.mean([one[0] for one in later])), np.mean([one[1] for one in later], axis=0)

    def at(self, distance: int) -> tuple[float, Array]:
        """The effect so many periods after the change (before it: negative)."""
        return self._mean(self.period - self.group == distance)

    def _plain_mean(self, chosen: Mask) -> tuple[float, Array]:
        return float(self.effect[chosen].mean()), self.influence[:, chosen].mean(axis=1)

    def _mean(self, chosen: Mask) -> tuple[float, Array]:
        return self._weighed(self.group[chosen], self.effect[chosen], self.influence[:, chosen])

    def _weighed(self, groups: Codes, effects: Array, influence: Array) -> tuple[float, Array]:
        """Averaged by the groups' sizes, whose own chance is part of the error."""
        member = (self.panel.first[:, None] == groups).astype(np.float64)
        share = member.mean(axis=0)
        total = share.sum()
        weights = share / total
        off = member - share
        by_weights = (off @ effects - off.sum(axis=1) * float(weights @ effects)) / total
        return float(weights @ effects), influence @ weights + by_weights

    @property
    def independent(self) -> int:
        """Units, or the clusters of them that hang together."""
        return int(self.panel.clusters.max()) + 1 if len(self.panel.clusters) else len(self.panel.outcomes)

    def se(self, influence: Array) -> float:
        return float(np.sqrt(self.covariance(influence[:, None])[0, 0]))

    def covariance(self, influence: Array) -> Array:
        """Of the effects whose influence functions are the columns."""
        if len(self.panel.clusters):
            sums = np.zeros((int(self.panel.clusters.max()) + 1, influence.shape[1]))
            np.add.at(sums, self.panel.clusters, influence)
            influence, count = sums, len(self.panel.outcomes)
            return influence.T @ influence / count**2 * len(sums) / max(1, len(sums) - 1)
        return influence.T @ influence / len(influence) ** 2


def panel(unit: object, period: object, outcome: object, first: object, cluster: object = None) -> Panel:
    """A balanced panel from long rows. `first` (n,): the period in which the row's unit got the change; NaN, 0 or after
    the last: never."""
    periods, when = np.unique(np.asarray(period, np.float64), return_inverse=True)
    who = codes_of(unit)
    values, began = np.asarray(outcome, np.float64), np.asarray(first, np.float64)
    count, width = int(who.max(initial=-1)) + 1, len(periods)
    place = who * width + when
    if len(np.unique(place)) < len(place):
        raise DesignError("A unit has several rows for one period; add them up first.")
    flat = np.full(count * width, nan)
    flat[place] = values
    table = flat.reshape(count, width)
    whole = np.isfinite(table).all(axis=1)
    start, groups = np.full(count, nan), np.zeros(count, np.int64)
    start[who] = began
    if (start[who] != began)[np.isfinite(began)].any():
        raise DesignError("A unit has several dates on which it got the change; once reached, it must stay.")
    clusters = codes_of(cluster) if cluster is not None else np.zeros(0, np.int64)
    if len(clusters):
        groups[who] = clusters
    never = ~np.isfinite(start) | (start == 0) | (start > periods[-1])
    number = np.where(never, -1, np.searchsorted(periods, np.where(never, periods[0], start)))
    kept = whole & (number != 0)
    return Panel(
        periods, table[kept], number[kept], codes_of(groups[kept]) if len(clusters) else clusters,
        int((~whole).sum()), int((whole & (number == 0)).sum()),
    )  # fmt: skip


def effects(given: Panel, not_yet: bool = False) -> Effects:
    """Effects by group and period: against units that never got it, or with `not_yet` against all that had not got it by then."""
    groups = np.unique(given.first[given.first > 0])
    never = given.first < 0
    if not len(groups):
        raise DesignError("No unit got the change within the periods seen, after the first.")
    if not never.any() and not not_yet:
        raise DesignError("Every unit got the change in the end: compare with those that had not got it yet (not_yet).")
    count, found = len(given.outcomes), []
    for group in groups:
        own = given.first == group
        for period in range(1, len(given.periods)):
            base = group - 1 if period >= group else period - 1
            others = never if not not_yet else never | ((given.first > period) & ~own)
            if not others.any():
                continue
            change = given.outcomes[:, period] - given.outcomes[:, base]
            here, there = change[own].mean(), change[others].mean()
            influence = np.zeros(count)
            for side, mean, sign in ((own, here, 1.0), (others, there, -1.0)):
                size = int(side.sum())
                influence[side] = sign * count / np.sqrt(size * max(1, size - 1)) * (change[side] - mean)
            found.append((group, period, here - there, influence))
    if not any(period >= group for group, period, *_ in found):
        raise DesignError("No unit without the change is left to compare with once others have it.")
    columns = list(zip(*found, strict=True))
    return Effects(
        given, np.array(columns[0]), np.array(columns[1]), np.array(columns[2]), np.stack(columns[3], axis=1)
    )


def staggered(
    unit: object,
    period: object,
    outcome: object,
    first: object,
    *,
    cluster: object = None,
    aggregate: Aggregate = "group",
    not_yet: bool = False,
    plausible: float | None = None,
    seed: int = 1,
) -> Result:
    """The mean effect of a change on units that got it. Long rows: one for each unit and period. `cluster` (n,): the market or
    whatever the change was decided for, when units are smaller than that."""
    given = panel(unit, period, outcome, first, cluster)
    found = effects(given, not_yet)
    overall = {kind: found.aggregated(kind) for kind in ("simple", "group", "dynamic")}
    estimate, influence = overall[aggregate]
    se = found.se(influence)
    smallest = detectable(se)
    size = len(given.outcomes)
    if refusal := unseen(DESIGN, size, smallest, plausible, "units"):
        return refusal
    diagnostics = (_before(found), _event_study(found, seed))
    low, high = around(estimate, se)
    result = Result(
        DESIGN, estimate, se, low, high, given.outcomes.size, graded(Grade.DESIGNED, diagnostics), diagnostics,
        "influence function", smallest, warnings=_warnings(given),
        figures={"units": size, "aggregate": aggregate,
                 **{kind: one[0] for kind, one in overall.items()},
                 **{f"{kind} se": found.se(one[1]) for kind, one in overall.items()}},
    )  # fmt: skip
    return explained(result, explain(result))


def _warnings(given: Panel) -> tuple[str, ...]:
    said = ["It is believable as far as units with and without the change would have gone on in parallel."]
    if given.incomplete:
        said.append(f"{given.incomplete:,} units were left out because a period of theirs is missing.")
    if given.always:
        said.append(f"{given.always:,} units were left out because they had the change from the first period on.")
    count = int(given.clusters.max()) + 1 if len(given.clusters) else len(given.outcomes)
    treated = len(np.unique(given.clusters[given.first > 0])) if len(given.clusters) else int((given.first > 0).sum())
    if min(treated, count - treated) < FEW_CLUSTERS:
        said.append(f"Only {treated} with and {count - treated} without the change: the interval is likely too narrow.")
    return tuple(said)


def _before(found: Effects) -> Diagnostic:
    """Do the paths already part before the change? A joint Wald test of every effect before it."""
    early = found.period < found.group
    if not early.any():
        return Diagnostic(
            "pre-trends", None, nan, "No unit is seen for two periods before its change: pre-trends can't be tested."
        )
    covariance = found.covariance(found.influence[:, early])
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    wald = float(found.effect[early] @ inverse @ found.effect[early])
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-10 * np.abs(covariance).max(), hermitian=True))
    freedom = max(1, found.independent - rank)  # Hotelling: the covariance is estimated from so many units or markets
    p = float(f_distribution.sf(wald / rank * freedom / max(1, found.independent - 1), rank, freedom))
    says = (
        f"Units that got the change were already parting from the others before it (p = {p:.3f})."
        if p < ALPHA
        else f"Before the change units went in parallel as far as can be seen (p = {p:.2f}, {int(early.sum())} comparisons)."
    )
    return Diagnostic("pre-trends", p >= ALPHA, p, says)


def _event_study(found: Effects, seed: int) -> Diagnostic:
    distances = np.unique(found.period - found.group)
    points = [found.at(int(distance)) for distance in distances]
    covariance = found.covariance(np.stack([one[1] for one in points], axis=1))
    error = np.sqrt(np.diag(covariance))
    safe = np.where(error > 0, error, 1)
    draws = np.random.default_rng(seed).multivariate_normal(
        np.zeros(len(error)), covariance / np.outer(safe, safe), 4000, method="eigh"
    )
    wide = float(np.quantile(np.abs(draws).max(axis=1), 1 - ALPHA))
    rows: list[dict[str, Any]] = [
        {
            "periods since": int(distance),
            "estimate": one[0],
            "low": one[0] - wide * one_se,
            "high": one[0] + wide * one_se,
        }
        for distance, one, one_se in zip(distances, points, error, strict=True)
    ]
    outside = sum(row["low"] > 0 or row["high"] < 0 for row in rows if row["periods since"] >= 0)
    count = int((distances >= 0).sum())
    says = f"Of {count} periods after the change {outside} lie wholly off nought in a band that holds for all."
    return Diagnostic("event study", None, wide, says, rows)


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "The change reached places at different dates. Each is compared, period by period, with places that did not have it, and "
        f"the differences are averaged. {told(result)}"
    )
