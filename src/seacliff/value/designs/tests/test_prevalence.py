"""Shares of a whole from samples of its parts."""

import numpy as np
import pytest

from seacliff.value.designs.prevalence import Stratum, prevalence
from seacliff.value.designs.result import DesignError

PARTS = [Stratum("high scores", 10_000, 500, 60), Stratum("low scores", 990_000, 2_000, 4)]


def test_parts_are_weighed_by_what_they_stand_for():
    found = prevalence(PARTS)
    assert found.share == pytest.approx(0.01 * 60 / 500 + 0.99 * 4 / 2000)
    assert found.low < found.share < found.high and found.drawn == 2_500
    assert "Of 1,000,000, 0.32% break a rule (95% interval" in found.sentence()


def test_one_part_has_the_exact_interval():
    """Seven of a thousand: Clopper and Pearson's interval, as binom.test of R tells it."""
    found = prevalence([Stratum("all", 10**9, 1000, 7)])
    assert (found.low, found.high) == pytest.approx((0.002817, 0.014370), abs=2e-6)


def test_none_found_is_not_none_there():
    found = prevalence([Stratum("all", 10**9, 1000, 0)])
    assert (found.share, found.low) == (0, 0) and found.high == pytest.approx(1 - 0.025**0.001, rel=1e-5)


def test_where_all_was_reviewed_nothing_is_left_open():
    found = prevalence([Stratum("all", 10, 10, 7)])
    assert found.low == found.share == found.high == 0.7
    half = prevalence([Stratum("all", 1000, 500, 50)])
    few = prevalence([Stratum("all", 10**6, 500, 50)])
    assert half.high - half.low < 0.75 * (few.high - few.low)


WORLDS = {
    "rare": [(20_000, 200, 0.1), (980_000, 1500, 0.001)],
    "frequent": [(5000, 40, 0.2), (1000, 40, 0.6)],
    "many small parts": [(400, 12, 0.02 * place) for place in range(1, 26)],
    "much of it drawn": [(120, 60, 0.3), (80, 60, 0.05)],
}


@pytest.mark.parametrize("world", WORLDS)
def test_intervals_cover(world):
    draw, covered, widths = np.random.default_rng(1), 0, []
    for _ in range(400):
        parts, truth = [], 0.0
        for number, (population, drawn, share) in enumerate(WORLDS[world]):
            there = int(draw.binomial(population, share))
            found = int(draw.hypergeometric(there, population - there, drawn))
            parts.append(Stratum(str(number), population, drawn, found))
            truth += there
        whole = sum(part.population for part in parts)
        told = prevalence(parts)
        covered += told.low <= truth / whole <= told.high
        widths.append(told.high - told.low)
    assert covered >= 376
    normal = sum((n / whole) ** 2 * (1 - d / n) * p * (1 - p) / d for n, d, p in WORLDS[world]) ** 0.5 * 2 * 1.96
    assert np.mean(widths) < 1.6 * normal, "far wider than it need be"


def test_what_nobody_drew_from_is_none_or_all_of_it():
    known = prevalence([Stratum("a", 900, 900, 90), Stratum("b", 100, 0, 0)])
    assert (known.low, known.high) == pytest.approx((0.09, 0.19)) and known.share == pytest.approx(0.1)
    queues = [Stratum(f"queue {n}", 400, 0, 0) for n in range(24)]
    with pytest.raises(DesignError, match="queue 0, queue 1, queue 2 and 21 more: 96% of the whole"):
        prevalence([*queues, Stratum("one", 400, 200, 50)])


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([Stratum("a", 10, 0, 0)], "Nothing was drawn from a"),
        ([Stratum("a", 10, 5, 6)], "can't be"),
        ([Stratum("a", 3, 5, 1)], "can't be"),
        ([], "nothing to sample from"),
    ],
)
def test_what_can_not_be_is_said(parts, said):
    with pytest.raises(DesignError, match=said):
        prevalence(parts)
