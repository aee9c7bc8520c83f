"""Regression discontinuity: the effect of an action at the threshold of a score, on those who just crossed it.

Local linear fits with triangular weights on either side; the bandwidth of least mean squared error and the robust interval
after correction of the bias: Calonico, Cattaneo and Titiunik (2014), Econometrica 82; regularised bandwidths as in Calonico,
Cattaneo and Farrell (2020), Econometrics Journal 23; variances by three nearest neighbours.

Near a threshold rows are few, and their variance is estimated: quantiles are Student's, not the normal ones of these papers, as
Imbens and Kolesár advise (2016, Review of Economics and Statistics 98). The degrees of freedom are how many rows carry the
variance, by their weights and by what is left of their outcomes (Satterthwaite 1946, Biometrics Bulletin 2): fewer where a few
rows decide. The published interval, with the normal quantile, stays among the figures.

Density test: McCrary (2008), Journal of Econometrics 142. Where not everybody over the threshold was acted on, the jump in
outcomes is divided by the jump in actions, and the interval inverts the score (Anderson-Rubin).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit

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
from seacliff.value.designs.spans import Array, codes_of
from seacliff.value.designs.thresholds import COVARIATES, PLACEBOS, WEAK, first_stage

DESIGN = "regression discontinuity"
NEIGHBOURS = 3
FEWEST = 20  # rows, and FEWEST_VALUES distinct scores, on a side
FEWEST_VALUES = 10
WIDTHS = "half and twice the bandwidth"
STRICT = 0.01  # for a look at the fit far from the threshold, where smaller samples shake more


@dataclass(frozen=True)
class Side:
    """Scores of one side, centred at the cutoff and sorted, with one or more outcomes (n, k)."""

    x: Array
    y: Array

    @property
    def reach(self) -> float:
        return float(np.abs(self.x).max())

    def within(self, width: float) -> "Side":
        near = np.abs(self.x) <= width
        return Side(self.x[near], self.y[near])

    def rows(self, width: float, degree: int) -> Array:
        """The linear map from outcomes to the polynomial's coefficients of (x / width)^j: (degree + 1, n)."""
        u = self.x / width
        weight = np.clip(1 - np.abs(u), 0, None) / width
        powers = u[:, None] ** np.arange(degree + 1)
        weighted = powers * weight[:, None]
        return np.linalg.solve(powers.T @ weighted, weighted.T)

    def residuals(self) -> Array:
        """Outcomes less the mean of their nearest neighbours by score (ties all count), scaled to the noise's size."""
        values, start, own = np.unique(self.x, return_index=True, return_counts=True)
        sums = np.add.reduceat(self.y, start, axis=0)
        last = len(values) - 1
        left, right = np.arange(len(values)), np.arange(len(values))
        count, total = own.astype(np.float64), sums.copy()
        enough = min(NEIGHBOURS, len(self.x) - 1)
        while (few := count - 1 < enough).any():
            to_left = np.where(left > 0, values - values[np.maximum(left - 1, 0)], np.inf)
            to_right = np.where(right < last, values[np.minimum(right + 1, last)] - values, np.inf)
            for step, chosen in ((-1, few & (to_left <= to_right)), (1, few & (to_right <= to_left))):
                edge = left if step < 0 else right
                edge[chosen] += step
                count[chosen] += own[edge[chosen]]
                total[chosen] += sums[edge[chosen]]
        others = np.repeat(count - 1, own)[:, None]
        return np.sqrt(others / (others + 1)) * (self.y - (np.repeat(total, own, axis=0) - self.y) / others)


@dataclass(frozen=True)
class Jump:
    """Jumps of each outcome: by the local linear fit, corrected for its bias, and the terms of the latter's error."""

    conventional: Array  # (k,)
    corrected: Array  # (k,)
    terms: Array  # (n, k): the variance of a combination c of outcomes is the sum of (terms @ c)^2
    h: float
    b: float
    left: int
    right: int
    middle: int = 0  # terms of rows below; those of rows beyond both bandwidths are nought

    @property
    def se(self) -> float:
        return float(np.sqrt((self.terms[:, 0] ** 2).sum()))

    @property
    def freedom(self) -> float:
        """Of the variance: how many equal squared terms would vary as much in their sum, the square of each taken for its
        variance, which errs on the wide side."""
        own = self.terms[:, 0] ** 2
        return float(own.sum() ** 2 / (own**2).sum())

    @property
    def quantile(self) -> float:
        return float(stdtrit(self.freedom, 1 - ALPHA / 2))

    @property
    def interval(self) -> tuple[float, float]:
        return around(float(self.corrected[0]), self.se, self.quantile)

    @property
    def p(self) -> float:
        return float(2 * stdtr(self.freedom, -abs(self.corrected[0]) / self.se))


