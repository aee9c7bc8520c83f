"""API: what a reviewer does, for programs and for other consoles."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Fault, Invalid, NotAllowed, NotFound, Problem
from seacliff.policy import guidance
from seacliff.policy.models import Guidance, Policy, PolicyVersion
from seacliff.policy.queries import version_in_force
from seacliff.record.models import Note
from seacliff.record.pages import page
from seacliff.review import actions, queries
from seacliff.review.access import NotPermitted, NotValid, Refused, case_of, cases_of, colleague_of, queue_of
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.api_schemas import (
    Acknowledged,
    ActionIn,
    Assignment,
    Because,
    Bulk,
    BulkOutcome,
    CaseFilter,
    CaseOut,
    CaseRow,
    ChangeOut,
    DecisionFilter,
    DecisionOut,
    Escalated,
    Escalation,
    Hold,
    NewNote,
    NoteOut,
    QueueOut,
    VerdictIn,
    Wanted,
    Why,
)
from seacliff.review.models import Case, Decision
from seacliff.review.verdicts import falls_on
from seacliff.targets.models import Target

router = Router()
EVERY_FACET = {
    "queue": "queue__slug", "category": "category", "state": "state", "severity": "severity",
    "target": "target_id", "reviewer": "decided_by_id",
}  # fmt: skip


def problem_of(refused: Refused) -> Problem:
    """A refusal of the room as the API says it."""
    if isinstance(refused, NotPermitted):
        return NotAllowed(refused.sentence)
    if isinstance(refused, NotValid):
        fault: Fault = {"pointer": f"#/{refused.field}", "detail": refused.sentence}
        return Invalid(refused.sentence, errors=[fault])
    return Conflict(refused.sentence)


@router.get("/queues", response=list[QueueOut])
@scope(Permission.CASE_VIEW)
def list_queues(request: Request) -> list[dict[str, Any]]:
    """Every queue, and what waits in it."""
    return [
        {
            "slug": line.queue.slug,
            "name": line.queue.name,
            "description": line.queue.description,
            "free": {str(severity): count for severity, count in line.free.items()},
            "claimed": line.claimed,
            "held": line.held,
            "next_due": line.next_due,
        }
        for line in queries.queue_lines()
    ]


@router.get("/cases", response=Listed[CaseRow])
@scope(Permission.CASE_VIEW)
def list_cases(request: Request, asked: Query[CaseFilter]) -> dict[str, Any]:
    """Cases that fit, newest first."""
    given = {column: getattr(asked, name) for name, column in EVERY_FACET.items()}
    facets = {column: value for column, value in given.items() if value not in ("", None)}
    return listed(request, queries.search(asked.q, facets, asked.after, asked.limit))


@router.post("/cases/claim", response={200: CaseRow, 204: None})
@scope(Permission.CASE_DECIDE)
def claim_next_case(request: Request, body: Wanted) -> Status:
    """The most urgent case that the caller may take, now theirs for a while; 204 when nothing waits for them."""
    queue = queue_of(request.auth.user, body.queue) if body.queue else None
    case = actions.claim_next(request.auth.user, queue, actor=request.auth.actor)
    return Status(204, None) if case is None else Status(200, case)


@router.post("/cases/decide", response=list[BulkOutcome])
@scope(Permission.CASE_BULK_DECIDE)
def decide_cases(request: Request, body: Bulk) -> list[dict[str, Any]]:
    """Decide cases of one matter alike, at most 50. What somebody else took meanwhile is left to them."""
    user = request.auth.user
    cases = cases_of(user, body.cases)
    verdict = verdict_said(request, cases[0], body.verdict)
    outcomes = actions.bulk_decide(user, cases, verdict, actor=request.auth.actor)
    return [
        {"case": each.case.ref, "decision": each.decision.id if each.decision else None, "problem": each.problem}
        for each in outcomes
    ]


@router.get("/changes/unread", response=list[ChangeOut])
@scope(Permission.CASE_DECIDE)
def list_unread_changes(request: Request) -> list[Guidance]:
    """What is new in the rules and not yet acknowledged by the caller, the oldest first. Claiming passes over these."""
    return list(guidance.unread(request.auth.user))


@router.post("/changes/{slug}/acknowledge", response={204: None})
@scope(Permission.CASE_DECIDE)
def acknowledge_changes(request: Request, slug: str, body: Acknowledged) -> Status:
    """The caller's owner has read these changes of a policy."""
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        raise NotFound("There is no such policy.")
    shown = guidance.unread(request.auth.user).filter(policy=policy, id__in=body.changes)
    guidance.acknowledge(request.auth.user, policy, shown=shown)
    return Status(204, None)


