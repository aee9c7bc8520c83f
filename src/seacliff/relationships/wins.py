"""What went well, read off the record: answers that changed an outcome, and rules that an appeal changed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from seacliff.appeals.models import Appeal
from seacliff.partners.access import OURS
from seacliff.partners.models import Ask
from seacliff.partners.sharing import redacted
from seacliff.people.models import Function
from seacliff.policy.models import PolicyVersion
from seacliff.record.wording import place_of
from seacliff.relationships.models import Win

BACK = timedelta(days=365)
SHOWN = 50
LOOKED_THROUGH = 400
APPEAL = re.compile(r"\bA-([1-9][0-9]{0,17})\b")


@dataclass(slots=True)
class Told:
    """A win as it is shown. `function` is the one that gave it, None when it is nobody's alone; `by_us`: T&S helped it."""

    kind: str
    id: UUID
    at: datetime
    title: str
    text: str
    function: Function | None = None
    by_us: bool = False
    label: str = ""
    pinned_at: datetime | None = None
    is_worded: bool = False

    @property
    def url(self) -> str:
        return place_of(self.kind, self.id)


def feed(function: Function | None = None, since: datetime | None = None, most: int = SHOWN) -> list[Told]:
    """The wins of the past year (or since a time), of everybody or of one function: what is pinned first, then the newest.
    At most five queries."""
    begin = since or timezone.now() - BACK
    pinned = list(Win.objects.filter(pinned_at__isnull=False, pinned_at__gte=begin)[:most])
    found = {(told.kind, told.id): told for told in _asks(function, begin, most, [win.subject_id for win in pinned])}
    if function is None:
        found |= {(told.kind, told.id): told for told in _rules(begin)}
    for win in Win.objects.filter(subject_id__in=[id for _kind, id in found]):
        told = found.get((win.subject_kind, win.subject_id))
        if told is not None:
            told.text, told.pinned_at, told.is_worded = win.words or told.text, win.pinned_at, bool(win.words)
    ordered = sorted(found.values(), key=lambda told: told.at, reverse=True)
    ordered.sort(key=lambda told: told.pinned_at is None)
    return ordered[:most]


def _asks(function: Function | None, begin: datetime, most: int, pinned: list[UUID]) -> Iterable[Told]:
    helped = Ask.objects.filter(outcome=Ask.Outcome.HELPED).select_related("from_function", "to_function")
    if function is not None:
        helped = helped.filter(to_function=function) | helped.filter(from_function=function)
    newest = helped.filter(outcome_at__gte=begin).order_by("-outcome_at", "-id")[:most]
    return [told_of(ask) for ask in {ask.id: ask for ask in (*newest, *helped.filter(id__in=pinned))}.values()]


def told_of(ask: Ask) -> Told:
    """The win in the words of the record, without people's data: names are not told, and what looks like data is taken out."""
    by_us = ask.to_function.slug == OURS
    return Told(
        kind="ask",
        id=ask.id,
        at=ask.outcome_at or ask.answered_at or timezone.now(),
        title=shortened(ask.question),
        text=redacted(ask.outcome_text),
        function=ask.from_function if by_us else ask.to_function,
        by_us=by_us,
        label=ask.ref,
    )


def _rules(begin: datetime) -> Iterable[Told]:
    """Versions of rules whose change note names an appeal that the first decision did not survive."""
    published = PolicyVersion.objects.filter(published_at__gte=begin, change__contains="A-").exclude(state="draft")
    versions = list(published.order_by("-published_at")[:LOOKED_THROUGH])
    named = {int(number) for version in versions for number in APPEAL.findall(version.change)}
    right = Appeal.objects.filter(number__in=named, outcome__in=["overturned", "changed"])
    true = set(right.values_list("number", flat=True)) if named else set()
    return [
        Told(
            kind="policy-version",
            id=version.id,
            at=version.published_at or begin,
            title=f"{version.title}, {version.number}",
            text=redacted(version.change),
            label=", ".join(f"A-{number}" for number in numbers),
        )
        for version in versions
        if (numbers := sorted(set(map(int, APPEAL.findall(version.change))) & true))
    ]


def shortened(text: str, most: int = 110) -> str:
    """One line without people's data."""
    line = " ".join(redacted(text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def exists(kind: str, id: UUID) -> bool:
    """Whether the record has such a win."""
    if kind == "ask":
        return Ask.objects.filter(id=id, outcome=Ask.Outcome.HELPED).exists()
    return kind == "policy-version" and any(told.id == id for told in _rules(timezone.now() - BACK))
