"""The compiler of the simulation, and the luck that every report carries.

Luck is a function of (replication, report, purpose), not a stream that is used up: whatever a scenario changes, a report
keeps its handle time, its patience and its way through the tiers. That is what makes common random numbers common.
"""

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np


def jit(function: Callable[..., Any]) -> Any:
    """Compile, release the interpreter's lock while running, and keep the result on disk where that is possible."""
    options: Any = {"nogil": True, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # neither the package's directory nor the user's cache can be written
        return numba.njit(**options)(function)


_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_A, _B, _C, _D = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)  # the bits of sqrt(1/2)
PURPOSES = np.uint64(32)
AUTOMATED, ACCURATE, PATIENCE, APPEALED, DELAY, HANDLE, ESCALATES = range(7)  # the last two: plus twice the stage
LAST, LEVEL, SPACING, WHICH = range(28, 32)  # of arrivals


@jit
def uniform(luck: np.uint64, report: int, purpose: int) -> float:
    """In (0, 1): SplitMix64's finaliser (Steele, Lea, Flood 2014) over a counter."""
    z = luck + (np.uint64(report) * PURPOSES + np.uint64(purpose) + np.uint64(1)) * _STEP
    z = (z ^ (z >> _A)) * _FIRST
    z = (z ^ (z >> _B)) * _SECOND
    z = z ^ (z >> _C)
    return (np.float64(z >> _D) + 0.5) * 1.1102230246251565e-16


@jit
def log(x: float) -> float:
    """The natural logarithm of a positive number, relative error 1e-11: the series of artanh from sqrt(1/2) to sqrt(2).
    The library's would be called for each number; this one is compiled into loops, several numbers at a time."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits - _ROOT_HALF) >> 52
    m = np.int64(bits - (exponent << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    series = ((((2 / 13 * q + 2 / 11) * q + 2 / 9) * q + 2 / 7) * q + 2 / 5) * q + 2 / 3
    return exponent * 0.6931471805599453 + (2.0 * s + s * q * series)


@jit
def normal(p: float) -> float:
    """The standard normal quantile of p, relative error 1e-7: algorithm AS 241, PPND7 (Wichura 1988)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
        return q * top / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    r = math.sqrt(-log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        z = top / ((0.12021132975 * r + 0.73700164250) * r + 1.0)
    else:
        r -= 5.0
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        z = top / ((0.012258202635 * r + 0.24197894225) * r + 1.0)
    return -z if q < 0.0 else z


@jit
def exponential(luck: np.uint64, report: int, purpose: int, mean: float) -> float:
    """An exponential duration of the given mean."""
    return -log(uniform(luck, report, purpose)) * mean


@jit
def lognormal(luck: np.uint64, report: int, purpose: int, location: float, spread: float) -> float:
    """A duration whose logarithm is normal with this mean and standard deviation."""
    return math.exp(location + spread * normal(uniform(luck, report, purpose)))
