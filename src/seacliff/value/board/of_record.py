"""What the staffing simulation takes from this team's record: the team, the harms, and what happened to each case.

The unit is the case, for a case is reviewed once, however many reports it groups. Its category is the one that arrived, also
where a review found another: the simulation has to know how long what arrives takes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from django.utils import timezone

from seacliff.policy.models import Category as Harm
from seacliff.record.ids import first_id, time_of
from seacliff.record.models import Event
from seacliff.review.models import Case
from seacliff.review.routing.rules import HOURS_BY_SEVERITY
from seacliff.value.assumptions import Costs, costs, full_time, reviewers
from seacliff.value.board.question import in_order
from seacliff.value.inputs import record
from seacliff.value.staffing.calibration import Record
from seacliff.value.staffing.layout import YEAR_WEEKS
from seacliff.value.staffing.scenario import (
    DAYS,
    Break,
    Category,
    Group,
    Handling,
    ScenarioError,
    Shift,
    World,
    may_review,
)

WEEKS = 12
SHORTEST = 5.0  # seconds: what is decided faster was clicked away, or brought in from elsewhere
MOST_GROUPS = 8  # of one skill each; of more, only the tier is looked at
SHIFTS = {"day": DAYS[:5], "evening": DAYS[:5], "weekend": DAYS[2:]}  # five days each, so that each is paid alike


@dataclass(frozen=True)
class ThisTeam:
    """The world as it is configured, and the record of the past whole weeks to calibrate it on. `before` is the world as it
    would have been configured without the last weeks, which are held back from it."""

    world: World
    before: World
    record: Record
    team: "Team"


class Skills(NamedTuple):
    """What a reviewer may take; none of languages or categories: whatever comes."""

    tier: int
    languages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        only = [*self.languages, *self.categories]
        return f"tier {self.tier}" + (f" ({', '.join(only)})" if only else "")


@dataclass(frozen=True)
class Team:
    """Who reviews: heads by skill, and how many full-time reviewers they come to."""

    groups: dict[Skills, int]
    full_time: float
    loaded_cost: float  # of a full-time reviewer, a year

    @property
    def people(self) -> int:
        return sum(self.groups.values())

    @property
    def share(self) -> float:
        """Of full time that each of them works."""
        return self.full_time / self.people


def this_team(held: int) -> ThisTeam:
    """Raises ScenarioError."""
    now, given = timezone.now(), costs()
    end = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = end - timedelta(weeks=WEEKS)
    cases = _cases(begin, end)
    if cases.empty:
        raise ScenarioError(f"No case was opened in the past {WEEKS} weeks: there is nothing to calibrate on.")
    decisions = record.read("decisions", begin.date())
    decisions = decisions[decisions.case_id.isin(cases.index)]
    team, told = team_of(given), end - timedelta(weeks=held)
    earlier, known = cases[cases.opened_at < told], decisions[decisions.decided_at < told]
    return ThisTeam(
        as_it_is(given, team, cases, decisions, WEEKS),
        as_it_is(given, team, earlier if len(earlier) else cases, known, WEEKS - held if len(earlier) else WEEKS),
        _record(cases, decisions, begin), team,
    )  # fmt: skip


def _cases(begin: datetime, end: datetime) -> pd.DataFrame:
    columns = ["case_id", "category", "language", "opened_at"]
    rows = Case.objects.filter(opened_at__gte=begin, opened_at__lt=end).values_list("id", *columns[1:])
    return pd.DataFrame(list(rows), columns=columns).astype({"case_id": str}).set_index("case_id")


def team_of(given: Costs) -> Team:
    """Reviewers by what they may take. Where Costs tells of more full-time reviewers than there are accounts, each kind is as
    many times as large. Raises ScenarioError."""
    rows = [
        Skills(min(max(tier, 1), 4), tuple(sorted(languages)), tuple(sorted(categories)))
        for tier, languages, categories in reviewers().values_list("tier", "languages", "categories")
    ]
    if not rows:
        raise ScenarioError("Nobody is a reviewer: there is no team to simulate.")
    if len(set(rows)) > MOST_GROUPS:
        rows = [Skills(one.tier) for one in rows]
    counts = {one: rows.count(one) for one in sorted(set(rows))}
    told = full_time(given, len(rows))
    return Team(_grown(counts, int(np.ceil(told))) if told > len(rows) else counts, told, given.loaded_cost)


def _grown(counts: dict[Skills, int], wanted: int) -> dict[Skills, int]:
    """In proportion, by largest remainders."""
    exact = {one: count * wanted / sum(counts.values()) for one, count in counts.items()}
    whole = {one: int(share) for one, share in exact.items()}
    for one in sorted(exact, key=lambda each: whole[each] - exact[each])[: wanted - sum(whole.values())]:
        whole[one] += 1
    return whole


def as_it_is(given: Costs, team: Team, cases: pd.DataFrame, decisions: pd.DataFrame, weeks: int) -> World:
    """The team and the harms as they are configured, before the record says how long things take."""
    groups = _groups(given, team)
    most = max(skills.tier for skills in team.groups)
    handling = {tier: Handling(given.minutes_a_review * (1 + 0.5 * (tier - 1))) for tier in range(1, most + 1)
                if tier == 1 or any(skills.tier == tier for skills in team.groups)}  # fmt: skip
    names = {harm.slug: harm.severity for harm in Harm.objects.all()}
    categories = {}
    first = decisions.drop_duplicates("case_id")
    alone = (first.reviewer_id == "").groupby(first.case_id.map(cases.category)).mean()  # decided by a machine
    for slug, count in cases.category.value_counts().items():
        severity = names.get(str(slug), 3)
        categories[str(slug)] = Category(
            per_week=count / weeks, handling=handling, severity=severity, target_hours=HOURS_BY_SEVERITY[severity],
            severe=severity <= 2, escalated={tier: 0.0 for tier in handling if tier < most},
            automated=float(alone.get(slug, 0.0)), languages=_languages(cases[cases.category == slug], groups, handling),
        )  # fmt: skip
    return in_order(World(categories=categories, groups=groups, shifts=_shifts(given), weeks=6))


def _groups(given: Costs, team: Team) -> dict[str, Group]:
    """Everybody works by day; on the other shifts there is nobody, so that a scenario can put somebody there. Whoever works a
    share of full time is away for the rest of the days, and paid for the share: a full-time reviewer costs what Costs says."""
    hour = team.loaded_cost * team.share / (5 * given.hours_a_day * YEAR_WEEKS)
    away = 1 - (1 - given.absence) * min(1.0, team.share)
    last = len({skills.tier for skills in team.groups}) == 1
    return {
        skills.label if shift == "day" else f"{skills.label}, {shift}": Group(
            count=count if shift == "day" else 0, tiers=list(range(1, skills.tier + 1)), shift=shift,
            categories=list(skills.categories) or None, languages=list(skills.languages) or None,
            appeals=skills.tier > 1 or last, cost_per_hour=hour, absence=away,
            severe_hours_per_day=given.severe_hours_a_day or None,
        )
        for shift in SHIFTS for skills, count in team.groups.items()
    }  # fmt: skip


def _shifts(given: Costs) -> dict[str, Shift]:
    begin = {
        "day": given.first_hour,
        "weekend": given.first_hour,
        "evening": int(given.first_hour + given.hours_a_day) % 24,
    }
    pause = [Break(given.hours_a_day / 2, 45)]
    return {name: Shift(days=list(days), start=f"{begin[name]:02d}:00", hours=given.hours_a_day, breaks=pause)
            for name, days in SHIFTS.items()}  # fmt: skip


def _languages(cases: pd.DataFrame, groups: dict[str, Group], handling: dict[int, Handling]) -> dict[str, float]:
    """Cases by language, where somebody's skills ask for it. One that nobody could take at every tier counts as any: those who
    review it do so in spite of their skills."""
    if not any(group.languages for group in groups.values()):
        return {"any": 1.0}
    category = str(cases.category.iloc[0])
    shares: dict[str, float] = {}
    for language, count in cases.language.value_counts().items():
        taken = all(
            any(g.count and may_review(g, category, str(language), t) for g in groups.values()) for t in handling
        )
        name = str(language) if language and taken else "any"
        shares[name] = shares.get(name, 0.0) + float(count)
    return shares


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