def sides(score: Array, cutoff: float, *outcomes: Array) -> tuple[Side, Side]:
    """Below, and at or above the cutoff."""
    x, y = score - cutoff, np.stack(outcomes, axis=1)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    middle = int(np.searchsorted(x, 0))
    below, above = Side(x[:middle], y[:middle]), Side(x[middle:], y[middle:])
    for side, name in ((below, "below"), (above, "at or above")):
        if len(side.x) < FEWEST or len(np.unique(side.x)) < FEWEST_VALUES:
            raise DesignError(
                f"There are {len(side.x)} rows with {len(np.unique(side.x))} distinct scores {name} the threshold; this design "
                f"needs {FEWEST} and {FEWEST_VALUES}. For a score of few values compare means in a window."
            )
    return below, above


@dataclass(frozen=True)
class _Part:
    """What one side adds to a bandwidth: variance, bias, and the bias's own variance."""

    variance: float
    bias: float
    noise: float


def _part(side: Side, order: int, derivative: int, at: float, beyond: float) -> _Part:
    near = side.within(at)
    rows = near.rows(at, order)
    spread = ((rows[derivative] * near.residuals()[:, 0]) ** 2).sum() / at ** (2 * derivative)
    constant = float(rows[derivative] @ (near.x / at) ** (order + 1))
    far = side.within(beyond)
    curve = far.rows(beyond, order + 1)[order + 1] / beyond ** (order + 1)
    own = float(curve @ far.y[:, 0])
    error = float(((curve * far.residuals()[:, 0]) ** 2).sum())
    factor = 2 * (order + 1 - derivative)
    return _Part(
        (2 * derivative + 1) * at ** (2 * derivative + 1) * float(spread),
        np.sqrt(factor) * constant * own,
        factor * 3 * constant**2 * error,
    )


def _width(parts: tuple[_Part, _Part], order: int, regularised: bool) -> float:
    below, above = parts
    bias = (above.bias - below.bias) ** 2 + (above.noise + below.noise if regularised else 0.0)
    return float(((below.variance + above.variance) / bias) ** (1 / (2 * order + 3)))


def bandwidths(below: Side, above: Side) -> tuple[float, float]:
    """(h, b) of least mean squared error for the local linear jump and for its bias, of the first outcome."""
    x = np.concatenate([below.x, above.x])
    quarter = np.quantile(x, [0.25, 0.75], method="averaged_inverted_cdf")
    spread = min(x.std(ddof=1), (quarter[1] - quarter[0]) / 1.349)
    most = max(below.reach, above.reach)
    pilot = min(2.576 * spread * len(np.unique(x)) ** -0.2, most)
    both = lambda *given: (_part(below, *given), _part(above, *given))  # noqa: E731
    third = (_part(below, 3, 3, pilot, below.reach), _part(above, 3, 3, pilot, above.reach))
    d = min(_width(third, 3, False), most)
    b = min(_width(both(2, 2, pilot, d), 2, True), most)
    h = min(_width(both(1, 0, pilot, b), 1, True), most)
    return h, b


def jump(below: Side, above: Side, h: float, b: float) -> Jump:
    """Local linear jump at bandwidth h, its bias by local quadratic fits at bandwidth b."""
    found = []
    for side in (below, above):
        near = side.within(max(h, b))
        linear = near.rows(h, 1)[0]
        curve = near.rows(b, 2)[2] / b**2
        corrected = linear - h**2 * float(linear @ (near.x / h) ** 2) * curve
        found.append(
            (
                linear @ near.y,
                corrected @ near.y,
                corrected[:, None] * near.residuals(),
                int((np.abs(near.x) < h).sum()),
            )
        )
    low, high = found
    terms = np.zeros((len(below.x) + len(above.x), below.y.shape[1]))
    terms[len(below.x) - len(low[2]) : len(below.x)], terms[len(below.x) : len(below.x) + len(high[2])] = low[2], high[2]
    return Jump(high[0] - low[0], high[1] - low[1], terms, h, b, low[3], high[3], len(below.x))


