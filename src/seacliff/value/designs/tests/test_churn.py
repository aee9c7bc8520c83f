"""Rossi's released prisoners, and accounts that would look immortal."""

import numpy as np
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter
from lifelines.datasets import load_rossi
from lifelines.statistics import proportional_hazard_test
from pandas import DataFrame

from seacliff.value.designs.churn import ASSOCIATION, cox, discrete, spells
from seacliff.value.designs.hazards import proportional_hazards
from seacliff.value.designs.result import DesignError

AGE = np.random.default_rng(7).normal(size=1500)  # of the made accounts, of no consequence
CONTROLS = ["age", "race", "wexp", "mar", "paro", "prio"]


@pytest.fixture(scope="module")
def rossi():
    """Rossi, Berk and Lenihan (1980): 432 released, financial aid or not, arrest within 52 weeks."""
    rows = load_rossi()
    return {
        "stayed": rows.week, "left": rows.arrest == 1, "exposed_at": np.where(rows.fin == 1, 0.0, np.nan), "rows": rows
    }  # fmt: skip


def given(rossi):
    return {name: rossi[name] for name in ("stayed", "left", "exposed_at")}


def test_financial_aid_and_arrest(rossi):
    result = cox(**given(rossi), controls={name: rossi["rows"][name] for name in CONTROLS})
    assert result.estimate == pytest.approx(-0.3794, abs=5e-5)
    assert result.se == pytest.approx(0.1914, abs=5e-5)
    assert result.grade == "C" and ASSOCIATION in result.warnings
    assert [one.name for one in result.diagnostics] == ["immortal-time guard", "proportional hazards", "E-value"]


def test_every_coefficient_and_the_test_of_proportionality_against_lifelines(rossi):
    rows = rossi["rows"]
    oracle = CoxPHFitter().fit(rows, "week", "arrest")
    x = rows[["fin", *CONTROLS]].to_numpy(float)
    found = proportional_hazards(np.zeros(432), rows.week.to_numpy(float), (rows.arrest == 1).to_numpy(), x)
    assert found.params == pytest.approx(oracle.params_[["fin", *CONTROLS]].to_numpy(), abs=1e-6)
    assert found.se == pytest.approx(oracle.standard_errors_[["fin", *CONTROLS]].to_numpy(), abs=1e-6)
    expected = proportional_hazard_test(oracle, rows, time_transform="rank").summary.loc[["fin", *CONTROLS]]
    assert [one[1] for one in found.proportionality()] == pytest.approx(expected.p.to_numpy(), abs=0.03)


@pytest.fixture(scope="module")
def accounts():
    draw = np.random.default_rng(8)
    rows = 1500
    exposed_at, spent = draw.exponential(15, rows), draw.exponential(25, rows)
    stayed = np.where(spent < exposed_at, spent, exposed_at + (spent - exposed_at) / np.exp(0.6))
    left = stayed < 40
    stayed = np.minimum(stayed, 40)
    return {"stayed": stayed, "left": left, "exposed_at": np.where(exposed_at < stayed, exposed_at, np.nan)}


def test_time_varying_exposure_against_lifelines(accounts):
    """Rounded to whole weeks there are ties at every event."""
    week = {
        "stayed": np.ceil(accounts["stayed"]),
        "left": accounts["left"],
        "exposed_at": np.ceil(accounts["exposed_at"]),
    }
    split = spells(**week)
    long = DataFrame({"id": split.account, "start": split.start, "stop": split.stop, "left": split.left,
                      "exposed": split.exposed.astype(float), "age": AGE[split.account]})  # fmt: skip
    oracle = CoxTimeVaryingFitter().fit(long, id_col="id", event_col="left", start_col="start", stop_col="stop")
    result = cox(**week, controls={"age": AGE})
    assert result.estimate == pytest.approx(oracle.params_["exposed"], abs=1e-5)
    assert result.se == pytest.approx(oracle.standard_errors_["exposed"], abs=1e-5)


def test_both_designs_find_what_the_world_holds(accounts):
    for result in (cox(**accounts, controls={"age": AGE}), discrete(**accounts, controls=AGE)):
        assert result.low < 0.6 < result.high
        assert result.figures["hazard ratio"] == pytest.approx(np.exp(result.estimate))
        assert "association" in result.explanation and result.grade == "C"


def test_a_flag_in_place_of_the_time_would_have_hidden_it(accounts):
    """The trap that the guard is for: exposed accounts had to stay until their exposure."""
    ever = np.where(np.isfinite(accounts["exposed_at"]), 0.0, np.nan)
    naive, honest = (cox(**(accounts | when), controls={"age": AGE}) for when in ({"exposed_at": ever}, {}))
    assert naive.estimate < 0 < honest.low
    assert honest.diagnostics[0].figure > 0.2  # that much of their time came before
    assert naive.diagnostics[0].figure == 0


