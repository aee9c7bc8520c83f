"""Exposure and leaving: an association, grade C at best, never called an effect.

An account must stay to be exposed, so time before the exposure counts as unexposed (no immortal time, Suissa 2008, American
Journal of Epidemiology 167): designs take the time of exposure and split each account's time there; they can't be given a flag.

Raw retention is not told: the most engaged meet the most abuse, so both need what was known of accounts before.

- `discrete`: leaving per period, complementary log-log (Prentice and Gloeckler 1978), the same hazard ratio as Cox's from
  grouped time. Beside it the comparison within matched strata (Mantel-Haenszel; Greenland and Robins 1985).
- `cox`: proportional hazards with Efron's ties; proportionality by Grambsch and Therneau (1994).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import statsmodels.api as sm

from seacliff.value.designs.guards import numbers
from seacliff.value.designs.hazards import Hazards, proportional_hazards
from seacliff.value.designs.result import (
    ALPHA,
    DesignError,
    Diagnostic,
    Grade,
    Result,
    around,
    detectable,
    explained,
    graded,
    told,
    unseen,
)
from seacliff.value.designs.sensitivity import hidden
from seacliff.value.designs.spans import Array, Codes, Mask, codes_of, matrix

DESIGN_DISCRETE, DESIGN_COX = "discrete-time churn", "Cox"
FEWEST_EVENTS = 20
RARE = 0.15
RAW = (
    "Nothing is given that was known of accounts before: who meets abuse is who uses most, so the raw comparison misleads. Give "
    "how busy they were, their plan, and how long they had been there."
)
ASSOCIATION = "An association, not an effect: who meets abuse is also who is most engaged."


@dataclass(frozen=True)
class Spells:
    """Time at risk, split at the exposure: a row for each stretch (start, stop] of an account, and whether leaving ended it."""

    account: Codes
    start: Array
    stop: Array
    left: Mask
    exposed: Mask

    @property
    def events(self) -> int:
        return int(self.left.sum())


def spells(stayed: object, left: object, exposed_at: object) -> Spells:
    """From an account's time until leaving or the end of observation, whether it left, and when it was exposed (NaN: never).

    Times run from the account's own start. An exposure at or after the end never counts.
    """
    until, gone, at = numbers(stayed, "Times"), np.asarray(left, bool), numbers(exposed_at, "Exposures", missing=True)
    if (until <= 0).any():
        raise DesignError(f"{int((~(until > 0)).sum())} accounts have no time at risk; every account needs some.")
    if (at < 0).any():
        raise DesignError(f"{int((at < 0).sum())} accounts were exposed before they began.")
    number = np.arange(len(until))
    split = np.isfinite(at) & (at < until)
    later = split & (at > 0)
    first_stop = np.where(later, at, until)
    account = np.concatenate([number, number[later]])
    start = np.concatenate([np.zeros(len(until)), at[later]])
    stop = np.concatenate([first_stop, until[later]])
    ended = np.concatenate([gone & ~later, gone[later]])
    exposed = np.concatenate([split & ~later, np.ones(int(later.sum()), bool)])
    return Spells(account, start, stop, ended, exposed)


def _enough(given: Spells) -> None:
    by = [int(given.left[given.exposed].sum()), int(given.left[~given.exposed].sum())]
    if min(by) < FEWEST_EVENTS // 2 or sum(by) < FEWEST_EVENTS:
        raise DesignError(
            f"{by[0]} accounts left after an exposure and {by[1]} without one; {FEWEST_EVENTS} in all and {FEWEST_EVENTS // 2} "
            "of each are needed to say anything."
        )


def _immortal(given: Spells) -> Diagnostic:
    """How much time the guard moved: what accounts that were exposed later spent before it."""
    later = np.isin(given.account, given.account[given.exposed]) & ~given.exposed
    moved = float((given.stop - given.start)[later].sum())
    counted = float((given.stop - given.start)[given.exposed].sum())
    share = moved / (moved + counted)
    says = (
        f"{share:.0%} of the time of accounts that were exposed came before it and counts as unexposed; counted as exposed it "
        "would make exposure look as if it kept accounts."
    )
    return Diagnostic("immortal-time guard", True, share, says)


def discrete(
    stayed: object,
    left: object,
    exposed_at: object,
    *,
    controls: object = None,
    matched: object = None,
    period: float = 1.0,
    plausible: float | None = None,
) -> Result:
    """The log hazard ratio of leaving per period, exposed against not. A row an account: times in any unit, `period` its length
    in it; `controls` (n, k) and `matched` (n,) strata known at the account's start; `plausible` a log hazard ratio."""
    given = spells(
        np.ceil(np.asarray(stayed, np.float64) / period), left, np.ceil(np.asarray(exposed_at, np.float64) / period)
    )
    _enough(given)
    if controls is None and matched is None:
        raise DesignError(RAW)
    columns = numbers(matrix(controls, int(given.account.max()) + 1), "Controls")
    columns = columns[:, np.ptp(columns, axis=0) > 0]
    length = (given.stop - given.start).astype(np.int64)
    row = np.repeat(np.arange(len(length)), length)
    when = (given.start[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)).astype(np.int64)
    last = np.append(row[1:] != row[:-1], True)
    event = (given.left[row] & last).astype(np.float64)
    exposed = given.exposed[row].astype(np.float64)
    alive = np.bincount(when, event) > 0  # a period in which nobody left tells nothing about hazards
    kept = alive[when]
    row, when, event, exposed = row[kept], codes_of(when[kept]), event[kept], exposed[kept]
    account = given.account[row]
    log_ratio, se = _clogclog(event, exposed, when, columns, account)
    smallest = detectable(se)
    if refusal := unseen(DESIGN_DISCRETE, len(length), smallest, plausible, "accounts"):
        return refusal
    low, high = around(log_ratio, se)
    rare = event.mean() < RARE
    strata = None if matched is None else np.asarray(matched)[account]
    diagnostics = (
        _immortal(given), _mantel_haenszel(event, exposed, when, strata, (low, high)),
        hidden(log_ratio, low, high, "hazard ratio", rare),
    )  # fmt: skip
    return _association(
        DESIGN_DISCRETE, log_ratio, se, len(columns), given, diagnostics, smallest, {"account-periods": len(event)}
    )