def measured(below: Side, above: Side, scale: float = 1.0) -> Jump:
    h, b = bandwidths(below, above)
    return jump(below, above, h * scale, b * scale)


def discontinuity(
    outcome: object,
    score: object,
    cutoff: float,
    *,
    acted: object = None,
    covariates: Mapping[str, object] | None = None,
    plausible: float | None = None,
    upward: bool = True,
) -> Result:
    """The effect of crossing `cutoff` on those at it. With `acted` (n,) 0/1: of the action that crossing brings for some.

    `score` (n,) decided at a row's time by the threshold then in force; `covariates` {name: (n,)} known before;
    `upward` False where the action falls on those below.
    """
    x, y = numbers(score, "Scores"), numbers(outcome, "Outcomes")
    given = [y] if acted is None else [y, numbers(acted, "Who was acted on")]
    by_chance(inf, y)  # it must vary: bandwidths are formed of how it does
    if not upward:
        x, cutoff = -x, -cutoff
    below, above = sides(x, cutoff, *given)
    main = _near(below, above)
    by_chance(main.se, y)
    share = float(main.corrected[1]) if acted is not None else 1.0
    smallest = detectable(main.se / abs(share)) if share else float("inf")
    near = main.left + main.right
    if refusal := unseen(DESIGN, near, smallest, plausible, "rows near the threshold"):
        return refusal
    diagnostics = [_density(x - cutoff)]
    if covariates:
        diagnostics.append(_covariates(x, cutoff, covariates))
    diagnostics += [_widths(below, above, main), _placebos(below, above), _donut(below, above, main)]
    estimate, se, low, high, kind, figures = _effect(main)
    if acted is not None:
        noise = float((main.terms[:, 1] ** 2).sum())
        strength = share**2 / noise if noise else inf  # near the threshold all as they should be
        diagnostics.insert(0, first_stage("Crossing", share, strength))
        estimate, se = (nan, nan) if strength < WEAK else (estimate, se)
    result = Result(
        DESIGN, estimate, se, low, high, near, graded(Grade.DESIGNED, diagnostics, (COVARIATES, WIDTHS, PLACEBOS)),
        tuple(diagnostics), kind, smallest,
        warnings=("It speaks of those at the threshold, not of those far from it.",)
        + (() if covariates else ("No covariates were given, so it was not looked at whether they jump too.",)),
        figures={"bandwidth": main.h, "bandwidth of the bias": main.b, "rows below": main.left, "rows above": main.right,
                 "degrees of freedom": main.freedom, **figures},
    )  # fmt: skip
    result = with_hidden(result, y)
    return explained(result, explain(result))


def _near(below: Side, above: Side) -> Jump:
    try:
        return measured(below, above)
    except np.linalg.LinAlgError as reason:
        raise DesignError(
            "Near the threshold too few scores or outcomes differ to fit a line on either side of it: compare means in a window."
        ) from reason


def _effect(main: Jump) -> tuple[float, float, float, float, str, dict[str, Any]]:
    if len(main.corrected) == 1:
        low, high = main.interval
        return (
            float(main.conventional[0]),
            main.se,
            low,
            high,
            "robust bias-corrected, Student",
            {"bias-corrected": main.corrected[0], "with the normal quantile": around(float(main.corrected[0]), main.se)},
        )
    ratio = float(main.conventional[0] / main.conventional[1])
    own, by_effect = main.terms.T
    se = float(np.sqrt(((own - ratio * by_effect) ** 2).sum()) / abs(main.corrected[1]))
    covariance = main.terms.T @ main.terms
    shape, low, high = anderson_rubin(float(main.corrected[0]), float(main.corrected[1]), covariance, main.quantile)
    figures = {"jump in outcomes": main.conventional[0], "jump in actions": main.conventional[1], "shape": shape}
    return ratio, se, low, high, "Anderson-Rubin", figures


