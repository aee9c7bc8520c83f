"""API: asks both ways, for programs and for other consoles; the charters to read."""

from typing import Annotated, Any
from uuid import UUID

from django.http import Http404
from ninja import Field, Query, Router, Schema, Status

from seacliff.partners import actions, queries
from seacliff.partners.access import By, ask_of, board_of, by_user, functions_of
from seacliff.partners.actions import NewAsk
from seacliff.partners.api_schemas import (
    AnswerIn,
    AskFilter,
    AskOut,
    AskRow,
    Because,
    CharterOut,
    FunctionOut,
    HandOn,
    MessageIn,
    MessageOut,
    NewAskIn,
    OfferOut,
    OutcomeIn,
    Reschedule,
    RightOut,
)
from seacliff.partners.charters import queries as charters
from seacliff.partners.directory import charter_in_force
from seacliff.partners.models import Ask, AskMessage
from seacliff.partners.sharing import Offered, offered
from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid, NotFound
from seacliff.record.actions import Subject
from seacliff.record.pages import page

router = Router()


def _by(request: Request) -> By:
    return by_user(request.auth.user, "api", request.auth.actor)


def _ask(request: Request, ref: str) -> Ask:
    return ask_of(request.auth.user, ref)


@router.get("/asks", response=Listed[AskRow])
@scope(Permission.ASK_VIEW)
def list_asks(request: Request, asked: Query[AskFilter]) -> dict[str, Any]:
    """A board of a function of yours; whoever sees every ask may name any."""
    user = request.auth.user
    rows = queries.board(user, asked.board, board_of(user, asked.of), late=asked.late)
    return listed(request, page(rows, after=asked.after, limit=asked.limit, keys=queries.BOARDS[asked.board]))


class Offering(Schema):
    about_kind: Annotated[str, Field(max_length=30)]
    about_id: UUID


@router.get("/asks/offer", response=OfferOut)
@scope(Permission.ASK_MAKE)
def get_offer(request: Request, about: Query[Offering]) -> Offered:
    """What a record offers to go with an ask about it: the redacted words that would be sent."""
    return offered(request.auth.user, Subject(about.about_kind, about.about_id))


@router.post("/asks", response={201: AskOut})
@scope(Permission.ASK_MAKE)
def make_ask(request: Request, body: NewAskIn) -> Status:
    """Ask a function. The answer's fields come with the kind; the due time with the charter."""
    user = request.auth.user
    sender = _function(body.sender, "sender") if body.sender else board_of_sender(request)
    about = Subject(body.about_kind, body.about_id) if body.about_id else None
    new = NewAsk(
        kind=body.kind,
        to=_function(body.to, "to"),
        question=body.question,
        severity=body.severity,
        sender=sender,
        about=about,
        share=body.share,
        to_email=body.to_email,
        due_at=body.due_at,
        key=f"api:{user.id}:{body.key}" if body.key else None,
        wait=body.wait,
    )
    return Status(201, actions.ask(_by(request), new))


def board_of_sender(request: Request) -> Function:
    """The function that asks when none is named: T&S for its people, else one's own."""
    user = request.auth.user
    own = list(functions_of(user))
    if not own:
        sentence = "You belong to no function that could ask."
        raise Invalid(sentence, errors=[{"pointer": "#/sender", "detail": sentence}])
    first = board_of(user, "")
    return first if first in own and first is not None else own[0]


def _function(slug: str, field: str) -> Function:
    found = Function.objects.filter(slug=slug).first()
    if found is None:
        sentence = f"There is no function {slug}."
        raise Invalid(sentence, errors=[{"pointer": f"#/{field}", "detail": sentence}])
    return found


@router.get("/asks/{ref}", response=AskOut)
@scope(Permission.ASK_VIEW)
def get_ask(request: Request, ref: str) -> Ask:
    return _ask(request, ref)


@router.get("/asks/{ref}/messages", response=Listed[MessageOut])
@scope(Permission.ASK_VIEW)
def list_messages(request: Request, ref: str, asked: Query[Paging]) -> dict[str, Any]:
    """The thread, the oldest first."""
    rows = AskMessage.objects.filter(ask=_ask(request, ref))
    return listed(request, page(rows, after=asked.after, limit=asked.limit, keys=("id",)))


