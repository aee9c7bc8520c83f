"""A world is found again in the record that it left, from the weeks asked for and no others."""

import msgspec
import numpy as np
import pytest

from seacliff.value.staffing import arrivals, charts, layout
from seacliff.value.staffing.calibration import Record, calibrate
from seacliff.value.staffing.engine import Trace, blank_tally, run
from seacliff.value.staffing.heldout import hold_out
from seacliff.value.staffing.scenario import ScenarioError, read

TEAM = """
world:
  weeks: 14
  warm_up_weeks: 0
  categories:
    spam: {per_week: 900, severity: 4, target_hours: 30, handling: {1: {minutes: 5, spread: 0.7}}, burst_daily: 0.05}
    harassment: {per_week: 300, severity: 2, target_hours: 20, handling: {1: {minutes: 9, spread: 0.5}}}
  groups:
    first: {count: 5, tiers: [1], shift: day}
  shifts:
    day: {days: [mon, tue, wed, thu, fri], start: "09:00", hours: 8}
"""
WEEKS = 14


@pytest.fixture(scope="module")
def world():
    return read(TEAM).world


@pytest.fixture(scope="module")
def record(world):
    """What the simulation itself leaves behind; handle times are drawn from the same law, as the trace does not tell them."""
    reports = arrivals.draw(layout.demand(world), WEEKS, np.ones(2), 9, 0)
    plan = layout.lay(world, layout.rota(world, 9, 0))
    trace = Trace(np.full(len(reports.time), np.nan), np.full(len(reports.time), np.nan))
    run(reports, plan, arrivals.luck_of(9, 0), blank_tally(plan), trace)
    names = np.array(["spam", "harassment"])[reports.kind]
    decided = reports.time + trace.action
    reviewed = ~np.isnan(trace.action)
    draw = np.random.default_rng(1)
    spread = np.where(names == "spam", 0.7, 0.5)[reviewed]
    mean = np.where(names == "spam", 5.0, 9.0)[reviewed]
    minutes = mean * np.exp(spread * draw.normal(size=reviewed.sum()) - spread**2 / 2)
    return {
        "arrived": reports.time, "category": names, "first_review": reports.time + trace.wait, "decided": decided,
        "appealed_at": np.full(len(names), np.nan), "came_too_late": np.zeros(len(names), bool),
        "review_began": (reports.time + trace.wait)[reviewed], "review_category": names[reviewed],
        "review_tier": np.ones(reviewed.sum(), int), "handle_minutes": minutes, "escalated": np.zeros(reviewed.sum(), bool),
        "duty_group": [], "duty_reviewer": [], "duty_start": [], "duty_end": [],
    }  # fmt: skip


def test_parameters_are_found_again(world, record):
    found = calibrate(Record(**record), world, (0, WEEKS))
    by = {(row["category"], row["parameter"]): row for row in found.table}
    for category, per_week, minutes in (("spam", 900, 5), ("harassment", 300, 9)):
        rate, handling = by[category, "arrivals a week"], by[category, "minutes a review"]
        assert abs(rate["value"] - per_week) < 4 * rate["error"]
        assert abs(handling["value"] - minutes) < 4 * handling["error"]
    assert by["spam", "share appealed"]["value"] == 0


def test_patience_is_found_from_what_a_review_cut_short(world, record):
    """Reports are reviewed after 50 hours, unless the harm has happened by then, after 90 hours on average."""
    draw = np.random.default_rng(2)
    patience = draw.exponential(90, len(record["arrived"]))
    closed = patience < 50
    columns = record | {
        "first_review": np.where(closed, np.nan, record["arrived"] + 50), "came_too_late": closed,
        "decided": record["arrived"] + np.where(closed, patience, 51),
    }  # fmt: skip
    table = calibrate(Record(**columns), world, (0, WEEKS)).table
    [found] = [row for row in table if (row["category"], row["parameter"]) == ("harassment", "hours of patience")]
    assert abs(found["value"] - 90) < 4 * found["error"]


def test_weeks_held_back_leave_no_trace_in_the_fit(world, record):
    """Whatever happens in them: handle times ten times as long, appeals of everything, twice the reports."""
    honest = calibrate(Record(**record), world, (0, 10))
    late = 10 * 168
    after, reviewed_after = record["arrived"] >= late, record["review_began"] >= late
    altered = record | {
        "handle_minutes": np.where(reviewed_after, record["handle_minutes"] * 10, record["handle_minutes"]),
        "escalated": reviewed_after,
        "appealed_at": np.where(np.isnan(record["decided"]), np.nan, np.maximum(record["decided"], late) + 5),
        "decided": np.where(record["decided"] >= late, record["decided"] + 500, record["decided"]),
        "came_too_late": record["came_too_late"] | after,
    }
    again = calibrate(Record(**altered), world, (0, 10))
    assert [msgspec.structs.asdict(one) for one in again.world.categories.values()] == [
        msgspec.structs.asdict(one) for one in honest.world.categories.values()
    ]
    assert repr(again.table) == repr(honest.table)


