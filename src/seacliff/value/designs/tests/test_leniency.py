"""Published figures of UJIVE, and the gates that stand before a figure of our own."""

from math import inf, isinf, isnan

import numpy as np
import pytest
from scipy import stats

from seacliff.value.designs.intervals import anderson_rubin
from seacliff.value.designs.leniency import EXCLUSION, Leniency, leniency
from seacliff.value.designs.result import DesignError


def test_patents_and_later_applications(published):
    """Farre-Mensa, Hegde and Ljungqvist (2020) as estimated by the R package ManyIV 0.3: first 1,000 rows."""
    rows = published("fhl_first1000.csv")
    found = Leniency(rows.dallowed, rows.examiner, rows.ind_year).effect(rows.ln_total_patents_appl)
    assert found.estimate == pytest.approx(2.452386784, abs=1e-8)
    assert found.se_textbook == pytest.approx(2.151379876, abs=1e-8)
    assert found.se == pytest.approx(3.170662565, abs=1e-8)


def test_schooling_in_alaska(published):
    """Angrist and Krueger's census extract, quarter of birth within year of birth, by ManyIV."""
    rows = published("ak80_alaska.csv")
    found = Leniency(rows.education, rows.qob, rows.yob, interacted=True).effect(rows.lwage)
    assert found.estimate == pytest.approx(0.090491169, abs=1e-8)
    assert found.se_textbook == pytest.approx(0.211386425, abs=1e-8)
    assert found.se == pytest.approx(0.378517855, abs=1e-8)
    assert (found.n, found.dropped) == (67, 11)


def test_bail_and_pleading_guilty(published):
    """Stevenson (2018) with black and white as controls, by the R package jive; plain JIVE has the wrong sign."""
    rows = published("stevenson_bail.csv.gz")
    design = Leniency(rows.jail3, rows.judge_pre, rows.bailDate, rows[["black", "white"]])
    found = design.effect(rows.guilt)
    assert (found.n, found.instruments, found.controls) == (331_971, 7, 2_352)
    assert found.first_stage_f == pytest.approx(32.63, abs=0.005)
    assert found.estimate == pytest.approx(0.159, abs=5e-4)
    assert found.se_textbook == pytest.approx(0.0706, abs=5e-5)
    assert found.others["jive"] == pytest.approx(-0.022, abs=5e-4)
    assert found.others["difference of leave-one-out predictions"] == pytest.approx(0.159091, abs=5e-5)
    assert found.low < 0.159 < found.high


@pytest.fixture
def cases():
    draw = np.random.default_rng(3)
    rows = 3000
    reviewer, cell = draw.integers(0, 20, rows), draw.integers(0, 12, rows)
    harm, kind = draw.normal(size=rows), draw.integers(0, 2, rows)
    treated = (draw.uniform(size=rows) < 0.5 + 0.03 * (reviewer - 9.5) + 0.1 * harm).astype(float)
    outcome = 1.0 * treated + harm + 0.1 * cell + draw.normal(size=rows)
    return {"outcome": outcome, "treated": treated, "reviewer": reviewer, "cell": cell, "harm": harm, "kind": kind}


def run(cases, **more):
    given = {name: cases[name] for name in ("outcome", "treated", "reviewer", "cell")}
    return leniency(**(given | more))


def test_the_effect_is_found_where_least_squares_is_wrong(cases):
    result = run(cases, balance={"age": np.random.default_rng(4).normal(size=3000)}, subgroups={"kind": cases["kind"]})
    assert result.low < 1 < result.high
    assert result.figures["least squares"] > 1.2
    assert result.grade == "B" and result.interval == "Anderson-Rubin"
    assert [one.name for one in result.diagnostics] == [
        "first-stage F", "balance within cells", "monotonicity by subgroup"
    ]  # fmt: skip
    assert EXCLUSION in result.warnings
    assert "cases where reviewers would disagree" in result.explanation and "best guess" in result.explanation


def test_leave_one_out_is_what_it_says(cases):
    """Without cells and controls a case's leniency is its reviewer's rate on all others, less what that costs."""
    one = np.zeros(3000, int)
    design = Leniency(cases["treated"], cases["reviewer"], one)
    h = np.zeros((3000, 3000), np.float32)
    for reviewer in range(20):
        own = cases["reviewer"] == reviewer
        h[np.ix_(own, own)] = 1 / own.sum()
    h -= 1 / 3000
    matrix = h - np.diag(np.diag(h) / (1 - np.diag(h) - 1 / 3000)) @ (np.eye(3000, dtype=np.float32) - h - 1 / 3000)
    assert np.abs(np.diag(matrix)).max() < 1e-6  # no case predicts itself
    assert design.leniency == pytest.approx(matrix @ cases["treated"], abs=1e-4)


