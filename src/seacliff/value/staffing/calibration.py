"""From a record of reports, reviews and shifts to the parameters of a world, with standard errors. Only the weeks asked for
are looked at, reviews and appeals included, so that `heldout` can ask whether weeks held back come out as foretold.

A `Record` is arrays of equal length; anything that `numpy.asarray` takes will do (lists, columns of a data frame). Hours count
from a Monday 00:00 in the team's time zone. What is estimated how:

- rates: mean count by hour of week, a category's level times its profile; the level's error from the weekly totals. A category
  of which too little is seen has the profile of all together.
- bursts: variances of an hour's and a day's multiplier by moments, what counts vary more than Poisson.
- handle times: mean and standard deviation of the logarithm, by category and tier.
- shares (escalation, appeal): counts, with binomial errors. Patience: exponential, waits that a review ended censored.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from seacliff.value.staffing.arrivals import WEEK
from seacliff.value.staffing.engine import Array
from seacliff.value.staffing.scenario import Category, Handling, ScenarioError, World
from seacliff.value.staffing.uncertain import Errors

FEWEST = 30  # observations below which an estimate stays what the given world says


@dataclass(frozen=True)
class Record:
    """What happened. Reports: a row each; NaN where no review began, no decision or no appeal came."""

    arrived: Array  # hours
    category: Array  # names
    first_review: Array  # hours, of the first review's beginning
    decided: Array  # hours
    appealed_at: Array  # hours
    came_too_late: Array  # whether it was closed because the harm had happened
    # reviews: a row each
    review_began: Array  # hours
    review_category: Array
    review_tier: Array
    handle_minutes: Array
    escalated: Array  # whether the review ended in an escalation
    # the rota as worked: a row for each uninterrupted stretch of duty
    duty_group: Array  # names of the world's groups
    duty_reviewer: Array
    duty_start: Array
    duty_end: Array

    def __post_init__(self) -> None:
        lengths = [len(np.asarray(getattr(self, name))) for name in self.__dataclass_fields__]
        if len({*lengths[:6]}) > 1 or len({*lengths[6:11]}) > 1 or len({*lengths[11:]}) > 1:
            raise ScenarioError("The columns of reports, of reviews and of duty must each have one length.")
        if not lengths[0] or not lengths[6]:
            raise ScenarioError("There is nothing to calibrate on: the record has no reports or no reviews.")


@dataclass(frozen=True)
class Calibration:
    """The world as the record has it, what the record leaves open, and the table to show."""

    world: World
    errors: Errors
    table: list[dict[str, Any]]  # category, tier, parameter, value (as used), error, observations, source


def calibrate(record: Record, start: World, weeks: tuple[int, int]) -> Calibration:
    """Fit the weeks [first, last) of a record. Skills, targets and what can't be seen in it are `start`'s; so is what fewer
    than 30 observations speak of, which the table says."""
    first, last = weeks
    if last - first < 4:
        raise ScenarioError("Calibration needs at least 4 weeks: a profile by hour of week is made of weeks.")
    errors, categories = Errors(), {}
    table: list[dict[str, Any]] = []
    arrived = np.asarray(record.arrived, np.float64)
    used = _within(arrived, first, last)
    reviewed = _within(np.asarray(record.review_began, np.float64), first, last)
    for name, category in start.categories.items():
        own = used & (np.asarray(record.category) == name)
        fitted = _arrivals(name, category, arrived[own] - first * WEEK, last - first, errors, table)
        fitted = _handling(name, fitted, record, reviewed, errors, table)
        categories[name] = _afterwards(name, fitted, record, own, last * WEEK, errors, table)
    hours = (arrived[used] - first * WEEK).astype(np.int64)
    together = _smooth(np.bincount(hours % WEEK, minlength=WEEK) / (last - first))
    world = msgspec.structs.replace(
        start, categories=categories, handle_times="lognormal",
        profile=start.profile or ([float(rate) for rate in together] if len(hours) >= FEWEST else None),
    )  # fmt: skip
    return Calibration(world, errors, table)


def _within(hours: Array, first: int, last: int) -> NDArray[np.bool_]:
    return (hours >= first * WEEK) & (hours < last * WEEK)


def _say(
    table: list, category: str, parameter: str, estimate: tuple[float, float], count: int, given: float | None, tier: int = 0
) -> bool:
    """Note the value used: the estimate with its error, or what was given where too little speaks; whether it is the former."""
    enough = count >= FEWEST
    value, error = estimate if enough else (given, None)
    table.append(
        {"category": category, "tier": tier or None, "parameter": parameter, "value": None if value is None else float(value),
         "error": None if error is None else float(error), "observations": int(count),
         "source": "record" if enough else "as given"}
    )  # fmt: skip
    return enough


def _arrivals(name: str, category: Category, times: Array, weeks: int, errors: Errors, table: list) -> Category:
    counts = np.bincount(times.astype(np.int64), minlength=weeks * WEEK).reshape(weeks, WEEK).astype(np.float64)
    totals = counts.sum(axis=1)
    per_week = totals.mean()
    error, seen = totals.std(ddof=1) / np.sqrt(weeks), int(counts.sum())
    if not _say(table, name, "arrivals a week", (per_week, error), seen, category.per_week):
        errors.rate[name] = 1 / np.sqrt(max(1, seen))  # whoever gave it can hardly know it better than so few tell
        return category
    errors.rate[name] = float(error / per_week)
    smooth = _smooth(counts.mean(axis=0))
    hourly, daily = _bursts(counts, smooth * per_week / smooth.sum())
    for what, value in (("burst of an hour", hourly), ("burst of a day", daily)):
        _say(table, name, what, value, seen, None)
    return msgspec.structs.replace(
        category, per_week=float(per_week), profile=[float(rate) for rate in smooth],
        burst_hourly=float(hourly[0]), burst_daily=float(daily[0]), branching=0.0,
    )  # fmt: skip


def _smooth(profile: Array) -> Array:
    """An hour borrows from its neighbours."""
    return (np.roll(profile, 1) + 2 * profile + np.roll(profile, -1)) / 4


def _bursts(counts: Array, mean: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    """Variances of an hour's and a day's multiplier with jackknife errors over weeks.

    With counts N of mean m within a day: E[(N-m)(N'-m')] = daily m m' for two hours, and
    E[(N-m)^2 - N] = m^2 ((1 + hourly)(1 + daily) - 1) for one. The mean's own fit costs a week of freedom.
    """
    weeks = len(counts)
    off = (counts - mean).reshape(weeks, 7, 24)
    size = mean.reshape(7, 24)
    same = (off**2 - counts.reshape(weeks, 7, 24)).sum(axis=(1, 2))
    pairs = (off.sum(axis=2) ** 2 - (off**2).sum(axis=2)).sum(axis=1)
    same_size = (size**2).sum()
    pairs_size = (size.sum(axis=1) ** 2 - (size**2).sum(axis=1)).sum()

    def both(chosen: Array) -> Array:
        daily = max(0.0, pairs[chosen].mean() / pairs_size)
        one = max(0.0, same[chosen].mean() / same_size)
        return np.array([max(0.0, (1 + one) / (1 + daily) - 1), daily])

    whole = both(np.arange(weeks))
    left_out = np.array([both(np.delete(np.arange(weeks), week)) for week in range(weeks)])
    error = np.sqrt((weeks - 1) / weeks * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    return (whole[0], error[0]), (whole[1], error[1])


def _handling(
    name: str, category: Category, record: Record, reviewed: NDArray[np.bool_], errors: Errors, table: list
) -> Category:
    handling, escalated = dict(category.handling), dict(category.escalated)
    own = reviewed & (np.asarray(record.review_category) == name)
    for tier in category.handling:
        here = own & (np.asarray(record.review_tier) == tier)
        minutes = np.asarray(record.handle_minutes, np.float64)[here]
        logs, count = np.log(minutes[minutes > 0]), int((minutes > 0).sum())
        spread = float(logs.std(ddof=1)) if count > 1 else 0.0
        mean = float(np.exp(logs.mean() + spread**2 / 2)) if count else float("nan")
        error = float(np.sqrt(spread**2 / count + spread**4 / 2 / (count - 1))) if count > 1 else float("nan")
        if _say(table, name, "minutes a review", (mean, mean * error), count, category.handling[tier].minutes, tier):
            handling[tier] = Handling(mean, spread)
            errors.minutes[name, tier] = error
            errors.spread[name, tier] = spread / np.sqrt(2 * (count - 1))
        up = _share(np.asarray(record.escalated, bool)[here])
        if tier in escalated and _say(table, name, "share escalated", up, int(here.sum()), escalated[tier], tier):
            escalated[tier], errors.escalated[name, tier] = up
    return msgspec.structs.replace(category, handling=handling, escalated=escalated)


def _share(happened: Array) -> tuple[float, float]:
    count = len(happened)
    share = float(happened.mean()) if count else float("nan")
    return share, float(np.sqrt(share * (1 - share) / count)) if count else float("nan")


def _afterwards(
    name: str, category: Category, record: Record, own: Array, end: float, errors: Errors, table: list
) -> Category:
    """What came of the reports, as far as it was known when the weeks ended."""
    decided, appealed, begun = (
        _known(np.asarray(column, np.float64)[own], end)
        for column in (record.decided, record.appealed_at, record.first_review)
    )
    done = ~np.isnan(decided)
    share, error = _share(~np.isnan(appealed[done]))
    if _say(table, name, "share appealed", (share, error), int(done.sum()), category.appealed):
        errors.appealed[name] = error
        category = msgspec.structs.replace(category, appealed=share)
    delays = (appealed - decided)[~np.isnan(appealed)]
    mean = float(delays.mean()) if len(delays) else float("nan")
    of_mean = mean, mean / np.sqrt(max(1, len(delays)))
    if _say(table, name, "hours until an appeal", of_mean, len(delays), category.appeal_after_hours):
        category = msgspec.structs.replace(category, appeal_after_hours=max(mean, 1e-3))
    gone = np.asarray(record.came_too_late, bool)[own] & done
    until = np.where(np.isnan(begun), decided, begun)  # a report closed too late was decided by being closed
    until = np.where(np.isnan(until), end, until)  # one that still waits has been patient so far
    waited = until - np.asarray(record.arrived, np.float64)[own]
    exposure, lost = float(np.nansum(waited)), int(gone.sum())
    patience = exposure / lost if lost else float("inf")
    if _say(table, name, "hours of patience", (patience, patience / np.sqrt(max(1, lost))), lost, category.patience_hours):
        errors.patience[name] = 1 / np.sqrt(lost)
        category = msgspec.structs.replace(category, patience_hours=patience)
    return category


def _known(hours: Array, end: float) -> Array:
    return np.where(hours < end, hours, np.nan)
