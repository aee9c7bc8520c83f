"""API: actions and their deliveries; endpoints that hear webhooks."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from ninja import Field, Query, Router, Schema, Status

from seacliff.enforcement import access, endpoints
from seacliff.enforcement.deliveries import replay
from seacliff.enforcement.models import Action, Delivery, Endpoint, Notice
from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid, NotFound
from seacliff.record.pages import page

router = Router()


class ActionRow(Schema):
    id: UUID
    case_id: UUID
    decision_id: UUID
    target_id: UUID
    kind: str
    parameters: dict[str, Any]
    state: str
    not_before: datetime
    done_at: datetime | None


class DeliveryRow(Schema):
    id: UUID
    endpoint_id: UUID
    key: UUID
    type: str
    state: str
    attempts: int
    next_at: datetime
    last_status: int | None
    last_error: str
    delivered_at: datetime | None


class NoticeRow(Schema):
    id: UUID
    case_id: UUID | None
    audience: str
    outcome: str
    language: str
    subject: str
    state: str
    sent_at: datetime | None


class EndpointRow(Schema):
    id: UUID
    name: str
    url: str
    hears: list[str]
    is_active: bool


class EndpointWithSecret(EndpointRow):
    secret: str


class NewEndpoint(Schema):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    url: Annotated[str, Field(min_length=8, max_length=2000)]
    hears: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=50)] = [
        "action.*"
    ]
    is_active: bool = True


class ActionFilter(Paging):
    state: Literal["", "pending", "sending", "done", "failed", "cancelled", "unheard"] = ""


class DeliveryFilter(Paging):
    state: Literal["", "pending", "delivered", "dead"] = ""


@router.get("/actions", response=Listed[ActionRow])
@scope(Permission.ACTION_VIEW)
def list_actions(request: Request, asked: Query[ActionFilter]) -> dict[str, Any]:
    """Actions, newest first."""
    rows = Action.objects.filter(state=asked.state) if asked.state else Action.objects.all()
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.get("/deliveries", response=Listed[DeliveryRow])
@scope(Permission.ACTION_VIEW)
def list_deliveries(request: Request, asked: Query[DeliveryFilter]) -> dict[str, Any]:
    """Deliveries, newest first; state=dead is the dead-letter view."""
    rows = Delivery.objects.filter(state=asked.state) if asked.state else Delivery.objects.all()
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.post("/deliveries/{uuid:id}/replay", response={202: DeliveryRow})
@scope(Permission.ACTION_REPLAY)
def replay_delivery(request: Request, id: UUID) -> Status:
    """Try a given-up delivery again, under the same webhook-id. Does nothing to one that isn't dead."""
    one = access.delivery_to_replay(request.auth, id)
    replay(one, request.auth.actor)
    one.refresh_from_db()
    return Status(202, one)


@router.get("/notices", response=Listed[NoticeRow])
@scope(Permission.ACTION_VIEW)
def list_notices(request: Request, asked: Query[Paging]) -> dict[str, Any]:
    """What was said to people, newest first, without their addresses."""
    return listed(request, page(Notice.objects.all(), after=asked.after, limit=asked.limit))


@router.get("/endpoints", response=Listed[EndpointRow])
@scope(Permission.ENDPOINT_MANAGE)
def list_endpoints(request: Request, asked: Query[Paging]) -> dict[str, Any]:
    """Endpoints, newest first."""
    return listed(request, page(Endpoint.objects.all(), after=asked.after, limit=asked.limit))


@router.post("/endpoints", response={201: EndpointWithSecret})
@scope(Permission.ENDPOINT_MANAGE)
def add_endpoint(request: Request, body: NewEndpoint) -> Status:
    """Add an endpoint. The answer holds the secret its messages are signed with."""
    endpoint = Endpoint(**body.dict())
    try:
        endpoint.full_clean(exclude=["secret"])
    except ValidationError as error:
        faults = [
            {"pointer": f"#/{name}", "detail": text} for name, texts in error.message_dict.items() for text in texts
        ]
        raise Invalid("Correct the fields named under errors.", errors=faults) from error  # type: ignore[arg-type]
    endpoints.save(endpoint, request.auth.actor)
    return Status(201, endpoint)


@router.delete("/endpoints/{uuid:id}", response={204: None})
@scope(Permission.ENDPOINT_MANAGE)
def deactivate_endpoint(request: Request, id: UUID) -> Status:
    """Stop telling an endpoint. What it was told stays on the record."""
    endpoint = access.endpoint_to_manage(request.auth, id)
    if not endpoint.is_active:
        raise NotFound("This endpoint is switched off already.")
    endpoint.is_active = False
    endpoints.save(endpoint, request.auth.actor)
    return Status(204, None)