def _clogclog(event: Array, exposed: Array, when: Codes, columns: Array, account: Codes) -> tuple[float, float]:
    """Rows that agree in everything are added up first, so that a month of a million accounts is few rows. Given that it stayed
    so far, what an account does next period is new: its rows need no clustering."""
    alike = codes_of(*columns.T) if columns.shape[1] else np.zeros(len(columns), np.int64)
    cell = codes_of(when, alike[account], exposed)
    row = np.unique(cell, return_index=True)[1]
    total, gone = np.bincount(cell), np.bincount(cell, event)
    design = np.column_stack([exposed[row], columns[account[row]], np.eye(int(when.max()) + 1)[when[row]]])
    found = sm.GLM(np.column_stack([gone, total - gone]), design, family=_family()).fit()
    return float(found.params[0]), float(found.bse[0])


def _family() -> Any:
    return sm.families.Binomial(link=sm.families.links.CLogLog())


def _mantel_haenszel(
    event: Array, exposed: Array, when: Codes, matched: Array | None, interval: tuple[float, float]
) -> Diagnostic:
    """The log risk ratio within matched strata and periods."""
    if matched is None:
        return Diagnostic("matched comparison", None, nan, "No strata were given to compare within.")
    strata = codes_of(when, matched)
    cells = [np.bincount(strata, weight) for weight in (event * exposed, exposed, event * (1 - exposed), 1 - exposed)]
    a, n1, b, n0 = cells
    total = n1 + n0
    r, s = (a * n0 / total).sum(), (b * n1 / total).sum()
    if not (r and s):
        return Diagnostic("matched comparison", None, nan, "No stratum holds leavers of both kinds.")
    log_ratio = float(np.log(r / s))
    se = float(np.sqrt(((n1 * n0 * (a + b) - a * b * total) / total**2).sum() / (r * s)))
    low, high = around(log_ratio, se)
    agrees = low <= interval[1] and high >= interval[0]
    says = f"Within matched strata the ratio of leaving is {np.exp(log_ratio):.2f} ({np.exp(low):.2f} to {np.exp(high):.2f})."
    return Diagnostic(
        "matched comparison", agrees, log_ratio, says, [{"estimate": log_ratio, "low": low, "high": high}]
    )


def cox(
    stayed: object,
    left: object,
    exposed_at: object,
    *,
    controls: Mapping[str, object] | None = None,
    plausible: float | None = None,
) -> Result:
    """The log hazard ratio of leaving, exposed against not, adjusted for `controls` {name: (n,)} known at the start."""
    given = spells(stayed, left, exposed_at)
    _enough(given)
    if not controls:
        raise DesignError(RAW)
    names = list(controls)
    columns = np.column_stack([numbers(controls[name], f"The control {name}") for name in names])
    size = int(given.account.max()) + 1
    design = np.column_stack([given.exposed.astype(np.float64), matrix(columns, size)[given.account]])
    found = proportional_hazards(given.start, given.stop, given.left, design)
    log_ratio, se = float(found.params[0]), float(found.se[0])
    smallest = detectable(se)
    if refusal := unseen(DESIGN_COX, size, smallest, plausible, "accounts"):
        return refusal
    low, high = around(log_ratio, se)
    diagnostics = (
        _immortal(given), _proportional(found, ["exposure", *names]),
        hidden(log_ratio, low, high, "hazard ratio", given.events / size < RARE),
    )  # fmt: skip
    figures = {name: float(value) for name, value in zip(names, found.params[1:], strict=True)}
    return _association(DESIGN_COX, log_ratio, se, size, given, diagnostics, smallest, figures)


def _proportional(found: Hazards, names: list[str]) -> Diagnostic:
    rows: list[dict[str, Any]] = [
        {"covariate": name, "statistic": statistic, "p": p}
        for name, (statistic, p) in zip(names, found.proportionality(), strict=True)
    ]
    p = rows[0]["p"]
    says = (
        f"The ratio changes with time since the start (p = {p:.3f}): one figure does not describe it."
        if p < ALPHA
        else f"The ratio is steady over time as far as can be seen (p = {p:.2f})."
    )
    return Diagnostic("proportional hazards", p >= ALPHA, p, says, rows)


def _association(
    design: str, log_ratio: float, se: float, n: int, given: Spells, diagnostics: tuple[Diagnostic, ...], smallest: float,
    figures: Mapping[str, Any],
) -> Result:  # fmt: skip
    low, high = around(log_ratio, se)
    result = Result(
        design, log_ratio, se, low, high, n, graded(Grade.ADJUSTED, diagnostics), diagnostics, "normal", smallest,
        warnings=(ASSOCIATION,),
        figures={"hazard ratio": float(np.exp(log_ratio)), "events": given.events, **figures},
    )  # fmt: skip
    return explained(result, explain(result))


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    ratio = result.figures["hazard ratio"]
    return (
        f"In a like period of time exposed accounts left {ratio:.2f} times as often as others ({np.exp(result.low):.2f} to "
        f"{np.exp(result.high):.2f}), time before the exposure counted as unexposed. This is an association: what else sets "
        f"exposed accounts apart may be the cause. On the scale of logarithms: {told(result)}"
    )
