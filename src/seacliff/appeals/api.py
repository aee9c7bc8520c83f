"""API: appeals, for programs and for other consoles."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from seacliff.appeals import access, actions, queries
from seacliff.appeals.models import Appeal
from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.record.pages import page
from seacliff.review.access import NotValid, Refused
from seacliff.review.api import problem_of, verdict_said
from seacliff.review.api_schemas import VerdictIn

router = Router()


class AppealOut(Schema):
    id: UUID
    ref: str
    case: str
    decision_id: UUID
    side: str
    language: str
    statement: str
    state: str
    tier: int
    received_at: datetime
    due_at: datetime
    holder_id: UUID | None
    outcome: str
    answer: str
    reasons: str
    decided_by_id: UUID | None
    decided_at: datetime | None
    new_decision_id: UUID | None

    @staticmethod
    def resolve_case(appeal: Any) -> str:
        return appeal.case.ref


class AppealFilter(Paging):
    state: Literal["", "waiting", "panel", "decided"] = ""
    side: Literal["", "affected", "reporter"] = ""
    outcome: Literal["", "upheld", "overturned", "changed"] = ""


class Ruling(Schema):
    """`verdict` is left out to uphold the decision."""

    reasons: Annotated[str, Field(max_length=20_000, description="For colleagues; never told outside")] = ""
    answer: Annotated[str, Field(max_length=4_000, description="In words, to the appellant")] = ""
    verdict: VerdictIn | None = None


@router.get("/appeals", response=Listed[AppealOut])
@scope(Permission.APPEAL_VIEW)
def list_appeals(request: Request, asked: Query[AppealFilter]) -> dict[str, Any]:
    """Appeals, the newest first."""
    rows = queries.listed(asked.state, asked.side, asked.outcome)
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.post("/appeals/claim", response={200: AppealOut, 204: None})
@scope(Permission.APPEAL_DECIDE)
def claim_next_appeal(request: Request) -> Status:
    """The appeal that is due first among those you may decide; 204 when there is none."""
    found = actions.claim_next(request.auth.user, actor=request.auth.actor)
    return Status(200, found) if found else Status(204, None)


@router.get("/appeals/{ref}", response=AppealOut)
@scope(Permission.APPEAL_VIEW)
def get_appeal(request: Request, ref: str) -> Appeal:
    return access.appeal_of(request.auth.user, ref)


@router.post("/appeals/{ref}/claim", response=AppealOut)
@scope(Permission.APPEAL_DECIDE)
def claim_appeal(request: Request, ref: str) -> Appeal:
    """Take this one."""
    found = access.appeal_of(request.auth.user, ref)
    try:
        return actions.claim(request.auth.user, found, actor=request.auth.actor)
    except Refused as refused:
        raise problem_of(refused) from None


@router.post("/appeals/{ref}/decide", response=AppealOut)
@scope(Permission.APPEAL_DECIDE)
def decide_appeal(request: Request, ref: str, body: Ruling) -> Appeal:
    """Uphold the decision, or put another verdict in its place; what falls away is reversed in the product."""
    user, actor = request.auth.user, request.auth.actor
    found = access.appeal_of(user, ref)
    try:
        if body.verdict is None:
            return actions.uphold(user, found, reasons=body.reasons, answer=body.answer, actor=actor)
        body.verdict.rationale = body.verdict.rationale or body.reasons
        if body.verdict.finding == "duplicate":
            raise NotValid("An appeal can't be decided as a duplicate.", "verdict")
        verdict = verdict_said(request, found.case, body.verdict)
        return actions.decide(user, found, verdict, answer=body.answer, actor=actor)
    except Refused as refused:
        raise problem_of(refused) from None
