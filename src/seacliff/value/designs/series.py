"""One series before and after a change, with nothing to compare it with: a segmented regression.

Wagner, Soumerai, Zhang and Ross-Degnan (2002), Journal of Clinical Pharmacy and Therapeutics 27. Level, slope and season before
are carried on past the change; what happened less that is the figure. Errors of neighbouring periods resemble each other, so
they are whitened (Prais and Winsten 1954) by a share that restricted likelihood finds, which is not too small in short series
(Cheang and Reinsel 2000, Journal of the American Statistical Association 95). An interval that takes that share as known is too
narrow all the same (Turner and others 2021, BMC Medical Research Methodology 21). So it is averaged over the shares that the
series allows, as Zellner and Tiao do (1964, Journal of the American Statistical Association 59): at each share the effect has
Student's distribution, and the restricted likelihood weighs the shares, all of them alike beforehand.

Whatever else changed at the time is in it: grade C at best, and a comparison with places that did not have the change is always
to be preferred.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import stdtr
from statsmodels.stats.diagnostic import acorr_ljungbox

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
from seacliff.value.designs.spans import Array, matrix

DESIGN = "interrupted series"
FEWEST_BEFORE, FEWEST_AFTER = 12, 4
SHARES = np.linspace(-0.95, 0.995, 80)  # of an error that passes to the next


@dataclass(frozen=True)
class Fit:
    """The mean effect at the likeliest share, and at each of SHARES with that share's weight."""

    estimate: float
    se: float
    rest: Array  # whitened residuals (periods,)
    expected: Array  # the series without the change (periods,)
    means: Array  # (shares,)
    errors: Array  # (shares,)
    weights: Array  # (shares,), of sum one
    freedom: int

    def below(self, effect: float) -> float:
        """The chance that the effect is less than `effect`."""
        return float(self.weights @ stdtr(self.freedom, (effect - self.means) / self.errors))

    @property
    def p(self) -> float:
        return 2 * min(self.below(0.0), 1 - self.below(0.0))

    @property
    def interval(self) -> tuple[float, float]:
        ends = (self.means.min() - 1e4 * self.errors.max(), self.means.max() + 1e4 * self.errors.max())
        low, high = (float(brentq(lambda at, share=share: self.below(at) - share, *ends))
                     for share in (ALPHA / 2, 1 - ALPHA / 2))  # fmt: skip
        return low, high


def interrupted(
    outcome: object, before: int, *, season: int = 0, controls: object = None, plausible: float | None = None
) -> Result:
    """The mean effect per period after the change. `outcome` (periods,) in order without gaps; `before` periods before it;
    `season` the length of a season in periods (7 for days of the week), 0 for none."""
    y = numbers(outcome, "The series")
    after = len(y) - before
    needed = max(FEWEST_BEFORE, 2 * season)
    if before < needed or after < FEWEST_AFTER:
        raise DesignError(
            f"There are {before} periods before the change and {after} after it; at least {needed} and {FEWEST_AFTER} are needed."
        )
    columns = numbers(matrix(controls, len(y)), "Controls")
    found = fit(y, before, season, columns)
    by_chance(found.se, y)
    smallest = detectable(found.se)
    if refusal := unseen(DESIGN, len(y), smallest, plausible, "periods"):
        return refusal
    diagnostics = (_whitened(found.rest, season), _in_time(y[:before], season, columns[:before]))
    low, high = found.interval
    result = Result(
        DESIGN, found.estimate, found.se, low, high, len(y), graded(Grade.ADJUSTED, diagnostics), diagnostics,
        "over all shares", smallest,
        warnings=("Nothing is compared with: whatever else changed at the time is in the figure.",
                  "The straight line before is assumed to have gone on."),
        figures={"expected without": found.expected},
    )  # fmt: skip
    result = with_hidden(result, y[:before])
    return explained(result, explain(result))


def fit(y: Array, before: int, season: int, columns: Array) -> Fit:
    """The segmented regression of y (periods,) with controls (periods, k)."""
    time = np.arange(len(y)) - before
    after = (time >= 0).astype(np.float64)
    parts = [np.ones(len(y)), time / len(y), after, after * time / len(y)]
    parts += [(np.arange(len(y)) % season == part).astype(np.float64) for part in range(1, season)]
    design = np.column_stack([*parts, columns])
    freedom = len(y) - design.shape[1]
    if freedom < 1 or not np.ptp(y):
        raise DesignError(
            "The series is too short for its season and controls, or always the same: no error can be told."
        )
    contrast = np.zeros(design.shape[1])
    contrast[2], contrast[3] = 1.0, parts[3][time >= 0].mean()
    tries = [_restricted(share, y, design) for share in SHARES]
    deviances = np.array([one[0] for one in tries])
    weights = np.exp((deviances.min() - deviances) / 2)
    means = np.array([contrast @ one[1] for one in tries])
    errors = np.sqrt([contrast @ one[2] @ contrast for one in tries])
    share = minimize_scalar(lambda rho: _restricted(rho, y, design)[0], bounds=(-0.95, 0.99), method="bounded").x
    _, params, covariance, rest = _restricted(share, y, design)
    se = float(np.sqrt(contrast @ covariance @ contrast))
    without = design.copy()
    without[:, 2:4] = 0.0
    return Fit(float(contrast @ params), se, rest, without @ params, means, errors, weights / weights.sum(), freedom)


def _restricted(rho: float, y: Array, design: Array) -> tuple[float, Array, Array, Array]:
    """Minus twice the restricted log likelihood at a share of each error that passes to the next, up to a constant;
    coefficients, their covariance, whitened residuals."""
    white, x = (np.vstack([np.sqrt(1 - rho**2) * one[:1], one[1:] - rho * one[:-1]]) for one in (y[:, None], design))
    gram = x.T @ x
    params = np.linalg.solve(gram, x.T @ white[:, 0])
    rest = white[:, 0] - x @ params
    freedom = len(y) - design.shape[1]
    variance = float(rest @ rest) / freedom
    deviance = freedom * np.log(variance) + np.linalg.slogdet(gram)[1] - np.log(1 - rho**2)
    return float(deviance), params, variance * np.linalg.inv(gram), rest


def _whitened(rest: Array, season: int) -> Diagnostic:
    lags = min(max(season, 10), len(rest) // 5)
    p = float(acorr_ljungbox(rest, lags=[lags], model_df=1)["lb_pvalue"].iloc[0]) if lags > 1 else 1.0
    found = "a" if p < ALPHA else "no"
    says = f"What is left after level, slope and season shows {found} pattern over {lags} periods (p = {p:.2f})."
    return Diagnostic("no pattern left", p >= ALPHA, p, says)


def _in_time(past: Array, season: int, columns: Array) -> Diagnostic:
    """As if the change had come two thirds into the time before it."""
    early = 2 * len(past) // 3
    try:
        moved = fit(past, early, season, columns)
    except (np.linalg.LinAlgError, DesignError):
        return Diagnostic(
            "placebo in time", None, float("nan"), "There is too little time before the change for a placebo in it."
        )
    says = f"Pretending that the change came {len(past) - early} periods earlier finds {moved.estimate:.3g} (p = {moved.p:.2f})."
    return Diagnostic(
        "placebo in time", moved.p >= ALPHA, moved.estimate, says, [{"estimate": moved.estimate, "se": moved.se}]
    )


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "We carry the series' level, slope and season from before the change past it and compare with what happened. There is no "
        f"other place to compare with, so this is an association. {told(result)}"
    )
