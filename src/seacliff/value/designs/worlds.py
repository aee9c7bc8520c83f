"""Made worlds whose effect is known: do 95% intervals cover it, and how often is an effect found where there is none?

A world draws data from a generator and runs its design: (generator, effect) -> Draw. `run` counts; the tests do so for few
draws, `make value-check` for a thousand and writes docs/value/validation.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from seacliff.value.designs.churn import cox, discrete
from seacliff.value.designs.discontinuity import discontinuity
from seacliff.value.designs.leniency import leniency
from seacliff.value.designs.result import Result
from seacliff.value.designs.series import interrupted
from seacliff.value.designs.staggered import staggered
from seacliff.value.designs.steps import steps
from seacliff.value.designs.synthetic import launch
from seacliff.value.designs.trial import trial

Generator = np.random.Generator
World = Callable[[Generator, float], Result]


@dataclass(frozen=True)
class Counted:
    """What became of many draws: shares of them, and the mean error of the estimate in standard deviations of it."""

    draws: int
    covered: float
    found: float  # intervals without nought in them
    failed: float  # graded X although nothing was wrong
    kept_found: float  # intervals without nought in them, of those not graded X
    bias: float


def run(world: World, effect: float, draws: int, seed: int = 1) -> Counted:
    results = [world(np.random.default_rng((seed, draw)), effect) for draw in range(draws)]
    estimates = np.array([one.estimate for one in results])
    estimates = estimates[np.isfinite(estimates)]
    spread = estimates.std() if len(estimates) > 1 else 1.0
    share = lambda held, among=results: sum(map(held, among)) / max(1, len(among))  # noqa: E731
    return Counted(
        draws,
        share(lambda one: one.low <= effect <= one.high),
        share(lambda one: one.significant),
        share(lambda one: one.grade == "X"),
        share(lambda one: one.significant, [one for one in results if one.grade != "X"]),
        float((estimates.mean() - effect) / spread) if len(estimates) else float("nan"),
    )


def reviewers(generator: Generator, effect: float, strength: float = 0.15, rows: int = 6000) -> Result:
    """Forty reviewers in thirty cells; harm drives both the decision and what follows, so least squares is wrong."""
    reviewer, cell = generator.integers(0, 40, rows), generator.integers(0, 30, rows)
    harm, age = generator.normal(size=rows), generator.normal(size=rows)
    lenience = strength * generator.normal(size=40)
    chance = 0.5 + lenience[reviewer] + 0.15 * harm + 0.1 * np.sin(cell)
    treated = (generator.uniform(size=rows) < chance).astype(float)
    own = (
        effect * (1 + 0.3 * np.tanh(harm)) if effect else 0.0
    )  # effects differ; they average to `effect` at any margin
    outcome = own * treated + harm + 0.3 * np.cos(cell) + generator.normal(size=rows)
    return leniency(outcome, treated, reviewer, cell, balance={"account age": age}, subgroups={"age": age > 0})


def accounts_in_fives(generator: Generator, effect: float) -> Result:
    """Five cases of each account, all decided by one reviewer within a day: they resemble each other, and so do its days."""
    accounts, each = 800, 5
    whose = np.repeat(np.arange(accounts), each)
    reviewer, cell = generator.integers(0, 40, accounts), generator.integers(0, 12, accounts)
    day = reviewer * 20 + generator.integers(0, 20, accounts)
    harm, age, mood = generator.normal(size=accounts), generator.normal(size=accounts), generator.normal(size=800)[day]
    lenience = 0.2 * generator.normal(size=40)
    chance = (0.5 + lenience[reviewer] + 0.15 * harm + 0.1 * np.sin(cell))[whose]
    treated = (generator.uniform(size=len(whose)) < chance).astype(float)
    outcome = effect * treated + (harm + 0.3 * np.cos(cell) + 0.3 * mood)[whose] + generator.normal(size=len(whose))
    return leniency(
        outcome, treated, reviewer[whose], cell[whose], balance={"account age": age[whose]}, account=whose, day=day[whose]
    )


def alike_reviewers(generator: Generator, effect: float) -> Result:
    """The same where reviewers hardly differ: only the Anderson-Rubin interval is shown."""
    return reviewers(generator, effect, strength=0.02)


def threshold(generator: Generator, effect: float, share: float = 1.0, rows: int = 1500) -> Result:
    """A score that harm drives along a curve; the action follows at nought, for a share of those over it."""
    score = np.clip(generator.normal(0.1, 1, rows), -2.5, 2.5)
    age = generator.normal(size=rows) + 0.3 * score
    acted = (score >= 0) & (generator.uniform(size=rows) < share)
    outcome = np.sin(score) + 0.4 * score**2 + effect * acted + 0.7 * generator.normal(size=rows)
    return discontinuity(
        outcome, score, 0.0, covariates={"account age": age}, acted=acted.astype(float) if share < 1 else None
    )


def partial_threshold(generator: Generator, effect: float) -> Result:
    """The same where seven in ten of those over the threshold are acted on."""
    return threshold(generator, effect, 0.7)


def strikes(generator: Generator, effect: float) -> Result:
    """Accounts that differ and come by strikes one after the other, whoever they are; at the third comes the action."""
    accounts = 400
    reached = np.minimum(1 + generator.geometric(0.5, accounts), 4)
    account = np.repeat(np.arange(accounts), reached)
    count = np.concatenate([np.arange(1, last + 1) for last in reached])
    kind, age = generator.normal(size=accounts), generator.normal(size=accounts)
    outcome = kind[account] + effect * (count >= 3) + generator.normal(size=len(account))
    kept = count <= 3
    return steps(outcome[kept], count[kept], 3, cluster=account[kept], covariates={"account age": age[account][kept]})


def one_launch(
    generator: Generator, effect: float, units: int = 40, treated: int = 1, noisier: float = 1.0
) -> Result:
    """Markets over forty weeks, two common forces that reach them unequally, errors that linger; the last have the launch, and
    the very last's errors are `noisier` times the others'."""
    periods, before = 40, 30
    forces = np.cumsum(generator.normal(size=(2, periods)), axis=1) * 0.3
    table = generator.normal(size=(units, 1)) * 2 + generator.uniform(size=(units, 2)) @ forces
    errors = _lingering(generator, units, periods, 0.3) * 0.5
    errors[-1] *= noisier
    table = table + errors
    table[-treated:, before:] += effect
    return launch(table, np.arange(units) >= units - treated, before)


def launch_in_three(generator: Generator, effect: float) -> Result:
    """The same with twenty-four markets, three of which have it."""
    return one_launch(generator, effect, 24, 3)


def launch_in_a_noisy_one(generator: Generator, effect: float) -> Result:
    """The same with twenty-four markets; the one that has it has 1.7 times the others' noise."""
    return one_launch(generator, effect, 24, 1, 1.7)


