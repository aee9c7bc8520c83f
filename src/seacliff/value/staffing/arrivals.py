"""Arrivals: an intensity by hour of week with bursts, drawn once and shared by all scenarios.

Bursts are of two kinds, and a category may have both. Gamma-distributed multipliers of an hour and of a day make counts
negative binomial: a day or an hour is bad as a whole. A Hawkes process (Hawkes 1971, in its form as clusters: Hawkes and
Oakes 1974) lets each report bring others: `branching` of them on average, after an exponential delay.

A volume shock is nested in what is there: a report exists from a volume (`level`) on, so that with 10% more volume
exactly today's reports come, and a tenth more. Clusters come and go as a whole, so each volume is the exact process.
"""

from typing import NamedTuple

import numpy as np

from seacliff.value.staffing.compiled import LAST, LEVEL, SPACING, WHICH, exponential, jit, uniform
from seacliff.value.staffing.engine import Array, Reports

WEEK = 168


class Demand(NamedTuple):
    """What arrives today, by kind; kinds of one family (a category's languages) share their bursts."""

    rate: Array  # f8[K, 168] mean reports an hour, from Monday 00:00
    family: Array  # i8[K]
    hourly: Array  # f8[K] variance of an hour's multiplier
    daily: Array  # f8[K] variance of a day's multiplier
    branching: Array  # f8[K] reports that one report brings on average, below 1
    delay: Array  # f8[K] mean hours until they come


def luck_of(seed: int, replication: int) -> np.uint64:
    """The key of a replication's luck."""
    return np.random.SeedSequence([seed, replication, 1]).generate_state(1, np.uint64)[0]


def draw(demand: Demand, weeks: int, most: Array, seed: int, replication: int) -> Reports:
    """One replication's arrivals up to `most` (f8[K], at least 1) times today's volume."""
    random = np.random.default_rng([seed, replication, 0])
    own = demand.rate * (1 - demand.branching)[:, None]
    hours = np.tile(own, weeks) * _multipliers(random, demand, weeks)
    if (most > 1).any():
        hours = np.concatenate([hours, hours * (most - 1)[:, None]])
    upto = np.ascontiguousarray(np.cumsum(hours, axis=0).T)
    counts = random.poisson(upto[:, -1])  # of all kinds: which a report is of, is drawn with its time
    total = int(counts.sum())
    reports = Reports(np.empty(total), np.empty(total, np.int16), np.empty(total, np.float32))
    spread_out(counts, upto, most, luck_of(seed, replication), *reports)
    if (demand.branching > 0).any():
        reports = _with_offspring(random, demand, reports, weeks * WEEK)
    return reports


def _multipliers(random: np.random.Generator, demand: Demand, weeks: int) -> Array:
    families = demand.family.max() + 1
    result = np.ones((families, weeks * WEEK))
    for family in range(families):
        kind = int(np.argmax(demand.family == family))
        for variance, length in ((demand.hourly[kind], 1), (demand.daily[kind], 24)):
            if variance > 0:
                drawn = random.gamma(1 / variance, variance, weeks * WEEK // length)
                result[family] *= np.repeat(drawn, length)
    return result[demand.family]


@jit
def spread_out(
    counts: Array, upto: Array, most: Array, luck: np.uint64, time: Array, kind: Array, level: Array
) -> None:  # fmt: skip
    """Put each hour's count (i8[hours]) at random times, in order; kinds in proportion to their rates, of which `upto`
    (f8[hours, K], or f8[hours, 2K] with the further ones behind) has the running sums.

    Spacings of exponentials, divided by their sum, are spaced as sorted uniforms are (Devroye 1986, chapter V). Luck that
    needs no hour is drawn before, in a loop that the compiler makes of several reports at a time.
    """
    for at in range(len(time)):
        time[at] = exponential(luck, at, SPACING, 1.0)
        level[at] = uniform(luck, at, LEVEL)
    kinds, columns, end = len(most), upto.shape[1], 0
    for hour in range(len(counts)):
        begin, end, passed = end, end + counts[hour], 0.0
        for at in range(begin, end):
            passed += time[at]
            time[at] = passed
            drawn, chosen = uniform(luck, at, WHICH) * upto[hour, columns - 1], 0
            for column in range(columns - 1):
                chosen += upto[hour, column] <= drawn
            if chosen >= kinds:
                chosen -= kinds
                level[at] = 1.0 + (most[chosen] - 1.0) * uniform(luck, at, LEVEL)
            kind[at] = chosen
        passed += exponential(luck, end, LAST, 1.0)
        for at in range(begin, end):
            time[at] = hour + time[at] / passed


def _with_offspring(random: np.random.Generator, demand: Demand, parents: Reports, end: float) -> Reports:
    generations, generation = [parents], parents
    while len(generation.time):
        chosen = np.repeat(np.arange(len(generation.time)), random.poisson(demand.branching[generation.kind]))
        kind = generation.kind[chosen]
        time = generation.time[chosen] + random.exponential(demand.delay[kind])
        here = time < end
        generation = Reports(time[here], kind[here], generation.level[chosen][here])
        generations.append(generation)
    time, kind, level = (np.concatenate(column) for column in zip(*generations, strict=True))
    order = np.argsort(time, kind="stable")
    return Reports(time[order], kind[order], level[order])
