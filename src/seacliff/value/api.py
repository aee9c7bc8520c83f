"""API: the evidence ledger, whole: nulls, failures and refusals with their diagnostics."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.record.pages import page
from seacliff.value import access
from seacliff.value.ledger import actions, queries, telling
from seacliff.value.ledger.plans import Plan
from seacliff.value.models import Finding

router = Router()
Finite = Annotated[float, Field(allow_inf_nan=False)]


class RunOut(Schema):
    """`low` or `high` null: no bound. `result` holds the design's diagnostics and figures."""

    id: UUID
    state: str
    grade: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    refusal: str
    error: str
    data_hash: str
    code_version: str
    finished_at: datetime | None
    result: dict[str, Any]


class FindingOut(Schema):
    id: UUID
    ref: str
    state: str
    question: str
    design: str
    plan: dict[str, Any]
    population: str
    unit: str
    worth: float | None
    worth_basis: str
    overlap: str
    proposed_at: datetime | None
    code_version: str
    data_hash: str
    data_rows: int
    trouble: str
    sign_off: str
    superseded_by: str | None
    superseded_because: str
    current: RunOut | None

    @staticmethod
    def resolve_sign_off(found: Any) -> str:
        return telling.signed(found)

    @staticmethod
    def resolve_superseded_by(found: Any) -> str | None:
        return found.superseded_by.ref if found.superseded_by else None


class FindingFilter(Paging):
    state: Literal["", "offered", "proposed", "declined", "superseded"] = ""
    grade: Literal["", "A", "B", "C", "D", "X", "refused", "none"] = ""


class PlanIn(Schema):
    design: str
    outcome: str
    since: date | None = None
    until: date | None = None
    category: str = ""
    queue: str = ""
    launch: str = ""
    changed_at: date | None = None
    horizon_days: int = 28
    plausible: Finite | None = None
    only_random: bool = False
    threshold: Finite | None = None
    policy: str = ""


class ProposalIn(Schema):
    question: Annotated[str, Field(max_length=actions.LONGEST)]
    plan: PlanIn
    population: str = ""
    overlap: str = ""
    worth: Finite | None = None
    worth_basis: str = ""


class PromiseOut(Schema):
    """`promised`, `baseline` and `found` in the measure's unit: a share is 0 to 1."""

    id: UUID
    asked: str
    measure: str
    promised: float
    baseline: float | None
    due: date
    made_at: datetime
    answer: str
    answered_on: date | None
    found: float | None
    found_low: float | None
    found_high: float | None
    held: str
    comment: str


@router.get("/promises", response=Listed[PromiseOut])
@scope(Permission.VALUE_VIEW)
def list_promises(request: Request, asked: Query[Paging]) -> dict[str, Any]:
    """What was asked for and promised, the newest first: kept and missed alike."""
    rows = access.promises_of(request.auth.user)
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.get("/findings", response=Listed[FindingOut])
@scope(Permission.VALUE_VIEW)
def list_findings(request: Request, asked: Query[FindingFilter]) -> dict[str, Any]:
    """The ledger, the newest first."""
    rows = queries.listed(request.auth.user, asked.state, asked.grade)
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.post("/findings", response={201: FindingOut})
@scope(Permission.VALUE_PROPOSE)
def propose_finding(request: Request, body: ProposalIn) -> Status:
    """Fix question, plan, data and code. The estimate is made by `run`, once the data are frozen."""
    plan = Plan(**body.plan.dict())
    made = actions.Proposal(body.question, plan, body.population, body.overlap, body.worth, body.worth_basis)
    return Status(201, actions.propose(request.auth.user, made, actor=request.auth.actor))


@router.get("/findings/{ref}", response=FindingOut)
@scope(Permission.VALUE_VIEW)
def get_finding(request: Request, ref: str) -> Finding:
    return access.finding_of(request.auth.user, ref)


@router.post("/findings/{ref}/run", response={202: RunOut})
@scope(Permission.VALUE_PROPOSE)
def run_finding(request: Request, ref: str) -> Status:
    """Have the estimate made."""
    found = access.finding_of(request.auth.user, ref)
    return Status(202, actions.run(request.auth.user, found, actor=request.auth.actor))