def dates(generator: Generator, effect: float) -> Result:
    """Two hundred markets, three dates and never; the effect builds up over periods and differs by date, on average `effect`."""
    units, periods = 200, 8
    first = generator.choice([0, 4, 5, 6], units)
    table = generator.normal(size=(units, 1)) + 0.2 * np.arange(periods) + _lingering(generator, units, periods, 0.4)
    since = np.arange(periods) - first[:, None]
    late = (first[:, None] > 0) & (since >= 0)
    length = np.where(first > 0, periods - first, 1)[:, None]
    table = table + late * effect * 2 * (since + 1) / (length + 1)
    unit, period = np.divmod(np.arange(units * periods), periods)
    return staggered(unit, period, table.ravel(), np.where(first > 0, first, np.nan)[unit])


def dates_of_three(generator: Generator, effect: float, noisier: float = 1.0) -> Result:
    """Twenty-four markets over twenty weeks, three of which got the change, each at its own date; the last of them with errors
    `noisier` times the others'."""
    units, periods, first = 24, 20, np.array([10, 12, 14])
    errors = _lingering(generator, units, periods, 0.4)
    errors[2] *= noisier
    table = generator.normal(size=(units, 1)) + 0.2 * np.arange(periods) + 0.5 * errors
    started = np.full(units, np.nan)
    started[:3] = first
    table = table + effect * (np.arange(periods) >= np.nan_to_num(started, nan=periods)[:, None])
    unit, period = np.divmod(np.arange(units * periods), periods)
    return staggered(unit, period, table.ravel(), started[unit])


def dates_of_three_one_noisy(generator: Generator, effect: float) -> Result:
    return dates_of_three(generator, effect, 1.7)


