"""Runs worlds side by side over the same luck, and reads the tallies."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from os import cpu_count

import numpy as np
from scipy.special import stdtrit

from seacliff.value.staffing import arrivals, first_come, layout
from seacliff.value.staffing.arrivals import Demand
from seacliff.value.staffing.engine import BINS, LOWEST, OCTAVE, Array, Plan, Tally, Trace, blank_tally, run
from seacliff.value.staffing.scenario import ScenarioError, World, check

NO_TRACE = Trace(np.empty(0), np.empty(0))
MEASURES = {
    "wait_p50": "hours until a review begins, median", "wait_p90": "hours until a review begins, 90th percentile",
    "action_p50": "hours to the decision, median", "action_p90": "hours to the decision, 90th percentile",
    "wait_mean": "hours until a review begins, mean", "waited_share": "share that had to wait",
    "arrived": "reports", "decided": "decisions", "breaches": "reports not decided within their target",
    "breach_share": "share not decided within the target", "harm_hours": "hours waited x severity weight",
    "lost": "reports whose harm had happened before a review began", "lost_share": "share of those",
    "escalated": "escalations", "appeals": "appeals", "automated": "decided by a machine",
    "wrong": "wrong decisions of the machine", "backlog": "waiting at the end",
    "utilisation": "share of hours on duty spent reviewing", "cost": "cost of the weeks simulated",
}  # fmt: skip
Scope = tuple[str, str]
ALL: Scope = ("all", "")


@dataclass(frozen=True)
class Figure:
    """A mean over replications with its 95% interval (Student's t).

    With several replications for each draw of the parameters the interval is of what is expected, the parameters unknown: their
    variance is what the draws' means vary more than luck makes them (analysis of variance, one way), and no number of
    replications makes it smaller; luck's part shrinks with them.
    """

    mean: float
    low: float
    high: float
    replications: int

    @classmethod
    def of(cls, values: Array, per_draw: int = 1) -> "Figure":
        if per_draw > 1:
            return cls._of_draws(values.reshape(-1, per_draw))
        values = values[~np.isnan(values)]
        if len(values) < 2:
            alone = float(values[0]) if len(values) else float("nan")
            return cls(alone, float("nan"), float("nan"), len(values))
        half = stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values))
        return cls(float(values.mean()), float(values.mean() - half), float(values.mean() + half), len(values))

    @classmethod
    def _of_draws(cls, draws: Array) -> "Figure":
        draws = draws[~np.isnan(draws).any(axis=1)]
        count, per_draw = draws.shape
        if count < 2:
            return cls(float(draws.mean()) if count else float("nan"), float("nan"), float("nan"), draws.size)
        means, luck = draws.mean(axis=1), draws.var(axis=1, ddof=1).mean()
        parameters = max(0.0, means.var(ddof=1) - luck / per_draw)
        half = stdtrit(count - 1, 0.975) * np.sqrt(parameters + means.var(ddof=1) / count)
        return cls(float(means.mean()), float(means.mean() - half), float(means.mean() + half), draws.size)


@dataclass
class Outcome:
    """Every measure by scope ("all", "severity", "category", "tier", "category/tier", "appeals", "group"), a value each time."""

    world: World
    values: dict[Scope, dict[str, list[float]]] = field(default_factory=dict)
    per_draw: int = 1  # replications of each draw of the parameters, which stand together

    def of(self, measure: str, scope: Scope = ALL) -> Array:
        return np.array(self.values[scope][measure])

    def figure(self, measure: str, scope: Scope = ALL) -> Figure:
        return Figure.of(self.of(measure, scope), self.per_draw)

    def table(self) -> list[dict[str, object]]:
        """A row for each scope and measure."""
        return [
            {"scope": scope[0], "name": scope[1], "measure": measure, **vars(self.figure(measure, scope))}
            for scope, measures in self.values.items()
            for measure in measures
        ]


def simulate(
    worlds: Sequence[World],
    replications: int,
    seed: int,
    threads: int | None = None,
    *,
    parts: bool = True,
    most: float = 1.0,
) -> list[Outcome]:
    """Each world's outcome; replication r of every world has the same reports, the same luck and the same absences.
    Without `parts` only what holds for all reports is read, which for a small team takes longer than to simulate it.
    Runs apart share their luck where the `most` (times today's volume) that could arrive is the same."""
    for world in worlds:
        check(world)
    demand, most_of = _common(worlds)
    most_of = np.maximum(most_of, most)
    weeks = worlds[0].weeks + worlds[0].warm_up_weeks

    def replicate(number: int) -> list[dict[Scope, dict[str, float]]]:
        reports = arrivals.draw(demand, weeks, most_of, seed, number)
        luck, read = arrivals.luck_of(seed, number), []
        for world in worlds:
            plan = layout.lay(world, layout.rota(world, seed, number))
            tally = blank_tally(plan)
            if first_come.serves(plan):
                first_come.run(reports, plan, luck, tally)
            else:
                run(reports, plan, luck, tally, NO_TRACE)
            read.append(measures(world, plan, tally, parts=parts))
        return read

    threads = min(threads or cpu_count() or 1, replications)
    if threads == 1:
        results = [replicate(number) for number in range(replications)]
    else:
        with ThreadPoolExecutor(threads) as pool:
            results = list(pool.map(replicate, range(replications)))
    return [_gathered(world, [each[place] for each in results]) for place, world in enumerate(worlds)]


def _common(worlds: Sequence[World]) -> tuple[Demand, Array]:
    """What arrives today in all of them, and the most that any of them lets arrive, times today's."""
    first, *others = worlds
    today = layout.demand(first)
    for world in others:
        if (layout.kinds_of(first), first.weeks, first.warm_up_weeks) != (
            layout.kinds_of(world), world.weeks, world.warm_up_weeks
        ) or not all(np.array_equal(a, b) for a, b in zip(today, layout.demand(world), strict=True)):  # fmt: skip
            raise ScenarioError("Worlds compared must have today's arrivals and weeks in common: change `volume`.")
    return today, np.maximum(1.0, np.max([layout.volume(world) for world in worlds], axis=(0, 2)))


def _gathered(world: World, results: list[dict[Scope, dict[str, float]]]) -> Outcome:
    return Outcome(world, {s: {m: [r[s][m] for r in results] for m in results[0][s]} for s in results[0]})


@cache
def _edges() -> Array:
    place = np.arange(BINS + 1)
    edges = 2.0 ** (place // OCTAVE - LOWEST) * (1 + (place % OCTAVE) / OCTAVE)
    edges[0] = 0.0
    return edges


def quantile(counts: Array, share: float) -> float:
    """Of a histogram of hours, linear within a bin (at most 3% wide); the first bin is no wait at all."""
    total = counts.sum()
    if total == 0:
        return float("nan")
    sums, edges = np.cumsum(counts), _edges()
    place = int(np.searchsorted(sums, share * total))
    if place == 0:
        return 0.0
    within = (share * total - sums[place - 1]) / counts[place]
    return float(edges[place] + within * (edges[place + 1] - edges[place]))


def measures(world: World, plan: Plan, tally: Tally, *, parts: bool = True) -> dict[Scope, dict[str, float]]:
    """One replication's measures by scope; without `parts` those of ALL."""
    kinds = layout.kinds_of(world)
    count, tiers = len(kinds), world.tiers
    everything = range(count)
    hours = layout.paid_hours(world)
    costs = {name: hours[name] * group.cost_per_hour for name, group in world.groups.items()}
    result = {ALL: _of_reports(tally, everything, tiers, count) | {"cost": sum(costs.values())}}
    result[ALL]["utilisation"] = _ratio(tally.busy.sum(), tally.present.sum())
    if not parts:
        return result
    for severity in sorted({one.severity for one in world.categories.values()}):
        own = [kind for kind in everything if world.categories[kinds[kind][0]].severity == severity]
        result["severity", str(severity)] = _of_reports(tally, own, tiers, count)
    for name in world.categories:
        own = [kind for kind in everything if kinds[kind][0] == name]
        result["category", name] = _of_reports(tally, own, tiers, count)
        appeals = [kind + count for kind in own]
        if tally.arrived[appeals].sum():
            result["appeals", name] = _of_jobs(tally, appeals) | _of_queues(tally, [tiers * count + k for k in own])
        for tier in range(tiers):
            result["category/tier", f"{name}/{tier + 1}"] = _of_queues(tally, [tier * count + kind for kind in own])
    for tier in range(tiers):
        result["tier", str(tier + 1)] = _of_queues(tally, [tier * count + kind for kind in everything])
    for place, name in enumerate(world.groups):
        used = {"utilisation": _ratio(tally.busy[place], tally.present[place]), "cost": costs[name]}
        result["group", name] = used
    return result


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _of_queues(tally: Tally, queues: Sequence[int]) -> dict[str, float]:
    waits, started = tally.waits[queues].sum(axis=0), tally.started[queues].sum()
    return {
        "wait_p50": quantile(waits, 0.5), "wait_p90": quantile(waits, 0.9),
        "wait_mean": _ratio(tally.waited[queues].sum(), started), "waited_share": _ratio(started - waits[0], started),
        "harm_hours": float(tally.harm[queues].sum()), "backlog": float(tally.waiting[queues].sum()),
    }  # fmt: skip


def _of_jobs(tally: Tally, jobs: Sequence[int]) -> dict[str, float]:
    actions, arrived = tally.actions[jobs].sum(axis=0), tally.arrived[jobs].sum()
    breaches = tally.breached[jobs].sum()
    return {
        "arrived": float(arrived), "decided": float(tally.decided[jobs].sum()),
        "action_p50": quantile(actions, 0.5), "action_p90": quantile(actions, 0.9),
        "breaches": float(breaches), "breach_share": _ratio(breaches, arrived),
    }  # fmt: skip


def _of_reports(tally: Tally, kinds: Sequence[int], tiers: int, count: int) -> dict[str, float]:
    """Waits, harm and backlog are those of all tiers."""
    own = list(kinds)
    result = _of_jobs(tally, own) | _of_queues(tally, [tier * count + kind for tier in range(tiers) for kind in own])
    lost = tally.lost[own].sum()
    return result | {
        "lost": float(lost), "lost_share": _ratio(lost, tally.arrived[own].sum()),
        "escalated": float(tally.escalated[own].sum()), "automated": float(tally.automated[own].sum()),
        "wrong": float(tally.wrong[own].sum()), "appeals": float(tally.arrived[[k + count for k in own]].sum()),
    }  # fmt: skip