def test_cases_that_are_handed_out_by_difficulty_fail(cases):
    result = run(cases, balance={"severity": 0.02 * cases["reviewer"] + cases["harm"]})
    assert result.grade == "X" and result.worst.name == "balance within cells"
    assert "severity" in result.worst.says


def test_controls_and_constant_covariates_are_no_imbalance(cases):
    result = run(cases, controls=cases["harm"], balance={"harm": cases["harm"], "one": np.ones(3000)})
    looked = result.diagnostics[1]
    assert looked.passed is None and "nothing that was known before could be looked at" in looked.says
    assert result.grade == "C" and result.worst.name == "first-stage F"


def test_a_covariate_with_a_gap_is_refused_and_not_passed_over(cases):
    severity = np.where(np.arange(3000) == 7, np.nan, 0.02 * cases["reviewer"] + cases["harm"])
    with pytest.raises(DesignError, match="The covariate severity: 1 rows must not be missing"):
        run(cases, balance={"severity": severity})


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_cases_that_were_all_decided_alike_are_refused(cases, share):
    with pytest.raises(DesignError, match=f"decided alike .{share:.0%} of 3,000 were acted on"):
        run(cases, treated=np.full(3000, share))


def test_an_outcome_that_cells_and_controls_tell_is_refused(cases):
    with pytest.raises(DesignError, match="no chance is left in it"):
        run(cases, outcome=0.1 * cases["cell"] + 3.0)
    with pytest.raises(DesignError, match="never varies"):
        run(cases, outcome=np.full(3000, 2.4))


def test_a_reviewer_strict_on_one_kind_and_lax_on_another_fails(cases):
    draw = np.random.default_rng(5)
    tilt = np.where(cases["kind"] == 1, 0.04, -0.015) * (cases["reviewer"] - 9.5)
    treated = (draw.uniform(size=3000) < 0.5 + tilt).astype(float)
    result = run(cases | {"treated": treated}, balance={"harm": cases["harm"]}, subgroups={"kind": cases["kind"]})
    assert result.grade == "X"
    assert "kind = 0" in result.worst.says


def test_without_covariates_it_is_an_association(cases):
    alone = run(cases)
    assert alone.grade == "C" and alone.diagnostics[-1].name == "E-value" and alone.diagnostics[-1].figure > 1
    assert "routed by lot" in run(cases, randomised=True).warnings[-1]


def test_reviewers_who_hardly_differ_get_no_point(cases):
    draw = np.random.default_rng(6)
    result = run(cases | {"treated": draw.integers(0, 2, 3000).astype(float)})
    assert isnan(result.estimate) and isnan(result.se)
    assert result.diagnostics[0].passed is None and "only the Anderson-Rubin interval" in result.diagnostics[0].says
    assert result.low < 1 < result.high
    if isinf(result.low):
        assert "do not bound the effect" in result.explanation


def test_what_can_not_be_seen_is_refused_before_the_outcome_is_compared(cases):
    result = run(cases, plausible=0.05)
    assert result.refusal and result.grade is None and isnan(result.estimate)
    assert result.needed == pytest.approx(3000 * (result.smallest_detectable / 0.05) ** 2, rel=1e-3)
    assert f"{result.needed:,}" in result.refusal
    assert not run(cases, plausible=result.smallest_detectable * 1.01).refusal


def test_the_smallest_detectable_effect_is_that(cases):
    """Eighty in a hundred draws of that effect are found, by the design's own normal test."""
    smallest = run(cases).smallest_detectable
    design = Leniency(cases["treated"], cases["reviewer"], cases["cell"])
    draw, found = np.random.default_rng(7), 0
    spread = cases["outcome"].std()
    for _ in range(200):
        outcome = smallest * design.treated + draw.normal(size=design.n) * spread * 0.97
        effect = design.effect(outcome)
        found += abs(effect.estimate) > 1.96 * effect.se
    assert 0.7 < found / 200 < 0.9


