"""What a change means: paired differences over common random numbers, one sentence with an interval, the frontier.

A slider is answered by a fast run, not from a grid prepared before: any change of any field can be asked. `quick` chooses
as many weeks and replications as fit `REPORTS_AT_ONCE`, which is well below a second on one core. It chooses by the world
as it is, and draws as many reports as the largest volume that may be asked would bring: so today is the same in every answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import msgspec
import numpy as np

from seacliff.value.staffing.layout import YEAR_WEEKS
from seacliff.value.staffing.scenario import Scenario, ScenarioError, Study, World, apply
from seacliff.value.staffing.simulate import ALL, Figure, Outcome, Scope, simulate
from seacliff.value.staffing.uncertain import Errors, perturbed

REPORTS_AT_ONCE = 1_600_000
QUICK_WEEKS = 6
FEWEST = 8  # replications, for an interval that says something
LARGEST = 2.0  # times today's volume, that a slider may ask for
YEARLY = {"breaches", "harm_hours", "lost", "cost", "wrong", "escalated", "appeals", "arrived", "decided", "automated"}


@dataclass(frozen=True)
class Comparison:
    """A scenario beside the world as it is, replication by replication the same luck."""

    scenario: Scenario
    before: Outcome
    after: Outcome

    def level(self, measure: str, scope: Scope = ALL) -> tuple[Figure, Figure]:
        """Before and after; counts, hours and cost as of a year."""
        return self._figure(self.before, measure, scope), self._figure(self.after, measure, scope)

    def _figure(self, outcome: Outcome, measure: str, scope: Scope) -> Figure:
        return Figure.of(outcome.of(measure, scope) * self._times(measure), outcome.per_draw)

    def _times(self, measure: str) -> float:
        return YEAR_WEEKS / self.before.world.weeks if measure in YEARLY else 1.0

    def difference(self, measure: str, scope: Scope = ALL) -> Figure:
        """After less before; counts, hours and cost as of a year."""
        change = self.after.of(measure, scope) - self.before.of(measure, scope)
        return Figure.of(change * self._times(measure), self.before.per_draw)

    def sentence(self, what: str = "reports", currency: str = "") -> str:
        """What the change means, for a reader who knows none of the model. `what` is what the world counts."""
        wait, times = self.level("action_p90"), self.difference("action_p90")
        breaches, harm, cost = (self.difference(measure) for measure in ("breaches", "harm_hours", "cost"))
        if not all(isfinite(figure.mean) for figure in (*wait, times)):
            first = f"too few {what} are decided to say how long one takes"
        elif times.low <= 0 <= times.high:
            first = f"no difference in how long nine in ten decisions take could be shown ({_interval(times, ' h')})"
        else:
            first = (
                f"nine in ten decisions come within {rounded(wait[1].mean)} h instead of {rounded(wait[0].mean)} h "
                f"(change {rounded(times.mean)} h, {_interval(times, ' h')})"
            )
        return (
            f"{self.scenario.name}: {first}; a year, {_more(breaches, f'{what} miss their target')}, "
            f"{_more(harm, 'severity-weighted hours are waited')}, and {_spent(cost, currency)}."
        )


def compare(study: Study, errors: Errors | None = None, *, parts: bool = True, most: float = 1.0) -> list[Comparison]:
    """Every scenario of a study against its world. With `errors` the calibrated parameters are drawn anew from what is known of
    them, for every two replications, so that the intervals hold what the record leaves open."""
    changed = [apply(study.world, scenario) for scenario in study.scenarios]
    before, *after = run(
        [study.world, *changed], study.replications, study.seed, errors, parts=parts, most=most, per_draw=2
    )
    return [Comparison(s, before, outcome) for s, outcome in zip(study.scenarios, after, strict=True)]


def run(
    worlds: Sequence[World], replications: int, seed: int, errors: Errors | None = None, *, parts: bool = True,
    most: float = 1.0, per_draw: int = 1,
) -> list[Outcome]:  # fmt: skip
    """`simulate`; when errors are given, `per_draw` replications each with parameters of their own."""
    if errors is None:
        return simulate(worlds, replications, seed, parts=parts, most=most)
    gathered = [Outcome(world, per_draw=per_draw) for world in worlds]
    for number in range(-(-replications // per_draw)):
        drawn = [perturbed(world, errors, seed, number) for world in worlds]
        few = simulate(drawn, per_draw, seed * 100_003 + number, parts=parts, most=most)
        for outcome, one in zip(gathered, few, strict=True):
            for scope, values in one.values.items():
                for measure, value in values.items():
                    outcome.values.setdefault(scope, {}).setdefault(measure, []).extend(value)
    return gathered


def quick(world: World, scenarios: Sequence[Scenario], seed: int = 1, errors: Errors | None = None) -> list[Comparison]:
    """The answer to a slider, in under a second: fewer weeks, as many replications as there is time for, and of the
    outcomes only what holds for all reports. Today's is the same whatever is asked."""
    for scenario in scenarios:
        if any(volume > LARGEST for volume in scenario.volume.values()):
            raise ScenarioError(f"{scenario.name}: at most {LARGEST:g} times today's volume can be asked for.")
    a_week = sum(category.per_week for category in world.categories.values()) * (1 + LARGEST)
    weeks = int(np.clip(REPORTS_AT_ONCE / a_week / FEWEST - world.warm_up_weeks, 2, QUICK_WEEKS))
    short = msgspec.structs.replace(world, weeks=min(world.weeks, weeks))
    replications = int(np.clip(REPORTS_AT_ONCE / a_week / (short.weeks + short.warm_up_weeks), FEWEST, 40))
    return compare(Study(short, list(scenarios), replications, seed), errors, parts=False, most=LARGEST)


