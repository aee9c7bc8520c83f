"""The National Supported Work demonstration, and lots of our own."""

import causaldata
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from seacliff.value.designs.result import DesignError
from seacliff.value.designs.trial import trial


def test_supported_work():
    """LaLonde (1986) as in Dehejia and Wahba (1999): earnings in 1978."""
    rows = causaldata.nsw_mixtape.load_pandas().data
    result = trial(
        rows.re78, rows.treat, balance={name: rows[name] for name in ("age", "educ", "black", "re74", "re75")}
    )
    assert result.estimate == pytest.approx(1794.34, abs=5e-3)
    assert result.se == pytest.approx(671.0, abs=0.05)
    assert result.grade == "A" and result.n == 445


@pytest.fixture
def drawn():
    draw = np.random.default_rng(1)
    assigned, age = draw.uniform(size=1000) < 0.3, draw.normal(size=1000)
    return {"outcome": 0.5 * assigned + 2 * age + draw.normal(size=1000), "assigned": assigned, "age": age}


def run(drawn, **more):
    return trial(**({"outcome": drawn["outcome"], "assigned": drawn["assigned"]} | more))


def test_the_interval_is_welchs(drawn):
    low, high = stats.ttest_ind(
        drawn["outcome"][drawn["assigned"]], drawn["outcome"][~drawn["assigned"]], equal_var=False
    ).confidence_interval()
    assert (run(drawn).low, run(drawn).high) == pytest.approx((low, high))


def test_adjusting_sharpens_and_is_lins_regression(drawn):
    plain, adjusted = run(drawn), run(drawn, adjust=drawn["age"])
    assert adjusted.se < 0.6 * plain.se
    assert adjusted.figures["without adjustment"] == plain.estimate
    centred = drawn["age"] - drawn["age"].mean()
    design = sm.add_constant(np.column_stack([drawn["assigned"], centred, centred * drawn["assigned"]]).astype(float))
    oracle = sm.OLS(drawn["outcome"], design).fit(cov_type="HC2")
    assert adjusted.estimate == pytest.approx(oracle.params[1])
    assert adjusted.se == pytest.approx(oracle.bse[1], rel=0.02)


def test_shares_unlike_those_planned_fail(drawn):
    assert run(drawn, planned=0.3).grade == "A"
    result = run(drawn, planned=0.5)
    assert result.grade == "X" and "the lot was not followed" in result.worst.says


def test_what_is_missing_more_from_one_arm_fails(drawn):
    outcome = np.where(drawn["assigned"] & (np.arange(1000) % 5 == 0), np.nan, drawn["outcome"])
    result = run(drawn, outcome=outcome)
    assert result.grade == "X" and result.worst.name == "missing alike"
    assert result.n == np.isfinite(outcome).sum()


def test_arms_that_differed_before_fail(drawn):
    result = run(drawn, balance={"age": drawn["age"] + drawn["assigned"], "one": np.ones(1000)})
    assert result.grade == "X" and "age" in result.worst.says


def test_an_outcome_that_what_came_before_explains_wholly_is_refused(drawn):
    """Revenue that is the same for an account month after month: what is left is how a computer rounds."""
    revenue = np.random.default_rng(3).choice([1.4, 4.2], 1000) * 28
    with pytest.raises(DesignError, match="no chance is left in it"):
        run(drawn, outcome=revenue, adjust=revenue)
    assert run(drawn, outcome=revenue).grade == "A"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (np.zeros(1000), "never varies"),
        (np.full(1000, 3.3), "never varies"),
        (np.where(np.arange(1000) == 4, np.inf, 1.0), "1 rows are infinite"),
        (np.full(1000, "much"), "must be numbers"),
        (np.full(1000, np.nan), "Each arm needs two rows"),
    ],
)
def test_outcomes_that_tell_nothing_are_refused_in_a_sentence(drawn, outcome, said):
    with pytest.raises(DesignError, match=said):
        run(drawn, outcome=outcome)


def test_covariates_that_never_vary_have_not_passed_and_the_lot_still_stands(drawn):
    result = run(drawn, balance={"one": np.ones(1000)})
    looked = result.diagnostics[-1]
    assert looked.passed is None and "No covariate varies" in looked.says and result.grade == "A"
    with pytest.raises(DesignError, match="The covariate age: 1 rows"):
        run(drawn, balance={"age": np.where(np.arange(1000) == 1, np.nan, drawn["age"])})


def test_groups_that_were_drawn_together_widen_it():
    draw = np.random.default_rng(2)
    group = np.repeat(np.arange(40), 25)
    assigned = (draw.permutation(40) < 20)[group]
    outcome = draw.normal(size=40)[group] + draw.normal(size=1000)
    alone, together = trial(outcome, assigned), trial(outcome, assigned, cluster=group)
    assert together.se > 3 * alone.se
    with pytest.raises(DesignError, match="2 groups were drawn"):
        trial(outcome, assigned, cluster=assigned)


def test_refusals_and_empty_arms(drawn):
    assert "rows would do" in run(drawn, plausible=0.1).refusal
    with pytest.raises(DesignError, match="Each arm"):
        trial([1, 2, 3], [1, 1, 1])