def density_jump(x: Array) -> tuple[float, float, float]:
    """Densities just below and above nought of centred scores (n,), and the jump in standard errors of it (McCrary 2008).

    His variance of each end, but of their difference: where the density is nought on one side its logarithm has no error.
    """
    count, size = len(x), 2 * x.std(ddof=1) / np.sqrt(len(x))
    first = np.floor(x.min() / size)
    heights = np.bincount((np.floor(x / size) - first).astype(np.int64)) / (count * size)
    middles = (np.arange(len(heights)) + first + 0.5) * size
    h = float(np.mean([_curvature_width(middles[side], heights[side]) for side in (middles < 0, middles > 0)]))
    ends = []
    for side in (middles < 0, middles > 0):
        near = Side(middles[side], heights[side][:, None]).within(h)
        if len(near.x) < 3:
            raise DesignError("Too few scores lie near the threshold to tell whether their density jumps there.")
        ends.append(float((near.rows(h, 1)[0] @ near.y)[0]))
    low, high = (max(end, 0.0) for end in ends)
    return low, high, (high - low) / float(np.sqrt(24 / 5 / (count * h) * (high + low)))


def _curvature_width(x: Array, heights: Array) -> float:
    """McCrary's rule: a polynomial of degree four for one side's curvature."""
    reach = float(np.abs(x).max())
    curve = np.polynomial.Polynomial.fit(x, heights, 4)
    second = np.asarray(curve.deriv(2)(x))
    noise = float(((heights - np.asarray(curve(x))) ** 2).sum()) / max(1, len(x) - 5)
    return float(3.348 * (noise * reach / max(float((second**2).sum()), 1e-300)) ** 0.2)


def _density(x: Array) -> Diagnostic:
    low, high, jumped = density_jump(x)
    ratio = high / low if low else float("inf")
    p = float(2 * ndtr(-abs(jumped)))
    off = p < ALPHA
    says = (
        f"Scores crowd on one side of the threshold (density jumps by {ratio:.2f} times, p = {p:.3f}): somebody "
        "steered them."
        if off
        else f"As many scores lie just below the threshold as just above (ratio {ratio:.2f}, p = {p:.2f})."
    )
    counts, edges = np.histogram(x, bins=40)
    rows = [{"score": float(left), "count": int(count)} for left, count in zip(edges, counts, strict=False)]
    return Diagnostic("density at the threshold", not off, p, says, rows)


def _covariates(x: Array, cutoff: float, covariates: Mapping[str, object]) -> Diagnostic:
    rows: list[dict[str, Any]] = []
    for name, values in covariates.items():
        column = numbers(values, f"The covariate {name}")
        if not np.ptp(column) > ROUNDING * np.abs(column).max():
            continue
        try:
            found = measured(*sides(x, cutoff, column))
        except np.linalg.LinAlgError:
            continue
        if found.se > 0 and isfinite(found.p):  # what is the same for all near the threshold tells nothing
            rows.append({"covariate": name, "jump": float(found.corrected[0]), "se": found.se, "p": found.p})
    return known_before(COVARIATES, rows, "What was known before jumps at the threshold as well",
                        "Nothing that was known before jumps at the threshold")  # fmt: skip


def _row(name: str, found: Jump, column: str) -> dict[str, Any]:
    low, high = found.interval
    return {column: name, "estimate": float(found.conventional[0]), "low": low, "high": high, "h": found.h}


def less(one: Jump, other: Jump) -> Jump:
    """How far two jumps lie apart, and the error of that: they share rows, all or those further from the threshold."""
    below, above = (max(found.middle for found in (one, other)), max(len(found.terms) - found.middle for found in (one, other)))
    terms = np.zeros((below + above, one.terms.shape[1]))
    for found, sign in ((one, 1.0), (other, -1.0)):
        terms[: found.middle] += sign * found.terms[: found.middle]
        terms[below + above - (len(found.terms) - found.middle) :] += sign * found.terms[found.middle :]
    return Jump(one.conventional - other.conventional, one.corrected - other.corrected, terms, one.h, one.b, 0, 0, below)


