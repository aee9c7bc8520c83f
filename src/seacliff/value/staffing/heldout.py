"""Do weeks that the calibration did not see come out as the simulation foretold?

The weeks before are fitted, parameters are drawn anew in each replication from what the record leaves open, and what was held
back is laid over the interval that nineteen in twenty replications fall into. A model that is right misses one in twenty.

A check says as much as it could have noticed. A category with a case a day has bands that hold nearly anything, so the weeks
held back are also looked at together, for the whole team and by severity; and each figure says how far off it would have to be
to be noticed four times in five: 2.8 standard deviations of what is foretold, 1.96 for the band and 0.84 for the four in five.
"""

from collections.abc import Collection, Iterator
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
from seacliff.value.staffing.simulate import ALL, Scope

MEASURES = ("arrived", "wait_p50", "action_p50", "action_p90", "breach_share")
SETTLING = 2  # weeks simulated before those that count
NOTICED = 1.96 + 0.84  # standard deviations


@dataclass(frozen=True)
class HeldOut:
    """`rows`: scope ("all", "severity", "category"), name, week (None: those held back together), measure, observed, foretold,
    low, high, notices (how far off is noticed four times in five), covered; as charts.held_out draws them."""

    calibration: Calibration
    rows: list[dict[str, Any]]

    @property
    def covered(self) -> float:
        return float(np.mean([row["covered"] for row in self.rows])) if self.rows else float("nan")

    def sentence(self) -> str:
        """Whether to believe it."""
        if not self.rows:
            return "Too little happened in the weeks that were held back to say whether they came out as foretold."
        together = [row["covered"] for row in self.rows if row["week"] is None]
        apart = [row["covered"] for row in self.rows if row["week"] is not None]
        few = any(sum(part) < binom.ppf(0.01, len(part), 0.95) for part in (together, apart) if part)
        verdict = (
            "fewer than chance allows, so the simulation is not yet to be trusted with a decision"
            if few
            else "as many as chance allows"
        )
        return (
            f"Of {len(together)} figures of all weeks that were held back, for the team and by severity, {sum(together)} lie "
            f"where they were foretold, and of {len(apart)} by category and week {sum(apart)}; {verdict}."
        )


def hold_out(
    record: Record, start: World, weeks: tuple[int, int], held: int, replications: int = 200, seed: int = 1
) -> HeldOut:
    """Fit the weeks [first, last) but for the `held` last ones, and foretell those."""
    first, last = weeks
    if held < 1:
        raise ScenarioError("At least one week has to be held back, or nothing is foretold.")
    fitted = calibrate(record, start, (first, last - held))
    rows: list[dict[str, Any]] = []
    for length in {1, held}:
        [told] = whatif.run(
            [msgspec.structs.replace(fitted.world, weeks=length, warm_up_weeks=SETTLING)], replications, seed, fitted.errors
        )
        if length == held:
            for scope, names in _together(start):
                seen = _observed(record, start, names, last - held, last)
                rows += _laid(seen, told.values[scope], {"scope": scope[0], "name": scope[1], "week": None})
        if length == 1:
            for week in range(last - held, last):
                for name in start.categories:
                    seen = _observed(record, start, [name], week, week + 1)
                    place = {"scope": "category", "name": name, "week": week}
                    rows += _laid(seen, told.values["category", name], place)
    return HeldOut(fitted, rows)


def _together(world: World) -> Iterator[tuple[Scope, list[str]]]:
    yield ALL, list(world.categories)
    for severity in sorted({one.severity for one in world.categories.values()}):
        yield ("severity", str(severity)), [n for n, one in world.categories.items() if one.severity == severity]


def _laid(seen: dict[str, float], told: dict[str, list[float]], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What came, over what was foretold."""
    for measure in MEASURES:
        values = np.array(told[measure])
        values = values[~np.isnan(values)]
        if len(values) < 20 or np.isnan(seen[measure]):
            continue
        low, high = np.quantile(values, [0.025, 0.975], method="weibull")
        yield place | {
            "measure": measure, "observed": seen[measure], "foretold": float(values.mean()), "low": float(low),
            "high": float(high), "notices": float(NOTICED * values.std(ddof=1)),
            "covered": bool(low <= seen[measure] <= high),
        }  # fmt: skip


def _observed(record: Record, world: World, names: Collection[str], begin: int, end: int) -> dict[str, float]:
    """Of these categories in the weeks [begin, end), as it stood when they ended, which is where the simulation stops as well."""
    arrived, until = np.asarray(record.arrived, np.float64), float(end * WEEK)
    categories = np.asarray(record.category)
    own = np.isin(categories, list(names)) & (arrived >= begin * WEEK) & (arrived < until)
    came, gone = arrived[own], np.asarray(record.came_too_late, bool)[own]
    target = np.array([world.categories[str(name)].target_hours for name in categories[own]])
    begun, decided = (np.asarray(column, np.float64)[own] for column in (record.first_review, record.decided))
    wait, action = (np.where(at < until, at - came, np.nan) for at in (begun, decided))
    closed = gone & ~np.isnan(action)  # the harm had happened
    late = closed | (action > target) | (np.isnan(action) & (until - came > target))
    in_time = np.where(closed, np.nan, action)
    return {
        "arrived": float(own.sum()), "wait_p50": _quantile(wait, 0.5), "action_p50": _quantile(in_time, 0.5),
        "action_p90": _quantile(in_time, 0.9), "breach_share": float(late.mean()) if len(late) else float("nan"),
    }  # fmt: skip


def _quantile(values: Array, share: float) -> float:
    known = values[~np.isnan(values)]
    return float(np.quantile(known, share)) if len(known) else float("nan")
