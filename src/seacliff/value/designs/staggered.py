"""A change that reached units at different dates: Callaway and Sant'Anna (2021), Journal of Econometrics 225.

Each group of units that got it together is compared, period by period, with units that had not got it; those effects are then
averaged. Two-way fixed effects are never used: they compare late units with early ones that have it already, and can turn the
sign. Standard errors come from influence functions, clustered where asked; bands of the event study hold for all its points
at once (their Algorithm 1, by draws from the normal limit).

Influence functions need many places. From ten with and ten without the change on, none alone at its date, quantiles are Student's
with degrees of freedom from each group's own number (Satterthwaite 1946, Biometrics Bulletin 2; Welch 1947). Below that `few`
tells chance by placebos. Pre-trends are as few figures as the places can carry, one for ten of them: a joint test of
twenty by the covariance of twenty places rejects whatever is true.
"""

from dataclasses import dataclass
from math import inf, nan
from typing import Any, Literal

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import t as student

from seacliff.value.designs.few import before as before_few
from seacliff.value.designs.few import event_study, few, in_space, told_by_distance
from seacliff.value.designs.guards import by_chance, numbers
from seacliff.value.designs.result import (
    ALPHA,
    DesignError,
    Diagnostic,
    Grade,
    Result,
    detectable,
    explained,
    graded,
    told,
    unseen,
)
from seacliff.value.designs.sensitivity import with_hidden
from seacliff.value.designs.spans import Array, Codes, Mask, codes_of

DESIGN = "staggered difference-in-differences"
Aggregate = Literal["simple", "group", "dynamic"]
FEW = 10  # independent places with or without the change, below which influence functions mislead
MOMENTS = 5  # of the pre-trends' test, at most


@dataclass(frozen=True)
class Panel:
    """Outcomes of units seen in every period: (units, periods); `first` the number of the first treated period, -1 for never."""

    periods: Array
    outcomes: Array
    first: Codes
    clusters: Codes
    incomplete: int  # units left out because a period is missing
    always: int  # units left out because they had the change from the first period on

    @property
    def places(self) -> Codes:
        """For each unit, or cluster of units that hang together, the period in which it got the change."""
        if not len(self.clusters):
            return self.first
        return self.first[np.unique(self.clusters, return_index=True)[1]]

    def many(self, not_yet: bool) -> bool:
        """Whether each side, and each date, has places enough to tell their chance by themselves."""
        dates, sizes = np.unique(self.places, return_counts=True)
        without = int(sizes[dates < 0].sum()) if not not_yet else int(max(sizes[dates < 0].sum(), sizes[-1]))
        return min(int(sizes[dates > 0].sum()), without) >= FEW and int(sizes.min()) > 1


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

    def freedom(self, influence: Array) -> float:
        """Of a variance that is a sum of the groups' own, each known from as many as it has (Satterthwaite)."""
        group, sums = self.panel.places, influence
        if len(self.panel.clusters):
            sums = np.bincount(self.panel.clusters, influence)
        parts = np.array([(sums[group == one] ** 2).sum() for one in np.unique(group)])
        sizes = np.array([max(1, (group == one).sum() - 1) for one in np.unique(group)])
        return float(parts.sum() ** 2 / (parts**2 / sizes).sum()) if parts.any() else 1.0

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
    periods, when = np.unique(numbers(period, "Periods"), return_inverse=True)
    who = codes_of(unit)
    values = numbers(outcome, "Outcomes", missing=True)
    began = np.asarray(first, np.float64)
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
    overall = {kind: found.aggregated(kind)[0] for kind in ("simple", "group", "dynamic")}
    estimate, size = overall[aggregate], len(given.outcomes)
    by_chance(inf, given.outcomes)  # it must vary at all
    judged = _by_influence(found, aggregate, seed) if given.many(not_yet) else _by_placebos(given, aggregate, not_yet, seed)
    by_chance(judged.se, given.outcomes)
    smallest = detectable(judged.se)
    if refusal := unseen(DESIGN, size, smallest, plausible, "units"):
        return refusal
    result = Result(
        DESIGN, estimate, judged.se, estimate - judged.reach, estimate + judged.reach, given.outcomes.size,
        graded(Grade.DESIGNED, judged.diagnostics, ["pre-trends"]), judged.diagnostics, judged.interval, smallest,
        warnings=_warnings(given), figures={"units": size, "aggregate": aggregate, **overall},
    )  # fmt: skip
    result = with_hidden(result, given.outcomes)
    return explained(result, explain(result))


