"""What the record leaves open about the parameters, and worlds drawn from it."""

from dataclasses import dataclass, field

import msgspec
import numpy as np

from seacliff.value.staffing.scenario import Category, World


@dataclass(frozen=True)
class Errors:
    """Standard errors by category (and tier). Those of rates, minutes and patience are of the logarithm."""

    rate: dict[str, float] = field(default_factory=dict)
    minutes: dict[tuple[str, int], float] = field(default_factory=dict)
    spread: dict[tuple[str, int], float] = field(default_factory=dict)
    escalated: dict[tuple[str, int], float] = field(default_factory=dict)
    appealed: dict[str, float] = field(default_factory=dict)
    patience: dict[str, float] = field(default_factory=dict)


def perturbed(world: World, errors: Errors, seed: int, replication: int) -> World:
    """The world with each parameter drawn around its estimate; the same draw whatever else the world changes."""
    random = np.random.default_rng([seed, replication, 3])
    categories = {name: _drawn(name, one, errors, random) for name, one in world.categories.items()}
    return msgspec.structs.replace(world, categories=categories)


def _drawn(name: str, category: Category, errors: Errors, random: np.random.Generator) -> Category:
    def around(error: float) -> float:
        return float(random.standard_normal() * error)

    def factor(error: float) -> float:
        return float(np.exp(around(error)))

    def share(value: float, error: float) -> float:
        return float(np.clip(value + around(error), 0.0, 1.0)) if value else 0.0 * around(error)

    rate = factor(errors.rate.get(name, 0.0))
    handling = {
        tier: msgspec.structs.replace(
            one,
            minutes=one.minutes * factor(errors.minutes.get((name, tier), 0.0)),
            spread=max(0.0, one.spread + around(errors.spread.get((name, tier), 0.0))),
        )
        for tier, one in category.handling.items()
    }
    escalated = {t: max(1e-9, share(p, errors.escalated.get((name, t), 0.0))) if p else p
                 for t, p in category.escalated.items()}  # fmt: skip
    appealed = share(category.appealed, errors.appealed.get(name, 0.0))
    patience = category.patience_hours and category.patience_hours * factor(errors.patience.get(name, 0.0))
    return msgspec.structs.replace(
        category, per_week=category.per_week * rate, handling=handling, escalated=escalated, appealed=appealed,
        patience_hours=patience,
    )  # fmt: skip
