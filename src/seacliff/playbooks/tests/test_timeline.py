"""The timeline: what is to be expected, and the chain that holds up the end."""

from datetime import UTC, datetime, timedelta

from seacliff.playbooks import timeline
from seacliff.playbooks.drawing import graph
from seacliff.playbooks.drawing import timeline as draw
from seacliff.playbooks.reading import read
from seacliff.playbooks.tabletop import Spot

START = datetime(2027, 1, 4, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOK = read("""
name: A diamond
steps:
  - {key: a, title: A, due: 2h}
  - {key: b, title: B, due: 5h, after: [a]}
  - {key: c, title: C, due: 1h, after: [a]}
  - {key: d, title: D, due: 1h, after: [a, b, c]}
  - {key: e, title: E, opens: 3h after c, due: 30min, after: [c]}
""")


def spots(**said):
    found = {step.key: Spot(step) for step in BOOK.steps}
    for key, values in said.items():
        for name, value in values.items():
            setattr(found[key], name, value)
    return list(found.values())


def drawn(places, now=START):
    return {bar.spec.key: bar for bar in timeline.drawn(places, START, now, lambda step: 24 * HOUR)}


def path(bars):
    return [key for key, bar in sorted(bars.items(), key=lambda each: each[1].ends) if bar.critical]


def test_before_it_begins_the_longest_chain_is_critical():
    bars = drawn(spots())
    assert path(bars) == ["a", "b", "d"] and timeline.ends_at(list(bars.values()), START) == START + 8 * HOUR
    assert (bars["e"].begins, bars["e"].ends) == (START + 6 * HOUR, START + 6.5 * HOUR)


def test_what_was_done_soon_or_late_moves_what_comes_after():
    done = {"state": "done", "opened_at": START, "done_at": START + HOUR, "due_at": START + 2 * HOUR}
    late = {"state": "open", "opened_at": START + HOUR, "due_at": START + 2 * HOUR}
    now = START + 9 * HOUR
    bars = drawn(
        spots(a=done, c=late, b={"state": "done", "opened_at": START + HOUR, "done_at": START + 2 * HOUR}), now
    )
    assert bars["a"].sure and bars["a"].late_by is None and bars["a"].ends == START + HOUR
    assert bars["c"].late_by == 7 * HOUR and bars["c"].ends == now
    assert path(bars) == ["a", "c", "e"] and bars["e"].ends == now + 3.5 * HOUR


def test_a_step_that_falls_away_takes_no_time():
    skipped = {"state": "skipped", "done_at": START + 2 * HOUR}
    bars = drawn(
        spots(a={"state": "done", "opened_at": START, "done_at": START + 2 * HOUR}, b=skipped), START + 2 * HOUR
    )
    assert "b" not in path(bars) or bars["b"].ends == START + 2 * HOUR
    assert bars["d"].begins == bars["c"].ends == START + 3 * HOUR


def test_bars_stand_on_one_scale():
    bars = list(drawn(spots()).values())
    found = draw(bars, START, START + 2 * HOUR)
    assert found.now == 250.0 and (found.bars[0].x, found.bars[0].width) == (0.0, 250.0)
    assert found.ends == START + 8 * HOUR


def test_the_graph_draws_each_step_right_of_what_it_waits_for_and_no_arrow_twice():
    found = graph(BOOK)
    at = {box.step.key: box.x for box in found.boxes}
    assert at["a"] < at["b"] == at["c"] < at["d"] == at["e"]
    assert len(found.arrows) == 5  # a to d goes without saying: it waits for b, and b for a
