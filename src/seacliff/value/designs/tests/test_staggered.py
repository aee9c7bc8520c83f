"""Minimum wages and teenage employment, and changes of our own."""

import numpy as np
import pytest

from seacliff.value.designs.few import few
from seacliff.value.designs.result import DesignError
from seacliff.value.designs.staggered import Panel, effects, panel, staggered


@pytest.fixture
def counties(published):
    """Callaway and Sant'Anna (2021), as in their R package did: 500 counties, 2003 to 2007."""
    rows = published("mpdta.csv")
    return {"unit": rows.countyreal, "period": rows.year, "outcome": rows.lemp, "first": rows["first.treat"]}


def test_minimum_wages(counties):
    result = staggered(**counties)
    assert result.figures["simple"] == pytest.approx(-0.0400, abs=5e-5)
    assert result.figures["group"] == pytest.approx(-0.0310, abs=5e-5)
    assert result.figures["dynamic"] == pytest.approx(-0.0772, abs=5e-5)
    assert result.estimate == result.figures["group"] and result.grade == "B"


def test_minimum_wages_by_group_and_year(counties):
    """Table of att_gt: effects, and standard errors that the package finds by 1,000 bootstraps."""
    found = effects(panel(**counties))
    table = {(int(2003 + g), int(2003 + t)): (e, found.se(i)) for g, t, e, i in zip(
        found.group, found.period, found.effect, found.influence.T, strict=True)}  # fmt: skip
    assert table[2004, 2004][0] == pytest.approx(-0.0105, abs=5e-5)
    assert table[2004, 2007] == pytest.approx((-0.1008, 0.0344), abs=2e-3)
    assert table[2006, 2006][0] == pytest.approx(-0.0046, abs=5e-5)
    assert table[2007, 2007] == pytest.approx((-0.0261, 0.0167), abs=1e-3)
    assert table[2007, 2005][0] == pytest.approx(-0.0027, abs=5e-5)


def test_pre_trends_of_minimum_wages(counties):
    """The package's Wald test has p = 0.168; ours allows for the covariance being estimated."""
    assert staggered(**counties).diagnostics[0].figure == pytest.approx(0.168, abs=0.02)


@pytest.fixture
def shipped():
    draw = np.random.default_rng(6)
    units, periods = 120, 8
    first = np.repeat([0, 3, 5, 6], 30)
    table = draw.normal(size=(units, 1)) + 0.3 * np.arange(periods) + 0.5 * draw.normal(size=(units, periods))
    since = np.arange(periods) - first[:, None]
    table += np.where((first[:, None] > 0) & (since >= 0), 1.0 + 0.5 * since, 0)
    unit, period = np.divmod(np.arange(units * periods), periods)
    return {"unit": unit, "period": period, "outcome": table.ravel(), "first": np.where(first > 0, first, np.nan)[unit]}


def test_effects_that_grow_are_found(shipped):
    rows = staggered(**shipped).diagnostics[1].rows
    late = {row["periods since"]: row for row in rows}
    for since in range(5):
        assert late[since]["low"] < 1 + 0.5 * since < late[since]["high"]
    assert staggered(**shipped, aggregate="group").significant


def test_against_those_that_had_not_got_it_yet(shipped):
    some = np.isfinite(shipped["first"])
    treated = {name: np.asarray(values)[some] for name, values in shipped.items()}
    with pytest.raises(DesignError, match="not got it yet"):
        staggered(**treated)
    result = staggered(**treated, not_yet=True)
    assert result.significant


def test_a_path_that_parted_before_fails(shipped):
    drift = np.where(np.isfinite(shipped["first"]), 0.3 * shipped["period"], 0)
    result = staggered(**dict(shipped, outcome=shipped["outcome"] + drift))
    assert result.grade == "X" and result.worst.name == "pre-trends"