def test_weeks_held_back_come_out_as_foretold(world, record):
    found = hold_out(Record(**record), world, (0, WEEKS), held=3, replications=60)
    assert {row["week"] for row in found.rows} == {11, 12, 13, None}
    assert found.covered >= 0.8
    assert "as many as chance allows" in found.sentence()
    assert charts.held_out(found.rows, "arrived")["data"]["values"]


def test_a_team_that_changed_is_noticed(world, record):
    """Four weeks with six times the reports of the weeks before."""
    many = np.repeat(np.arange(len(record["arrived"])), np.where(record["arrived"] >= 10 * 168, 6, 1))
    columns = ("arrived", "category", "first_review", "decided", "appealed_at", "came_too_late")
    busier = record | {name: np.asarray(record[name])[many] for name in columns}
    found = hold_out(Record(**busier), world, (0, WEEKS), held=4, replications=60)
    assert all(not row["covered"] for row in found.rows if row["measure"] == "arrived")
    assert "not yet to be trusted" in found.sentence()


def test_what_can_not_be_fitted_is_said(world, record):
    with pytest.raises(ScenarioError, match="at least 4 weeks"):
        calibrate(Record(**record), world, (0, 3))
    with pytest.raises(ScenarioError, match="held back"):
        hold_out(Record(**record), world, (0, WEEKS), held=0)
    with pytest.raises(ScenarioError, match="each have one length"):
        Record(**(record | {"review_began": [1.0]}))


def test_what_is_as_given_is_told_as_it_is_used(world, record):
    """Three reviews at the second tier, of a thousandth of the minutes that were given, change neither world nor table."""
    given = msgspec.structs.replace(
        world,
        categories={
            name: msgspec.structs.replace(one, handling={**one.handling, 2: one.handling[1]})
            for name, one in world.categories.items()
        },
    )
    tier = np.array(record["review_tier"])
    tier[np.flatnonzero(record["review_category"] == "spam")[:3]] = 2
    few = record | {"review_tier": tier, "handle_minutes": np.where(tier == 2, 0.005, record["handle_minutes"])}
    found = calibrate(Record(**few), given, (0, WEEKS))
    [row] = [r for r in found.table if (r["category"], r["parameter"], r["tier"]) == ("spam", "minutes a review", 2)]
    assert (row["source"], row["observations"], row["value"], row["error"]) == ("as given", 3, 5.0, None)
    assert found.world.categories["spam"].handling[2].minutes == row["value"]


def test_a_category_with_few_reports_comes_when_all_do(world, record):
    quiet = np.asarray(record["arrived"]) % 24 < 12  # nothing comes before noon
    names = np.where(np.arange(len(quiet)) < 10, "harassment", "spam")
    columns = ("arrived", "first_review", "decided", "appealed_at", "came_too_late")
    half = record | {name: np.asarray(record[name])[~quiet] for name in columns} | {"category": names[~quiet]}
    found = calibrate(Record(**half), world, (0, WEEKS))
    assert found.world.categories["harassment"].profile is None
    assert sum(found.world.profile[hour] for hour in range(1, 11)) == 0 < sum(found.world.profile[12:24])
    assert found.errors.rate["harassment"] > 0.25


def test_the_team_as_a_whole_is_foretold_more_sharply_than_a_category(world, record):
    found = hold_out(Record(**record), world, (0, WEEKS), held=2, replications=60)
    rows = {(row["scope"], row["name"], row["week"]): row for row in found.rows if row["measure"] == "arrived"}
    whole, one = rows["all", "", None], rows["category", "spam", 12]
    assert (whole["high"] - whole["low"]) / whole["foretold"] < 0.9 * (one["high"] - one["low"]) / one["foretold"]
    assert whole["observed"] == sum(rows["severity", severity, None]["observed"] for severity in ("2", "4"))
    assert whole["notices"] == pytest.approx((whole["high"] - whole["low"]) * 2.8 / 3.92, rel=0.35)


def test_so_little_off_that_no_category_tells_is_noticed_of_the_team(world, record):
    """Half as many reports again in the weeks held back."""
    late = np.asarray(record["arrived"]) >= 12 * 168
    many = np.concatenate([np.arange(len(late)), np.flatnonzero(late)[::2]])
    columns = ("arrived", "category", "first_review", "decided", "appealed_at", "came_too_late")
    busier = record | {name: np.asarray(record[name])[many] for name in columns}
    found = hold_out(Record(**busier), world, (0, WEEKS), held=2, replications=60)
    [whole] = [row for row in found.rows if row["scope"] == "all" and row["measure"] == "arrived"]
    assert not whole["covered"] and abs(whole["observed"] - whole["foretold"]) > whole["notices"]
