"""How far two looks at the same decisions agree: Krippendorff's alpha, Cohen's kappa, and the share that agrees.

Alpha and kappa are told of the pairs as they were drawn; a share is estimated for all decisions, so each pair counts
1/chance times. Intervals of alpha and kappa are percentiles of a bootstrap over the decisions; that of a share is Wilson's, on
Kish's effective number of pairs. With too few pairs nothing is told: a number would be read as one.

Krippendorff, Content Analysis (4th ed. 2019), ch. 12; Cohen, Educ. Psychol. Meas. 20 (1960); Efron and Tibshirani, An
Introduction to the Bootstrap (1993), ch. 13; Kish, Survey Sampling (1965), 11.7; Wilson, JASA 22 (1927).
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEWEST = 20
RESAMPLES = 1000
SEED = 20
Z = 1.959964  # of a two-sided 95 % interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two verdicts on one decision, as labels, and the chance with which the decision was drawn."""

    first: Hashable
    second: Hashable
    agrees: bool
    chance: float = 1.0
    wrong: bool | None = None  # whether the first was found wrong; None while that is open


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one group of pairs. What can't be told is None: `n` below FEWEST, or (alpha, kappa) all verdicts alike."""

    label: str
    n: int
    agreed: int
    open: int
    share: Estimate | None = None
    alpha: Estimate | None = None
    kappa: Estimate | None = None
    wrong: Estimate | None = None

    @property
    def too_few(self) -> bool:
        return self.n < FEWEST


def agreement(label: str, pairs: Sequence[Pair]) -> Agreement:
    n, agreed = len(pairs), sum(pair.agrees for pair in pairs)
    still_open = sum(pair.wrong is None for pair in pairs)
    if n < FEWEST:
        return Agreement(label, n, agreed, still_open)
    alpha, kappa = _chance_corrected(pairs)
    settled = [pair for pair in pairs if pair.wrong is not None]
    return Agreement(
        label, n, agreed, still_open,
        share=share([pair.agrees for pair in pairs], [1 / pair.chance for pair in pairs]),
        alpha=alpha,
        kappa=kappa,
        wrong=share([bool(pair.wrong) for pair in settled], [1 / pair.chance for pair in settled])
        if len(settled) >= FEWEST else None,
    )  # fmt: skip


def share(those: Sequence[bool], weights: Sequence[float]) -> Estimate:
    """The share of all decisions: sum of weights of those, over the sum of all weights (Hájek), with Wilson's interval on the
    effective number (sum of weights)² / sum of squared weights (Kish)."""
    total = sum(weights)
    p = sum(weight for weight, one in zip(weights, those, strict=True) if one) / total
    return wilson(p, total**2 / sum(weight**2 for weight in weights))


def wilson(p: float, n: float) -> Estimate:
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    # At 0 and at 1 the interval ends there; rounding would put it a hair beside.
    return Estimate(p, min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half)))


def _chance_corrected(pairs: Sequence[Pair]) -> tuple[Estimate | None, Estimate | None]:
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
    from statsmodels.stats.inter_rater import cohens_kappa  # slow to load, and most pages never ask

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
