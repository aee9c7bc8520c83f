"""A series with a step, and what breaks the straight line."""

import numpy as np
import pytest
from scipy.special import stdtrit

from seacliff.value.designs.result import DesignError
from seacliff.value.designs.series import fit, interrupted


def made(effect, seed=2, days=160):
    draw = np.random.default_rng(seed)
    return (
        0.05 * np.arange(days)
        + np.tile([0, 1, 2, 0, 0, 3, 1], 30)[:days]
        + draw.normal(size=days)
        + effect * (np.arange(days) >= 100)
    )


def test_a_step_is_found_under_slope_and_season():
    result = interrupted(made(2), 100, season=7)
    assert result.low < 2 < result.high and result.significant and result.grade == "C"
    assert result.figures["expected without"][:100] == pytest.approx(made(0)[:100], abs=4)
    assert not interrupted(made(0), 100, season=7).significant


def test_without_its_season_a_pattern_is_left():
    result = interrupted(made(2), 100)
    assert result.grade == "X" and result.worst.name == "no pattern left"


def test_a_bend_before_the_change_fails():
    days = np.arange(160)
    result = interrupted(made(0) + 0.004 * (days - 50) ** 2, 100, season=7)
    assert result.grade == "X"


def test_controls_take_what_is_theirs():
    weather = np.random.default_rng(5).normal(size=160)
    assert interrupted(made(1) + 5 * weather, 100, season=7, controls=weather).se < 0.6


def test_the_interval_allows_for_not_knowing_how_errors_linger():
    """In a short series the share that passes on is a guess: an interval that took it as known would be narrower."""
    errors = np.random.default_rng(6).normal(size=30)
    for at in range(1, 30):
        errors[at] += 0.6 * errors[at - 1]
    short, long = interrupted(errors, 20), interrupted(made(0), 100, season=7)
    assert short.high - short.low > 1.1 * 2 * stdtrit(25, 0.975) * short.se
    assert long.high - long.low < 1.1 * 2 * 1.96 * long.se
    found = fit(errors, 20, 0, np.empty((30, 0)))
    assert found.below(short.low) == pytest.approx(0.025) and found.below(short.high) == pytest.approx(0.975)
    assert found.weights.sum() == pytest.approx(1) and found.p > 0.05


def test_a_series_that_never_moves_or_is_all_season_is_no_series():
    with pytest.raises(DesignError, match="always the same"):
        interrupted(np.zeros(40), 20)
    with pytest.raises(DesignError, match="too short for its season"):
        interrupted(np.random.default_rng(7).normal(size=32), 28, season=14, controls=np.eye(32)[:, :16])


def test_refusals_and_short_series():
    assert "periods would do" in interrupted(made(0), 100, season=7, plausible=0.01).refusal
    with pytest.raises(DesignError, match="at least 12 and 4"):
        interrupted(np.arange(20.0), 8)
    with pytest.raises(DesignError, match="at least 14"):
        interrupted(np.arange(40.0), 13, season=7)
    with pytest.raises(DesignError, match="40 rows must not be missing"):
        interrupted(np.full(40, np.nan), 20)
