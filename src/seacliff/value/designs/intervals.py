"""Intervals that are no estimate plus and minus two standard errors."""

from math import inf

import numpy as np

from seacliff.value.designs.result import Z
from seacliff.value.designs.spans import Array


def anderson_rubin(
    score: float, strength: float, own: Array, by_effect: Array, z: float = Z
) -> tuple[str, float, float]:
    """All effects b at which (score - b strength)^2 <= z^2 sum (own - b by_effect)^2: shape, low, high.

    Two rays are told as the whole line: what lies between them is all that the data exclude.
    """
    square = strength**2 - z**2 * float(by_effect @ by_effect)
    middle = score * strength - z**2 * float(own @ by_effect)
    rest = score**2 - z**2 * float(own @ own)
    root = middle**2 - square * rest
    if square > 0:
        half = float(np.sqrt(max(root, 0.0)))
        return "interval", (middle - half) / square, (middle + half) / square
    return ("two rays" if root > 0 else "line"), -inf, inf
