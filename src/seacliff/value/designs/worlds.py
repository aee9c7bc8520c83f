"""Made worlds whose effect is known: do 95% intervals cover it, and how often is an effect found where there is none?

A world draws data from a generator and runs its design: (generator, effect) -> Draw. `run` counts; the tests do so for few
draws, `make value-check` for a thousand and writes docs/value/validation.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from seacliff.value.designs.leniency import leniency
from seacliff.value.designs.result import Result

Generator = np.random.Generator
World = Callable[[Generator, float], Result]


@dataclass(frozen=True)
class Counted:
    """What became of many draws: shares of them, and the mean error of the estimate in standard deviations of it."""

    draws: int
    covered: float
    found: float  # intervals without nought in them
    failed: float  # graded X although nothing was wrong
    bias: float

    @property
    def coverage_error(self) -> float:
        return sqrt(max(self.covered * (1 - self.covered), 1e-4) / self.draws)


def run(world: World, effect: float, draws: int, seed: int = 1) -> Counted:
    results = [world(np.random.default_rng((seed, draw)), effect) for draw in range(draws)]
    estimates = np.array([one.estimate for one in results])
    estimates = estimates[np.isfinite(estimates)]
    spread = estimates.std() if len(estimates) > 1 else 1.0
    share = lambda held: sum(map(held, results)) / draws  # noqa: E731
    return Counted(
        draws,
        share(lambda one: one.low <= effect <= one.high),
        share(lambda one: one.significant),
        share(lambda one: one.grade == "X"),
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


def alike_reviewers(generator: Generator, effect: float) -> Result:
    """The same where reviewers hardly differ: only the Anderson-Rubin interval is shown."""
    return reviewers(generator, effect, strength=0.02)


WORLDS: Mapping[str, World] = {
    "leniency": reviewers,
    "leniency, reviewers alike": alike_reviewers,
}
