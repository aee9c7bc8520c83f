"""One launch in one or few units, against a weighted average of units that did not have it.

- synthetic difference-in-differences: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111.
  Units are weighted to run parallel before the launch, periods to resemble those after it.
- synthetic control: Abadie, Diamond and Hainmueller (2010) on outcomes alone; difference-in-differences: equal weights.

All weights solve a convex problem exactly: the least norm of a convex combination of columns, by non-negative least squares.
A general optimiser's stopping rule never decides an answer. The standard error is the spread of the same estimate in units
that had no launch (their Algorithm 4); every such unit is used, so no chance is in it when one unit had the launch.

Estimates and placebos are told in units of their own misfit before the launch, and the interval is that of `placebos`: the rank
of the real one among all decides it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
from scipy.optimize import nnls

from seacliff.value.designs.guards import ROUNDING, by_chance, numbers
from seacliff.value.designs.placebos import ENOUGH, FEWEST, Placebos, in_noise, must_move
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
from seacliff.value.designs.spans import Array, Codes, Mask

DESIGN = "synthetic difference-in-differences"
METHODS = {
    "sdid": "synthetic difference-in-differences", "did": "difference-in-differences", "sc": "synthetic control"
}  # fmt: skip
FEWEST_BEFORE = 5  # periods; fewer say nothing about parallel paths
DRAWS = 200  # placebo groups where several units had the launch


@dataclass(frozen=True)
class Fit:
    """An estimate with its weights: `units` sum to one over those without the launch, `periods` over those before it."""

    estimate: float
    units: Array
    periods: Array
    path: Array  # treated less weighted others, each period, on average nought over the weighted periods before
    misfit: float  # root mean square of the path before the launch, its level aside where the method allows one


def on_simplex(columns: Array, target: Array, ridge: float = 0.0) -> Array:
    """Weights w >= 0 of sum 1 that minimise |columns w - target|^2 + ridge |w|^2.

    As the weights sum to one this is the least norm in a convex hull, min |C w| with C = [columns - target; sqrt(ridge) I];
    non-negative least squares of [C; 1'] on [0; 1], scaled to sum one, is its exact solution (Lawson and Hanson 1974, 23.4).
    """
    hull = columns - target[:, None]
    if ridge > 0:
        hull = np.vstack([hull, np.sqrt(ridge) * np.eye(columns.shape[1])])
    size = float(np.sqrt((hull**2).sum(axis=0).min())) or 1.0
    system = np.vstack([hull / size, np.ones(columns.shape[1])])
    weights, _ = nnls(system, np.append(np.zeros(len(hull)), 1.0), maxiter=50 * columns.shape[1])
    return weights / weights.sum()


def fit(outcomes: Array, treated: int, before: int, method: str = "sdid") -> Fit:
    """`outcomes` (units, periods), the last `treated` rows had the launch after the first `before` periods."""
    others, own = outcomes[:-treated], outcomes[-treated:].mean(axis=0)
    count, after = len(others), outcomes.shape[1] - before
    units, periods = np.full(count, 1 / count), np.full(before, 1 / before)
    if method == "sdid":
        noise = np.diff(others[:, :before], axis=1).std(ddof=1)
        ridge = before * (treated * after) ** 0.5 * noise**2
        units = on_simplex(*_levelled(others[:, :before].T, own[:before]), ridge)
        periods = on_simplex(
            *_levelled(others[:, :before], others[:, before:].mean(axis=1)), count * (1e-6 * noise) ** 2
        )
    elif method == "sc":
        units, periods = on_simplex(others[:, :before].T, own[:before]), np.zeros(before)
    gap = own - units @ others
    path = gap - gap[:before] @ periods
    off = path[:before] if method == "sc" else path[:before] - path[:before].mean()
    return Fit(float(path[before:].mean()), units, periods, path, float(np.sqrt((off**2).mean())))


def _levelled(columns: Array, target: Array) -> tuple[Array, Array]:
    """Less their means: the weights then match shapes, an intercept takes the level."""
    return columns - columns.mean(axis=0), target - target.mean()


def groups_of(count: int, treated: int, seed: int = 1) -> Sequence[Codes]:
    """The units that are looked at as if they had had the launch: each in turn, or random groups where several had it."""
    if treated == 1:
        return [np.array([unit]) for unit in range(count)]
    draw = np.random.default_rng(seed)
    return [draw.choice(count, treated, replace=False) for _ in range(DRAWS)]


def elsewhere(others: Array, groups: Sequence[Codes], before: int, method: str = "sdid") -> list[Fit]:
    """The same estimate for each of the groups of units without the launch."""
    return [
        fit(np.vstack([np.delete(others, group, axis=0), others[group]]), len(group), before, method) for group in groups
    ]


def placebos(fits: Sequence[Fit], noise: float, freedom: int, size: float) -> Placebos:
    off, own = (np.array([getattr(one, name) for one in fits]) for name in ("estimate", "misfit"))
    return in_noise(off, own, noise, freedom, size)


def launch(
    outcomes: object,
    had_launch: object,
    before: int,
    *,
    units: Sequence[str] | None = None,
    method: str = "sdid",
    plausible: float | None = None,
    seed: int = 1,
) -> Result:
    """The mean effect of a launch on units that had it, per period after it.

    `outcomes` (units, periods) without gaps; `had_launch` (units,) booleans; `before` periods before the launch; `method` one of
    sdid, did, sc; `plausible` the largest effect worth believing in.
    """
    table, own = numbers(outcomes, "Outcomes of units by periods"), np.asarray(had_launch, bool)
    _check(table, own, before, method)
    names = list(units) if units is not None else [f"unit {number + 1}" for number in range(len(own))]
    names = [name for name, is_own in zip(names, own, strict=True) if not is_own]
    others, treated, size = table[~own], int(own.sum()), float(np.abs(table).max())
    ordered = np.vstack([others, table[own]])
    must_move(table[own][:, :before], others[:, :before], size)
    groups = groups_of(len(others), treated, seed)
    fits = elsewhere(others, groups, before, method)
    found = fit(ordered, treated, before, method)
    by_chance(found.misfit, table)
    spread = placebos(fits, found.misfit, len(others) - 1, size)
    by_chance(spread.se, table)
    smallest = detectable(spread.se)
    if refusal := unseen(DESIGN, len(others), smallest, plausible, "units or markets without the launch"):
        return refusal
    diagnostics = (
        _fit_before(found, fits),
        _in_time(ordered, treated, before, method, groups),
        _leave_one_out(ordered, treated, before, method, found, spread.se, names),
        _in_space(found, fits, spread, [", ".join(names[unit] for unit in group) for group in groups], treated),
    )
    others_say = {
        f"by {words}": fit(ordered, treated, before, one).estimate for one, words in METHODS.items() if one != method
    }
    result = Result(
        DESIGN, found.estimate, spread.se, found.estimate - spread.reach, found.estimate + spread.reach, table.size,
        graded(Grade.DESIGNED, diagnostics, ["placebos in space"]), diagnostics, "rank among placebos", smallest,
        warnings=("What else changed in the treated units at the same time is in the figure.",),
        figures={"method": METHODS[method], "path": found.path, "unit weights": dict(zip(names, found.units, strict=True)),
                 "period weights": found.periods, **others_say},
    )  # fmt: skip
    result = with_hidden(result, table)
    return explained(result, explain(result))


def _check(table: Array, own: Mask, before: int, method: str) -> None:
    if method not in METHODS:
        raise DesignError(f"The method must be one of {', '.join(METHODS)}, not {method}.")
    if table.ndim != 2 or len(table) != len(own):
        raise DesignError(
            "The outcomes must be a table of units by periods, with one mark of the launch for each unit."
        )
    if not own.any() or (~own).sum() < FEWEST:
        raise DesignError(
            f"This design needs a unit with the launch and at least {FEWEST} without it; there are {int(own.sum())} and "
            f"{int((~own).sum())}."
        )
    if 2 * own.sum() > len(own):
        raise DesignError(
            "More units had the launch than not: there are too few to compare with. Use the staggered design."
        )
    if before < FEWEST_BEFORE or before >= table.shape[1]:
        raise DesignError(f"There must be at least {FEWEST_BEFORE} periods before the launch and one after it.")


def _fit_before(found: Fit, fits: Sequence[Fit]) -> Diagnostic:
    usual = float(np.median([one.misfit for one in fits]))
    ratio = found.misfit / usual if usual else inf
    says = f"Before the launch the two paths differ by {found.misfit:.3g} (root mean square), {ratio:.1f} times what is usual."
    rows = [{"period": number, "path": float(value)} for number, value in enumerate(found.path)]
    return Diagnostic("fit before the launch", ratio <= 2, ratio, says, rows)


def _in_time(ordered: Array, treated: int, before: int, method: str, groups: Sequence[Codes]) -> Diagnostic:
    """As if the launch had come two thirds into the time before it: nothing should be found."""
    early = (2 * before) // 3
    past = ordered[:, :before]
    moved = fit(past, treated, early, method) if early >= 3 else None
    if moved is None or not moved.misfit > ROUNDING * np.abs(past).max():
        return Diagnostic(
            "placebo in time", None, nan, "There is too little time before the launch for a placebo in it."
        )
    fits = elsewhere(past[:-treated], groups, early, method)
    rank, of = placebos(fits, moved.misfit, len(past) - treated - 1, float(np.abs(past).max())).rank(moved.estimate)
    says = f"Pretending that the launch came {before - early} periods earlier finds {moved.estimate:.3g} (p = {rank / of:.2f})."
    return Diagnostic("placebo in time", rank / of >= ALPHA, moved.estimate, says)


def _leave_one_out(
    ordered: Array, treated: int, before: int, method: str, found: Fit, se: float, names: list[str]
) -> Diagnostic:
    rows: list[dict[str, Any]] = []
    for unit in np.flatnonzero(found.units > 1e-3 if method != "did" else found.units > 0):
        without = fit(np.delete(ordered, unit, axis=0), treated, before, method).estimate
        rows.append({"without": names[unit], "weight": float(found.units[unit]), "estimate": without})
    ends = [row["estimate"] for row in rows]
    low, high = min(ends), max(ends)
    steady = max(high - found.estimate, found.estimate - low) <= se  # no unit carries more than chance does
    says = f"Leaving out any one unit of the comparison moves the estimate to between {low:.3g} and {high:.3g}."
    return Diagnostic("leave one out", steady, high - low, says, rows)


def _in_space(found: Fit, fits: Sequence[Fit], spread: Placebos, names: Sequence[str], treated: int) -> Diagnostic:
    """Rank of the real one among all, by the estimate in units of the misfit before: what the interval is made of."""
    rank, of = spread.rank(found.estimate)
    among = f"{of} units, each" if treated == 1 else f"{of} groups of {treated} units, {of - 1} of them drawn by lot, each"
    enough = of > ENOUGH
    says = f"Among {among} as if it had had the launch, the real one strays rank {rank} furthest (p = {rank / of:.3f})." + (
        "" if enough else f" Among fewer than {ENOUGH + 1} one in twenty can't be told: the interval believes in a normal shape."
    )
    rows = [{"unit" if treated == 1 else "group": name, "estimate": one.estimate, "misfit before": one.misfit}
            for name, one in zip(names, fits, strict=True)]  # fmt: skip
    return Diagnostic("placebos in space", enough or None, rank / of, says, rows)


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "We compare what happened where the change was shipped with a weighted average of places where it was not, chosen so "
        "that both ran alike before. The same calculation for places without the change shows how far chance alone would "
        f"take it. {told(result)}"
    )