@dataclass(frozen=True)
class Size:
    """A team size of the frontier: which change it is, and what it comes to."""

    people: int
    found: Comparison

    def row(self) -> dict[str, float]:
        """Its cost a year, and the share that misses its target with its interval."""
        late, cost = self.found.level("breach_share")[1], self.found.level("cost")[1]
        return {"people": self.people, "cost": cost.mean, "breach_share": late.mean, "breach_share_low": late.low,
                "breach_share_high": late.high}  # fmt: skip


def frontier(
    world: World, groups: Sequence[str], steps: Sequence[int], errors: Errors | None = None, seed: int = 1
) -> list[Size]:
    """The best team of each size, found from today's one step after the other: of all groups that could give (or get) so
    many people, the one where fewest reports miss their target. `steps` are changes such as [-1, -1, 1]: those of a sign
    follow each other."""
    today = {name: world.groups[name].count for name in groups}
    total = sum(group.count for group in world.groups.values())
    found = [Size(total, quick(world, [Scenario("Today")], seed, errors)[0])]
    for sign in (-1, 1):
        at = dict(today)
        for step in [one for one in steps if one * sign > 0]:
            best = _best(world, at, step, seed, errors)
            if best is None:
                break
            at = {name: int(count) for name, count in best.scenario.headcount.items()}
            found.append(Size(total + sum(at.values()) - sum(today.values()), best))
    return sorted(found, key=lambda one: one.people)


def _best(world: World, at: dict[str, int], step: int, seed: int, errors: Errors | None) -> Comparison | None:
    possible = []
    for name in at:
        scenario = Scenario(f"{step:+d} in {name}", headcount={**at, name: at[name] + step})
        try:
            apply(world, scenario)
        except ScenarioError:  # nobody would be left who may take something
            continue
        possible.append(scenario)
    tried = quick(world, possible, seed, errors) if possible else []
    return min(tried, key=lambda one: float(np.nanmean(one.after.of("breach_share"))), default=None)


def rounded(value: float) -> str:
    """Hundredths below one, tenths below ten, three digits above, with separators; a dash for what is not there."""
    if not isfinite(value):
        return "–"
    if abs(value) < 0.995:
        return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0"
    if abs(value) < 9.95:
        return f"{value:.1f}".replace("-", "−")
    digits = max(0, len(str(int(abs(value)))) - 3)
    return f"{round(value, -digits):,.0f}".replace("-", "−")


def _interval(figure: Figure, unit: str = "") -> str:
    return f"95% interval {rounded(figure.low)} to {rounded(figure.high)}{unit}"


def _more(figure: Figure, what: str) -> str:
    if not isfinite(figure.mean):
        return f"how many {what} can't be told"
    if figure.low <= 0 <= figure.high:
        return f"no change in how many {what} could be shown ({_interval(figure)})"
    mean, low, high = (abs(value) for value in (figure.mean, figure.low, figure.high))
    low, high = sorted((low, high))
    return f"{rounded(mean)} {'more' if figure.mean > 0 else 'fewer'} {what} (95% interval {rounded(low)} to {rounded(high)})"


def _spent(figure: Figure, currency: str) -> str:
    if abs(figure.mean) < 0.5:
        return "the cost stays"
    amount = f"{rounded(abs(figure.mean))} {currency}".strip()
    return f"{amount} {'more' if figure.mean > 0 else 'less'} is spent"
