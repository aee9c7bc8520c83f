"""The Senate, the House, and thresholds of our own."""

from math import isnan
from pathlib import Path

import causaldata
import numpy as np
import pandas
import pytest
import rdrobust

from seacliff.value.designs.discontinuity import (
    Jump,
    Side,
    bandwidths,
    density_jump,
    discontinuity,
    jump,
    less,
    measured,
    sides,
    window,
)
from seacliff.value.designs.result import DesignError, around


@pytest.fixture(scope="module")
def senate():
    """Cattaneo, Frandsen and Titiunik (2015): the margin of a seat's last election and the vote in the next."""
    rows = pandas.read_csv(Path(rdrobust.__file__).parent / "data" / "rdrobust_RDsenate.csv")
    return rows.dropna(subset=["vote", "margin"])


def test_the_advantage_of_holding_a_senate_seat(senate):
    result = discontinuity(
        senate.vote, senate.margin, 0, covariates={"class": senate["class"], "midterm": senate.dmidterm}
    )
    assert result.estimate == pytest.approx(7.4141, abs=5e-5)
    assert result.figures["with the normal quantile"] == pytest.approx((4.0937, 10.9193), abs=5e-5)
    assert result.low < 4.0937 and result.high > 10.9193  # Student's quantile: near the threshold rows are few
    assert result.figures["bandwidth"] == pytest.approx(17.754, abs=5e-4)
    assert result.grade == "B" and result.interval == "robust bias-corrected, Student"
    assert [one.name for one in result.diagnostics] == [
        "density at the threshold", "covariates at the threshold", "half and twice the bandwidth", "placebo cutoffs", "donut"
    ]  # fmt: skip


@pytest.mark.parametrize("cutoff", [-10.0, 0.0, 7.5])
def test_against_the_package_of_the_estimators_authors(senate, cutoff):
    oracle = rdrobust.rdrobust(senate.vote, senate.margin, cutoff)
    found = measured(*sides(senate.margin.to_numpy(), cutoff, senate.vote.to_numpy()))
    assert found.conventional[0] == pytest.approx(oracle.coef.iloc[0, 0], rel=1e-5)
    assert found.corrected[0] == pytest.approx(oracle.coef.iloc[1, 0], rel=1e-5)
    assert around(found.corrected[0], found.se) == pytest.approx(tuple(oracle.ci.iloc[2]), rel=1e-5)
    assert (found.h, found.b) == pytest.approx(tuple(oracle.bws.iloc[:, 0]), rel=1e-6)


def test_few_rows_that_decide_make_the_interval_wider():
    """Degrees of freedom count the rows that carry the variance, whatever the others are."""
    made = lambda *terms: Jump(np.ones(1), np.ones(1), np.array(terms)[:, None], 1.0, 1.0, 9, 9)  # noqa: E731
    assert made(*[0.5] * 8).freedom == 8
    decided_by_one = made(10.0, 0.1, 0.1)
    assert decided_by_one.freedom == pytest.approx(1, abs=0.01) and decided_by_one.quantile > 12
    assert made(0.5, 0.0, 0.0).p > made(*[0.05] * 100).p  # both estimates are two standard errors


def test_ties_among_scores_are_neighbours_together(senate):
    score = senate.margin.round(1).to_numpy()
    oracle = rdrobust.rdrobust(senate.vote, score, 0, masspoints="off")
    found = measured(*sides(score, 0, senate.vote.to_numpy()))
    assert found.conventional[0] == pytest.approx(oracle.coef.iloc[0, 0], rel=0.02)


def test_close_elections_of_lee_moretti_and_butler():
    """Cunningham (2021), Causal Inference: The Mixtape, within 2 points of a half, errors by district."""
    rows = causaldata.close_elections_lmb.load_pandas().data
    score = window(rows.score, rows.lagdemvoteshare, 0.5, 0.02, cluster=rows.id)
    again = window(rows.democrat, rows.lagdemvoteshare, 0.5, 0.02, cluster=rows.id)
    assert (score.estimate, score.se) == pytest.approx((21.284, 1.951), abs=5e-4)
    assert (again.estimate, again.se) == pytest.approx((0.484, 0.029), abs=5e-4)
    assert score.grade == "C" and score.n == 915


@pytest.fixture
def scored():
    draw = np.random.default_rng(11)
    score = draw.normal(50, 15, 3000)
    outcome = 0.02 * score + np.sin(score / 20) + 0.8 * (score >= 60) + 0.6 * draw.normal(size=3000)
    return {"outcome": outcome, "score": score, "age": draw.normal(size=3000) + score / 50}


def run(scored, cutoff=60, **more):
    return discontinuity(scored["outcome"], scored["score"], cutoff, **more)


def test_a_jump_is_found_and_its_absence_too(scored):
    assert run(scored, covariates={"age": scored["age"]}).low < 0.8 < run(scored).high
    assert not run(scored, cutoff=40).significant
    assert run(scored).grade == "C"  # nobody looked at covariates


def test_action_below_the_threshold_turns_the_sign(scored):
    down, up = run(scored, upward=False), run(scored)
    assert down.estimate == pytest.approx(-up.estimate, rel=0.05)


def test_partial_action_divides_by_the_jump_in_actions(scored):
    draw = np.random.default_rng(12)
    acted = (scored["score"] >= 60) & (draw.uniform(size=3000) < 0.6)
    outcome = scored["outcome"] - 0.8 * (scored["score"] >= 60) + 0.8 * acted
    result = discontinuity(outcome, scored["score"], 60, acted=acted, covariates={"age": scored["age"]})
    assert result.low < 0.8 < result.high and result.interval == "Anderson-Rubin"
    assert result.figures["jump in actions"] == pytest.approx(0.6, abs=0.12)
    assert result.diagnostics[0].name == "first-stage F"