def test_discrete_time_agrees_with_cox(rossi):
    controls = rossi["rows"][CONTROLS].to_numpy(float)
    by_week = discrete(**given(rossi), controls=controls)
    by_cox = cox(**given(rossi), controls={name: rossi["rows"][name] for name in CONTROLS})
    assert by_week.estimate == pytest.approx(by_cox.estimate, abs=0.01)
    assert by_week.se == pytest.approx(by_cox.se, rel=0.05)


def test_rows_added_up_are_the_rows_one_by_one(accounts):
    few = discrete(**accounts, matched=np.zeros(1500))
    one_by_one = discrete(**accounts, controls=np.random.default_rng(9).normal(size=1500))
    assert one_by_one.estimate == pytest.approx(few.estimate, abs=0.02)
    assert one_by_one.se == pytest.approx(few.se, rel=0.1)


def test_matching_finds_what_a_hidden_stratum_did():
    draw = np.random.default_rng(10)
    rows = 4000
    busy = draw.integers(0, 2, rows)
    exposed = draw.uniform(size=rows) < 0.2 + 0.6 * busy
    spent = draw.exponential(20 * (1 + 2 * busy))
    data = {"stayed": np.minimum(spent, 40), "left": spent < 40, "exposed_at": np.where(exposed, 0.0, np.nan)}
    plain, matched = discrete(**data, matched=np.zeros(rows)), discrete(**data, matched=busy)
    assert plain.estimate < -0.2
    assert matched.diagnostics[1].figure == pytest.approx(0, abs=0.1)
    assert matched.grade == "X" and matched.worst.name == "matched comparison"


def test_a_ratio_that_turns_with_time_fails():
    draw = np.random.default_rng(11)
    early, late = draw.weibull(0.6, 1500) * 20, draw.weibull(2.0, 1500) * 20
    spent = np.concatenate([early, late])
    exposed = np.repeat([0.0, np.nan], 1500)
    result = cox(np.minimum(spent, 40) + 1e-6, spent < 40, exposed, controls={"age": draw.normal(size=3000)})
    assert result.grade == "X" and result.worst.name == "proportional hazards"


@pytest.mark.parametrize(
    ("stayed", "left", "exposed_at", "said"),
    [
        ([0.0, 2], [1, 1], [np.nan, 1], "1 accounts have no time"),
        ([1.0, 2], [1, 1], [-1, 1], "1 accounts were exposed before they began"),
        (np.ones(100), np.ones(100), np.full(100, np.nan), "0 accounts left after an exposure and 100 without"),
    ],
)
def test_what_can_not_be_is_said(stayed, left, exposed_at, said):
    with pytest.raises(DesignError, match=said):
        cox(stayed, left, exposed_at)


def test_what_foretells_without_fail_is_said():
    exposed = np.repeat([0.0, np.nan], 100)
    sure = np.repeat([1.0, 0.0], 100)
    stayed = np.arange(1.0, 201)
    left = np.where(np.arange(200) < 100, True, np.arange(200) % 8 == 0)
    with pytest.raises(DesignError, match="without fail"):
        cox(stayed, left, exposed, controls={"sure": sure + (np.arange(200) == 199)})
    with pytest.raises(DesignError, match="one value only"):
        proportional_hazards(np.zeros(4), np.ones(4), np.ones(4, bool), np.ones((4, 1)))


def test_refusals(accounts):
    assert "accounts would do" in cox(**accounts, plausible=0.01, controls={"age": AGE}).refusal
    assert "accounts would do" in discrete(**accounts, plausible=0.01, controls=AGE).refusal


def test_the_raw_comparison_is_refused(accounts):
    for run in (cox, discrete):
        with pytest.raises(DesignError, match="the raw comparison misleads"):
            run(**accounts)
    assert discrete(**accounts, controls=AGE).diagnostics[1].passed is None  # no strata, no matched comparison


def test_who_is_busy_is_compared_with_the_busy():
    """Busy accounts meet abuse sooner and stay longer: raw, abuse would seem to keep them; it does nothing."""
    draw = np.random.default_rng(12)
    busy = draw.integers(0, 8, 3000)
    exposed_at, spent = draw.exponential(60 / (1 + busy)), draw.exponential(8 * (1 + busy))
    stayed = np.minimum(spent, 40)
    data = {"stayed": stayed, "left": spent < 40, "exposed_at": np.where(exposed_at < stayed, exposed_at, np.nan)}
    raw = discrete(**data, matched=np.zeros(3000))
    beside = discrete(**data, controls=np.eye(8)[busy][:, 1:], matched=busy)
    assert raw.high < -0.3 and beside.low < 0 < beside.high and beside.grade == "C"


def test_spells_are_split_at_the_exposure():
    split = spells([5, 4, 3], [True, False, True], [2, np.nan, 7])
    assert split.account.tolist() == [0, 1, 2, 0]
    assert split.start.tolist() == [0, 0, 0, 2] and split.stop.tolist() == [2, 4, 3, 5]
    assert split.left.tolist() == [False, False, True, True]
    assert split.exposed.tolist() == [False, False, False, True]
