"""Shares of a whole from samples of its parts."""

import numpy as np
import pytest
from scipy.stats import chi2

from seacliff.value.designs.prevalence import Stratum, allocate, prevalence
from seacliff.value.designs.result import DesignError

PARTS = [Stratum("high scores", 10_000, 500, 60), Stratum("low scores", 990_000, 2_000, 4)]


def test_parts_are_weighed_by_what_they_stand_for():
    found = prevalence(PARTS)
    assert found.share == pytest.approx(0.01 * 60 / 500 + 0.99 * 4 / 2000)
    assert found.low < found.share < found.high and found.drawn == 2_500
    assert "Of 1,000,000, 0.32% break a rule (95% interval" in found.sentence()


def test_one_part_is_the_exact_poisson_interval():
    found = prevalence([Stratum("all", 10**9, 1000, 7)])
    assert found.low == pytest.approx(chi2.ppf(0.025, 14) / 2000)
    assert found.high == pytest.approx(chi2.ppf(0.975, 16) / 2000)


def test_none_found_is_not_none_there():
    found = prevalence([Stratum("all", 10**6, 1000, 0)])
    assert (found.share, found.low) == (0, 0) and found.high == pytest.approx(chi2.ppf(0.975, 2) / 2000)


def test_intervals_cover_where_offences_are_rare():
    draw, covered = np.random.default_rng(1), 0
    truth = 0.02 * 0.1 + 0.98 * 0.001
    for _ in range(400):
        parts = [
            Stratum("a", 20_000, 200, draw.binomial(200, 0.1)),
            Stratum("b", 980_000, 1500, draw.binomial(1500, 0.001)),
        ]
        found = prevalence(parts)
        covered += found.low <= truth <= found.high
    assert covered >= 380


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


def test_the_next_sample_goes_where_it_tells_most():
    wanted = allocate(PARTS, 3000)
    assert wanted["high scores"] / 10_000 > 5 * wanted["low scores"] / 990_000
    assert sum(wanted.values()) == pytest.approx(3000, abs=2)
    assert allocate([*PARTS, Stratum("few", 12, 0, 0)], 1000)["few"] == 12
    with pytest.raises(DesignError):
        allocate([], 10)
