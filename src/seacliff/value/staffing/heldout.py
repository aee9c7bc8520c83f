"""Do weeks that the calibration did not see come out as the simulation foretold?

The weeks before are fitted, parameters are drawn anew in each replication from what the record leaves open, and each week held
back is laid over the interval that nineteen in twenty replications fall into. A model that is right misses one in twenty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from scipy.stats import binom

from seacliff.value.staffing import whatif
from seacliff.value.staffing.arrivals import WEEK
from seacliff.value.staffing.calibration import Calibration, Record, calibrate
from seacliff.value.staffing.engine import Array
from seacliff.value.staffing.scenario import ScenarioError, World

MEASURES = ("arrived", "wait_p50", "action_p50", "action_p90", "breach_share")
SETTLING = 2  # weeks simulated before the one that counts


@dataclass(frozen=True)
class HeldOut:
    """`rows`: category, week, measure, observed, low, high, covered; as charts.held_out draws them."""

    calibration: Calibration
    rows: list[dict[str, Any]]

    @property
    def covered(self) -> float:
        return float(np.mean([row["covered"] for row in self.rows])) if self.rows else float("nan")

    def sentence(self) -> str:
        """Whether to believe it."""
        count, inside = len(self.rows), sum(row["covered"] for row in self.rows)
        if not count:
            return "Too little happened in the weeks that were held back to say whether they came out as foretold."
        few = binom.ppf(0.01, count, 0.95)
        verdict = (
            "as many as chance allows"
            if inside >= few
            else "fewer than chance allows, so the simulation is not yet to be trusted with a decision"
        )
        return f"Of {count} figures of weeks that were held back {inside} lie where they were foretold; {verdict}."


def hold_out(
    record: Record, start: World, weeks: tuple[int, int], held: int, replications: int = 200, seed: int = 1
) -> HeldOut:
    """Fit the weeks [first, last) but for the `held` last ones, and foretell those."""
    first, last = weeks
    if held < 1:
        raise ScenarioError("At least one week has to be held back, or nothing is foretold.")
    fitted = calibrate(record, start, (first, last - held))
    one_week = msgspec.structs.replace(fitted.world, weeks=1, warm_up_weeks=SETTLING)
    [foretold] = whatif.run([one_week], replications, seed, fitted.errors)
    rows = []
    for week in range(last - held, last):
        for category in start.categories:
            seen = dict(_observed(record, start, category, week))
            for measure in MEASURES:
                values = foretold.of(measure, ("category", category))
                values = values[~np.isnan(values)]
                if len(values) < 20 or np.isnan(seen[measure]):
                    continue
                low, high = np.quantile(values, [0.025, 0.975], method="weibull")
                rows.append(
                    {"category": category, "week": week, "measure": measure, "observed": seen[measure], "low": float(low),
                     "high": float(high), "covered": bool(low <= seen[measure] <= high)}
                )  # fmt: skip
    return HeldOut(fitted, rows)


def _observed(record: Record, world: World, category: str, week: int) -> Iterator[tuple[str, float]]:
    """As it stood when the week ended, which is where the simulation stops as well."""
    arrived, end = np.asarray(record.arrived, np.float64), (week + 1.0) * WEEK
    own = (np.asarray(record.category) == category) & (arrived >= week * WEEK) & (arrived < end)
    gone, target = np.asarray(record.came_too_late, bool)[own], world.categories[category].target_hours
    begun, decided = (np.asarray(column, np.float64)[own] for column in (record.first_review, record.decided))
    wait, action = (np.where(at < end, at - arrived[own], np.nan) for at in (begun, decided))
    closed = gone & ~np.isnan(action)  # the harm had happened
    late = closed | (action > target) | (np.isnan(action) & (end - arrived[own] > target))
    yield "arrived", float(own.sum())
    yield "wait_p50", _quantile(wait, 0.5)
    yield "action_p50", _quantile(np.where(closed, np.nan, action), 0.5)
    yield "action_p90", _quantile(np.where(closed, np.nan, action), 0.9)
    yield "breach_share", float(late.mean()) if len(late) else float("nan")


def _quantile(values: Array, share: float) -> float:
    known = values[~np.isnan(values)]
    return float(np.quantile(known, share)) if len(known) else float("nan")
