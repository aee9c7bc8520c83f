"""API: the messages that were kept, and what a person does with those that need one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema

from seacliff.intake import access, actions
from seacliff.intake.actions import NotWaiting
from seacliff.intake.models import Message
from seacliff.intake.triage_forms import REASON_MOST
from seacliff.people.access import Request, actor_of, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict
from seacliff.record.pages import page

router = Router()
RAW_MOST = 1_000_000


class MessageOut(Schema):
    id: UUID
    state: str
    reason: str
    source: str
    product_id: UUID
    sender: str
    recipients: list[str]
    subject: str
    format: str
    warnings: list[str]
    digest: str
    received_at: datetime


class WholeMessage(MessageOut):
    raw: Annotated[str, Field(description="Its first million bytes as text; what is no UTF-8 is written as \\xNN")]

    @staticmethod
    def resolve_raw(message: Message) -> str:
        return bytes(message.raw)[:RAW_MOST].decode("utf-8", "backslashreplace")


class Why(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=REASON_MOST)]


class Wanted(Schema):
    state: Literal["unread", "needs-human", "handled"] = "needs-human"


@router.get("", response=Listed[MessageOut], summary="List messages")
@scope(Permission.INTAKE_TRIAGE)
def list_messages(request: Request, wanted: Query[Wanted], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first. Those that need a human, unless another state is asked for."""
    rows = Message.objects.filter(state=wanted.state).defer("raw")
    return listed(request, page(rows, after=paging.after, limit=paging.limit))


@router.get("/{message_id}", response=WholeMessage, summary="One message")
@scope(Permission.INTAKE_TRIAGE)
def get_message(request: Request, message_id: UUID) -> Message:
    return access.message(request.auth, message_id)


@router.post("/{message_id}/set-aside", response=MessageOut, summary="Set a message aside")
@scope(Permission.INTAKE_TRIAGE)
def set_message_aside(request: Request, message_id: UUID, why: Why) -> Message:
    """Nothing follows from it. It is kept, and the reason with it."""
    message = access.message(request.auth, message_id)
    try:
        actions.set_aside(message, why.reason, actor_of(request))
    except NotWaiting as problem:
        raise Conflict(str(problem)) from None
    return message


@router.post("/{message_id}/retry", response=MessageOut, summary="Read a message again")
@scope(Permission.INTAKE_TRIAGE)
def retry_message(request: Request, message_id: UUID) -> Message:
    message = access.message(request.auth, message_id)
    try:
        actions.read_again(message, actor_of(request))
    except NotWaiting as problem:
        raise Conflict(str(problem)) from None
    return message
