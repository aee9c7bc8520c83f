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
from seacliff.value.models import Finding, Run

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

    @staticmethod
    def resolve_result(run: Any) -> dict[str, Any]:
        """Its plots are of the page."""
        return {name: value for name, value in run.result.items() if name != "charts"}


class FindingOut(Schema):
    """`current` is what counts: the first estimate on the frozen rows. `runs` are all, the newest first. Findings of one
    `asks` are never added up."""

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
    asks: str
    proposed_at: datetime | None
    code_version: str
    data_hash: str
    data_rows: int
    trouble: str
    sign_off: str
    superseded_by: str | None
    superseded_because: str
    current: RunOut | None
    runs: list[RunOut]

    @staticmethod
    def resolve_asks(found: Any) -> str:
        return telling.question_in_words(found)

    @staticmethod
    def resolve_runs(found: Any) -> list[Run]:
        return sorted(found.runs.all(), key=lambda run: run.id, reverse=True)

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
    planned: Finite | None = None


class WorthIn(Schema):
    """Money a year for one unit of the estimate: `accounts` it is about × `margin` of a unit × `times` a year."""

    accounts: Finite
    margin: Finite
    times: Finite
    source: str


class ProposalIn(Schema):
    question: Annotated[str, Field(max_length=actions.LONGEST)]
    plan: PlanIn
    population: str = ""
    overlap: str = ""
    worth: WorthIn | None = None


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
    rows = queries.listed(request.auth.user, asked.state, asked.grade).prefetch_related("runs")
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.post("/findings", response={201: FindingOut})
@scope(Permission.VALUE_PROPOSE)
def propose_finding(request: Request, body: ProposalIn) -> Status:
    """Fix question, plan, data and code. The estimate is made by `run`, once the data are frozen."""
    plan = Plan(**body.plan.dict())
    worth = actions.Worth(**body.worth.dict()) if body.worth else None
    made = actions.Proposal(body.question, plan, body.population, body.overlap, worth)
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