def dates_of_a_dozen(generator: Generator, effect: float) -> Result:
    """Forty markets over twenty-eight weeks, twelve of which got the change, at two dates: many periods before it, few places."""
    units, periods = 40, 28
    first = np.repeat([18, 20, -1], [6, 6, 28])
    table = generator.normal(size=(units, 1)) + 0.2 * np.arange(periods) + 0.5 * _lingering(generator, units, periods, 0.4)
    table = table + effect * ((first[:, None] > 0) & (np.arange(periods) >= first[:, None]))
    unit, period = np.divmod(np.arange(units * periods), periods)
    return staggered(unit, period, table.ravel(), np.where(first > 0, first, np.nan)[unit])


def one_series(generator: Generator, effect: float) -> Result:
    """Half a year of days with a week's shape, a slope and errors that linger."""
    days = np.arange(182)
    y = 0.02 * days + np.sin(days * 2 * np.pi / 7) + _lingering(generator, 1, 182, 0.4)[0] + effect * (days >= 120)
    return interrupted(y, 120, season=7)


def _lives(generator: Generator, effect: float, rows: int, busy: float = 0.0) -> tuple[np.ndarray, ...]:
    """Accounts that leave at a rate of 4% a week, times exp(effect) after an exposure that comes at random while they stay; and
    in how many of their first four weeks they were active. `busy`: the more, the sooner exposed, and the longer they stay."""
    active = generator.binomial(4, generator.beta(2, 2, rows))
    more = np.exp(busy * (active / 4 - 0.5))
    exposed_at = generator.exponential(15, rows) / more
    spent = generator.exponential(25, rows) * more  # time at the rate before
    stayed = np.where(spent < exposed_at, spent, exposed_at + (spent - exposed_at) / np.exp(effect))
    left = stayed < 40
    return np.minimum(stayed, 40), left, np.where(exposed_at < np.minimum(stayed, 40), exposed_at, np.nan), active


def leaving_by_week(generator: Generator, effect: float, busy: float = 0.0) -> Result:
    """Weekly leaving; an exposure counts from the week after it, so its own week dilutes the ratio a little."""
    *lives, active = _lives(generator, effect, 1500, busy)
    return discrete(*lives, controls=active / 4, matched=active, period=0.5)


def leaving_of_the_busy(generator: Generator, effect: float) -> Result:
    """The same where those active in every week are exposed, and stay, over seven times as readily as those never active."""
    return leaving_by_week(generator, effect, 2.0)


def leaving(generator: Generator, effect: float) -> Result:
    """Leaving in continuous time, by Cox; with an exposed flag in place of its time, staying would look like its gift."""
    *lives, active = _lives(generator, effect, 600)
    return cox(*lives, controls={"active": active / 4})


def lot(generator: Generator, effect: float) -> Result:
    """A randomised change with an outcome as lopsided as revenue."""
    assigned = generator.uniform(size=500) < 0.4
    age = generator.normal(size=500)
    outcome = generator.exponential(1 + 0.5 * (age > 0)) + effect * assigned * generator.exponential(size=500)
    return trial(outcome, assigned, planned=0.4, balance={"account age": age}, adjust=age)


def _lingering(generator: Generator, units: int, periods: int, share: float) -> np.ndarray:
    """Errors of variance one, of which a share of each passes to the next: (units, periods)."""
    errors = generator.normal(size=(units, periods))
    for period in range(1, periods):
        errors[:, period] = share * errors[:, period - 1] + sqrt(1 - share**2) * errors[:, period]
    return errors


WORLDS: Mapping[str, World] = {
    "leniency": reviewers,
    "leniency, reviewers alike": alike_reviewers,
    "leniency, five cases of an account": accounts_in_fives,
    "discontinuity": threshold,
    "discontinuity, acted on in part": partial_threshold,
    "threshold of few values": strikes,
    "one launch, one of 40 markets": one_launch,
    "one launch, three of 24 markets": launch_in_three,
    "one launch, a noisy one of 24 markets": launch_in_a_noisy_one,
    "staggered, 200 markets": dates,
    "staggered, twelve of 40 markets": dates_of_a_dozen,
    "staggered, three of 24 markets": dates_of_three,
    "staggered, three of 24 markets, one noisy": dates_of_three_one_noisy,
    "interrupted series": one_series,
    "discrete-time churn": leaving_by_week,
    "discrete-time churn, the busy exposed": leaving_of_the_busy,
    "Cox": leaving,
    "randomised": lot,
}
