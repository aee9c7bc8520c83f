"""API: how far looks agree; golden cases; calibrations."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.quality import access, actions, comparing, reading
from seacliff.quality.actions import Found
from seacliff.quality.agreement import Agreement, Estimate
from seacliff.quality.api import BlindOut, blind
from seacliff.quality.models import Golden, Session
from seacliff.record.pages import page
from seacliff.review.access import NotValid, case_of

router = Router()
Reason = Annotated[str, Field(max_length=20_000)]
Finding = Literal["violation", "no-violation"]


class EstimateOut(Schema):
    value: float
    low: float
    high: float


class AgreementOut(Schema):
    """What can't be told is null: too few second looks, or all verdicts alike."""

    label: str
    n: int
    agreed: int
    open: int = Field(description="Differences yet to be settled")
    share: EstimateOut | None = Field(description="Of all decisions, those that a second look confirms")
    wrong: EstimateOut | None = Field(description="Of all decisions, those found wrong")
    alpha: EstimateOut | None
    kappa: EstimateOut | None


class AgreementRead(Schema):
    since: datetime
    until: datetime
    whole: AgreementOut
    policies: list[AgreementOut]
    reviewers: list[AgreementOut] = Field(description="All for leads, otherwise yourself")


class Period(Schema):
    days: Annotated[int, Field(ge=1, le=1096)] = 90


class ScoreOut(Schema):
    user_id: UUID
    answered: int
    right: int
    share: EstimateOut | None


class GoldenOut(Schema):
    id: UUID
    case_id: UUID
    source: str
    category: str
    policy_version_id: UUID
    finding: str
    found: str
    actions: list[str]
    why: str
    retired_at: datetime | None


class GoldenIn(Schema):
    case: Annotated[str, Field(max_length=30, description="A case's ref, such as C-1001")]
    finding: Finding
    category: Annotated[str, Field(max_length=64)] = ""
    actions: Annotated[list[str], Field(max_length=20)] = []
    why: Reason
    texts: Annotated[list[Reason], Field(max_length=20, description="The reports' words, gone over; in order")] = []


class Because(Schema):
    reason: Reason


class CalibrationOut(Schema):
    id: UUID
    title: str
    state: str
    opened_by_id: UUID
    due_at: datetime
    compared_at: datetime | None
    closed_at: datetime | None


class CalibrationIn(Schema):
    title: Annotated[str, Field(max_length=300)]
    cases: Annotated[list[str], Field(max_length=30, description="Refs of decided cases")]
    members: Annotated[list[UUID], Field(max_length=20)]
    days: Annotated[int, Field(ge=1, le=60)] = 7


class VerdictOf(Schema):
    user_id: UUID
    finding: str
    found: str
    rationale: str


class ComparedCase(Schema):
    place: int
    case_id: UUID
    first_finding: str
    verdicts: list[VerdictOf]
    alike: float | None
    finding: str
    found: str
    why: str


class CalibrationTable(Schema):
    state: str
    alpha: float | None
    cases: list[ComparedCase] = Field(description="Empty while everybody still decides alone")


class AgreedIn(Schema):
    place: int
    finding: Finding
    found: Annotated[str, Field(max_length=64)]
    why: Reason


@router.get("/quality/agreement", response=AgreementRead)
@scope(Permission.QUALITY_VIEW)
def get_agreement(request: Request, asked: Query[Period]) -> dict[str, Any]:
    """Agreement of the second looks answered within so many days, by policy and by the reviewer who decided first."""
    until = timezone.now()
    since = until - timedelta(days=asked.days)
    found = reading.read(since, until)
    user = request.auth.user
    lead = access.may_lead(user) and request.auth.may(Permission.QUALITY_LEAD)
    reviewers = [group for id, group in found.reviewers if lead or id == user.id]
    return {
        "since": since,
        "until": until,
        "whole": _told(found.whole),
        "policies": [_told(group) for group in found.policies],
        "reviewers": [_told(group) for group in reviewers],
    }


def _told(group: Agreement) -> dict[str, Any]:
    names = ("label", "n", "agreed", "open")
    return {name: getattr(group, name) for name in names} | {
        name: _estimate(getattr(group, name)) for name in ("share", "wrong", "alpha", "kappa")
    }


def _estimate(found: Estimate | None) -> dict[str, float] | None:
    return {"value": found.value, "low": found.low, "high": found.high} if found else None


@router.get("/quality/score", response=ScoreOut)
@scope(Permission.QUALITY_VIEW)
def get_score(request: Request) -> dict[str, Any]:
    """Your own golden answers."""
    return _score(reading.score_of(request.auth.user)[0])


@router.get("/quality/scores", response=list[ScoreOut])
@scope(Permission.QUALITY_LEAD)
def list_scores(request: Request) -> list[dict[str, Any]]:
    """Everybody's golden answers."""
    return [_score(score) for score in reading.scores()]


def _score(score: reading.Score) -> dict[str, Any]:
    found = {"user_id": score.user.id, "answered": score.answered, "right": score.right}
    return found | {"share": _estimate(score.share)}


