"""API: second looks, for programs and for other consoles. Whoever holds one reaches nothing else, here as on the pages."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.quality import access, actions, plan, queries
from seacliff.quality.actions import Found
from seacliff.quality.models import Check
from seacliff.record.pages import page
from seacliff.review.access import NotValid
from seacliff.review.api import verdict_said
from seacliff.review.api_schemas import VerdictIn

router = Router()
Reason = Annotated[str, Field(max_length=20_000)]


class ReportSaid(Schema):
    subject: str
    text: str
    url: str
    language: str
    channel: str
    repeat: bool
    trusted: bool
    evidence: list[str] = Field(description="Addresses of what came along")


class NodeOut(Schema):
    kind: str
    name: str
    plan: str
    country: str
    since: str


class EarlierOut(Schema):
    category: str
    finding: str
    day: str


class BlindOut(Schema):
    """What is judged, as it stood before it was decided. Nothing in it comes from the first decision."""

    ref: str
    category: str
    severity: int
    language: str
    policy_version_id: UUID | None
    allowed_actions: list[str]
    lease_until: datetime | None
    reports: list[ReportSaid]
    tree: list[NodeOut]
    strikes: list[str]
    earlier: list[EarlierOut]


class CheckOut(Schema):
    """A second look at a sampled decision, once it is answered."""

    id: UUID
    ref: str
    state: str
    case_id: UUID
    decision_id: UUID | None
    category: str
    first_id: UUID | None
    first_finding: str
    first_found: str
    first_actions: list[str]
    second_id: UUID | None
    finding: str
    found: str
    actions: list[str]
    rationale: str
    answered_at: datetime | None
    agrees: bool | None
    chance: float | None = Field(description="How likely the decision was to be drawn; its weight is 1/chance")
    right: str
    reason: str
    settled_by_id: UUID | None
    settled_at: datetime | None
    new_decision_id: UUID | None


class CheckFilter(Paging):
    state: Literal["", "agreed", "differs", "settled"] = ""


class AnswerIn(Schema):
    finding: Literal["violation", "no-violation"]
    category: Annotated[str, Field(max_length=64, description="The harm found; the reported one when empty")] = ""
    rationale: Reason
    actions: Annotated[list[str], Field(max_length=20, description="Kinds of action you would have ordered")] = []


class AnsweredOut(Schema):
    ref: str
    state: str


class Back(Schema):
    reason: Reason = ""


class View(Schema):
    right: Literal["first", "second", "neither"]
    reason: Reason


class Settlement(View):
    """`verdict` takes the place of the first decision; left out, the decision stays as it is."""

    verdict: VerdictIn | None = None


class PlanOut(Schema):
    number: int
    share: float
    minimum: int
    golden: float
    hours: float
    compare: str
    plan: str = Field(description="The whole plan, as YAML")


@router.get("/quality/checks", response=Listed[CheckOut])
@scope(Permission.QUALITY_LEAD)
def list_checks(request: Request, asked: Query[CheckFilter]) -> dict[str, Any]:
    """Second looks that were answered, the newest first."""
    return listed(request, page(queries.answered(asked.state), after=asked.after, limit=asked.limit))


@router.post("/quality/checks/claim", response={200: BlindOut, 204: None})
@scope(Permission.CHECK_DECIDE, secluded=True)
def claim_next_check(request: Request) -> Status:
    """The next matter to judge afresh; 204 when nothing waits. Until it is answered or given back, nothing else is open to
    you."""
    check = actions.claim_next(request.auth.user, actor=request.auth.actor)
    return Status(200, blind(check)) if check else Status(204, None)


@router.get("/quality/checks/{ref}", response=CheckOut)
@scope(Permission.QUALITY_LEAD)
def get_check(request: Request, ref: str) -> Check:
    """One that was answered."""
    return _answered(request, ref)


@router.get("/quality/checks/{ref}/matter", response=BlindOut)
@scope(Permission.CHECK_DECIDE, secluded=True)
def get_matter(request: Request, ref: str) -> dict[str, Any]:
    """What you hold and judge."""
    check = access.check_of(request.auth.user, ref)
    access.must_hold(request.auth.user, check)
    return blind(check)


@router.post("/quality/checks/{ref}/answer", response=AnsweredOut)
@scope(Permission.CHECK_DECIDE, secluded=True)
def answer_check(request: Request, ref: str, body: AnswerIn) -> Check:
    """Give your verdict; it stands. Whether the first reviewer found the same is told when that is settled."""
    check = access.check_of(request.auth.user, ref)
    found = Found(body.finding, body.category or check.category, body.rationale, tuple(body.actions))
    return actions.answer(request.auth.user, check, found, actor=request.auth.actor)


@router.post("/quality/checks/{ref}/give-back", response={204: None})
@scope(Permission.CHECK_DECIDE, secluded=True)
def give_back_check(request: Request, ref: str, body: Back) -> Status:
    """For somebody else: it never comes back to you."""
    check = access.check_of(request.auth.user, ref)
    actions.give_back(request.auth.user, check, body.reason, actor=request.auth.actor)
    return Status(204, None)


@router.post("/quality/checks/{ref}/settle", response=CheckOut)
@scope(Permission.QUALITY_LEAD)
def settle_check(request: Request, ref: str, body: Settlement) -> Check:
    """Say which of the two was right; with a verdict the decision is corrected, and what falls away is reversed."""
    check = _answered(request, ref)
    verdict = None
    if body.verdict is not None:
        if body.verdict.finding == "duplicate":
            raise NotValid("A correction can't say that the case repeats another one.", "verdict")
        body.verdict.rationale = body.verdict.rationale or body.reason
        verdict = verdict_said(request, check.case, body.verdict)
    return actions.settle(request.auth.user, check, body.right, body.reason, verdict, actor=request.auth.actor)


@router.get("/quality/plan", response=PlanOut)
@scope(Permission.QUALITY_VIEW)
def get_plan(request: Request) -> dict[str, Any]:
    """The sampling plan in force."""
    found = plan.plan_in_force()
    names = ("number", "share", "minimum", "golden", "hours", "compare")
    return {name: getattr(found, name) for name in names} | {"plan": plan.written(found)}


def _answered(request: Request, ref: str) -> Check:
    check = access.check_of(request.auth.user, ref)
    if check.kind != Check.Kind.SAMPLE or check.answered_at is None:
        raise NotValid("This is no second look at a decision that was answered.", "ref")
    return check


def blind(check: Check) -> dict[str, Any]:
    shown = queries.blind_page(check)
    matter = shown.dossier
    return {
        "ref": check.ref,
        "category": matter.category,
        "severity": matter.severity,
        "language": matter.language,
        "policy_version_id": check.policy_version_id,
        "allowed_actions": [str(kind.value) for kind in shown.kinds],
        "lease_until": check.lease_until,
        "reports": [
            said | {"evidence": [item.url for item in items if not item.restricted]} for said, items in shown.reports
        ],
        "tree": matter.tree,
        "strikes": matter.strikes,
        "earlier": matter.earlier,
    }
