"""What the staffing simulation takes from this team's record: the team, the harms, and what happened to each case.

The unit is the case, for a case is reviewed once, however many reports it groups. Its category is the one that arrived, also
where a review found another: the simulation has to know how long what arrives takes.
"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from django.utils import timezone

from seacliff.people.models import User
from seacliff.policy.models import Category as Harm
from seacliff.record.ids import first_id, time_of
from seacliff.record.models import Event
from seacliff.review.models import Case
from seacliff.review.routing.rules import HOURS_BY_SEVERITY
from seacliff.value.assumptions import Costs, costs
from seacliff.value.inputs import record
from seacliff.value.staffing.calibration import Record
from seacliff.value.staffing.scenario import DAYS, Break, Category, Group, Handling, ScenarioError, Shift, World

WEEKS = 12
SHORTEST = 5.0  # seconds: what is decided faster was clicked away, or brought in from elsewhere
WORK_HOURS = 1800.0  # of a full-time year, for the cost of an hour


def this_team() -> tuple[World, Record]:
    """The world as it is configured, and the record of the past whole weeks to calibrate it on. Raises ScenarioError."""
    now = timezone.now()
    end = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = end - timedelta(weeks=WEEKS)
    cases = _cases(begin, end)
    if cases.empty:
        raise ScenarioError(f"No case was opened in the past {WEEKS} weeks: there is nothing to calibrate on.")
    decisions = record.read("decisions", begin.date())
    decisions = decisions[decisions.case_id.isin(cases.index)]
    return as_it_is(costs(), cases, decisions), _record(cases, decisions, begin)


def _cases(begin: datetime, end: datetime) -> pd.DataFrame:
    rows = Case.objects.filter(opened_at__gte=begin, opened_at__lt=end).values_list("id", "category", "opened_at")
    frame = pd.DataFrame(list(rows), columns=["case_id", "category", "opened_at"])
    return frame.astype({"case_id": str}).set_index("case_id")


def as_it_is(given: Costs, cases: pd.DataFrame, decisions: pd.DataFrame) -> World:
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
    first = decisions.drop_duplicates("case_id")
    alone = (first.reviewer_id == "").groupby(first.case_id.map(cases.category)).mean()  # decided by a machine
    for slug, count in cases.category.value_counts().items():
        severity = names.get(str(slug), 3)
        categories[str(slug)] = Category(
            per_week=count / WEEKS, handling=handling, severity=severity, target_hours=HOURS_BY_SEVERITY[severity],
            severe=severity <= 2, escalated={tier: 0.0 for tier in handling if tier < max(handling)},
            automated=float(alone.get(slug, 0.0)),
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


def _record(cases: pd.DataFrame, decisions: pd.DataFrame, begin: datetime) -> Record:
    """Times are hours since `begin`. A review is a decision by a person, or a person's handing it to a higher tier, which has
    no time of its own; a review too short to have been one counts for its outcome and not for its length."""
    first = decisions.drop_duplicates("case_id").set_index("case_id").reindex(cases.index)
    reviews = pd.concat([_decided(decisions), _escalated(cases, begin)], ignore_index=True)
    if reviews.empty:
        raise ScenarioError(f"Nobody decided a case in the past {WEEKS} weeks: there is nothing to calibrate on.")
    return Record(
        arrived=_hours(cases.opened_at, begin), category=cases.category.to_numpy(),
        first_review=_hours(first.assigned_at.fillna(first.decided_at), begin),
        decided=_hours(first.decided_at, begin),
        appealed_at=_hours(_appealed(decisions, begin).reindex(cases.index), begin), came_too_late=np.zeros(len(cases), bool),
        review_began=_hours(reviews.began, begin), review_category=reviews.case_id.map(cases.category).to_numpy(),
        review_tier=reviews.tier.to_numpy(float), handle_minutes=reviews.minutes.to_numpy(float),
        escalated=reviews.escalated.to_numpy(bool), duty_group=np.array([]), duty_reviewer=np.array([]),
        duty_start=np.array([]), duty_end=np.array([]),
    )  # fmt: skip


def _decided(decisions: pd.DataFrame) -> pd.DataFrame:
    own = decisions[decisions.reviewer_id != ""]
    return pd.DataFrame({"case_id": own.case_id, "began": own.started_at.fillna(own.decided_at), "tier": own.tier,
                         "minutes": (own.handle_s / 60).where(own.handle_s >= SHORTEST), "escalated": False})  # fmt: skip


def _escalated(cases: pd.DataFrame, begin: datetime) -> pd.DataFrame:
    events = Event.objects.filter(id__gte=first_id(begin), verb="case.escalated").values_list(
        "id", "subject_id", "data"
    )
    rows = [
        (str(case), time_of(id), float(data["from"]), np.nan, True)
        for id, case, data in events
        if str(case) in cases.index
    ]
    return pd.DataFrame(rows, columns=["case_id", "began", "tier", "minutes", "escalated"])


def _appealed(decisions: pd.DataFrame, begin: datetime) -> pd.Series:
    """When a case's decision was first appealed."""
    appeals = record.read("appeals", begin.date())
    of_decision = decisions.set_index("decision_id").case_id
    return appeals.received_at.groupby(appeals.decision_id.map(of_decision)).min()


def _hours(times: pd.Series, begin: datetime) -> np.ndarray:
    return ((pd.to_datetime(times, utc=True) - pd.Timestamp(begin)).dt.total_seconds() / 3600).to_numpy(float)
