"""The pass over a single line finds what the event loop finds, draw by draw, and is taken only where it does."""

import msgspec
import numpy as np
import pytest

from seacliff.value.staffing import arrivals, first_come, layout
from seacliff.value.staffing.engine import blank_tally, run
from seacliff.value.staffing.scenario import DAYS, Break, Category, Group, Handling, Shift, World
from seacliff.value.staffing.simulate import NO_TRACE, simulate

ALWAYS = Shift(list(DAYS), "00:00", 24)


def any_world(seed):
    """A team always there, from far too small to far too large; categories with nothing in common but their points."""
    random = np.random.default_rng(seed)
    tier, points, servers = int(random.integers(1, 3)), float(random.choice([0, 20, 1000])), int(random.integers(1, 40))
    categories = {}
    for number in range(random.integers(1, 5)):
        handling = Handling(float(random.uniform(2, 40)), float(random.uniform(0, 1.2)))
        categories[f"c{number}"] = Category(
            float(random.uniform(50, 4000)), {1: Handling(5.0), tier: handling}, tier=tier, priority=points, ageing=0.5,
            severity=int(random.integers(1, 5)), target_hours=float(random.choice([0.1, 1, 24])),
            languages={"en": 2.0, "de": 1.0} if random.random() < 0.5 else {"any": 1.0}, volume=float(random.uniform(0.5, 1.5)),
            burst_hourly=float(random.choice([0, 0.4])), branching=float(random.choice([0, 0.3])), severe=random.random() < 0.3,
        )  # fmt: skip
    return World(
        categories, {"nobody": Group(0, [1], "always"), "g": Group(servers, [1, 2], "always", appeals=True)}, {"always": ALWAYS},
        weeks=3, warm_up_weeks=int(random.integers(0, 2)), growth=float(random.choice([0, 0.5])),
        handle_times=random.choice(["exponential", "lognormal"]),
    )  # fmt: skip


def both(world, seed):
    """The tallies of the event loop and of the pass."""
    most = np.maximum(1.0, layout.volume(world).max(axis=1))
    reports = arrivals.draw(layout.demand(world), world.weeks + world.warm_up_weeks, most, seed, 0)
    plan, luck = layout.lay(world, layout.rota(world, seed, 0)), arrivals.luck_of(seed, 0)
    loop, line = blank_tally(plan), blank_tally(plan)
    assert first_come.serves(plan)
    run(reports, plan, luck, loop, NO_TRACE)
    first_come.run(reports, plan, luck, line)
    return loop, line


@pytest.mark.parametrize("seed", range(24))
def test_both_ways_find_the_same(seed):
    loop, line = both(any_world(seed), seed)
    assert loop.arrived.sum() > 0
    for name in (
        "waits",
        "actions",
        "started",
        "waiting",
        "arrived",
        "decided",
        "breached",
        "lost",
        "escalated",
        "automated",
    ):
        assert np.array_equal(getattr(loop, name), getattr(line, name)), name
    for name in ("waited", "harm", "busy", "present"):  # the same terms in the same order
        assert getattr(loop, name) == pytest.approx(getattr(line, name), rel=1e-12, abs=1e-12), name


def test_the_random_worlds_hold_long_queues_and_none():
    waits = [simulate([any_world(seed)], 1, seed)[0].of("waited_share")[0] for seed in range(24)]
    assert min(waits) < 0.01 and max(waits) > 0.99


def one(**changes):
    """Two categories alike, but for what changes in the second."""
    handling = {1: Handling(5.0), 2: Handling(9.0)}
    return {"c0": Category(500.0, handling), "c1": Category(300.0, handling, **changes)}


def line(categories=None, shift=ALWAYS, more=None, **group):
    groups = {"g": msgspec.structs.replace(Group(4, [1, 2], "always", appeals=True), **group), **(more or {})}
    return World(categories or one(), groups, {"always": shift}, 2, 0)


@pytest.mark.parametrize(
    "world",
    [
        line(one(severity=1)),
        line(one(ageing=2.0)),
        line({name: msgspec.structs.replace(category, ageing=0.0) for name, category in one().items()}),
        line(one(tier=2)),
        line(one(escalated={1: 0.1})),
        line(one(appealed=0.1)),
        line(one(automated=0.1)),
        line(one(patience_hours=5.0)),
        line(one(severe=True), severe_hours_per_day=2.0),
        line(absence=0.5),
        line(shift=Shift(list(DAYS), "00:00", 23)),
        line(shift=Shift(list(DAYS), "01:00", 24)),
        line(shift=Shift(list(DAYS[:6]), "00:00", 24)),
        line(shift=Shift(list(DAYS), "00:00", 24, [Break(4.0, 30)])),
        line(more={"others": Group(2, [1], "always")}),
    ],
    ids=[
        "priority", "ageing", "no ageing", "tiers", "escalation", "appeals", "machine", "patience", "cap", "absence",
        "an hour off", "begins late", "sundays off", "breaks", "two groups",
    ],
)  # fmt: skip
def test_whatever_else_is_asked_goes_through_the_event_loop(world):
    assert first_come.serves(layout.lay(line(), layout.rota(line(), 1, 0)))
    assert not first_come.serves(layout.lay(world, layout.rota(world, 1, 0)))


def test_a_single_queue_needs_no_ageing():
    alone = line({"c": Category(500.0, {1: Handling(5.0)}, ageing=0.0)})
    assert first_come.serves(layout.lay(alone, layout.rota(alone, 1, 0)))
    alike = both(alone, 5)
    assert np.array_equal(alike[0].waits, alike[1].waits)
