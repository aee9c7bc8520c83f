"""A threshold of a value that takes few values, such as strikes: those who just reached it beside those one step short of it.

With few values no line can be drawn towards the threshold, so means are compared, as if chance had decided the last step (local
randomisation: Cattaneo, Idrobo and Titiunik 2024, A Practical Introduction to Regression Discontinuity Designs: Extensions,
Cambridge). That is a stronger assumption than a threshold of a score needs: grade C at best. What one step does where nothing
happens, further from the threshold, is the test of it. Errors are clustered, for an account comes by its steps one after the
other; quantiles are Student's on the clusters. Where not everybody at the threshold was acted on, or some before it, the
difference is divided by that of the actions, and the interval inverts the score (Anderson-Rubin).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf, nan
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from seacliff.value.designs.guards import ROUNDING, by_chance, known_before, numbers
from seacliff.value.designs.intervals import anderson_rubin
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
    holm,
    told,
    unseen,
)
from seacliff.value.designs.sensitivity import with_hidden
from seacliff.value.designs.spans import Array, Codes, Mask, codes_of
from seacliff.value.designs.thresholds import COVARIATES, PLACEBOS, WEAK, first_stage

DESIGN = "threshold of few values"
FEWEST = 20  # rows on either step


@dataclass(frozen=True)
class Step:
    """Differences of means of each outcome between two sets of rows, and each cluster's part in their error."""

    differences: Array  # (k,)
    parts: Array  # (clusters, k): the variance of a combination c of outcomes is the sum of (parts @ c)^2
    clusters: Codes  # (clusters,) whose parts these are

    @property
    def se(self) -> float:
        return float(np.sqrt((self.parts[:, 0] ** 2).sum()))

    @property
    def quantile(self) -> float:
        return float(stdtrit(len(self.parts) - 1, 1 - ALPHA / 2))

    @property
    def interval(self) -> tuple[float, float]:
        return around(float(self.differences[0]), self.se, self.quantile)

    @property
    def p(self) -> float:
        return float(2 * stdtr(len(self.parts) - 1, -abs(self.differences[0]) / self.se)) if self.se else 1.0


def step(y: Array, groups: Codes, below: Mask, above: Mask) -> Step:
    """Means of y (n, k) over the rows `above` (n,) less those over `below`."""
    low, high = int(below.sum()), int(above.sum())
    rest = np.where(above[:, None], (y - y[above].mean(axis=0)) / high, -(y - y[below].mean(axis=0)) / low)
    inside = below | above
    names, places = np.unique(groups[inside], return_inverse=True)
    parts = np.zeros((len(names), y.shape[1]))
    np.add.at(parts, places, rest[inside])
    count, n = len(names), low + high
    scale = count / max(1, count - 1) * (n - 1) / max(1, n - 2)
    return Step(y[above].mean(axis=0) - y[below].mean(axis=0), parts * np.sqrt(scale), names)


def less(one: Step, other: Step) -> Step:
    """How far two differences lie apart, and the error of that: clusters that are in both count in both."""
    names = np.union1d(one.clusters, other.clusters)
    parts = np.zeros((len(names), one.parts.shape[1]))
    for found, sign in ((one, 1.0), (other, -1.0)):
        parts[np.searchsorted(names, found.clusters)] += sign * found.parts
    return Step(one.differences - other.differences, parts, names)


