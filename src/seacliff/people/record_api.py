"""API: the record. It stands here because tokens and scopes are people's, which the record, below, does not know."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid, NotFound
from seacliff.record import queries, seals
from seacliff.record.models import Event, Seal
from seacliff.record.pages import page
from seacliff.record.queries import Asked

router = Router()


class EventRow(Schema):
    id: UUID
    at: datetime
    verb: str
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    subject_kind: str
    subject_id: UUID
    story_id: UUID | None
    policy_version_id: UUID | None
    reason: str
    data: dict[str, Any]


class SealRow(Schema):
    number: int
    sealed_at: datetime
    count: int
    hash: str
    previous: str
    root: str
    statement: Annotated[str, Field(description="Text whose SHA-256 is the hash")]


class EventFilter(Paging):
    subject: Annotated[UUID | None, Field(description="The record it happened to")] = None
    story: Annotated[UUID | None, Field(description="The case, or other story, that it belongs to")] = None
    actor: Annotated[UUID | None, Field(description="The person or token that did it")] = None
    verb: Annotated[
        str, Field(max_length=100, description="case.decided, or case for all of them; by itself within 31 days")
    ] = ""
    since: Annotated[datetime | None, Field(description="From this moment on")] = None
    until: Annotated[datetime | None, Field(description="Before this moment")] = None


@router.get("/events", response=Listed[EventRow])
@scope(Permission.RECORD_VIEW)
def list_events(request: Request, asked: Query[EventFilter]) -> dict[str, Any]:
    """What happened, newest first."""
    for name in ("since", "until"):
        moment = getattr(asked, name)
        if moment is not None and (moment.tzinfo is None or not 1970 <= moment.year < 9999):
            raise Invalid(
                f"{name} is no moment we can look for.",
                errors=[{"parameter": name, "detail": "Give a moment with its time zone, from 1970 on."}],
            )
    wanted = Asked(asked.subject, asked.story, asked.actor, asked.verb, asked.since, asked.until)
    return listed(request, queries.events(wanted, asked.after, asked.limit))


@router.get("/events/{uuid:id}", response=EventRow)
@scope(Permission.RECORD_VIEW)
def get_event(request: Request, id: UUID) -> Event:
    """One event."""
    found = Event.objects.filter(id=id).first()
    if found is None:
        raise NotFound("There is no such event.")
    return found


@router.get("/seals", response=Listed[SealRow])
@scope(Permission.RECORD_VIEW)
def list_seals(request: Request, asked: Query[Paging]) -> dict[str, Any]:
    """The seals, newest first. Keep a hash elsewhere: `seacliff verify --against` holds the record up to it."""
    found = page(Seal.objects.all(), after=asked.after, limit=min(asked.limit, 50), keys=("-number",))
    answer = listed(request, found)
    return {**answer, "items": [_sealed(seal) for seal in found.rows]}


def _sealed(seal: Seal) -> dict[str, Any]:
    hexes = {name: bytes(getattr(seal, name)).hex() for name in ("hash", "previous", "root")}
    said = seals.statement(seal).decode()
    return {"number": seal.number, "sealed_at": seal.sealed_at, "count": seal.count, "statement": said, **hexes}
