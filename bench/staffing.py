"""The staffing simulation against simpy and ciw on one queue with priorities, with every feature on, and a year of a million."""

import random
import time

import ciw
import msgspec
import numpy as np
import simpy

from bench.frame import Line, alternate
from seacliff.value.staffing import analytic
from seacliff.value.staffing.scenario import Category, Group, Handling, Scenario, Shift, World, apply, read
from seacliff.value.staffing.simulate import simulate

SERVERS, LOAD, SHARES = (
    20,
    19.0,
    (0.2, 0.3, 0.5),
)  # Cobham's: three classes, the first the most urgent; means of an hour
HOURS = {"tiny": 60, "small": 600, "full": 3_000}
WEEKS = {"tiny": 4, "small": 60, "full": 400}
FIRST_COME_WEEKS = {"tiny": 4, "small": 400, "full": 500}  # over a million reports, as many as with every feature
SCENARIOS = {"tiny": 2, "small": 5, "full": 100}
ALWAYS = Shift(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "00:00", 24)
TEAM = """
world:
  categories:
    spam: {per_week: 14000, severity: 4, target_hours: 48, languages: {en: 3, de: 1}, handling: {1: {minutes: 2.5}},
           burst_hourly: 0.3, burst_daily: 0.2}
    harassment: {per_week: 4300, severity: 2, handling: {1: {minutes: 6}, 2: {minutes: 15}}, escalated: {1: 0.2}, appealed: 0.05,
                 patience_hours: 60}
    minors: {per_week: 900, severity: 1, target_hours: 4, severe: true, handling: {1: {minutes: 12}}, branching: 0.4}
  groups:
    first: {count: 34, tiers: [1], shift: day, cost_per_hour: 40, severe_hours_per_day: 3, absence: 0.1}
    late: {count: 14, tiers: [1], shift: late, cost_per_hour: 44, severe_hours_per_day: 3}
    second: {count: 14, tiers: [2], shift: day, categories: [harassment], appeals: true, cost_per_hour: 60}
  shifts:
    day: {days: [mon, tue, wed, thu, fri], start: "09:00", hours: 8, breaks: [{after: 3.5, minutes: 45}]}
    late: {days: [mon, tue, wed, thu, fri, sat, sun], start: "16:00", hours: 8}
"""


def run(size: str) -> list[Line]:
    for world in (_station(), _station(1, 1.0, 0.0)):  # compiles
        simulate([world], 2, 1)
    return [*_one_queue(size), _all_features(size), _year(size)]


def _station(weeks: int = 1, ageing: float = 0.0, priority: float = -1000.0) -> World:
    categories = {
        f"c{place}": Category(LOAD * 168 * share, {1: Handling(60.0)}, priority=priority * place, ageing=ageing)
        for place, share in enumerate(SHARES)
    }
    return World(
        categories, {"g": Group(SERVERS, [1], "always")}, {"always": ALWAYS}, weeks, 0, handle_times="exponential"
    )


def _rate(world: World, replications: int = 1) -> tuple[float, list[float]]:
    """Reports a second of one core's time, and the mean waits by class."""
    began = time.process_time()
    [outcome] = simulate([world], replications, 3, threads=1)
    took = time.process_time() - began
    waits = [float(outcome.of("wait_mean", ("category", name)).mean()) for name in world.categories]
    return float(outcome.of("arrived").sum()) / took, waits


def _simpy(hours: float) -> float:
    """The same queue in simpy: reports a second."""
    luck, done = random.Random(1), 0
    world = simpy.Environment()
    servers = simpy.PriorityResource(world, SERVERS)

    def report(place: int):
        nonlocal done
        with servers.request(priority=place) as asked:
            yield asked
            yield world.timeout(luck.expovariate(1.0))
        done += 1

    def arrivals(place: int):
        while True:
            yield world.timeout(luck.expovariate(LOAD * SHARES[place]))
            world.process(report(place))

    for place in range(len(SHARES)):
        world.process(arrivals(place))
    began = time.process_time()
    world.run(until=hours)
    return done / (time.process_time() - began)


def _ciw(hours: float) -> float:
    names = [f"Class {place}" for place in range(len(SHARES))]
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Exponential(LOAD * share)] for name, share in zip(names, SHARES, strict=True)
        },
        service_distributions={name: [ciw.dists.Exponential(1.0)] for name in names},
        number_of_servers=[SERVERS],
        priority_classes={name: place for place, name in enumerate(names)},
    )
    ciw.seed(1)
    began = time.process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(hours)
    return len(simulation.get_all_records()) / (time.process_time() - began)


def _one_queue(size: str) -> list[Line]:
    world = _station(WEEKS[size])
    rate, theirs, others = alternate(
        3, lambda: _rate(world)[0], lambda: _simpy(HOURS[size]), lambda: _ciw(HOURS[size] / 3)
    )
    waits = np.array(_rate(world, 8)[1])
    truth = np.array(analytic.cobham(SERVERS, [LOAD * share for share in SHARES], 1))
    assert size == "tiny" or (np.abs(waits / truth - 1) < 0.5).all(), (waits, truth)  # at this load runs swing
    (first_come,) = alternate(3, lambda: _rate(_station(FIRST_COME_WEEKS[size], 1.0, 0.0))[0])
    name = "staffing, one queue with priorities"
    return [
        Line(name, f"{rate:,.0f} reports/s a core", f"simpy {theirs:,.0f}/s", rate / theirs, 50),
        Line(f"{name}, ciw", f"{rate:,.0f} reports/s a core", f"ciw {others:,.0f}/s", rate / others, 50),
        Line(
            "staffing, first come first served",
            f"{first_come:,.0f} reports/s a core",
            "25,000,000/s",
            first_come / 25e6,
            1,
        ),
    ]


def _all_features(size: str) -> Line:
    world = msgspec.structs.replace(read(TEAM).world, weeks=WEEKS[size], warm_up_weeks=1)
    (rate,) = alternate(3, lambda: _rate(world)[0])
    return Line("staffing, every feature", f"{rate:,.0f} reports/s a core", "4,000,000/s", rate / 4e6, 1)


def _year(size: str) -> Line:
    """A million reports, as many scenarios as the size says; told as of a hundred, on two cores."""
    world = msgspec.structs.replace(read(TEAM).world, weeks=52, warm_up_weeks=1)
    count = SCENARIOS[size]
    worlds = [apply(world, Scenario(f"{number}", headcount={"first": 24 + number % 20})) for number in range(count)]
    began = time.process_time()
    outcomes = simulate(worlds, 1, 5)
    took = (time.process_time() - began) / 2 * 100 / count
    assert outcomes[0].of("arrived")[0] > 900_000
    return Line(
        "staffing, a year of a million, 100 scenarios", f"{took:.0f} s", "limit 60 s", took / 60, 1, at_most=True
    )
