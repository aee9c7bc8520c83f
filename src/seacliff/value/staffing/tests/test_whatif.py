"""Scenarios change what they should, by paired differences, and a slider is quick."""

import json
import time

import msgspec
import numpy as np
import pytest

from seacliff.value.staffing import arrivals, charts, layout, whatif
from seacliff.value.staffing.engine import Reports, Trace, blank_tally, run
from seacliff.value.staffing.scenario import Automation, Scenario, ScenarioError, apply, read
from seacliff.value.staffing.simulate import ALL, Figure, measures, quantile, simulate
from seacliff.value.staffing.tests.world import TEAM
from seacliff.value.staffing.uncertain import Errors


@pytest.fixture(scope="module")
def study():
    return read(TEAM)


@pytest.fixture(scope="module")
def compared(study):
    return whatif.compare(study)


def test_two_fewer_in_one_sentence(compared):
    sentence = compared[0].sentence()
    assert sentence.startswith("Two fewer at the first tier: nine in ten decisions come within ")
    assert "95% interval" in sentence and "less is spent" in sentence


def test_two_fewer_wait_longer_and_cost_less(compared):
    two_fewer = compared[0]
    assert two_fewer.difference("action_p90").low > 0
    assert two_fewer.difference("harm_hours").low > 0
    yearly = -2 * 40 * 5 * 8 * layout.YEAR_WEEKS
    assert two_fewer.difference("cost").mean == pytest.approx(yearly)


def test_common_luck_makes_differences_sharper(compared):
    two_fewer = compared[0]
    paired = two_fewer.after.of("wait_mean") - two_fewer.before.of("wait_mean")
    unpaired = two_fewer.after.of("wait_mean") - np.roll(two_fewer.before.of("wait_mean"), 1)
    assert paired.var() < unpaired.var()


def test_the_same_scenario_makes_no_difference_and_says_so(study):
    [same] = whatif.compare(msgspec.structs.replace(study, scenarios=[Scenario("As it is")]))
    assert np.array_equal(same.before.of("harm_hours"), same.after.of("harm_hours"))
    assert "no difference" in same.sentence() and "the cost stays" in same.sentence()


def test_more_volume_is_todays_reports_and_a_quarter_more(compared):
    more = compared[1]
    assert more.after.of("arrived").mean() == pytest.approx(1.25 * more.before.of("arrived").mean(), rel=0.03)
    assert (more.after.of("arrived") > more.before.of("arrived")).all()


def test_a_machine_takes_its_share_and_its_mistakes_are_counted(compared):
    after = compared[2].after
    spam = ("category", "spam")
    share = after.of("automated", spam).sum() / after.of("arrived", spam).sum()
    assert share == pytest.approx(0.5, abs=0.01)
    assert after.of("wrong", spam).sum() / after.of("automated", spam).sum() == pytest.approx(0.05, abs=0.01)


def test_what_the_record_leaves_open_widens_the_interval(study):
    unsure = Errors(rate=dict.fromkeys(study.world.categories, 0.3))
    sure, wide = (whatif.compare(study, errors)[0].difference("harm_hours") for errors in (None, unsure))
    assert wide.high - wide.low > sure.high - sure.low


def test_a_slider_over_a_million_reports_a_year_answers_in_under_a_second(study):
    times = 1_000_000 / 52.18 / 4020
    world = apply(study.world, Scenario("grown"))
    grown = {n: msgspec.structs.replace(c, per_week=c.per_week * times) for n, c in world.categories.items()}
    groups = {n: msgspec.structs.replace(g, count=round(g.count * times)) for n, g in world.groups.items()}
    world = msgspec.structs.replace(world, categories=grown, groups=groups)
    taken = []
    for _ in range(3):
        began = time.process_time()
        whatif.quick(world, [Scenario("Two fewer", headcount={"first": "-2"})], errors=Errors())
        taken.append(time.process_time() - began)
    assert min(taken) < 1.0


def test_of_each_size_the_frontier_has_the_best_team(study):
    sizes = whatif.frontier(study.world, ["first", "late", "second"], [-1, -1, 1])
    assert [one.people for one in sizes] == [12, 13, 14, 15]
    rows = [one.row() for one in sizes]
    shares, costs = ([row[name] for row in rows] for name in ("breach_share", "cost"))
    assert shares == sorted(shares, reverse=True) and costs == sorted(costs)
    others = [Scenario(name, headcount={name: "-1"}) for name in ("first", "late", "second")]
    tried = whatif.quick(study.world, others)
    assert rows[1]["breach_share"] == min(one.level("breach_share")[1].mean for one in tried)


def test_a_frontier_ends_where_nobody_would_be_left(study):
    sizes = whatif.frontier(study.world, ["second"], [-1, -1, -1, -1])
    assert [one.people for one in sizes] == [12, 13, 14]  # the last of tier 2 is kept


def test_charts_are_plain(compared):
    spec = charts.scenarios(compared)
    assert [value["scenario"] for value in spec["data"]["values"]] == [one.scenario.name for one in compared]
    json.dumps(spec)