def test_an_account_is_left_out_of_its_own_prediction_whole(cases):
    """By hand: no case predicts itself nor another of its account, and without accounts all is as it was."""
    some = {name: values[:200] for name, values in cases.items()}
    account = np.random.default_rng(9).integers(0, 70, 200)
    given = some["treated"], some["reviewer"] % 5, some["cell"] % 3
    design = Leniency(*given, account=account)
    assert design.dropped == 0
    wide, narrow = (np.column_stack([span.residual(one) for one in np.eye(200)]) for span in (design.wide, design.narrow))
    together = account[:, None] == account
    block = np.zeros((200, 200))
    for one in np.unique(account):
        own = np.ix_(account == one, account == one)
        block[own] = narrow[own] @ np.linalg.inv(wide[own]) - np.eye((account == one).sum())
    predicts = narrow - wide - block @ wide
    assert np.abs(predicts[together]).max() < 1e-10
    assert design.leniency == pytest.approx(predicts @ some["treated"])
    own = design.moments(some["outcome"])[1]
    left, within = wide @ some["treated"], narrow @ some["treated"]
    assert own == pytest.approx((predicts.T @ some["outcome"]) * left + (narrow @ some["outcome"]) * design.leniency)
    alone, each = Leniency(*given), Leniency(*given, account=np.arange(200))
    assert each.effect(some["outcome"]).se == pytest.approx(alone.effect(some["outcome"]).se)
    assert within == pytest.approx(design.within)


def test_cases_told_five_times_are_no_more_than_told_once(cases):
    """The same account, reviewer and outcome five times over: the interval stays what it was, by accounts alone."""
    once, few = run(cases, account=np.arange(3000)), {}
    for name in ("outcome", "treated", "reviewer", "cell"):
        few[name] = np.repeat(cases[name], 5)
    together = leniency(**few, account=np.repeat(np.arange(3000), 5))
    assert together.estimate == pytest.approx(once.estimate, rel=0.02)
    assert together.se == pytest.approx(once.se, rel=0.02)
    assert together.smallest_detectable == pytest.approx(once.smallest_detectable, rel=0.05)
    assert together.diagnostics[0].figure == pytest.approx(once.diagnostics[0].figure, rel=0.1)
    assert leniency(**few).se < 0.6 * once.se


def test_a_day_that_a_reviewer_had_widens_the_interval(cases):
    draw = np.random.default_rng(10)
    day = cases["reviewer"] * 15 + draw.integers(0, 15, 3000)
    outcome = cases["outcome"] + 2 * draw.normal(size=300)[day]
    alone, by_day = (run(cases, outcome=outcome, account=np.arange(3000), day=one) for one in (None, day))
    assert by_day.estimate == alone.estimate and by_day.se > 1.3 * alone.se


def test_an_account_with_more_cases_than_can_be_left_out_is_said(cases):
    with pytest.raises(DesignError, match="One account has 3,000 of the cases"):
        run(cases, account=np.zeros(3000))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cell": np.arange(3000)}, "nothing to compare"),
        ({"reviewer": np.zeros(3000)}, "not left to chance"),
    ],
)
def test_what_is_no_design_is_said(cases, change, said):
    with pytest.raises(DesignError, match=said):
        run(cases | change)


def test_no_rows():
    with pytest.raises(DesignError, match="no decided cases"):
        leniency([], [], [], [])


def test_anderson_rubin_sets_hold_the_effects_they_should():
    draw = np.random.default_rng(8)
    own, by_effect = draw.normal(size=50), draw.normal(size=50)
    for score, strength in ((3.0, 40.0), (3.0, 1.0), (60.0, 1.0)):
        terms = np.column_stack([own, by_effect])
        shape, low, high = anderson_rubin(score, strength, terms.T @ terms)
        for effect in np.linspace(-80, 80, 321):
            inside = (score - effect * strength) ** 2 <= stats.chi2.ppf(0.95, 1) * (
                (own - effect * by_effect) ** 2
            ).sum()
            if shape == "two rays":
                assert (low, high) == (-inf, inf)
            else:
                assert inside == (low <= effect <= high)
    exact = anderson_rubin(2.0, 4.0, np.diag([1.0, 0.0]))
    assert exact[1:] == pytest.approx((0.5 - 1.959964 / 4, 0.5 + 1.959964 / 4), abs=1e-6)
