"""The weekly digest of a function: what it gave, what that did, what is due. It names no person and tells no person's data.

One digest for each function and week (from Monday, in UTC), made by the first worker that looks after the week is over.
The row of the week and the mails are one transaction; whatever runs twice finds the row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from seacliff.partners import channels
from seacliff.partners.access import OURS
from seacliff.partners.directory import contacts_of
from seacliff.partners.models import Ask, Dispatch
from seacliff.people.models import Function
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.desks import desk
from seacliff.relationships import wins
from seacliff.relationships.models import Digest, DigestChoice
from seacliff.relationships.pulse import figures

MOST = 8
WEEK = timedelta(days=7)
SENT_AFTER = timedelta(hours=6)  # of Monday
ANSWERS = {"yes": "yes", "partly": "partly", "no": "no"}


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: list[str]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """What is in a digest. `is_empty`: there is nothing to say, and nothing is sent."""

    function: Function
    week: date
    intro: str
    sections: list[Section]

    @property
    def is_empty(self) -> bool:
        return not any(section.lines for section in self.sections)

    @property
    def subject(self) -> str:
        last = self.week + timedelta(days=6)
        return f"{self.function.name} and Trust & Safety, {self.week:%-d %B} to {last:%-d %B %Y}"


def week_of(at: datetime) -> date:
    """The Monday of a time's week."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def last_week(now: datetime) -> date:
    """The Monday of the last week that is over, and over for long enough to be sent."""
    return week_of(now - SENT_AFTER) - WEEK


def paper(function: Function, week: date, now: datetime | None = None) -> Paper:
    """The digest of a week, as the record has it now. Six queries and those of the wins."""
    now = now or timezone.now()
    since = datetime.combine(week, time.min, UTC)
    until = since + WEEK
    answered = list(_closed(since, until).filter(to_function=function))
    told = list(_told(since, until).filter(to_function=function))
    due = list(_open().filter(to_function=function)[: MOST + 1])
    owed = list(_open().filter(from_function=function)[: MOST + 1])
    return Paper(function, week, _intro(answered), [
        _section("What you gave", [_answer(ask) for ask in answered]),
        _section("What it did", [*(_outcome(ask) for ask in told), *_pinned(function, since, until, told)]),
        _section("How you find the work with us", _pulse(function, since, until)),
        _section("What is due", [_due(ask, now) for ask in due]),
        _section("What we owe you", [_due(ask, now) for ask in owed]),
    ])  # fmt: skip


def _closed(since: datetime, until: datetime) -> Any:
    return Ask.objects.filter(closed_at__gte=since, closed_at__lt=until, state="answered").order_by("closed_at", "id")


def _told(since: datetime, until: datetime) -> Any:
    told = Ask.objects.filter(outcome_at__gte=since, outcome_at__lt=until)
    return told.exclude(outcome__in=["", Ask.Outcome.OPEN]).order_by("outcome_at", "id")


def _open() -> Any:
    return Ask.objects.filter(closed_at=None).order_by("due_at", "id")


def _section(title: str, lines: list[str]) -> Section:
    return Section(title, lines[:MOST], max(0, len(lines) - MOST))


def _intro(answered: list[Ask]) -> str:
    if not answered:
        return "This is what there is between you and Trust & Safety this week."
    count, kept = len(answered), sum(ask.answered_at <= ask.due_at for ask in answered if ask.answered_at)
    asks = ngettext("%d ask", "%d asks", count) % count
    return f"Thank you: you answered {asks} this week, {'all' if kept == count else kept} in time."


def _answer(ask: Ask) -> str:
    return f"{ask.ref}, {ask.kind}: {wins.shortened(ask.question)} You said {ANSWERS[ask.answer]}."


def _outcome(ask: Ask) -> str:
    said = {"helped": "it changed the outcome", "partly": "it helped in part"}.get(ask.outcome, "nothing came of it")
    text = wins.shortened(ask.outcome_text, 300)
    return f"{ask.ref}, {wins.shortened(ask.question)}: {said}.{f' {text}' if text else ''}"


def _pinned(function: Function, since: datetime, until: datetime, told: Iterable[Ask]) -> list[str]:
    """What a lead pinned within the week, unless it is told already."""
    known = {ask.id for ask in told}
    found = [win for win in wins.feed(function, since) if win.pinned_at and since <= win.pinned_at < until]
    return [f"{win.label}: {win.text or win.title}" for win in found if win.id not in known]


def _pulse(function: Function, since: datetime, until: datetime) -> list[str]:
    """What its people answered to the pulse, in the week in which a round of answers was closed."""
    found = figures.of_function(function, until) if figures.closed_between(function, since, until) else None
    if found is None:
        return []
    easy, worth = (f"{figures.mean(counts):.1f} of 5" for counts in (found.easy, found.worth))
    return [
        f"How easy it is to work with us: {easy}. Worth your time: {worth}. {found.answers} answers in the past year."
    ]


def _due(ask: Ask, now: datetime) -> str:
    if ask.state not in Ask.WAITING:
        when = "its clock stands still"
    elif ask.due_at < now:
        when = f"late since {ask.due_at:%A %-d %B}"
    else:
        when = f"due {ask.due_at:%A %-d %B, %H:%M} UTC"
    return f"{ask.ref}, {ask.kind}, {when}: {wins.shortened(ask.question)}"


@desk("weekly-digests", every=600.0)
def send_due() -> int:
    """Make the digests of the last week for every function that has none yet. Those made."""
    now = timezone.now()
    week = last_week(now)
    done = Digest.objects.filter(week=week).values("function")
    unwanted = DigestChoice.objects.filter(wanted=False).values("function")
    left = Function.objects.exclude(slug=OURS).exclude(id__in=done).exclude(id__in=unwanted).order_by("slug")
    return sum(send(function, week, now) for function in left)


def send(function: Function, week: date, now: datetime) -> bool:
    """Make the digest of a week unless it is made; whether it was made now."""
    with transaction.atomic():
        row, made = Digest.objects.get_or_create(function=function, week=week, defaults={"recipients": 0})
        if not made:
            return False
        found = paper(function, week, now)
        if not found.is_empty:
            row.recipients = channels.order(
                None, Dispatch.Purpose.DIGEST, f"{function.slug}.{week}", contacts_of(function), **mail(found)
            )
            row.save(update_fields=["recipients"])
        happened("digest.made", Subject("function", function.id), SYSTEM,
                 data={"week": str(week), "recipients": row.recipients})  # fmt: skip
    return True


def mail(found: Paper) -> dict[str, Any]:
    """As the channels word it: {"subject", "intro", "sections", "url"}."""
    sections = [
        {"title": section.title, "lines": [*section.lines, *([f"and {section.more} more"] if section.more else [])]}
        for section in found.sections
        if section.lines
    ]
    url = f"{settings.BASE_URL}{reverse('relationships:function', args=[found.function.slug])}"
    return {"subject": found.subject, "intro": found.intro, "sections": sections, "url": url}