def traced(world, number=0):
    reports = arrivals.draw(layout.demand(world), 7, np.ones(len(layout.kinds_of(world))), 9, number)
    plan = layout.lay(world, layout.rota(world, 9, number))
    trace = Trace(np.full(len(reports.time), np.nan), np.full(len(reports.time), np.nan))
    tally = blank_tally(plan)
    run(reports, plan, arrivals.luck_of(9, number), tally, trace)
    return reports, plan, tally, trace


def test_every_report_is_accounted_for(study):
    reports, plan, tally, trace = traced(msgspec.structs.replace(study.world, warm_up_weeks=0, weeks=7))
    decided, lost, waiting = tally.decided[:4].sum(), tally.lost[plan.closes].sum(), tally.waiting[:-4].sum()
    in_review = len(reports.time) - decided - lost - waiting
    assert tally.arrived[:4].sum() == len(reports.time)
    assert 0 <= in_review <= len(plan.group)
    assert np.count_nonzero(~np.isnan(trace.action)) == decided


def test_quantiles_of_bins_are_those_of_the_trace(study):
    world = msgspec.structs.replace(study.world, warm_up_weeks=0, weeks=7)
    _, plan, tally, trace = traced(world)
    found = measures(world, plan, tally)["all", ""]
    actions = trace.action[~np.isnan(trace.action)]
    assert found["action_p50"] == pytest.approx(np.quantile(actions, 0.5), rel=0.02)
    assert found["action_p90"] == pytest.approx(np.quantile(actions, 0.9), rel=0.02)
    assert np.isnan(quantile(np.zeros(1024), 0.5))


def test_severe_hours_stop_at_their_cap(study):
    free = msgspec.structs.replace(study.world, warm_up_weeks=0, weeks=7)
    capped = apply(free, Scenario("capped", severe_hours_per_day=0.25))
    waits = [np.nanmean(traced(one)[3].wait[traced(one)[0].kind == 3]) for one in (free, capped)]
    assert waits[1] > 1.2 * waits[0]


def test_nobody_reviews_before_arrival_or_off_duty():
    text = TEAM.replace("count: 3, tiers: [1], shift: late", "count: 0, tiers: [1], shift: late")
    world = msgspec.structs.replace(read(text).world, warm_up_weeks=0, weeks=7)
    reports, _, _, trace = traced(world)
    begun = (reports.time + trace.wait)[~np.isnan(trace.wait)]
    assert (trace.wait[~np.isnan(trace.wait)] >= 0).all()
    assert (begun % 168 < 5 * 24).all()  # a review begun at 17:00 at the latest, Monday to Friday
    assert ((begun % 24 >= 9) & (begun % 24 <= 17)).all()


def test_bursts_have_the_variance_they_are_given():
    shape = np.full((1, 168), 40.0)
    one = np.ones(1)
    demand = arrivals.Demand(shape, np.zeros(1, int), one * 0.3, one * 0, one * 0, one)
    counts = np.concatenate(
        [np.bincount(arrivals.draw(demand, 30, one, 3, n).time.astype(int), minlength=5040) for n in range(4)]
    )
    assert counts.mean() == pytest.approx(40, rel=0.02)
    assert counts.var() == pytest.approx(40 + 0.3 * 1600, rel=0.1)


def test_hawkes_clusters_keep_the_rate_and_inflate_long_counts():
    one = np.ones(1)
    demand = arrivals.Demand(np.full((1, 168), 5.0), np.zeros(1, int), one * 0, one * 0, one * 0.5, one)
    reports = arrivals.draw(demand, 200, one, 3, 0)
    days = np.bincount((reports.time / 168).astype(int), minlength=200)
    assert days.mean() == pytest.approx(840, rel=0.03)
    assert days.var() / days.mean() == pytest.approx(4, rel=0.3)  # 1 / (1 - branching)^2
    assert isinstance(reports, Reports) and (np.diff(reports.time) >= 0).all()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("count: 8", "count: many", "Expected `int`, got `str`"),
        ("shift: late", "shift: night", "group late names the shift night"),
        ("severity: 4", "severity: 9", "<= 4"),
        ("per_week: 3000", "per_weak: 3000", "per_weak"),
        ("tiers: [2]", "tiers: [1]", "Nobody may review harassment in language any at tier 2"),
        ("appeals: true", "appeals: false", "harassment is appealed, but nobody"),
        ('headcount: {first: "-2"}', 'headcount: {first: "-9"}', "would leave fewer than none"),
        ('headcount: {first: "-2"}', "headcount: {fist: 2}", "names the group fist"),
        ("volume: {all: 1.25}", "volume: {scam: 2}", "names the category scam"),
        ("world:", "world: [", "cannot be used"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(old, new, said):
    with pytest.raises(ScenarioError, match="(?s)" + said.replace("[", r"\[").replace("<=", "<=")):
        read(TEAM.replace(old, new, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"volume": {"all": -1.0}}, "Expected `float` >= 0"),
        ({"absence": 1.5}, "Expected `float` < 1"),
        ({"growth": -1.0}, "Expected `float` > -1"),
        ({"targets": {"spam": 0.0}}, "Expected `float` > 0"),
        ({"headcount": {"first": 2.5}}, "Expected `int | str`, got `float`"),
        ({"automation": {"spam": Automation(1.2, 0.9)}}, "Expected `float` <= 1"),
        ({"headcount": {"first": "two"}}, "headcount of first is a number or a change"),
    ],
)
def test_a_slider_set_to_what_can_not_be_is_refused_in_a_sentence(study, change, said):
    with pytest.raises(ScenarioError) as refused:
        whatif.quick(study.world, [Scenario("Slider", **change)])
    assert said in str(refused.value) and "Slider" in str(refused.value)


