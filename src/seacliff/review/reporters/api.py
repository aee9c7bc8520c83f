"""API: reporters, trusted flaggers, suspected brigades, for programs and for other consoles."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from seacliff.intake.models import Reporter
from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotFound
from seacliff.record.pages import page
from seacliff.review.access import Refused
from seacliff.review.api import problem_of
from seacliff.review.api_schemas import Reason, Why
from seacliff.review.models import Brigade, SetAside
from seacliff.review.reporters import actions, brigades, queries, trust

router = Router()


class ReporterOut(Schema):
    id: UUID
    key: str
    kind: str
    name: str
    reports: int
    upheld: int
    rejected: int
    first_seen_at: datetime
    seldom_right: bool

    @staticmethod
    def resolve_seldom_right(reporter: Any) -> bool:
        return queries.reputation(reporter).is_bad_faith


class ReporterFilter(Paging):
    q: Annotated[str, Field(max_length=200, description="Part of an address or a name")] = ""
    kind: Literal["", "person", "user", "organisation", "trusted-flagger"] = ""
    seldom_right: bool = False


class BrigadeOut(Schema):
    id: UUID
    state: str
    members: list[str]
    cases: int
    targets: int
    decided: int
    rejected: int
    last_at: datetime
    reason: str


class SetAsideOut(Schema):
    id: UUID
    reporter_key: str
    reports: int


class Terms(Schema):
    categories: Annotated[list[str], Field(max_length=200, description="Harms; none for all")] = []
    until: date | None = None
    reason: Reason


class Judgement(Why):
    state: Literal["confirmed", "dismissed"]


class Reports(Schema):
    reports: int


def reporter_of(id: UUID) -> Reporter:
    found = Reporter.objects.filter(id=id).first()
    if found is None:
        raise NotFound("There is no such reporter.")
    return found


def brigade_of(id: UUID) -> Brigade:
    found = Brigade.objects.filter(id=id).first()
    if found is None:
        raise NotFound("There is no such group of reporters.")
    return found


@router.get("/reporters", response=Listed[ReporterOut])
@scope(Permission.REPORT_VIEW)
def list_reporters(request: Request, asked: Query[ReporterFilter]) -> dict[str, Any]:
    """Who reports, newest first, with what came of their reports."""
    rows = queries.reporters(asked.q, asked.kind, asked.seldom_right)
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.get("/reporters/{uuid:id}", response=ReporterOut)
@scope(Permission.REPORT_VIEW)
def get_reporter(request: Request, id: UUID) -> Reporter:
    return reporter_of(id)


@router.put("/reporters/{uuid:id}/trust", response={204: None})
@scope(Permission.QUEUE_MANAGE)
def trust_reporter(request: Request, id: UUID, terms: Terms) -> Status:
    """Make them a trusted flagger, or put other terms in the place of those that hold."""
    try:
        trust.trust(
            request.auth.user,
            reporter_of(id),
            categories=terms.categories,
            until=terms.until,
            reason=terms.reason,
            actor=request.auth.actor,
        )
    except Refused as refused:
        raise problem_of(refused) from None
    return Status(204, None)


@router.delete("/reporters/{uuid:id}/trust", response={204: None})
@scope(Permission.QUEUE_MANAGE)
def distrust_reporter(
    request: Request, id: UUID, reason: Annotated[str, Query(min_length=1, max_length=4000)]
) -> Status:
    """They are a trusted flagger no more."""
    try:
        trust.distrust(request.auth.user, reporter_of(id), reason, actor=request.auth.actor)
    except Refused as refused:
        raise problem_of(refused) from None
    return Status(204, None)


@router.post("/reporters/{uuid:id}/set-aside", response=SetAsideOut)
@scope(Permission.QUEUE_MANAGE)
def set_aside(request: Request, id: UUID, why: Why) -> SetAside:
    """Set all their open reports aside at once."""
    try:
        return actions.set_aside(request.auth.user, reporter_of(id), why.reason, actor=request.auth.actor)
    except Refused as refused:
        raise problem_of(refused) from None


@router.post("/set-asides/{uuid:id}/take-back", response={204: None})
@scope(Permission.QUEUE_MANAGE)
def take_back(request: Request, id: UUID) -> Status:
    """As if it had never been."""
    made = SetAside.objects.filter(id=id).first()
    if made is None:
        raise NotFound("There is nothing to take back here.")
    try:
        actions.take_back(request.auth.user, made, actor=request.auth.actor)
    except Refused as refused:
        raise problem_of(refused) from None
    return Status(204, None)


@router.get("/brigades", response=list[BrigadeOut])
@scope(Permission.REPORT_VIEW)
def list_brigades(request: Request, dismissed: bool = False) -> list[Brigade]:
    """Groups that reported together within the last thirty days, the newest first, at most fifty."""
    return queries.brigades(dismissed=dismissed)


@router.post("/brigades/{uuid:id}/judge", response=BrigadeOut)
@scope(Permission.QUEUE_MANAGE)
def judge_brigade(request: Request, id: UUID, said: Judgement) -> Brigade:
    try:
        brigades.judge(request.auth.user, brigade_of(id), said.state, said.reason, actor=request.auth.actor)
    except Refused as refused:
        raise problem_of(refused) from None
    return brigade_of(id)


@router.post("/brigades/{uuid:id}/set-aside", response=Reports)
@scope(Permission.QUEUE_MANAGE)
def set_brigade_aside(request: Request, id: UUID, why: Why) -> dict[str, int]:
    """Set the open reports of every member aside."""
    try:
        return {
            "reports": brigades.set_all_aside(request.auth.user, brigade_of(id), why.reason, actor=request.auth.actor)
        }
    except Refused as refused:
        raise problem_of(refused) from None


@router.post("/brigades/{uuid:id}/take-back", response=Reports)
@scope(Permission.QUEUE_MANAGE)
def take_brigade_back(request: Request, id: UUID) -> dict[str, int]:
    try:
        return {"reports": brigades.take_all_back(request.auth.user, brigade_of(id), actor=request.auth.actor)}
    except Refused as refused:
        raise problem_of(refused) from None
