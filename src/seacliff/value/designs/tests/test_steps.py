"""Few values: the last step to a threshold, and what shows that it was not chance."""

from math import isnan

import numpy as np
import pytest

from seacliff.value.designs.result import DesignError
from seacliff.value.designs.steps import step, steps


def climbed(effect=0.0, slope=0.0, accounts=800, seed=3):
    """Accounts that come by one to three strikes; the third brings the action, each brings `slope`."""
    draw = np.random.default_rng(seed)
    reached = draw.choice([1, 2, 3], accounts, p=[0.2, 0.3, 0.5])
    account = np.repeat(np.arange(accounts), reached)
    count = np.concatenate([np.arange(1, last + 1) for last in reached])
    kind, age = draw.normal(size=accounts), draw.normal(size=accounts)
    outcome = kind[account] + slope * count + effect * (count >= 3) + draw.normal(size=len(account))
    return {"outcome": outcome, "value": count, "cluster": account, "covariates": {"age": age[account]}}


def run(rows, **more):
    return steps(cutoff=3, **(rows | more))


def test_the_action_at_the_last_step_is_found_and_its_absence_too():
    result = run(climbed(0.6))
    assert result.low < 0.6 < result.high and result.significant and result.grade == "C"
    assert not run(climbed(0.0)).significant


def test_a_step_that_matters_where_nothing_happens_fails():
    result = run(climbed(0.0, slope=0.6))
    assert result.grade == "X" and "placebo cutoffs" in [one.name for one in result.diagnostics if one.failed]


def test_a_covariate_that_differs_fails():
    rows = climbed()
    rows["covariates"] = {"age": rows["covariates"]["age"] + (rows["value"] >= 3)}
    result = run(rows)
    assert result.grade == "X" and "age" in result.worst.says


def test_a_wider_window_is_held_against_the_difference_and_not_against_wide_intervals():
    """Each step brings something: the wider window moves by it, though either interval alone is wide."""
    result = run(climbed(0.0, slope=0.5, accounts=300))
    twice = next(one for one in result.diagnostics if one.name == "twice the window")
    own, other = ((row["low"], row["high"]) for row in twice.rows)
    assert twice.failed and own[0] < other[1] and other[0] < own[1]


def test_what_nobody_could_look_at_has_not_passed():
    rows = climbed()
    rows["covariates"] = {"one": np.ones(len(rows["value"]))}
    looked = next(one for one in run(rows).diagnostics if one.name == "covariates at the threshold")
    assert looked.passed is None
    with pytest.raises(DesignError, match="never varies"):
        run(rows | {"outcome": np.ones(len(rows["value"]))})


def test_an_association_carries_its_e_value():
    assert run(climbed(0.6)).diagnostics[-1].name == "E-value" and run(climbed(0.6)).diagnostics[-1].figure > 1


def test_an_account_that_comes_again_counts_as_one():
    """Rows told twice add nothing that is known: the interval stays what it was."""
    rows = climbed(0.6)
    twice = {name: np.tile(rows[name], 2) for name in ("outcome", "value", "cluster")} | {"covariates": {}}
    alone = run(rows, covariates={})
    assert run(twice).se == pytest.approx(alone.se, rel=1e-3)


def test_the_error_is_that_of_means_where_every_row_is_its_own():
    """By hand: two means of two, in four clusters."""
    y, groups = np.array([[1.0], [3], [4], [8]]), np.arange(4)
    found = step(y, groups, np.array([1, 1, 0, 0], bool), np.array([0, 0, 1, 1], bool))
    assert found.differences[0] == 4 and found.se == pytest.approx(((0.5 + 2) * 4 / 3 * 3 / 2) ** 0.5)


def test_where_some_are_not_acted_on_the_difference_is_divided_by_that_of_the_actions():
    rows = climbed()
    acted = (rows["value"] >= 3) & (np.random.default_rng(5).uniform(size=len(rows["value"])) < 0.5)
    result = run(rows | {"outcome": rows["outcome"] + 0.9 * acted}, acted=acted.astype(float))
    assert result.low < 0.9 < result.high and result.interval == "Anderson-Rubin"
    assert result.diagnostics[0].name == "first-stage F" and result.estimate == pytest.approx(0.9, abs=0.5)
    hardly = np.random.default_rng(6).integers(0, 2, len(acted)).astype(float)
    assert isnan(run(rows, acted=hardly).estimate)


def test_refusals_and_too_few():
    assert "rows beside the threshold would do" in run(climbed(), plausible=0.01).refusal
    with pytest.raises(DesignError, match="needs 20 of each"):
        run(climbed(accounts=20))
    with pytest.raises(DesignError, match="0 rows one step short"):
        steps(np.zeros(50), np.full(50, 3), 3, cluster=np.arange(50))
    with pytest.raises(DesignError, match="must not be missing"):
        steps(np.full(50, np.nan), np.full(50, 3), 3, cluster=np.arange(50))


def test_one_value_below_leaves_no_placebo_and_passes_nothing_it_did_not_look_at():
    rows = climbed()
    kept = rows["value"] >= 2
    result = steps(rows["outcome"][kept], rows["value"][kept], 3, cluster=rows["cluster"][kept])
    looks = {one.name: one.passed for one in result.diagnostics}
    assert looks["placebo cutoffs"] is None and looks["density at the threshold"] is None and looks["donut"] is None
    assert "No covariates were given" in result.warnings[1]
