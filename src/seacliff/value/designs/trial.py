"""What chance assigned: the difference in means, with Neyman's standard error (1923; no equal variances assumed).

Grade A where the lot was followed: the arms' sizes agree with the shares planned, what was known before is alike, and as many
are missing from one arm as from the other. With covariates the estimate is adjusted by Lin's regression (2013, Annals of Applied
Statistics 7), which can only sharpen it. Where whole groups were drawn, errors are clustered by them.
"""

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
from scipy.stats import binomtest, fisher_exact
from scipy.stats import t as student

from seacliff.value.designs.guards import ROUNDING, by_chance, known_before, numbers
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
from seacliff.value.designs.spans import Array, Mask, codes_of, matrix

DESIGN = "randomised comparison"
MISMATCH = 0.001  # a sample ratio is looked at often, so it must be very unlikely before it fails


def trial(
    outcome: object,
    assigned: object,
    *,
    planned: float | None = None,
    balance: Mapping[str, object] | None = None,
    adjust: object = None,
    cluster: object = None,
    plausible: float | None = None,
) -> Result:
    """The effect of being assigned. `outcome` (n,), NaN where it could not be seen; `assigned` 0/1 by lot; `planned` the share
    assigned; `adjust` (n, k) known before; `cluster` (n,) what was drawn, when that is more than one row."""
    y, drawn = numbers(outcome, "Outcomes", missing=True), numbers(assigned, "Assignments") > 0
    seen = np.isfinite(y)
    columns = numbers(matrix(adjust, len(y)), "What the estimate is adjusted for")
    estimate, se, freedom, without = _difference(
        y[seen], drawn[seen], columns[seen], None if cluster is None else np.asarray(cluster)[seen]
    )
    by_chance(se, y)
    n = int(seen.sum())
    smallest = detectable(se)
    if refusal := unseen(DESIGN, n, smallest, plausible, "rows"):
        return refusal
    diagnostics = [
        *([_ratio(drawn, planned)] if planned is not None else []),
        _missing(seen, drawn),
        *([_alike(drawn, balance, cluster)] if balance else []),
    ]
    low, high = around(estimate, se, float(student.ppf(1 - ALPHA / 2, freedom)))
    result = Result(
        DESIGN, estimate, se, low, high, n, graded(Grade.RANDOMISED, diagnostics), tuple(diagnostics), "Student",
        smallest, warnings=("It tells the effect of being assigned, whether or not the assignment was followed.",),
        figures={"without adjustment": without, "mean of those not assigned": float(y[seen & ~drawn].mean()),
                 "assigned": int(drawn.sum()), "not assigned": int((~drawn).sum())},
    )  # fmt: skip
    return explained(result, explain(result))


def _difference(y: Array, drawn: Mask, columns: Array, cluster: object) -> tuple[float, float, float, float]:
    """Estimate, standard error, degrees of freedom, and the estimate without adjustment."""
    if min(drawn.sum(), (~drawn).sum()) < 2:
        raise DesignError("Each arm needs two rows with an outcome.")
    plain = float(y[drawn].mean() - y[~drawn].mean())
    rest, n = y.copy(), len(y)
    if columns.shape[1]:
        centred = columns - columns.mean(axis=0)
        for arm in (drawn, ~drawn):
            inside = centred[arm] - centred[arm].mean(axis=0)
            rest[arm] -= centred[arm] @ np.linalg.lstsq(inside, y[arm] - y[arm].mean(), rcond=None)[0]
    estimate = float(rest[drawn].mean() - rest[~drawn].mean())
    terms = np.zeros(n)
    for arm, sign in ((drawn, 1), (~drawn, -1)):
        size = int(arm.sum())
        lost = min(size - 1, 1 + columns.shape[1]) if cluster is None else 0
        terms[arm] = sign * (rest[arm] - rest[arm].mean()) / size * np.sqrt(size / (size - lost))
    if cluster is not None:
        groups = codes_of(cluster)
        count = int(groups.max()) + 1
        if count < 4:
            raise DesignError(f"{count} groups were drawn: too few to tell an effect from their differences.")
        se = float(np.sqrt((np.bincount(groups, terms) ** 2).sum() * count / (count - 1)))
        return estimate, se, count - 2, plain
    parts = [float((terms[arm] ** 2).sum()) for arm in (drawn, ~drawn)]
    if not any(parts):
        return estimate, 0.0, nan, plain
    freedom = sum(parts) ** 2 / sum(
        part**2 / (arm.sum() - 1) for part, arm in zip(parts, (drawn, ~drawn), strict=True) if part
    )
    return estimate, float(np.sqrt(sum(parts))), float(freedom), plain


def _ratio(drawn: Mask, planned: float) -> Diagnostic:
    share = float(drawn.mean())
    p = float(binomtest(int(drawn.sum()), len(drawn), planned).pvalue)
    says = f"{share:.1%} were assigned, {planned:.1%} were planned (p = {p:.3f})" + (
        ": the lot was not followed, or rows were lost." if p < MISMATCH else "."
    )
    return Diagnostic("shares as planned", p >= MISMATCH, p, says)


def _missing(seen: Mask, drawn: Mask) -> Diagnostic:
    table = [[int((seen & arm).sum()), int((~seen & arm).sum())] for arm in (drawn, ~drawn)]
    p = float(fisher_exact(table).pvalue)
    gone, others = (1 - seen[arm].mean() for arm in (drawn, ~drawn))
    says = f"The outcome is missing for {gone:.1%} of the assigned and {others:.1%} of the others."
    return Diagnostic("missing alike", p >= ALPHA, p, says)


def _alike(drawn: Mask, balance: Mapping[str, object], cluster: object) -> Diagnostic:
    """Where no covariate varies nothing was looked at, and the lot still stands: it is the lot that makes the grade."""
    rows: list[dict[str, Any]] = []
    for name, values in balance.items():
        column = numbers(values, f"The covariate {name}")
        if column.std() > ROUNDING * np.abs(column).max():
            difference, se, freedom, _ = _difference(column, drawn, matrix(None, len(column)), cluster)
            p = float(2 * student.sf(abs(difference) / se, freedom)) if se else 0.0
            rows.append(
                {"covariate": name, "difference": difference, "in deviations": difference / column.std(), "p": p}
            )
    return known_before("balance of the arms", rows, "The arms differed before", "Before, the arms were alike")


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "A lot decided who got the change, so nothing but the change can tell the two groups apart, save chance, which the "
        f"interval allows for. {told(result)}"
    )
