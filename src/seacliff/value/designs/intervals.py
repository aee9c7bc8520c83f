"""Intervals that are no estimate plus and minus two standard errors."""

from math import inf

import numpy as np

from seacliff.value.designs.result import Z
from seacliff.value.designs.spans import Array


def anderson_rubin(
    score: float, strength: float, covariance: Array, z: float = Z
) -> tuple[str, float, float]:
    """All effects b at which (score - b strength)^2 <= z^2 (1, -b) covariance (1, -b)': shape, low, high. `covariance` (2, 2)
    of score and strength.

    Two rays are told as the whole line: what lies between them is all that the data exclude.
    """
    square = strength**2 - z**2 * float(covariance[1, 1])
    middle = score * strength - z**2 * float(covariance[0, 1])
    rest = score**2 - z**2 * float(covariance[0, 0])
    root = middle**2 - square * rest
    if square > 0:
        half = float(np.sqrt(max(root, 0.0)))
        return "interval", (middle - half) / square, (middle + half) / square
    return ("two rays" if root > 0 else "line"), -inf, inf
