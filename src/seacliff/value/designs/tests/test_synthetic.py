"""Proposition 99, and weights that are exactly the best."""

import numpy as np
import pytest

from seacliff.value.designs.placebos import Placebos, furthest
from seacliff.value.designs.result import DesignError
from seacliff.value.designs.synthetic import elsewhere, fit, groups_of, launch, on_simplex


@pytest.fixture
def smoking(published):
    """Abadie, Diamond and Hainmueller (2010): packs a head by state, California's Proposition 99 after 19 years."""
    wide = published("california_prop99.csv").pivot(index="State", columns="Year", values="PacksPerCapita")
    return {
        "outcomes": wide.to_numpy(),
        "had_launch": wide.index == "California",
        "before": 19,
        "units": list(wide.index),
    }


def test_proposition_99_by_synthetic_difference_in_differences(smoking):
    """Published -15.604 (R package synthdid, which stops short of the optimum); the exact optimum of the same problem."""
    result = launch(**smoking)
    assert result.estimate == pytest.approx(-15.604, abs=2e-3)
    assert result.figures["by difference-in-differences"] == pytest.approx(-27.349, abs=5e-4)
    assert result.figures["by synthetic control"] == pytest.approx(-19.51, abs=5e-3)
    assert result.grade == "B"
    assert [one.name for one in result.diagnostics] == [
        "fit before the launch", "placebo in time", "leave one out", "placebos in space"
    ]  # fmt: skip
    assert max(result.figures["unit weights"], key=result.figures["unit weights"].get) == "Nevada"


def test_proposition_99_by_outcome_only_synthetic_control(smoking):
    result = launch(**smoking, method="sc")
    assert result.estimate == pytest.approx(-19.51, abs=5e-3)
    assert "rank 3 furthest" in result.diagnostics[3].says and "Among 39" in result.diagnostics[3].says


def test_proposition_99_by_difference_in_differences(smoking):
    assert launch(**smoking, method="did").estimate == pytest.approx(-27.349, abs=5e-4)


@pytest.mark.parametrize("ridge", [0.0, 0.5, 30.0])
def test_weights_meet_the_conditions_of_the_optimum(ridge):
    """On the simplex the gradient is equal where there is weight and no less where there is none (Karush, Kuhn, Tucker)."""
    draw = np.random.default_rng(3)
    columns, target = draw.normal(size=(15, 30)), draw.normal(size=15) * 2
    weights = on_simplex(columns, target, ridge)
    gradient = columns.T @ (columns @ weights - target) + ridge * weights
    assert weights.sum() == pytest.approx(1) and (weights >= 0).all()
    lowest = gradient.min()
    assert gradient[weights > 1e-9] == pytest.approx(lowest, abs=1e-8)


def test_a_column_that_is_the_target_takes_all():
    columns = np.eye(4) * 5
    assert on_simplex(columns, columns[:, 2]) == pytest.approx([0, 0, 1, 0])


@pytest.fixture
def markets():
    draw = np.random.default_rng(4)
    table = (
        draw.normal(size=(30, 1)) * 3 + np.cumsum(draw.normal(size=(1, 24)), axis=1) + 0.3 * draw.normal(size=(30, 24))
    )
    table[-2:, 18:] += 2.0
    return {"outcomes": table, "had_launch": np.arange(30) >= 28, "before": 18}


def test_several_units_and_a_known_effect(markets):
    result = launch(**markets)
    assert result.low < 2 < result.high and result.grade == "B"
    assert result.n == 720 and len(result.figures["path"]) == 24
    assert launch(**markets).se == result.se  # seeded
    assert "ran alike before" in result.explanation


def test_the_order_of_units_does_not_matter(markets):
    order = np.random.default_rng(5).permutation(30)
    turned = dict(markets, outcomes=markets["outcomes"][order], had_launch=markets["had_launch"][order])
    assert launch(**turned).estimate == pytest.approx(launch(**markets).estimate, abs=1e-9)


def test_units_unlike_all_others_before_fail(markets):
    table = markets["outcomes"].copy()
    table[-2:, :18] += np.sin(np.arange(18)) * 3
    result = launch(**dict(markets, outcomes=table))
    assert result.grade == "X" and result.worst.name == "fit before the launch"


def test_an_effect_before_the_launch_fails(markets):
    table = markets["outcomes"].copy()
    table[-2:, 13:] += 2
    result = launch(**dict(markets, outcomes=table))
    assert any(one.failed for one in result.diagnostics) and result.grade == "X"


