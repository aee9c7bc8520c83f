"""What the pages of agreement and of scores are read off: pairs of a period by policy and by reviewer, golden answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from seacliff.people.models import User
from seacliff.quality.agreement import Agreement, Estimate, Pair, agreement, wilson
from seacliff.quality.models import Check
from seacliff.review.models import Decision

FEWEST_GOLDEN = 10
Right = Check.Right
FIELDS = (
    "first_finding", "first_found", "finding", "found", "agrees", "chance", "right", "state", "first_id", "category",
    "policy_version__policy__slug",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """Agreement of a period: all of it, by policy, by the reviewer who decided first."""

    whole: Agreement
    policies: list[Agreement]
    reviewers: list[tuple[UUID, Agreement]]


def label_of(finding: str, found: str) -> str:
    """A verdict as one label: no violation, or a violation of this harm."""
    return found if finding == Decision.Finding.VIOLATION else "-"


def read(since: datetime, until: datetime, *, reviewer: User | None = None) -> Read:
    """Second looks that were answered in the period. Two queries. With a reviewer, of their decisions alone."""
    rows = Check.objects.filter(kind=Check.Kind.SAMPLE, answered_at__gte=since, answered_at__lt=until)
    if reviewer is not None:
        rows = rows.filter(first=reviewer)
    everything: list[Pair] = []
    policies: dict[str, list[Pair]] = defaultdict(list)
    reviewers: dict[UUID, list[Pair]] = defaultdict(list)
    for row in rows.values(*FIELDS):
        pair = _pair(row)
        everything.append(pair)
        policies[row["policy_version__policy__slug"] or row["category"]].append(pair)
        reviewers[row["first_id"]].append(pair)
    names = dict(User.objects.filter(id__in=list(reviewers)).values_list("id", "name"))
    return Read(
        agreement("", everything),
        _ranked(agreement(slug, pairs) for slug, pairs in policies.items()),
        sorted(((id, agreement(names.get(id, "–"), pairs)) for id, pairs in reviewers.items()),
               key=lambda pair: pair[1].label.casefold()),
    )  # fmt: skip


def _pair(row: dict[str, Any]) -> Pair:
    wrong: bool | None = row["right"] not in ("", Right.FIRST)
    return Pair(
        label_of(row["first_finding"], row["first_found"]),
        label_of(row["finding"], row["found"]),
        bool(row["agrees"]),
        row["chance"],
        None if row["state"] == Check.State.DIFFERS else wrong,
    )


def _ranked(groups: Iterable[Agreement]) -> list[Agreement]:
    return sorted(groups, key=lambda group: (-group.n, group.label))


@dataclass(frozen=True, slots=True)
class Score:
    """How often somebody found what is known to be right; `share` is None below FEWEST_GOLDEN answers."""

    user: User
    answered: int
    right: int
    share: Estimate | None


def _score(user: User, answered: int, right: int) -> Score:
    return Score(user, answered, right, wilson(right / answered, answered) if answered >= FEWEST_GOLDEN else None)


def score_of(user: User) -> tuple[Score, list[Check]]:
    """One person's golden answers, the newest first, and their sum. For themselves and for leads."""
    rows = list(
        Check.objects.filter(kind=Check.Kind.GOLDEN, second=user, answered_at__isnull=False)
        .select_related("golden__policy_version")
        .order_by("-answered_at")[:500]
    )
    return _score(user, len(rows), sum(bool(row.agrees) for row in rows)), rows


def scores() -> list[Score]:
    """Everybody's, by name: for leads."""
    rows = Check.objects.filter(kind=Check.Kind.GOLDEN, answered_at__isnull=False).values_list("second_id", "agrees")
    found: dict[UUID, list[bool]] = defaultdict(list)
    for who, agrees in rows:
        found[who].append(bool(agrees))
    people = User.objects.in_bulk(list(found))
    return [_score(people[id], len(found[id]), sum(found[id])) for id in sorted(people, key=lambda id: str(people[id]))]