def test_worlds_with_other_arrivals_cannot_be_compared(study):
    other = msgspec.structs.replace(study.world, weeks=3)
    with pytest.raises(ScenarioError, match="in common"):
        simulate([study.world, other], 2, 1)


def test_an_interval_is_students():
    figure = Figure.of(np.array([1.0, 2.0, 3.0]))
    assert (figure.low, figure.high) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-3)


def test_without_its_parts_an_outcome_is_the_same_for_all_reports(study, compared):
    bare = whatif.compare(study, parts=False)
    for whole, one in zip(compared, bare, strict=True):
        assert set(one.after.values) == {ALL} < set(whole.after.values)
        assert one.sentence() == whole.sentence()


def test_today_is_the_same_whatever_is_asked(study):
    asked = [Scenario("fewer", headcount={"first": "-3"}), *(Scenario("volume", volume={"all": v}) for v in (2.0, 0.5))]
    for errors in (None, Errors(rate={"spam": 0.2})):
        found = [whatif.quick(study.world, [one], errors=errors)[0].before for one in asked]
        for one in found[1:]:
            assert one.values == found[0].values


def test_more_than_is_drawn_for_can_not_be_asked(study):
    with pytest.raises(ScenarioError, match="at most 2 times"):
        whatif.quick(study.world, [Scenario("Flood", volume={"spam": 3.0})])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"headcount": {"first": 0, "late": 0, "second": 0}}, "Nobody would decide anything"),
        ({"volume": {"all": 0.0}}, "Nothing would come in"),
        ({"headcount": {"second": 0}}, "Nobody may review harassment in language any at tier 2"),
        ({"languages": {"first": ["en"], "late": ["en"]}}, "Nobody may review spam in language de"),
        ({"tiers": {"second": [1]}}, "at tier 2"),
        ({"skills": {"first": ["spam"], "late": ["spam"]}}, "Nobody may review harassment"),
    ],
)
def test_a_team_that_leaves_something_undone_for_ever_is_refused(study, change, said):
    with pytest.raises(ScenarioError, match=said):
        whatif.quick(study.world, [Scenario("Slider", **change)])


def test_a_language_that_fewer_speak_waits_longer(study):
    [narrow] = whatif.compare(
        msgspec.structs.replace(study, scenarios=[Scenario("One shift of German", languages={"first": ["en"]})])
    )
    assert narrow.difference("wait_mean", ("category", "spam")).low > 0


def test_what_the_record_leaves_open_does_not_shrink_with_replications(study):
    """An interval of means alone would be half as wide with four times the replications."""
    unsure = Errors(rate=dict.fromkeys(study.world.categories, 0.3))
    few, many = (
        whatif.compare(
            msgspec.structs.replace(study, replications=count, scenarios=study.scenarios[:1]), unsure, parts=False
        )[0]
        for count in (60, 240)
    )
    widths = [one.difference("harm_hours").high - one.difference("harm_hours").low for one in (few, many)]
    assert widths[1] > 0.7 * widths[0]


@pytest.mark.parametrize(("parameters", "luck", "least"), [(2.0, 1.0, 0.92), (2.0, 3.0, 0.85), (0.0, 3.0, 0.92)])
def test_the_interval_of_draws_holds_what_is_expected(parameters, luck, least):
    """Twenty draws of two replications. Intervals of the mean alone would hold the next draw's expectation half of the time."""
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        draws = random.normal(0, parameters, 21)
        figure = Figure.of((draws[:20, None] + random.normal(0, luck, (20, 2))).ravel(), 2)
        inside += figure.low <= draws[20] <= figure.high
    assert inside / 400 > least


def test_what_nobody_decides_is_a_sentence_and_no_crash(study):
    """Hardly a report, and a machine for it: nothing waits, and no median of waits is there."""
    category = msgspec.structs.replace(study.world.categories["minors"], automated=1.0, per_week=0.01)
    groups = {name: msgspec.structs.replace(group, categories=None) for name, group in study.world.groups.items()}
    world = msgspec.structs.replace(study.world, categories={"minors": category}, groups=groups)
    [found] = whatif.quick(world, [Scenario("Nothing", headcount={"late": 1})])
    assert found.sentence().startswith("Nothing: ") and "nan" not in found.sentence()