@dataclass(frozen=True)
class _Judged:
    """How sure an estimate is: its standard error, half its interval, and what was looked at."""

    se: float
    reach: float
    interval: str
    diagnostics: tuple[Diagnostic, ...]


def _by_influence(found: Effects, aggregate: Aggregate, seed: int) -> _Judged:
    influence = found.aggregated(aggregate)[1]
    se = found.se(influence)
    reach = se * float(student.ppf(1 - ALPHA / 2, found.freedom(influence)))
    looks = (_before(found), _event_study(found, seed))
    return _Judged(se, reach, "Student, errors by place (influence functions)", looks)


def _by_placebos(given: Panel, aggregate: Aggregate, not_yet: bool, seed: int) -> _Judged:
    if not_yet or len(given.places) < len(given.outcomes):
        raise DesignError(
            f"Fewer than {FEW} independent places have the change or lack it. So few are compared only with places that never "
            "got it, and only where each row is a place's own mean, not one of the smaller units in it."
        )
    own = given.first > 0
    found = few(given.outcomes[own], given.first[own], given.outcomes[~own], aggregate, seed)
    spread = found.placebos(0)
    return _Judged(
        spread.se, spread.reach, "rank among placebos", (before_few(found), event_study(found), in_space(found))
    )


def _warnings(given: Panel) -> tuple[str, ...]:
    said = ["It is believable as far as units with and without the change would have gone on in parallel."]
    if given.incomplete:
        said.append(f"{given.incomplete:,} units were left out because a period of theirs is missing.")
    if given.always:
        said.append(f"{given.always:,} units were left out because they had the change from the first period on.")
    return tuple(said)


def _before(found: Effects) -> Diagnostic:
    """Do the paths already part before the change? A joint test of effects before it, against F for the covariance is known
    from so many places alone (Hotelling 1931)."""
    early = found.period < found.group
    if not early.any():
        return Diagnostic(
            "pre-trends", None, nan, "No unit is seen for two periods before its change: pre-trends can't be tested."
        )
    effects, influence = _leads(found, early)
    inside = float(np.mean([found.freedom(one) for one in influence.T]))
    covariance = found.covariance(influence)
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    wald = float(effects @ inverse @ effects)
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-10 * np.abs(covariance).max(), hermitian=True))
    rank, freedom = max(1, rank), max(1.0, inside - rank + 1)
    p = float(f_distribution.sf(wald / rank * freedom / max(1.0, inside), rank, freedom))
    what = f"{int(early.sum())} comparisons" + (f" in {len(effects)} parts" if len(effects) < early.sum() else "")
    says = (
        f"Units that got the change were already parting from the others before it (p = {p:.3f})."
        if p < ALPHA
        else f"Before the change units went in parallel as far as can be seen (p = {p:.2f}, {what})."
    )
    return Diagnostic("pre-trends", p >= ALPHA, p, says)


def _leads(found: Effects, early: Mask) -> tuple[Array, Array]:
    """Effects before the change and their influence functions, (leads,) and (units, leads): each by itself where one in ten
    places carries it, else averaged over the groups and over neighbouring distances."""
    places = found.panel.places
    carried = max(1, min(int((places > 0).sum()), int((places < 0).sum()) or len(places)) // FEW)
    if early.sum() <= carried:
        return found.effect[early], found.influence[:, early]
    distances = np.unique((found.period - found.group)[early])
    parts = np.array_split(distances, min(carried, MOMENTS, len(distances)))
    leads = [[found.at(int(distance)) for distance in part] for part in parts]
    effects = np.array([np.mean([one[0] for one in lead]) for lead in leads])
    return effects, np.stack([np.mean([one[1] for one in lead], axis=0) for lead in leads], axis=1)


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
    return told_by_distance(rows, wide)


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "The change reached places at different dates. Each is compared, period by period, with places that did not have it, and "
        f"the differences are averaged. {told(result)}"
    )
