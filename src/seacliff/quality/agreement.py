"""How far two looks at the same decisions agree: the share that agrees, and what of it chance does not explain.

A share is estimated for all decisions, so each pair counts 1/chance times; its interval is Wilson's, on Kish's effective number
of pairs. With too few pairs nothing is told: a number would be read as one.

Kish, Survey Sampling (1965), 11.7; Wilson, JASA 22 (1927).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

FEWEST = 20
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
    from seacliff.quality.beyond_chance import alpha_and_kappa  # numpy, slow to load

    alpha, kappa = alpha_and_kappa(pairs)
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