@router.get("/cases/{ref}", response=CaseOut)
@scope(Permission.CASE_VIEW)
def get_case(request: Request, ref: str, after: str = "") -> queries.CasePage:
    """One case with its reports, oldest first; `after` continues them."""
    case = case_of(request.auth.user, ref)
    actions.look_into(request.auth.user, case, request.auth.actor)
    return queries.case_page(case, after)


@router.post("/cases/{ref}/claim", response=CaseRow)
@scope(Permission.CASE_DECIDE)
def claim_case(request: Request, ref: str) -> Case:
    """Take this very case."""
    case = case_of(request.auth.user, ref)
    actions.claim(request.auth.user, case, actor=request.auth.actor)
    return case


@router.post("/cases/{ref}/release", response={204: None})
@scope(Permission.CASE_DECIDE)
def release_case(request: Request, ref: str, body: Because) -> Status:
    """Give a claimed case back to its queue."""
    case = case_of(request.auth.user, ref)
    actions.release(request.auth.user, case, body.reason, actor=request.auth.actor)
    return Status(204, None)


@router.post("/cases/{ref}/skip", response={204: None})
@scope(Permission.CASE_DECIDE)
def skip_case(request: Request, ref: str, body: Why) -> Status:
    """Give it back, with a reason, and don't be offered it again for four hours."""
    case = case_of(request.auth.user, ref)
    actions.skip(request.auth.user, case, body.reason, actor=request.auth.actor)
    return Status(204, None)


@router.post("/cases/{ref}/hold", response={204: None})
@scope(Permission.CASE_DECIDE)
def hold_case(request: Request, ref: str, body: Hold) -> Status:
    """Keep it waiting for something from outside; its clock stands still."""
    if body.until.tzinfo is None:
        detail = "Give the moment with its time zone."
        raise Invalid(detail, errors=[{"pointer": "#/until", "detail": detail}])
    case = case_of(request.auth.user, ref)
    actions.hold(request.auth.user, case, body.until, body.reason, actor=request.auth.actor)
    return Status(204, None)


@router.post("/cases/{ref}/resume", response={204: None})
@scope(Permission.CASE_DECIDE)
def resume_case(request: Request, ref: str) -> Status:
    """Take a case off hold before its time."""
    actions.resume(request.auth.user, case_of(request.auth.user, ref), actor=request.auth.actor)
    return Status(204, None)


@router.post("/cases/{ref}/escalate", response=Escalated)
@scope(Permission.CASE_DECIDE)
def escalate_case(request: Request, ref: str, body: Escalation) -> dict[str, int]:
    """Hand it to a higher tier: the next one unless named."""
    case = case_of(request.auth.user, ref)
    user, actor = request.auth.user, request.auth.actor
    return {"tier": actions.escalate(user, case, body.reason, body.tier, ground=body.ground, actor=actor)}


@router.post("/cases/{ref}/assign", response={204: None})
@scope(Permission.CASE_ASSIGN)
def assign_case(request: Request, ref: str, body: Assignment) -> Status:
    """Give it to a named person."""
    case = case_of(request.auth.user, ref)
    colleague = colleague_of(request.auth.user, body.user)
    actions.assign(request.auth.user, case, colleague, body.reason, actor=request.auth.actor)
    return Status(204, None)


