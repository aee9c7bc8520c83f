"""Agreement beyond chance: Krippendorff's alpha and Cohen's kappa of the pairs as they were drawn, their intervals percentiles
of a bootstrap over the decisions. Apart from `agreement`, for pages import that and numpy is slow to load.

Krippendorff, Content Analysis (4th ed. 2019), ch. 12; Cohen, Educ. Psychol. Meas. 20 (1960); Efron and Tibshirani, An
Introduction to the Bootstrap (1993), ch. 13.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from seacliff.quality.agreement import Estimate, Pair

Floats = NDArray[np.float64]
RESAMPLES = 1000
SEED = 20


def alpha_and_kappa(pairs: Sequence[Pair]) -> tuple[Estimate | None, Estimate | None]:
    """Alpha and kappa. Pairs with the same two labels are one cell: a resample is a multinomial draw of the cells."""
    cells = Counter((pair.first, pair.second) for pair in pairs)
    labels = {label: place for place, label in enumerate(dict.fromkeys(label for cell in cells for label in cell))}
    if len(labels) < 2:
        return None, None
    firsts = np.array([labels[first] for first, _second in cells])
    seconds = np.array([labels[second] for _first, second in cells])
    counts = np.zeros((len(cells), len(labels)))
    for place, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        counts[place, first] += 1
        counts[place, second] += 1
    times = np.array(list(cells.values()), dtype=float)
    draws = _resamples(times)
    table = np.zeros((len(labels), len(labels)))
    np.add.at(table, (firsts, seconds), times)
    return (
        _estimate(float(alphas(counts, times[None, :])[0]), alphas(counts, draws)),
        _estimate(_kappa(table), kappas(firsts, seconds, len(labels), draws)),
    )


def _resamples(times: Floats) -> Floats:
    n = int(times.sum())
    return np.random.default_rng(SEED).multinomial(n, times / n, size=RESAMPLES).astype(float)


def _kappa(table: Floats) -> float:
    from statsmodels.stats.inter_rater import cohens_kappa  # slower still to load

    return float(cohens_kappa(table, return_results=False))


def _estimate(value: float, resampled: Floats) -> Estimate | None:
    """None where the value, or more than a few of its resamples, is undefined: all verdicts alike leave nothing to tell."""
    known = resampled[~np.isnan(resampled)]
    if np.isnan(value) or len(known) < 0.9 * len(resampled):
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def alphas(counts: Floats, times: Floats) -> Floats:
    """Krippendorff's alpha of nominal data, once for each row of `times`.

    counts[u, v]: how many said value v of unit u; times[b, u]: how often unit u is in resample b. Units that fewer than
    two people judged say nothing. NaN where only one value was used.
    """
    said = counts.sum(axis=1)
    paired = said > 1
    counts, times, said = counts[paired], times[:, paired], said[paired]
    alike = (counts * (counts - 1)).sum(axis=1) / (said - 1)
    values = times @ counts
    total = values.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = 1 - (times @ alike) / total
        expected = 1 - (values * (values - 1)).sum(axis=1) / (total * (total - 1))
        found = 1 - observed / expected
    return np.where(expected > 1e-12, found, np.nan)


def kappas(firsts: NDArray[np.int64], seconds: NDArray[np.int64], labels: int, times: Floats) -> Floats:
    """Cohen's kappa, once for each row of `times`; cell c says (firsts[c], seconds[c]). NaN where it is undefined."""
    by_first = times @ np.eye(labels)[firsts]
    by_second = times @ np.eye(labels)[seconds]
    n = times.sum(axis=1)
    observed = times @ (firsts == seconds).astype(float) / n
    expected = (by_first * by_second).sum(axis=1) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (observed - expected) / (1 - expected)
    return np.where(expected < 1 - 1e-12, found, np.nan)


def alpha_of(verdicts: Sequence[Sequence[Hashable | None]]) -> float | None:
    """Alpha of a few people's verdicts on a few cases (a row a case, None where somebody did not judge), without an interval:
    for a session's table, not for a claim about anybody. None when it is undefined."""
    values = {
        label: place for place, label in enumerate(dict.fromkeys(v for row in verdicts for v in row if v is not None))
    }
    if len(values) < 2:
        return None
    counts = np.zeros((len(verdicts), len(values)))
    for place, row in enumerate(verdicts):
        for verdict in row:
            if verdict is not None:
                counts[place, values[verdict]] += 1
    if not (counts.sum(axis=1) > 1).any():
        return None
    found = float(alphas(counts, np.ones((1, len(verdicts))))[0])
    return None if np.isnan(found) else found
