"""Arrivals: an intensity by hour of week with bursts, drawn once and shared by all scenarios.

Bursts are of two kinds, and a category may have both. Gamma-distributed multipliers of an hour and of a day make counts
negative binomial: a day or an hour is bad as a whole. A Hawkes process (Hawkes 1971, in its form as clusters: Hawkes and
Oakes 1974) lets each report bring others: `branching` of them on average, after an exponential delay.

A volume shock is nested in what is there: a report exists from a volume (`level`) on, so that with 10% more volume
exactly today's reports come, and a tenth more. Clusters come and go as a whole, so each volume is the exact process.
"""

import math
from typing import NamedTuple

import numpy as np

from seacliff.value.staffing.compiled import LAST, LEVEL, SPACING, WHICH, jit, uniform
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
    counts = random.poisson(hours)
    further = random.poisson(hours * (most - 1)[:, None])
    both = np.concatenate([counts, further]).T.astype(np.int64)
    shape = int(both.sum())
    reports = Reports(np.empty(shape), np.empty(shape, np.int16), np.empty(shape, np.float32))
    spread_out(np.ascontiguousarray(both), most, luck_of(seed, replication), *reports)
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
def spread_out(counts: Array, most: Array, luck: np.uint64, time: Array, kind: Array, level: Array) -> None:
    """Put each hour's counts (i8[hours, 2K]: today's kinds, then the further ones) at random times, in order.

    Spacings of exponentials, divided by their sum, are spaced as sorted uniforms are (Devroye 1986, chapter V).
    """
    kinds, at = counts.shape[1] // 2, 0
    for hour in range(len(counts)):
        left, total, begin = counts[hour], counts[hour].sum(), at
        passed = 0.0
        for number in range(total, 0, -1):
            passed -= math.log(uniform(luck, at, SPACING))
            draw_of = int(uniform(luck, at, WHICH) * number)
            column = 0
            while draw_of >= left[column]:
                draw_of -= left[column]
                column += 1
            left[column] -= 1
            further = column >= kinds
            kind[at] = column - kinds if further else column
            share = uniform(luck, at, LEVEL)
            level[at] = 1.0 + (most[kind[at]] - 1.0) * share if further else share
            time[at] = passed
            at += 1
        passed -= math.log(uniform(luck, at, LAST))
        for place in range(begin, at):
            time[place] = hour + time[place] / passed


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