@router.post("/asks/{ref}/messages", response={201: MessageOut})
@scope(Permission.ASK_ANSWER)
def write_message(request: Request, ref: str, body: MessageIn) -> Status:
    """Say something to the other side, or ask back."""
    write = actions.ask_back if body.back else actions.say
    external = f"api:{request.auth.user.id}:{body.external_id}" if body.external_id else None
    return Status(201, write(_by(request), _ask(request, ref), body.body, external_id=external))


@router.post("/asks/{ref}/acknowledge", response=AskOut)
@scope(Permission.ASK_ANSWER)
def acknowledge_ask(request: Request, ref: str) -> Ask:
    """Somebody has seen it and takes it on."""
    return actions.acknowledge(_by(request), _ask(request, ref))


@router.post("/asks/{ref}/answer", response=AskOut)
@scope(Permission.ASK_ANSWER)
def answer_ask(request: Request, ref: str, body: AnswerIn) -> Ask:
    """Yes, partly or no, with the fields of `form`."""
    return actions.answer(_by(request), _ask(request, ref), body.answer, body.reason, body.form)


@router.post("/asks/{ref}/hand-on", response=AskOut)
@scope(Permission.ASK_ANSWER)
def hand_on_ask(request: Request, ref: str, body: HandOn) -> Ask:
    """To a contact or member of the function that was asked."""
    return actions.hand_on(_by(request), _ask(request, ref), body.to_email, body.note)


@router.post("/asks/{ref}/pause", response=AskOut)
@scope(Permission.ASK_MAKE)
def pause_ask(request: Request, ref: str, body: Because) -> Ask:
    return actions.pause(_by(request), _ask(request, ref), body.reason)


@router.post("/asks/{ref}/resume", response=AskOut)
@scope(Permission.ASK_MAKE)
def resume_ask(request: Request, ref: str) -> Ask:
    return actions.resume(_by(request), _ask(request, ref))


@router.post("/asks/{ref}/reschedule", response=AskOut)
@scope(Permission.ASK_MAKE)
def reschedule_ask(request: Request, ref: str, body: Reschedule) -> Ask:
    """Another due time; the reminders begin anew."""
    return actions.reschedule(_by(request), _ask(request, ref), body.due_at, body.reason)


@router.post("/asks/{ref}/withdraw", response=AskOut)
@scope(Permission.ASK_MAKE)
def withdraw_ask(request: Request, ref: str, body: Because) -> Ask:
    return actions.withdraw(_by(request), _ask(request, ref), body.reason)


@router.post("/asks/{ref}/reopen", response=AskOut)
@scope(Permission.ASK_MAKE)
def reopen_ask(request: Request, ref: str, body: Because) -> Ask:
    """The answer does not answer the question."""
    return actions.reopen(_by(request), _ask(request, ref), body.reason)


@router.post("/asks/{ref}/outcome", response=AskOut)
@scope(Permission.ASK_MAKE)
def record_outcome(request: Request, ref: str, body: OutcomeIn) -> Ask:
    """What came of it, told to whoever answered."""
    return actions.record_outcome(_by(request), _ask(request, ref), body.outcome, body.text)


@router.get("/functions", response=list[FunctionOut])
@scope(Permission.CHARTER_VIEW)
def list_functions(request: Request) -> list[Function]:
    """The functions that you may see."""
    return charters.functions_seen(request.auth.user)


@router.get("/functions/{slug}/charter", response=CharterOut)
@scope(Permission.CHARTER_VIEW)
def get_charter(request: Request, slug: str) -> dict[str, Any]:
    """The charter in force with a function."""
    try:
        function = charters.function_seen(request.auth.user, slug)
    except Http404 as missing:
        raise NotFound(str(missing)) from None
    version = charter_in_force(function)
    if version is None:
        raise NotFound(f"No charter with {function.name} is in force.")
    facts = {name: getattr(version, name) for name in ("number", "state", "agreed_by", "agreed_at", "review_on")}
    return facts | {"function": function.slug, "charter": version.content}


@router.get("/decision-rights", response=list[RightOut])
@scope(Permission.CHARTER_VIEW)
def list_rights(request: Request, words: Annotated[str, Query(max_length=100)] = "") -> list[dict[str, Any]]:
    """Who decides what, who is consulted before, who is told; by words of the decision or a function."""
    return [
        {
            "decision": found.right.decision,
            "decides": found.right.decides,
            "consulted": list(found.right.consulted),
            "informed": list(found.right.informed),
            "charter_of": found.function.slug,
        }
        for found in charters.rights(request.auth.user, words)
    ]