def test_refusals_say_how_many_units_would_do(markets):
    refusal = launch(**markets, plausible=0.01)
    assert "units or markets without the launch would do" in refusal.refusal


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"had_launch": np.zeros(30, bool)}, "at least 10 without"),
        ({"had_launch": np.arange(30) > 10}, "Use the staggered design"),
        ({"before": 3}, "at least 5 periods"),
        ({"before": 24}, "one after it"),
        ({"outcomes": np.full((30, 24), np.nan)}, "720 rows must not be missing"),
        ({"outcomes": np.zeros((3, 24))}, "one mark of the launch"),
        ({"method": "guess"}, "one of sdid, did, sc"),
    ],
)
def test_what_does_not_fit_the_design_is_said(markets, change, said):
    with pytest.raises(DesignError, match=said):
        launch(**(markets | change))


def test_placebos_use_every_unit_when_one_had_the_launch(markets):
    others = markets["outcomes"][:28]
    found = elsewhere(others, groups_of(28, 1), 18)
    assert len(found) == 28
    assert found[3].estimate == pytest.approx(fit(np.vstack([np.delete(others, 3, 0), others[3]]), 1, 18).estimate)


def test_an_effect_must_also_stand_out_among_the_placebos():
    """One wild placebo of 39 is chance; a second makes any estimate as large as theirs ordinary, whatever Student says."""
    quiet = [0.1, -0.1] * 18 + [0.2]
    assert furthest([*quiet, 9.0, 0.1]) == 0.2
    assert furthest([*quiet, 9.0, -8.0]) == 8.0
    assert furthest([9.0] * 18) == 0.0  # among 19 a rank of one in twenty can't be told


def test_the_interval_reaches_as_far_as_the_second_placebo():
    draw = np.random.default_rng(9)
    table = draw.normal(size=(41, 30)) * 0.2
    table[[3, 7], 20:] += 4.0  # two places where something happened for their own reasons
    result = launch(table, np.arange(41) == 40, 20)
    fits = elsewhere(table[:40], groups_of(40, 1), 20)
    reach = furthest([one.estimate / one.misfit for one in fits]) * fit(table, 1, 20).misfit
    assert result.high - result.estimate == pytest.approx(reach) and reach > 2.1 * result.se


def test_a_noisy_market_must_stand_out_in_units_of_its_own_noise():
    """Twice as large an estimate where the noise was twice as large stands out no more, and no less."""
    ratios = np.random.default_rng(10).normal(size=39)
    calm, noisy = Placebos(ratios, 1.0, 38), Placebos(ratios, 2.0, 38)
    assert noisy.se == pytest.approx(2 * calm.se) and noisy.reach == pytest.approx(2 * calm.reach)
    assert noisy.rank(3.0) == calm.rank(1.5) and noisy.rank(3.0)[0] > calm.rank(3.0)[0]


def test_one_account_that_leaves_is_no_effect_of_anything():
    """Leaving is rare: an outcome that hardly ever varies before the launch can tell no chance, and so no effect."""
    left = np.zeros((24, 20))
    left[-1, 15] = 0.1
    with pytest.raises(DesignError, match="in 0 of 1 units with it and in 0 without"):
        launch(left, np.arange(24) == 23, 12)
    left[:, 3] = 0.1 * (np.arange(24) % 5 == 0)
    with pytest.raises(DesignError, match="Take an outcome that happens more often"):
        launch(left, np.arange(24) == 23, 12)


def test_markets_that_never_move_are_no_placebos_and_those_that_moved_late_have_no_bound(markets):
    table = markets["outcomes"][:29].copy()
    table[:3] = 5.0
    calm = launch(table, np.arange(29) == 28, 18, method="did")
    assert np.isfinite(calm.high)
    flat = np.zeros((29, 24))
    flat[3:] = np.random.default_rng(2).normal(size=(26, 24))
    flat[:3, 20:] = 7.0
    assert launch(flat, np.arange(29) == 28, 18, method="did").high > calm.high - calm.estimate


def test_groups_that_are_looked_at_are_told_as_groups(markets):
    looked = launch(**markets).diagnostics[3]
    assert "Among 201 groups of 2 units, 200 of them drawn by lot" in looked.says
    assert len(looked.rows) == 200 and all(row["group"].count("unit ") == 2 for row in looked.rows)


def test_among_few_others_the_rank_can_not_be_told_and_it_is_an_association(markets):
    few = launch(markets["outcomes"][12:29], np.arange(17) == 16, 18)
    assert few.diagnostics[3].passed is None and few.grade in ("C", "X")