def test_a_threshold_that_hardly_matters_gets_no_point(scored):
    acted = np.random.default_rng(13).integers(0, 2, 3000).astype(float)
    assert isnan(run(scored, acted=acted).estimate)


def test_steered_scores_fail(scored):
    score = scored["score"].copy()
    just_below = (score > 57) & (score < 60)
    score[just_below] += 3
    result = discontinuity(scored["outcome"], score, 60)
    assert result.grade == "X" and result.worst.name == "density at the threshold" and "crowd" in result.worst.says


def test_a_covariate_that_jumps_fails(scored):
    result = run(scored, covariates={"age": scored["age"] + 2 * (scored["score"] >= 60)})
    assert result.grade == "X" and "age" in result.worst.says


def test_jumps_where_nothing_happened_fail(scored):
    third = np.quantile(scored["score"][scored["score"] < 60], 1 / 3)
    steps = dict(scored, outcome=scored["outcome"] + 2 * (scored["score"] > third))
    assert any(one.failed and one.name == "placebo cutoffs" for one in run(steps).diagnostics)


def test_densities_of_a_known_curve():
    found = np.mean([density_jump(np.random.default_rng(seed).normal(-1, 1, 5000)) for seed in range(10)], axis=0)
    assert found[:2] == pytest.approx([0.242, 0.242], abs=0.01)


def test_the_density_test_keeps_its_size():
    draw, rejected = np.random.default_rng(14), 0
    for _ in range(200):
        rejected += abs(density_jump(draw.normal(0.3, 1, 1000))[2]) > 1.96
    assert rejected <= 22


def test_refusals_come_first(scored):
    refusal = run(scored, plausible=0.05)
    assert refusal.refusal and "rows near the threshold would do" in refusal.refusal and isnan(refusal.estimate)


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (np.round(np.random.default_rng(1).normal(0, 1, 500)), "distinct scores"),
        (np.abs(np.random.default_rng(1).normal(0, 1, 500)), "0 rows"),
        (np.full(500, np.nan), "must not be missing"),
    ],
)
def test_what_is_no_threshold_is_said(score, said):
    with pytest.raises(DesignError, match=said):
        discontinuity(np.arange(500), score, 0)


def flat_near(scored):
    """Outcomes of the fixture that are the same near the threshold, and vary elsewhere."""
    return np.where(np.abs(scored["score"] - 60) < 25, 1.0, scored["outcome"])


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (lambda scored: np.ones(3000), "never varies"),
        (flat_near, r"no chance is left|Near the threshold"),
        (lambda scored: np.where(scored["score"] > 80, np.inf, scored["outcome"]), "rows are infinite"),
        (lambda scored: np.full(3000, "much"), "must be numbers"),
    ],
)
def test_outcomes_that_tell_nothing_are_refused_in_a_sentence(scored, outcome, said):
    with pytest.raises(DesignError, match=said):
        discontinuity(outcome(scored), scored["score"], 60)


def test_a_covariate_that_nobody_could_look_at_has_not_passed(scored):
    result = run(scored, covariates={"one": np.ones(3000)})
    assert result.diagnostics[1].passed is None and result.grade == "C"
    with pytest.raises(DesignError, match="The covariate age: 1 rows must not be missing"):
        run(scored, covariates={"age": np.where(np.arange(3000) == 7, np.nan, scored["age"])})


def test_a_jump_that_only_one_bandwidth_shows_fails(scored):
    """A bump just above the threshold: the intervals of the bandwidths overlap, but their difference is no chance."""
    score = scored["score"]
    bumped = scored["outcome"] - 0.8 * (score >= 60) + 2.5 * ((score >= 60) & (score < 63))
    widths = next(one for one in discontinuity(bumped, score, 60).diagnostics if one.name == "half and twice the bandwidth")
    assert widths.failed and "least p 0.0" in widths.says
    assert not any(one.failed for one in run(scored).diagnostics)


def test_the_difference_of_two_bandwidths_has_the_error_that_many_draws_show(scored):
    draw, moved = np.random.default_rng(15), []
    score = draw.uniform(-1, 1, 400)
    for _ in range(300):
        below, above = sides(score, 0.0, draw.normal(size=400))
        moved.append(less(jump(below, above, 0.3, 0.5), jump(below, above, 0.6, 0.8)))
    assert np.std([one.corrected[0] for one in moved]) == pytest.approx(np.mean([one.se for one in moved]), rel=0.15)


def test_without_covariates_it_is_an_association_with_its_e_value(scored):
    result = run(scored)
    assert result.grade == "C" and result.diagnostics[-1].name == "E-value" and result.diagnostics[-1].figure >= 1


def test_an_empty_window_is_said():
    with pytest.raises(DesignError, match="widen it"):
        window([1, 2, 3], [1, 2, 3], 0, 0.5)


def test_neighbours_by_hand():
    side = Side(np.array([1.0, 2, 2, 4, 10]), np.array([[1.0], [2], [4], [8], [0]]))
    rest = side.residuals()[:, 0]
    # the nearest three of 1 are 2, 2, 4; of 4 the two 2s, then 1; of 10: 4, then both 2s
    assert rest[0] == pytest.approx(np.sqrt(3 / 4) * (1 - 14 / 3))
    assert rest[3] == pytest.approx(np.sqrt(3 / 4) * (8 - 7 / 3))
    assert rest[4] == pytest.approx(np.sqrt(3 / 4) * (0 - 14 / 3))
    assert bandwidths(*sides(*_curved()))[0] > 0


def _curved():
    draw = np.random.default_rng(2)
    x = draw.uniform(-1, 1, 400)
    return x, 0.0, x**3 + 0.1 * draw.normal(size=400)