def test_errors_by_market_are_wider_where_markets_move_together(shipped):
    draw = np.random.default_rng(7)
    market = shipped["unit"] // 3
    shock = draw.normal(size=(40, 8))[market, shipped["period"]]
    outcome = shipped["outcome"] + shock
    alone, together = (staggered(**dict(shipped, outcome=outcome), cluster=one) for one in (None, market))
    assert together.estimate == pytest.approx(alone.estimate)
    assert together.se > 1.4 * alone.se
    with pytest.raises(DesignError, match="Fewer than 10 independent places"):
        staggered(**shipped, cluster=shipped["unit"] // 5)


@pytest.fixture
def seldom():
    """Twenty-four markets over sixteen weeks, three of which got it, each in its own week; no effect."""
    draw = np.random.default_rng(8)
    units, periods = 24, 16
    first = np.full(units, np.nan)
    first[:3] = [8, 9, 11]
    table = draw.normal(size=(units, 1)) + draw.normal(size=(units, periods))
    unit, period = np.divmod(np.arange(units * periods), periods)
    return {"unit": unit, "period": period, "outcome": table.ravel(), "first": first[unit]}


def test_where_few_places_got_it_chance_is_told_by_those_that_never_did(seldom):
    result = staggered(**seldom)
    assert [one.name for one in result.diagnostics] == ["pre-trends", "event study", "placebos in space"]
    assert result.grade == "B" and not result.significant and result.interval == "rank among placebos"
    alone = effects(panel(**seldom))
    assert result.se > 1.5 * alone.se(alone.aggregated("group")[1])  # a group of one has no error of its own
    big = dict(seldom, outcome=seldom["outcome"] + 3 * (seldom["period"] >= np.nan_to_num(seldom["first"], nan=99)))
    found = staggered(**big)
    assert found.low < 3 + result.estimate < found.high and found.significant
    assert found.estimate == pytest.approx(result.estimate + 3) and found.se == pytest.approx(result.se)


@pytest.mark.parametrize("aggregate", ["simple", "group", "dynamic"])
def test_what_is_ranked_is_what_is_estimated(seldom, aggregate):
    given = panel(**seldom)
    own = given.first > 0
    found = few(given.outcomes[own], given.first[own], given.outcomes[~own], aggregate, 1)
    of_all = effects(given)
    assert found.real[0] == pytest.approx(of_all.aggregated(aggregate)[0])
    for distance, point in zip(found.distances, found.real[2:], strict=True):
        assert point == pytest.approx(of_all.at(int(distance))[0])
    draw = found.draws[5]
    as_if = np.full(21, -1)
    as_if[draw] = given.first[own]
    told = effects(Panel(given.periods, given.outcomes[~own], as_if, given.clusters, 0, 0)).aggregated(aggregate)[0]
    assert found.elsewhere[5, 0] == pytest.approx(told)


def test_few_places_that_parted_before_fail(seldom):
    treated = np.isfinite(seldom["first"])
    result = staggered(**dict(seldom, outcome=seldom["outcome"] + np.where(treated, 0.6 * seldom["period"], 0)))
    assert result.grade == "X" and result.worst.name == "pre-trends"


def test_where_pre_trends_can_not_be_tested_it_is_an_association_with_its_e_value(seldom):
    late = seldom["period"] >= 7  # one week is left before the first change
    result = staggered(**{name: np.asarray(values)[late] for name, values in seldom.items()})
    assert result.grade == "C" and result.diagnostics[0].passed is None and result.diagnostics[-1].name == "E-value"


def test_too_few_to_tell_chance_are_refused(seldom):
    some = seldom["unit"] < 12
    with pytest.raises(DesignError, match="3 places got the change and 9 never did"):
        staggered(**{name: np.asarray(values)[some] for name, values in seldom.items()})
    with pytest.raises(DesignError, match="Fewer than 10"):
        staggered(**seldom, not_yet=True)


@pytest.mark.parametrize("count", ["many", "few"])
def test_outcomes_that_never_vary_are_refused(shipped, seldom, count):
    rows = shipped if count == "many" else seldom
    with pytest.raises(DesignError, match="never varies"):
        staggered(**dict(rows, outcome=np.full(len(rows["unit"]), 2.4)))
    with pytest.raises(DesignError, match=r"no chance is left|varies in 0 of 3 units"):
        staggered(**dict(rows, outcome=1.1 * rows["unit"]))


def test_many_periods_before_make_no_test_of_many_figures(shipped):
    """Ten in a hundred places carry one figure: of thirty comparisons before the change few parts are left."""
    said = staggered(**shipped).diagnostics[0].says
    assert "12 comparisons in 3 parts" in said or "11 comparisons in 3 parts" in said


def test_clusters_of_one_are_no_clusters(shipped):
    alone, own = (staggered(**shipped, cluster=one) for one in (None, shipped["unit"]))
    assert own.se == pytest.approx(alone.se * (120 / 119) ** 0.5, rel=1e-9)


def test_gaps_and_early_units_are_left_out_and_said(shipped):
    first = np.where(shipped["unit"] == 40, 0.5, shipped["first"])
    first = np.where(shipped["unit"] == 40, -1.0, first)  # before all periods
    kept = np.arange(960) != 5
    rows = {name: np.asarray(values)[kept] for name, values in dict(shipped, first=first).items()}
    said = " ".join(staggered(**rows).warnings)
    assert "1 units were left out because a period" in said and "1 units were left out because they had" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"period": np.zeros(960)}, "several rows for one period"),
        ({"first": np.full(960, np.nan)}, "No unit got the change"),
        ({"first": np.arange(960.0) % 8 + 1}, "several dates"),
    ],
)
def test_what_is_no_panel_is_said(shipped, change, said):
    with pytest.raises(DesignError, match=said):
        staggered(**(shipped | change))


def test_refusals(shipped):
    assert "units would do" in staggered(**shipped, plausible=0.001).refusal
