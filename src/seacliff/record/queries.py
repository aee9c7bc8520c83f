"""Reading the log: events by whom, on what, of which story, of which kind, when; and how far they are sealed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from seacliff.record import seals
from seacliff.record.ids import first_id
from seacliff.record.models import Event, Seal
from seacliff.record.pages import Page, page

VERB_DAYS = 31  # a kind of event has no index of its own: it is looked for in this many days


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; None and "" leave it open. `verb` is a whole verb (case.decided) or its noun (case)."""

    subject: UUID | None = None
    story: UUID | None = None
    actor: UUID | None = None
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def from_when(self) -> datetime | None:
        """The start of the search: bounded when nothing but a kind is asked for."""
        if self.verb and not (self.subject or self.story or self.actor):
            earliest = (self.until or timezone.now()) - timedelta(days=VERB_DAYS)
            return max(self.since, earliest) if self.since else earliest
        return self.since


def events(asked: Asked, after: str = "", limit: int = 50) -> Page[Event]:
    """Events as asked, the newest first. One query."""
    return page(_matching(asked), after=after, limit=limit)


def _matching(asked: Asked) -> QuerySet[Event]:
    rows = Event.objects.all()
    for column, value in (("subject_id", asked.subject), ("story_id", asked.story), ("actor_id", asked.actor)):
        if value is not None:
            rows = rows.filter(**{column: value})
    if asked.verb:
        rows = rows.filter(verb=asked.verb) if "." in asked.verb else rows.filter(verb__startswith=f"{asked.verb}.")
    if asked.from_when is not None:
        rows = rows.filter(id__gte=first_id(asked.from_when))
    if asked.until is not None:
        rows = rows.filter(id__lt=first_id(asked.until))
    return rows


def sealed_up_to() -> tuple[int, int]:
    """The place (tx, seq) of the last sealed event; everything at or before it is sealed."""
    newest = seals.newest()
    return (newest.to_tx, newest.to_seq) if newest else (-1, -1)


def seal_of(event: Event) -> Seal | None:
    """The seal that covers an event, without its leaves; None while it waits for one."""
    reached = Seal.objects.defer("leaves").filter(to_tx__gte=event.tx).order_by("number")[:3]
    place = (event.tx, event.seq)
    return next((seal for seal in reached if (seal.from_tx, seal.from_seq) <= place <= (seal.to_tx, seal.to_seq)), None)
