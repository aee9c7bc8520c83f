"""The formulas hit the published numbers, and the simulation hits the formulas."""

import math

import msgspec
import numpy as np
import pytest

from seacliff.value.staffing import analytic
from seacliff.value.staffing.compiled import log
from seacliff.value.staffing.scenario import Category, Group, Handling, Shift, World
from seacliff.value.staffing.simulate import simulate

ALWAYS = Shift(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "00:00", 24)
SECOND = 1 / 3600


def station(servers, shares, *, load, minutes=60.0, patience=None, weeks=8, warm_up=2):
    """M/M/n(+M) with a class for each share, the first the most urgent."""
    per_week = load * 60 / minutes * 168
    categories = {
        f"c{place}": Category(
            per_week * share, {1: Handling(minutes)}, priority=-1000.0 * place, ageing=0.0, patience_hours=patience
        )
        for place, share in enumerate(shares)
    }
    group = Group(servers, [1], "always")
    return World(categories, {"g": group}, {"always": ALWAYS}, weeks, warm_up, handle_times="exponential")


def score(values, truth):
    """How many standard errors the mean of replications is away from the truth."""
    return abs(values.mean() - truth) / (values.std(ddof=1) / np.sqrt(len(values)))


def test_erlang_b_and_c_as_published():
    assert analytic.erlang_b(15, 10) == pytest.approx(0.0364969, abs=5e-8)
    assert analytic.erlang_c(12, 10) == pytest.approx(0.449388, abs=5e-7)
    assert analytic.erlang_c(20, 19) == pytest.approx(0.755401, abs=5e-7)


def test_fifty_agents_wait_as_published():
    assert analytic.mean_wait(50, 48 / 60, 60) == pytest.approx(20.83, abs=5e-3)


def test_erlang_a_as_published():
    found = analytic.erlang_a(50, 48 / 60, 60, 120)
    assert found.abandons == pytest.approx(0.030912, abs=5e-7)
    assert found.waits == pytest.approx(0.467774, abs=5e-7)
    assert found.mean_wait == pytest.approx(3.709, abs=5e-4)
    assert found.utilisation == pytest.approx(0.9303, abs=5e-5)


def test_cobham_as_published():
    waits = analytic.cobham(20, [19 * 0.2, 19 * 0.3, 19 * 0.5], 1)
    assert waits == pytest.approx([0.04663, 0.08882, 1.43886], abs=5e-6)


def test_the_compiled_logarithm_is_one():
    for x in (5e-17, 1e-9, 0.3, 0.70710678, 0.7071068, 0.999999, 1.0, 1.5, 3e8):
        assert log(x) == pytest.approx(math.log(x), rel=1e-11)


def test_without_enough_servers_everybody_waits_for_ever():
    assert analytic.erlang_c(5, 5) == 1.0
    assert analytic.mean_wait(5, 6, 1) == float("inf")
    assert analytic.cobham(2, [1, 1.5], 1)[1] == float("inf")


def test_simulated_loss_is_erlang_b():
    """Patience of no time at all: whoever is not taken at once is lost."""
    [outcome] = simulate([station(15, [1.0], load=10, patience=1e-9, minutes=6)], 24, seed=11)
    assert score(outcome.of("lost_share"), analytic.erlang_b(15, 10)) < 4
    assert outcome.of("lost_share").mean() == pytest.approx(analytic.erlang_b(15, 10), rel=0.05)


@pytest.mark.parametrize(("servers", "load"), [(12, 10), (20, 19)])
def test_simulated_waits_are_erlang_c(servers, load):
    [outcome] = simulate([station(servers, [1.0], load=load, minutes=6, weeks=5)], 24, seed=12)
    assert score(outcome.of("waited_share"), analytic.erlang_c(servers, load)) < 4
    assert outcome.of("waited_share").mean() == pytest.approx(analytic.erlang_c(servers, load), rel=0.08)
    assert score(outcome.of("wait_mean"), analytic.mean_wait(servers, load, 1) / 10) < 4


def test_simulated_fifty_agents_are_erlang_c_and_a():
    patient = station(50, [1.0], load=48, minutes=1, weeks=1, warm_up=1)
    [outcome] = simulate([patient], 10, seed=13)
    assert score(outcome.of("wait_mean"), 20.8337 * SECOND) < 4
    truth = analytic.erlang_a(50, 48 / 60, 60, 120)
    impatient = station(50, [1.0], load=48, minutes=1, weeks=1, warm_up=1, patience=2 / 60)
    [outcome] = simulate([impatient], 10, seed=14)
    assert score(outcome.of("lost_share"), truth.abandons) < 4
    assert score(outcome.of("utilisation"), truth.utilisation) < 4
    waited = outcome.of("harm_hours") / 3 / outcome.of("arrived")  # the wait of those who left is in the harm
    assert score(waited, truth.mean_wait * SECOND) < 4
    assert waited.mean() == pytest.approx(truth.mean_wait * SECOND, rel=0.03)


def test_simulated_priorities_are_cobham():
    [outcome] = simulate([station(20, [0.2, 0.3, 0.5], load=19, minutes=6, weeks=5)], 24, seed=15)
    for place, truth in enumerate(analytic.cobham(20, [19 * 0.2, 19 * 0.3, 19 * 0.5], 1)):
        assert score(outcome.of("wait_mean", ("category", f"c{place}")), truth / 10) < 4


def test_a_wrong_formula_would_be_noticed():
    [outcome] = simulate([station(20, [0.2, 0.3, 0.5], load=19, minutes=6, weeks=5)], 24, seed=15)
    assert score(outcome.of("wait_mean", ("category", "c0")), 1.05 * 0.04663 / 10) > 4


def test_equal_points_are_first_come_first_served():
    world = station(20, [0.2, 0.3, 0.5], load=19, minutes=6, weeks=4)
    level = {n: msgspec.structs.replace(c, priority=0.0, ageing=1.0) for n, c in world.categories.items()}
    [outcome] = simulate([msgspec.structs.replace(world, categories=level)], 8, seed=16)
    waits = [outcome.of("wait_mean", ("category", f"c{place}")) for place in range(3)]
    assert np.allclose(waits[0], waits[2], rtol=0.05)
