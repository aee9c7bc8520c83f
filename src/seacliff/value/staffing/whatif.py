"""What a change means: paired differences over common random numbers, one sentence with an interval, the frontier.

A slider is answered by a fast run, not from a grid prepared before: any change of any field can be asked. `quick` chooses
as many replications as fit `REPORTS_AT_ONCE`, which is well below a second on one core.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from seacliff.value.staffing.layout import YEAR_WEEKS
from seacliff.value.staffing.scenario import Scenario, ScenarioError, Study, World, apply
from seacliff.value.staffing.simulate import ALL, Figure, Outcome, Scope, simulate
from seacliff.value.staffing.uncertain import Errors, perturbed

REPORTS_AT_ONCE = 1_200_000
QUICK_WEEKS = 6
YEARLY = {"breaches", "harm_hours", "lost", "cost", "wrong", "escalated", "appeals", "arrived", "decided", "automated"}


@dataclass(frozen=True)
class Comparison:
    """A scenario beside the world as it is, replication by replication the same luck."""

    scenario: Scenario
    before: Outcome
    after: Outcome

    def difference(self, measure: str, scope: Scope = ALL) -> Figure:
        """After less before; counts, hours and cost as of a year."""
        change = self.after.of(measure, scope) - self.before.of(measure, scope)
        return Figure.of(change * (YEAR_WEEKS / self.before.world.weeks if measure in YEARLY else 1.0))

    def sentence(self) -> str:
        """What the change means, for a reader who knows none of the model."""
        wait = self.before.figure("action_p90"), self.after.figure("action_p90")
        times = self.difference("action_p90")
        breaches, harm, cost = (self.difference(measure) for measure in ("breaches", "harm_hours", "cost"))
        first = (
            f"no difference in how long nine in ten reports take to a decision could be shown ({_interval(times, ' h')})"
            if times.low <= 0 <= times.high
            else f"nine in ten reports are decided within {_number(wait[1].mean)} h instead of {_number(wait[0].mean)} h "
            f"({_interval(times, ' h')})"
        )
        return (
            f"{self.scenario.name}: {first}; a year, {_more(breaches, 'reports miss their target')}, "
            f"{_more(harm, 'severity-weighted hours are waited')}, and {_spent(cost)}."
        )


def compare(study: Study, errors: Errors | None = None, *, parts: bool = True) -> list[Comparison]:
    """Every scenario of a study against its world. With `errors` each replication also draws the calibrated parameters
    anew from what is known of them, so that the intervals hold what the record leaves open."""
    changed = [apply(study.world, scenario) for scenario in study.scenarios]
    before, *after = run([study.world, *changed], study.replications, study.seed, errors, parts=parts)
    return [Comparison(s, before, outcome) for s, outcome in zip(study.scenarios, after, strict=True)]


def run(
    worlds: Sequence[World], replications: int, seed: int, errors: Errors | None = None, *, parts: bool = True
) -> list[Outcome]:
    """`simulate`, each replication with parameters of its own when errors are given."""
    if errors is None:
        return simulate(worlds, replications, seed, parts=parts)
    gathered = [Outcome(world) for world in worlds]
    for number in range(replications):
        drawn = [perturbed(world, errors, seed, number) for world in worlds]
        once = simulate(drawn, 1, seed * 100_003 + number, parts=parts)
        for outcome, one in zip(gathered, once, strict=True):
            for scope, values in one.values.items():
                for measure, value in values.items():
                    outcome.values.setdefault(scope, {}).setdefault(measure, []).extend(value)
    return gathered


def quick(world: World, scenario: Scenario, seed: int = 1, errors: Errors | None = None) -> Comparison:
    """The answer to a slider, in under a second: fewer weeks, as many replications as there is time for, and of the
    outcomes only what holds for all reports."""
    short = msgspec.structs.replace(world, weeks=min(world.weeks, QUICK_WEEKS))
    changed = apply(short, scenario)
    volumes = [sum(c.per_week * max(1.0, c.volume) for c in one.categories.values()) for one in (short, changed)]
    reports = sum(volumes) * (short.weeks + short.warm_up_weeks)
    replications = int(np.clip(REPORTS_AT_ONCE / reports, 2, 40))
    return compare(Study(short, [scenario], replications, seed), errors, parts=False)[0]


def frontier(world: World, group: str, counts: Sequence[int], replications: int = 20, seed: int = 1) -> list[dict]:
    """A row for each headcount of a group: time to action, breaches, harm-hours, cost, with intervals."""
    if group not in world.groups:
        raise ScenarioError(f"There is no group {group}; there are {', '.join(world.groups)}.")
    scenarios = [Scenario(f"{count} in {group}", headcount={group: count}) for count in counts]
    outcomes = simulate([apply(world, one) for one in scenarios], replications, seed)
    yearly = YEAR_WEEKS / world.weeks
    rows = []
    for count, outcome in zip(counts, outcomes, strict=True):
        row: dict[str, object] = {"group": group, "headcount": count}
        for measure in ("action_p50", "action_p90", "breaches", "breach_share", "harm_hours", "cost", "utilisation"):
            figure = Figure.of(outcome.of(measure) * (yearly if measure in YEARLY else 1.0))
            row |= {measure: figure.mean, f"{measure}_low": figure.low, f"{measure}_high": figure.high}
        rows.append(row)
    return rows


def _number(value: float) -> str:
    if abs(value) < 10:
        return f"{value:.2g}"
    digits = max(0, len(str(int(abs(value)))) - 3)
    return f"{round(value, -digits):,.0f}"


def _interval(figure: Figure, unit: str = "") -> str:
    return f"change, 95% interval: {_number(figure.low)} to {_number(figure.high)}{unit}"


def _more(figure: Figure, what: str) -> str:
    if figure.low <= 0 <= figure.high:
        return f"no change in how many {what} could be shown ({_interval(figure)})"
    mean, low, high = (abs(value) for value in (figure.mean, figure.low, figure.high))
    low, high = sorted((low, high))
    return f"{_number(mean)} {'more' if figure.mean > 0 else 'fewer'} {what} (95% interval {_number(low)} to {_number(high)})"


def _spent(figure: Figure) -> str:
    if abs(figure.mean) < 0.5:
        return "the cost stays"
    return f"{_number(abs(figure.mean))} {'more' if figure.mean > 0 else 'less'} is spent"
