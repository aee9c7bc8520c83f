"""The feed: who has which, and what stands in it (iCalendar, RFC 5545)."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from seacliff.connectors.models import Feed
from seacliff.partners.access import asks_of, functions_of
from seacliff.partners.models import Ask
from seacliff.people.access import actor_of_user
from seacliff.people.models import User
from seacliff.record.actions import Subject, happened
from seacliff.record.ids import time_of
from seacliff.record.tokens import id_of, token_of
from seacliff.record.wording import place_of

if TYPE_CHECKING:  # slow to load, for one address: imported where it is used
    from icalendar import Event

PURPOSE = "calendar-feed"
MOST = 500
LENGTH = timedelta(minutes=15)
SUMMARY_MOST = 120
READ_ANEW = timedelta(hours=1)


def make(user: User) -> Feed:
    """A new address for somebody; an older one stops working."""
    with transaction.atomic():
        Feed.objects.filter(user=user).delete()
        feed = Feed.objects.create(user=user)
        happened("calendar.made", Subject("person", user.id), actor_of_user(user))
    return feed


def end(user: User) -> None:
    with transaction.atomic():
        if Feed.objects.filter(user=user).delete()[0]:
            happened("calendar.ended", Subject("person", user.id), actor_of_user(user))


def url_of(feed: Feed) -> str:
    return f"{settings.BASE_URL}{reverse('connectors:calendar-feed', args=[token_of(PURPOSE, feed.id)])}"


def opened(token: str) -> Feed:
    """The feed of an address. Http404 for what is none, has ended, or whose person has left: nothing is told apart."""
    id = id_of(PURPOSE, token)
    feed = Feed.objects.select_related("user").filter(id=id, user__is_active=True).first() if id else None
    if feed is None:
        raise Http404("There is no calendar at this address, or no longer.")
    return feed


def asks_in(user: User) -> QuerySet[Ask]:
    """Open asks with a running clock that somebody waits for or is waited for: theirs, or their functions'."""
    theirs = Q(asked_by=user) | Q(to_email__iexact=user.email) | Q(to_function__in=functions_of(user))
    return asks_of(user).filter(theirs, state__in=[*Ask.WAITING, Ask.State.CLARIFYING]).order_by("due_at", "id")


def written(user: User) -> bytes:
    """The calendar as a file."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Seacliff//Asks//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{settings.COMPANY_NAME}: asks due")
    calendar.add("refresh-interval", READ_ANEW, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    now = timezone.now()
    for ask in asks_in(user)[:MOST]:
        calendar.add_component(_event(ask, user, now))
    return calendar.to_ical()


def _event(ask: Ask, user: User, now: datetime) -> "Event":
    from icalendar import Event

    waits = ask.asked_by_id == user.id
    what = " ".join(ask.question.split())
    event = Event()
    event.add("uid", f"{ask.id}@{urlsplit(settings.BASE_URL).hostname or 'seacliff'}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("created", time_of(ask.id).astimezone(UTC))
    event.add("sequence", ask.round)
    event.add("dtstart", ask.due_at.astimezone(UTC).replace(microsecond=0))
    event.add("duration", LENGTH)
    event.add("transp", "TRANSPARENT")
    event.add("summary", f"{ask.ref} {'you wait' if waits else 'due'}: {what}"[:SUMMARY_MOST])
    sides = f"{ask.from_function.name} asks {ask.to_function.name} ({ask.get_kind_display().lower()})."
    event.add("description", f"{sides}\n\n{ask.question}")
    if place := place_of("ask", ask.id):
        event.add("url", f"{settings.BASE_URL}{place}")
    return event
