"""The staffing simulation on this team's record: the world as it is, calibrated; what a tenth fewer or more would mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from django.utils import timezone

from seacliff.people.models import User
from seacliff.policy.models import Category as Harm
from seacliff.value.assumptions import Costs, costs
from seacliff.value.inputs import record
from seacliff.value.staffing.calibration import Record, calibrate
from seacliff.value.staffing.compiled import NeedsCompilerError, require
from seacliff.value.staffing.layout import YEAR_WEEKS
from seacliff.value.staffing.scenario import (
    DAYS,
    Break,
    Category,
    Group,
    Handling,
    Scenario,
    ScenarioError,
    Shift,
    World,
)
from seacliff.value.staffing.whatif import YEARLY, Comparison, quick

WEEKS = 12
SHORTEST = 5.0  # seconds: what is decided faster was clicked away, or brought in from elsewhere
TARGETS = {1: 2.0, 2: 24.0, 3: 48.0, 4: 72.0}
WORK_HOURS = 1800.0  # of a full-time year, for the cost of an hour


def staffing() -> dict[str, Any]:
    """The calibrated world with its table, and what the usual questions come to, side by side. Raises ScenarioError."""
    world, table = calibrated()
    told: dict[str, Any] = {"world": msgspec.to_builtins(world, str_keys=True), "table": table, "answers": []}
    try:
        require()
    except NeedsCompilerError as reason:
        return told | {"needs": str(reason)}
    return told | {
        "answers": [{"name": one.name, "share": share, **figures(answer(world, one))} for share, one in usual(world)]
    }


def usual(world: World) -> list[tuple[str, Scenario]]:
    """What every budget round asks."""
    largest = max(world.groups, key=lambda name: world.groups[name].count)
    fewer = min(2, world.groups[largest].count - 1)
    questions = [("-10%", Scenario("A tenth of the team fewer", headcount=_tenth(world, -1))),
                 ("+10%", Scenario("A tenth of the team more", headcount=_tenth(world, 1))),
                 ("", Scenario("A quarter more of everything", volume={"all": 1.25}))]  # fmt: skip
    if fewer > 0:
        questions.append(("", Scenario(f"{fewer} fewer in {largest}", headcount={largest: f"-{fewer}"})))
    return questions


def _tenth(world: World, sign: int) -> dict[str, int | str]:
    """A tenth of all, at least one, taken from or put to the largest group."""
    largest = max(world.groups, key=lambda name: world.groups[name].count)
    team = sum(group.count for group in world.groups.values())
    count = world.groups[largest].count + sign * max(1, round(team / 10))
    return {largest: max(0, count)}


MEASURES = (
    ("action_p50", "hours to a decision, median"),
    ("action_p90", "hours to a decision, nine in ten"),
    ("breaches", "reports a year that miss their target"),
    ("harm_hours", "severity-weighted hours waited, a year"),
    ("cost", "cost a year"),
)


def figures(found: Comparison) -> dict[str, Any]:
    """The sentence, and each measure before, after and changed with its interval."""
    rows = []
    for measure, label in MEASURES:
        change = found.difference(measure)
        yearly = YEAR_WEEKS / found.before.world.weeks if measure in YEARLY else 1.0
        rows.append({"label": label, "before": found.before.figure(measure).mean * yearly,
                     "after": found.after.figure(measure).mean * yearly, "change": change.mean, "low": change.low,
                     "high": change.high})  # fmt: skip
    return {"sentence": found.sentence(), "rows": rows}


def answer(world: World, scenario: Scenario) -> Comparison:
    """In under a second."""
    return quick(world, scenario)


def world_of(content: dict[str, Any]) -> World:
    return msgspec.convert(content["world"], World, strict=False, str_keys=True)


def calibrated() -> tuple[World, list[dict[str, Any]]]:
    monday = (timezone.now() - timedelta(days=timezone.now().weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    begin = monday - timedelta(weeks=WEEKS)
    reports = record.read("reports", begin.date(), monday.date())
    decisions = record.read("decisions")
    if reports.empty:
        raise ScenarioError(f"No report came in the past {WEEKS} weeks: there is nothing to calibrate on.")
    start = as_it_is(costs(), reports)
    record_of = _record(start, reports, decisions, begin)
    if record_of is None:
        return start, []
    found = calibrate(record_of, start, (0, WEEKS))
    return found.world, found.table


def as_it_is(given: Costs, reports: pd.DataFrame) -> World:
    """The team and the harms as they are configured, before the record says how long things take."""
    tiers = {tier for tier, _count in _reviewers()}
    if not tiers:
        raise ScenarioError("Nobody is a reviewer: there is no team to simulate.")
    handling = {
        tier: Handling(given.minutes_a_review * (1 + 0.5 * (tier - 1)))
        for tier in sorted({1, *tiers})
        if tier <= max(tiers)
    }
    names = {harm.slug: harm.severity for harm in Harm.objects.all()}
    categories = {}
    for slug, count in reports.category.value_counts().items():
        severity = names.get(str(slug), 3)
        categories[str(slug)] = Category(
            per_week=max(count / WEEKS, 0.01), handling=handling, severity=severity, target_hours=TARGETS[severity],
            severe=severity <= 2, escalated={tier: 0.0 for tier in handling if tier < max(handling)},
        )  # fmt: skip
    cap = given.severe_hours_a_day or None
    pay = given.loaded_cost / WORK_HOURS
    groups = {
        f"tier {tier}": Group(count=count, tiers=list(range(1, tier + 1)), shift="day", appeals=tier > 1 or len(tiers) == 1,
                              cost_per_hour=pay, absence=given.absence, severe_hours_per_day=cap)
        for tier, count in _reviewers()
    }  # fmt: skip
    shift = Shift(days=list(DAYS[:5]), start=f"{given.first_hour:02d}:00", hours=given.hours_a_day,
                  breaks=[Break(given.hours_a_day / 2, 45)])  # fmt: skip
    return World(categories=categories, groups=groups, shifts={"day": shift}, weeks=6)


def _reviewers() -> list[tuple[int, int]]:
    tiers = User.objects.filter(is_active=True, roles__contains=["reviewer"]).values_list("tier", flat=True)
    counts = pd.Series(list(tiers), dtype="int64").clip(1, 4).value_counts()
    return sorted((int(tier), int(count)) for tier, count in counts.items())


def _record(start: World, reports: pd.DataFrame, decisions: pd.DataFrame, begin: datetime) -> Record | None:
    """None where no review says how long it took."""
    first = decisions.drop_duplicates("case_id").set_index("case_id")
    own = reports.case_id.map(first.decided_at) if len(first) else pd.Series(pd.NaT, index=reports.index)
    begun = reports.case_id.map(first.assigned_at) if len(first) else own
    real = decisions[(decisions.handle_s >= SHORTEST) & decisions.category.isin(list(start.categories))]
    nothing = np.full(len(reports), np.nan)
    if real.empty:  # one review of no length, which counts nowhere
        real = pd.DataFrame({"started_at": [begin], "category": [""], "tier": [0.0], "handle_s": [0.0]})
    return Record(
        arrived=_hours(reports.arrived_at, begin), category=reports.category.to_numpy(), first_review=_hours(begun, begin),
        decided=_hours(own, begin), appealed_at=nothing, came_too_late=np.zeros(len(reports), bool),
        review_began=_hours(real.started_at, begin), review_category=real.category.to_numpy(),
        review_tier=real.tier.to_numpy(), handle_minutes=real.handle_s.to_numpy(float) / 60,
        escalated=np.zeros(len(real), bool), duty_group=np.array([]), duty_reviewer=np.array([]), duty_start=np.array([]),
        duty_end=np.array([]),
    )  # fmt: skip


def _hours(times: pd.Series, begin: datetime) -> np.ndarray:
    stamp = pd.Timestamp(begin.astimezone(UTC))
    return ((pd.to_datetime(times, utc=True) - stamp).dt.total_seconds() / 3600).to_numpy(float)