def _widths(below: Side, above: Side, main: Jump) -> Diagnostic:
    tries = {}
    for scale in (0.5, 2.0):
        width = min(main.h * scale, max(below.reach, above.reach))
        if min(len(np.unique(side.within(width).x)) for side in (below, above)) > 5:
            tries[f"{scale:g} times"] = jump(below, above, width, min(main.b * scale, max(below.reach, above.reach)))
    if not tries:
        return Diagnostic(WIDTHS, None, nan, "Neither half nor twice the bandwidth holds scores enough on either side.")
    moved = {name: less(found, main) for name, found in tries.items()}
    least = min(holm([found.p for found in moved.values()]))
    rows = [_row("chosen", main, "bandwidth"), *(_row(name, found, "bandwidth") for name, found in tries.items())]
    shown = ", ".join(f"{row['estimate']:.3g} at {row['bandwidth']}" for row in rows[1:])
    says = (
        f"With other bandwidths the jump is {shown}; at the chosen one {rows[0]['estimate']:.3g} (that they are the same: "
        f"least p {least:.2f})."
    )
    return Diagnostic(WIDTHS, least >= STRICT, least, says, rows)


def _placebos(below: Side, above: Side) -> Diagnostic:
    """Thresholds where nothing happened: a third and two thirds into either side."""
    rows: list[dict[str, Any]] = []
    for side in (below, above):
        for share in (1 / 3, 2 / 3):
            at = float(np.quantile(side.x, share))
            try:
                found = measured(*sides(side.x, at, side.y[:, 0]))
            except (DesignError, np.linalg.LinAlgError):
                continue
            rows.append(_row(f"{at:+.3g}", found, "distance") | {"p": found.p})
    if not rows:
        return Diagnostic(PLACEBOS, None, nan, "Too few scores lie further off to try a threshold where nothing happened.")
    least = min(holm([row["p"] for row in rows]))
    says = f"At {len(rows)} thresholds where nothing happened the least p is {least:.2f}."
    return Diagnostic(PLACEBOS, least >= STRICT, least, says, rows)


def _donut(below: Side, above: Side, main: Jump) -> Diagnostic:
    hole = 0.05 * main.h
    cut = [Side(side.x[np.abs(side.x) >= hole], side.y[np.abs(side.x) >= hole]) for side in (below, above)]
    found = jump(cut[0], cut[1], main.h, main.b)
    moved = less(found, main)
    says = (
        f"Without the scores closest to the threshold the jump is {found.conventional[0]:.3g} (that it is the same: "
        f"p = {moved.p:.2f})."
    )
    return Diagnostic("donut", not moved.p < STRICT, float(moved.conventional[0]), says, [_row("donut", found, "rows")])


def window(outcome: object, score: object, cutoff: float, width: float, *, cluster: object = None) -> Result:
    """Means just above against just below the cutoff, with clustered errors: for scores of few values. Grade C.

    Local randomisation (Lee 2008): believable only as far as chance alone decides the side within the window.
    """
    x, y = numbers(score, "Scores", missing=True) - cutoff, numbers(outcome, "Outcomes", missing=True)
    near = np.abs(x) < width
    groups = codes_of(np.asarray(cluster)[near] if cluster is not None else np.arange(int(near.sum())))
    above, y = x[near] >= 0, numbers(y[near], "Outcomes near the threshold")
    n, high, count = len(y), int(above.sum()), int(groups.max(initial=-1)) + 1
    if min(high, n - high) < 2:
        raise DesignError(
            f"Within {width:g} of the threshold there are {n - high} rows below and {high} above: widen it."
        )
    estimate = float(y[above].mean() - y[~above].mean())
    rest = np.where(above, (y - y[above].mean()) / high, -(y - y[~above].mean()) / (n - high))
    scale = count / (count - 1) * (n - 1) / (n - 2) if cluster is not None else n / (n - 2)
    se = float(np.sqrt(scale * (np.bincount(groups, rest) ** 2).sum()))
    by_chance(se, y)
    low, high_end = around(estimate, se)
    result = Result(
        f"{DESIGN}, window", estimate, se, low, high_end, n, Grade.ADJUSTED, interval="clustered",
        smallest_detectable=detectable(se), warnings=("Believable as far as chance decided the side within the window.",),
        figures={"window": width},
    )  # fmt: skip
    result = with_hidden(result, y)
    return explained(result, explain(result))


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "The action follows when a score crosses a threshold, and a score just below it is as good as one just above. We compare "
        f"the two. This tells the effect on those at the threshold, not far from it. {told(result)}"
    )
