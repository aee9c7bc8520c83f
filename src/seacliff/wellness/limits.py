"""What the queue asks before it offers a case: which harms this person is not to see now, and whether the day is over.

Asked at every claim, so it is one small query; the count is written by the claim's own statement.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from seacliff.people.models import User
from seacliff.wellness.models import Budget, Exposure


@dataclass(frozen=True, slots=True)
class Limits:
    """`spent`: the day's whole budget is used up. `barred`: harms opted out of, or whose budget is used up. `unread`: harms
    whose rule has changed since this person last read it."""

    spent: bool = False
    barred: tuple[str, ...] = field(default=())
    unread: tuple[str, ...] = field(default=())

    @property
    def kept_back(self) -> list[str]:
        """What is not offered now, for whatever reason."""
        return [*self.barred, *self.unread]


def today(user: User, now: datetime | None = None) -> date:
    """The day where this person is: a budget begins anew at their midnight."""
    return (now or timezone.now()).astimezone(ZoneInfo(user.time_zone or "UTC")).date()


LIMITS = """
SELECT 'out', unnest(opted_out), 0, false FROM wellness_preference WHERE user_id = %(user)s
UNION ALL SELECT 'most', category, most, user_id IS NOT NULL FROM wellness_budget
    WHERE user_id IS NULL OR user_id = %(user)s
UNION ALL SELECT 'seen', category, cases, false FROM wellness_exposure WHERE user_id = %(user)s AND day = %(day)s
UNION ALL SELECT 'unread', c.slug, 0, false FROM policy_guidance g JOIN policy_category c ON c.policy_id = g.policy_id
    WHERE g.ended_at IS NULL AND g.holds_from <= %(now)s AND g.holds_from > %(joined)s AND NOT EXISTS (
        SELECT FROM policy_acknowledgement a WHERE a.user_id = %(user)s AND a.guidance_id = g.id)
"""


def limits_of(user: User) -> Limits:
    """One query: every claim asks."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"user": user.id, "day": today(user), "now": timezone.now(), "joined": user.joined_at}
        cursor.execute(LIMITS, values)
        rows = cursor.fetchall()
    opted_out = {category for kind, category, _count, _own in rows if kind == "out"}
    seen = {category: count for kind, category, count, _own in rows if kind == "seen"}
    budgets = _own_first((category, count, own) for kind, category, count, own in rows if kind == "most")
    over = {category for category, most in budgets.items() if category and seen.get(category, 0) >= most}
    whole = budgets.get("")
    unread = {category for kind, category, _count, _own in rows if kind == "unread"}
    spent = whole is not None and sum(seen.values()) >= whole
    return Limits(spent, tuple(sorted(opted_out | over)), tuple(sorted(unread)))


def budgets_of(user: User) -> dict[str, int]:
    """Harm ("" for all) to the most a day: a person's own budget goes before everybody's."""
    rows = Budget.objects.filter(Q(user=None) | Q(user=user)).values_list("category", "most", "user_id")
    return _own_first((category, most, own is not None) for category, most, own in rows)


def _own_first(rows: Iterable[tuple[str, int, bool]]) -> dict[str, int]:
    return {category: most for category, most, _own in sorted(rows, key=lambda row: row[2])}


@dataclass(frozen=True, slots=True)
class Line:
    category: str
    cases: int
    severe: int
    most: int | None


def day_of(user: User) -> list[Line]:
    """What one has seen today beside the budgets; one's own page shows it, and nobody else's."""
    seen = {row.category: row for row in Exposure.objects.filter(user_id=user.id, day=today(user))}
    budgets = budgets_of(user)
    total = Line("", sum(r.cases for r in seen.values()), sum(r.severe for r in seen.values()), budgets.get(""))
    names = sorted({*seen, *(category for category in budgets if category)})
    each = [
        Line(name, seen[name].cases if name in seen else 0, seen[name].severe if name in seen else 0, budgets.get(name))
        for name in names
    ]
    return [total, *each]


FEWEST = 3


def team_week() -> list[tuple[str, int, int]]:
    """For leads: cases and severe ones by harm over the last seven days, never by person, and only of harms that at
    least three people worked on: less would be somebody's own count."""
    since = timezone.now().date() - timedelta(days=7)
    rows = (
        Exposure.objects.filter(day__gt=since)
        .values("category")
        .annotate(n=Sum("cases"), bad=Sum("severe"), people=Count("user_id", distinct=True))
        .filter(people__gte=FEWEST)
        .order_by("-bad", "category")
    )
    return [(row["category"], row["n"], row["bad"]) for row in rows]