@router.get("/quality/golden", response=Listed[GoldenOut])
@scope(Permission.QUALITY_LEAD)
def list_golden(request: Request, asked: Query[Paging]) -> dict[str, Any]:
    """Golden cases, retired ones as well, the newest first."""
    return listed(request, page(Golden.objects.all(), after=asked.after, limit=asked.limit))


@router.post("/quality/golden", response={201: GoldenOut})
@scope(Permission.QUALITY_LEAD)
def keep_golden(request: Request, body: GoldenIn) -> Status:
    """Keep a copy of a decided case with invented names, and what is right."""
    case = case_of(request.auth.user, body.case)
    right = Found(body.finding, body.category or case.category, body.why, tuple(body.actions))
    return Status(201, actions.keep(request.auth.user, case, right, texts=body.texts, actor=request.auth.actor))


@router.post("/quality/golden/{uuid:golden_id}/retire", response=GoldenOut)
@scope(Permission.QUALITY_LEAD)
def retire_golden(request: Request, golden_id: UUID, body: Because) -> Golden:
    golden = access.golden_of(request.auth.user, golden_id)
    actions.retire(request.auth.user, golden, body.reason, actor=request.auth.actor)
    return access.golden_of(request.auth.user, golden_id)


@router.get("/quality/calibrations", response=Listed[CalibrationOut])
@scope(Permission.QUALITY_VIEW)
def list_calibrations(request: Request, asked: Query[Paging]) -> dict[str, Any]:
    """Those you take part in; for leads all."""
    rows = Session.objects.all()
    if not access.may_lead(request.auth.user):
        rows = rows.filter(members=request.auth.user)
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.post("/quality/calibrations", response={201: CalibrationOut})
@scope(Permission.QUALITY_LEAD)
def open_calibration(request: Request, body: CalibrationIn) -> Status:
    user = request.auth.user
    cases = [case_of(user, ref) for ref in dict.fromkeys(body.cases)]
    members = list(User.objects.filter(id__in=body.members, is_active=True))
    if len(members) != len(set(body.members)):
        raise NotValid("One of the members is nobody here.", "members")
    return Status(201, actions.open_session(user, body.title, cases, members, body.days, actor=request.auth.actor))


@router.get("/quality/calibrations/{uuid:id}", response=CalibrationTable)
@scope(Permission.QUALITY_VIEW)
def get_calibration(request: Request, id: UUID) -> dict[str, Any]:
    """The verdicts beside each other, once they are compared."""
    return _table(access.session_of(request.auth.user, id))


@router.post("/quality/calibrations/{uuid:id}/claim", response={200: BlindOut, 204: None})
@scope(Permission.CHECK_DECIDE, secluded=True)
def claim_of_calibration(request: Request, id: UUID) -> Status:
    """The next case of it to judge alone; 204 when none is left for you."""
    session = access.session_of(request.auth.user, id)
    check = actions.claim_next(request.auth.user, session, actor=request.auth.actor)
    return Status(200, blind(check)) if check else Status(204, None)


@router.post("/quality/calibrations/{uuid:id}/compare", response=CalibrationTable)
@scope(Permission.QUALITY_LEAD)
def compare_calibration(request: Request, id: UUID) -> dict[str, Any]:
    """End the time in which everybody decides alone."""
    session = access.session_of(request.auth.user, id)
    return _table(actions.compare(request.auth.user, session, actor=request.auth.actor))


@router.post("/quality/calibrations/{uuid:id}/agree", response=CalibrationTable)
@scope(Permission.QUALITY_LEAD)
def agree_on_case(request: Request, id: UUID, body: AgreedIn) -> dict[str, Any]:
    """Write down what was agreed on one case."""
    session = access.session_of(request.auth.user, id)
    row = session.cases.filter(place=body.place).first()
    if row is None:
        raise NotValid("There is no such case in this calibration.", "place")
    actions.agree(request.auth.user, row, body.finding, body.found, body.why, actor=request.auth.actor)
    return _table(session)


@router.post("/quality/calibrations/{uuid:id}/close", response=CalibrationTable)
@scope(Permission.QUALITY_LEAD)
def close_calibration(request: Request, id: UUID) -> dict[str, Any]:
    session = access.session_of(request.auth.user, id)
    return _table(actions.close(request.auth.user, session, actor=request.auth.actor))


def _table(session: Session) -> dict[str, Any]:
    if session.state == Session.State.DECIDING:
        return {"state": session.state, "alpha": None, "cases": []}
    found = comparing.table(session)
    return {"state": session.state, "alpha": found.alpha, "cases": [_row(row) for row in found.rows]}


def _row(row: comparing.Row) -> dict[str, Any]:
    case = row.case
    return {
        "place": case.place, "case_id": case.decision.case_id, "first_finding": case.decision.finding,
        "alike": row.alike, "finding": case.finding, "found": case.found, "why": case.why,
        "verdicts": [
            {"user_id": cell.member.id, "finding": cell.check.finding, "found": cell.check.found,
             "rationale": cell.check.rationale}
            for cell in row.cells if cell.check is not None and cell.answered
        ],
    }  # fmt: skip