@router.get("/cases/{ref}/notes", response=Listed[NoteOut])
@scope(Permission.CASE_VIEW)
def list_notes(request: Request, ref: str, asked: Query[Paging]) -> dict[str, Any]:
    """What colleagues wrote, oldest first."""
    notes = Note.objects.filter(subject_id=case_of(request.auth.user, ref).id)
    return listed(request, page(notes, after=asked.after, limit=asked.limit, keys=("id",)))


@router.post("/cases/{ref}/notes", response={201: NoteOut})
@scope(Permission.CASE_DECIDE)
def write_note(request: Request, ref: str, body: NewNote) -> Status:
    """Write to colleagues. No note ever reaches a reporter or an affected user."""
    case = case_of(request.auth.user, ref)
    return Status(201, actions.note(request.auth.user, case, body.body, actor=request.auth.actor))


@router.post("/cases/{ref}/decide", response={201: DecisionOut})
@scope(Permission.CASE_DECIDE)
def decide_case(request: Request, ref: str, body: VerdictIn) -> Status:
    """Decide a case that the caller holds. It can be taken back until `undo_until`; then actions and notices go out."""
    case = case_of(request.auth.user, ref)
    return Status(
        201, actions.decide(request.auth.user, case, verdict_said(request, case, body), actor=request.auth.actor)
    )


@router.get("/decisions", response=Listed[DecisionOut])
@scope(Permission.CASE_VIEW)
def list_decisions(request: Request, asked: Query[DecisionFilter]) -> dict[str, Any]:
    """Decisions, newest first, with those taken back."""
    rows = Decision.objects.all()
    if asked.case is not None:
        rows = rows.filter(case_id=asked.case)
    if asked.reviewer is not None:
        rows = rows.filter(reviewer_id=asked.reviewer)
    return listed(request, page(rows, after=asked.after, limit=asked.limit))


@router.get("/decisions/{uuid:id}", response=DecisionOut)
@scope(Permission.CASE_VIEW)
def get_decision(request: Request, id: UUID) -> Decision:
    """One decision."""
    return _decision(id)


@router.post("/decisions/{uuid:id}/undo", response=list[str])
@scope(Permission.CASE_DECIDE)
def undo_decision(request: Request, id: UUID) -> list[str]:
    """Take a decision back before `undo_until`, and those made with it in bulk. The refs of the cases."""
    return [case.ref for case in actions.undo(request.auth.user, _decision(id), actor=request.auth.actor)]


def _decision(id: UUID) -> Decision:
    found = Decision.objects.filter(id=id).first()
    if found is None:
        raise NotFound("There is no such decision.")
    return found


def verdict_said(request: Request, case: Case, said: VerdictIn) -> Verdict:
    """The verdict that a program sent."""
    category = said.category or case.category
    version: PolicyVersion | None = None
    if said.finding == Decision.Finding.VIOLATION:
        version = version_in_force(category)
        if said.policy_version is not None:
            version = PolicyVersion.objects.filter(id=said.policy_version).first()
            if version is None:
                raise NotValid("There is no such version of a policy.", "policy_version")
    repeated = said.duplicate_of if said.finding == Decision.Finding.DUPLICATE else ""
    return Verdict(
        finding=said.finding,
        category=category,
        policy_version=version,
        rationale=said.rationale,
        actions=_ordered(case, said.actions),
        facts=said.facts,
        notify=said.notify,
        duplicate_of=case_of(request.auth.user, repeated) if repeated else None,
    )


def _ordered(case: Case, asked: list[ActionIn]) -> list[Ordered]:
    named = Target.objects.in_bulk([action.target_id for action in asked if action.target_id])
    above = queries.tree_above(case.target) if any(action.target_id is None for action in asked) else []
    ordered = []
    for number, action in enumerate(asked):
        if action.target_id is None and action.kind in queries.LEVELS:
            target = falls_on(action.kind, case.target, above)
        elif (found := named.get(action.target_id or UUID(int=0))) is not None:
            target = found
        else:
            raise NotValid("There is no such action or target.", f"actions/{number}")
        ordered.append(Ordered(action.kind, target, dict(action.parameters)))
    return ordered