def steps(
    outcome: object,
    value: object,
    cutoff: float,
    *,
    cluster: object,
    acted: object = None,
    covariates: Mapping[str, object] | None = None,
    plausible: float | None = None,
) -> Result:
    """The effect of reaching `cutoff`; with `acted` (n,) 0/1: of the action that reaching it brings for some.

    `value` (n,) counted at a row's time, `cluster` (n,) whose rows resemble each other, `covariates` {name: (n,)} known before.
    """
    x, y = numbers(value, "Values") - cutoff, numbers(outcome, "Outcomes")
    groups = codes_of(np.asarray(cluster))
    outcomes = np.stack([y] if acted is None else [y, numbers(acted, "Who was acted on")], axis=1)
    last, first = float(x[x < 0].max(initial=-inf)), float(x[x >= 0].min(initial=inf))
    low, high = int((x == last).sum()), int((x == first).sum())
    if min(low, high) < FEWEST:
        raise DesignError(
            f"There are {low} rows one step short of the threshold and {high} that just reached it; this design needs {FEWEST} "
            "of each."
        )
    main = step(outcomes, groups, x == last, x == first)
    by_chance(main.se, y[(x == last) | (x == first)])
    share = float(main.differences[1]) if acted is not None else 1.0
    smallest = detectable(main.se / abs(share)) if share else inf
    if refusal := unseen(DESIGN, low + high, smallest, plausible, "rows beside the threshold"):
        return refusal
    diagnostics = [
        _crowd(x, last, first), *([_covariates(groups, x == last, x == first, covariates)] if covariates else []),
        _twice(outcomes, groups, x, main), _placebos(outcomes, groups, x),
        Diagnostic("donut", None, nan, "Leaving out those closest to the threshold would leave out all that are compared."),
    ]  # fmt: skip
    estimate, se, (ends, kind, more) = float(main.differences[0]), main.se, (main.interval, "clustered, Student", {})
    if acted is not None:
        strength = share**2 / float((main.parts[:, 1] ** 2).sum()) if main.parts[:, 1].any() else inf
        diagnostics.insert(0, first_stage("Reaching", share, strength))
        shape, *found = anderson_rubin(estimate, share, main.parts.T @ main.parts, main.quantile)
        ends, kind = (found[0], found[1]), "Anderson-Rubin"
        more = {"jump in outcomes": estimate, "jump in actions": share, "shape": shape}
        ratio = estimate / share if share else nan
        se = float(np.sqrt(((main.parts[:, 0] - ratio * main.parts[:, 1]) ** 2).sum()) / abs(share)) if share else nan
        estimate, se = (nan, nan) if strength < WEAK else (ratio, se)
    result = Result(
        DESIGN, estimate, se, *ends, low + high, graded(Grade.ADJUSTED, diagnostics), tuple(diagnostics), kind, smallest,
        warnings=("It speaks of those at the threshold, and believes that chance decided the last step to it.",)
        + (() if covariates else ("No covariates were given, so it was not looked at whether they differ too.",)),
        figures={"rows below": low, "rows above": high, **more},
    )  # fmt: skip
    result = with_hidden(result, y)
    return explained(result, explain(result))


def _crowd(x: Array, last: float, first: float) -> Diagnostic:
    values, counts = np.unique(x, return_counts=True)
    low, high = int((x == last).sum()), int((x == first).sum())
    says = (
        f"{high} rows just reached the threshold, {low} are one step short of it. With so few values it can't be tested whether "
        "somebody steered them."
    )
    rows = [{"steps from the threshold": float(at), "count": int(count)} for at, count in zip(values, counts, strict=True)]
    return Diagnostic("density at the threshold", None, high / low, says, rows)


def _covariates(groups: Codes, below: Mask, above: Mask, covariates: Mapping[str, object]) -> Diagnostic:
    rows: list[dict[str, Any]] = []
    for name, values in covariates.items():
        column = numbers(values, f"The covariate {name}")
        if np.ptp(column[below | above]) > ROUNDING * np.abs(column).max():
            found = step(column[:, None], groups, below, above)
            p = found.p if found.se else 0.0
            rows.append({"covariate": name, "jump": float(found.differences[0]), "se": found.se, "p": p})
    return known_before(COVARIATES, rows, "What was known before differs at the threshold as well",
                        "Nothing that was known before differs at the threshold")  # fmt: skip


def _row(name: str, found: Step) -> dict[str, Any]:
    low, high = found.interval
    return {"rows": name, "estimate": float(found.differences[0]), "low": low, "high": high, "p": found.p}


def _twice(y: Array, groups: Codes, x: Array, main: Step) -> Diagnostic:
    """Two steps on either side; half a step there is not."""
    below, above = np.unique(x[x < 0])[-2:], np.unique(x[x >= 0])[:2]
    wide = step(y, groups, np.isin(x, below), np.isin(x, above))
    if len(below) < 2 and len(above) < 2:
        return Diagnostic("twice the window", None, nan, "There is one step alone on either side: no wider window to look at.")
    moved = less(wide, main)
    says = (
        f"With up to two steps on either side the difference is {wide.differences[0]:.3g}; with one {main.differences[0]:.3g} "
        f"(that they are the same: p = {moved.p:.2f})."
    )
    rows = [_row("one step", main), _row("two steps", wide)]
    return Diagnostic("twice the window", moved.p >= ALPHA, float(moved.differences[0]), says, rows)


def _placebos(y: Array, groups: Codes, x: Array) -> Diagnostic:
    """A step further where nothing happened: between neighbouring values below the threshold."""
    values = np.unique(x[x < 0])
    rows = []
    for low, high in pairwise(values):
        if min((x == low).sum(), (x == high).sum()) >= FEWEST:
            rows.append(_row(f"{low:+g} to {high:+g}", step(y[:, :1], groups, x == low, x == high)))
    if not rows:
        says = "Below the threshold there are not two steps with rows enough for a placebo."
        return Diagnostic(PLACEBOS, None, nan, says)
    least = min(holm([row["p"] for row in rows]))
    says = f"At {len(rows)} steps where nothing happened the least p is {least:.2f}."
    return Diagnostic(PLACEBOS, least >= ALPHA, least, says, rows)


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "The action follows when a count reaches a threshold. We compare those that just reached it with those one step short of "
        f"it, and look whether a step makes a difference where nothing follows. {told(result)}"
    )
