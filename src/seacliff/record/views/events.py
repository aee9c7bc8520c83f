"""The log as pages: what happened, one event with all it carries, the seals."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from seacliff.record import queries, seals
from seacliff.record.access import RECORD_VIEW, needs
from seacliff.record.models import Event, Seal
from seacliff.record.pages import listing, older_url, turned
from seacliff.record.queries import Asked
from seacliff.record.wording import details_of, place_of

# What the filter offers: the nouns of the verbs that the rooms write.
NOUNS = (
    *("action", "case", "delivery", "endpoint", "evidence", "message", "note", "notice", "notice-text", "person"),
    *("policy", "report", "rule-set", "target", "token"),
)


@require_safe
@needs(RECORD_VIEW)
def events(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    found = turned(request, lambda after: queries.events(asked, after))
    sealed = queries.sealed_up_to()
    lines = [
        {
            "event": event,
            "details": details_of(event),
            "sealed": (event.tx, event.seq) <= sealed,
            "subject_url": place_of(event.subject_kind, event.subject_id),
            "story_url": place_of("case", event.story_id),
        }
        for event in found.rows
    ]
    context = {
        "lines": lines,
        "older_url": older_url(request, found),
        "asked": request.GET,
        "nouns": NOUNS,
        "narrowed": any(request.GET.get(name) for name in ("subject", "story", "actor", "verb", "since", "until")),
        "bounded_days": queries.VERB_DAYS if asked.from_when and not asked.since else 0,
        "newest_seal": seals.newest(),
    }
    return render(request, "record/events.html", context)


def asked_of(request: HttpRequest) -> Asked:
    """The filter of the address; what cannot be read is left open."""
    given = request.GET
    since, until = day_of(given.get("since", "")), day_of(given.get("until", ""))
    verb = given.get("verb", "").strip()[:100]
    return Asked(
        subject=id_of(given.get("subject", "")),
        story=id_of(given.get("story", "")),
        actor=id_of(given.get("actor", "")),
        verb="" if "\0" in verb else verb,
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def id_of(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def day_of(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return datetime.combine(day, time.min, UTC) if day and 1970 <= day.year < 9999 else None


@require_safe
@needs(RECORD_VIEW)
def event(request: HttpRequest, id: UUID) -> HttpResponse:
    found = Event.objects.filter(id=id).first()
    if found is None:
        raise Http404("There is no such event.")
    seal = queries.seal_of(found)
    context = {
        "event": found,
        "seal": seal,
        "subject_url": place_of(found.subject_kind, found.subject_id),
        "root": bytes(seal.root).hex() if seal else "",
    }
    return render(request, "record/event.html", context)


@require_safe
@needs(RECORD_VIEW)
def seal_list(request: HttpRequest) -> HttpResponse:
    rows = Seal.objects.defer("leaves")
    found = listing(request, rows, ("-number",))
    lines = [{"seal": seal, "hash": bytes(seal.hash).hex()} for seal in found.rows]
    return render(request, "record/seals.html", {"lines": lines, "older_url": older_url(request, found)})


@require_safe
@needs(RECORD_VIEW)
def seal(request: HttpRequest, number: int) -> HttpResponse:
    """The seal's statement as text: its SHA-256 is the seal's hash."""
    found = Seal.objects.filter(number=number).first() if number < 2**62 else None
    if found is None:
        raise Http404("There is no such seal.")
    return HttpResponse(seals.statement(found), content_type="text/plain; charset=utf-8")
