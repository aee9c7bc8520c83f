"""API: playbooks and their runs, for programs and for other consoles."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404
from ninja import Field, Query, Router, Schema, Status

from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.models import Function, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid
from seacliff.playbooks import access, library, queries, steering
from seacliff.playbooks.document import content_of
from seacliff.playbooks.models import PlaybookVersion, Run, RunStep
from seacliff.playbooks.reading import check
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import Subject
from seacliff.record.pages import page
from seacliff.review.access import case_of

router = Router()
Text = Annotated[str, Field(max_length=10_000)]


class PlaybookOut(Schema):
    id: UUID
    slug: str
    name: str
    version: int | None
    draft: int | None
    running: int
    late: int


class VersionOut(Schema):
    playbook: str
    number: int
    state: str
    source: str
    change: str
    effective_at: datetime | None
    published_at: datetime | None


class Written(Schema):
    source: Annotated[str, Field(max_length=100_000, description="The playbook as YAML")]
    change: Text = ""


class Publishing(Schema):
    change: Annotated[str, Field(max_length=10_000, description="What changes and why")]
    effective_at: datetime | None = None


class WrongOut(Schema):
    line: int
    detail: str


class CheckedOut(Schema):
    """`playbook`: what was read, null when it can't be."""

    wrong: list[WrongOut]
    playbook: dict[str, Any] | None


class StepOut(Schema):
    key: str
    title: str
    kind: str
    state: str
    by: str
    ask: str | None
    opens_at: datetime | None
    opened_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    done_by: str
    late: bool
    answer: str
    reason: str
    form: dict[str, str]


class RunOut(Schema):
    id: UUID
    ref: str
    playbook: str
    version: int
    title: str
    state: str
    severity: int
    about_kind: str
    about_id: UUID | None
    about: str
    via: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    trouble: str


class RunWhole(RunOut):
    inputs: dict[str, str]
    steps: list[StepOut]
    expected_end: datetime
    critical_path: list[str]


class RunFilter(Paging):
    state: Literal["", "running", "finished", "ended", "cancelled"] = ""
    playbook: Annotated[str, Field(max_length=50)] = ""


class Start(Schema):
    """`case`: "C-1001", for a run about a case. `key`: the same key starts one run only."""

    playbook: Annotated[str, Field(max_length=50)]
    title: Annotated[str, Field(max_length=200)] = ""
    case: Annotated[str, Field(max_length=30)] = ""
    severity: Annotated[int | None, Field(ge=1, le=4)] = None
    inputs: dict[str, Annotated[str, Field(max_length=10_000)]] = {}
    key: Annotated[str, Field(max_length=200)] = ""


class Done(Schema):
    """`answer`: of approvals of the team only."""

    answer: Literal["", "yes", "partly", "no"] = ""
    reason: Text = ""
    form: dict[str, Annotated[str, Field(max_length=10_000)]] = {}


class Why(Schema):
    reason: Text


class NewStep(Schema):
    """A step as playbooks write it; `by` the team and `kind` a task unless it says otherwise."""

    title: Annotated[str, Field(max_length=200)]
    kind: Literal["ask", "approval", "task", "note"] = "task"
    text: Text = ""
    ask: Literal["review", "approve", "advise", "build", "publish", "inform"] = "advise"
    by: Annotated[str, Field(max_length=50)] = ""
    after: list[str] = []
    when: Annotated[str, Field(max_length=1_000)] = ""
    due: Annotated[str, Field(max_length=60)] = ""
    share: list[str] = []
    wait: bool = False


class HandOver(Why):
    """A function by its short name, a person by their address, or both."""

    function: str = ""
    person: str = ""


class PutOff(Why):
    due_at: datetime


def _run(run: Run) -> dict[str, Any]:
    names = ("id", "ref", "title", "state", "severity", "about_kind", "about_id", "via", "started_by", "started_at",
             "ended_at", "outcome", "trouble")  # fmt: skip
    more = {"playbook": run.playbook.slug, "version": run.version.number, "about": run.about_label}
    return {name: getattr(run, name) for name in names} | more


def _step(step: RunStep) -> dict[str, Any]:
    names = ("key", "state", "opens_at", "opened_at", "due_at", "done_at", "done_by", "answer", "reason")
    more = {"title": step.spec.title, "kind": step.spec.kind, "by": step.function.slug, "late": step.is_late,
            "ask": step.ask.ref if step.ask else None, "form": step.values}  # fmt: skip
    return {name: getattr(step, name) for name in names} | more


def _whole(run: Run) -> dict[str, Any]:
    shown = queries.page_of(run)
    more = {"inputs": run.inputs, "steps": [_step(step) for step in shown.steps], "expected_end": shown.ends,
            "critical_path": [bar.spec.key for bar in shown.path]}  # fmt: skip
    return _run(run) | more


def _version(version: PlaybookVersion) -> dict[str, Any]:
    names = ("number", "state", "source", "change", "effective_at", "published_at")
    return {name: getattr(version, name) for name in names} | {"playbook": version.playbook.slug}


@router.get("/playbooks", response=list[PlaybookOut])
@scope(Permission.PLAYBOOK_VIEW)
def list_playbooks(request: Request) -> list[dict[str, Any]]:
    """Every playbook, with the version in force and what runs."""
    return [
        {"id": line.playbook.id, "slug": line.playbook.slug, "name": line.playbook.name, "running": line.running,
         "late": line.late, "version": line.version.number if line.version else None,
         "draft": line.draft.number if line.draft else None}
        for line in queries.lines()
    ]  # fmt: skip


@router.post("/playbooks", response={201: VersionOut})
@scope(Permission.PLAYBOOK_EDIT)
def create_playbook(request: Request, body: Written) -> Status:
    """A new playbook, with its first draft."""
    return Status(201, _version(library.create(request.auth.actor, body.source)))


@router.post("/playbooks/check", response=CheckedOut)
@scope(Permission.PLAYBOOK_EDIT)
def check_playbook(request: Request, body: Written) -> dict[str, Any]:
    """What is wrong with a text, by line; nothing is kept."""
    book, wrong = check(body.source, library.functions())
    said = [{"line": each.line, "detail": each.sentence} for each in wrong]
    return {"wrong": said, "playbook": content_of(book) if book else None}


@router.get("/playbooks/{slug}", response=VersionOut)
@scope(Permission.PLAYBOOK_VIEW)
def get_playbook(request: Request, slug: str) -> dict[str, Any]:
    """The version in force; the newest one when none is."""
    playbook = access.playbook_of(request.auth.user, slug)
    version = library.in_force(playbook) or playbook.versions.select_related("playbook").first()
    if version is None:
        raise Http404(f"{playbook} has no version.")
    return _version(version)


@router.put("/playbooks/{slug}/draft", response=VersionOut)
@scope(Permission.PLAYBOOK_EDIT)
def save_playbook_draft(request: Request, slug: str, body: Written) -> dict[str, Any]:
    """Keep the draft, finished or not."""
    playbook = access.playbook_of(request.auth.user, slug)
    return _version(library.save_draft(request.auth.actor, playbook, body.source, body.change))


@router.post("/playbooks/{slug}/publish", response=VersionOut)
@scope(Permission.PLAYBOOK_EDIT)
def publish_playbook(request: Request, slug: str, body: Publishing) -> dict[str, Any]:
    """Let runs from then on go by the draft."""
    draft = access.draft_of(access.playbook_of(request.auth.user, slug))
    user = request.auth.user
    return _version(library.publish(request.auth.actor, draft, body.change, user, body.effective_at))


@router.get("/runs", response=Listed[RunOut])
@scope(Permission.PLAYBOOK_VIEW)
def list_runs(request: Request, asked: Query[RunFilter]) -> dict[str, Any]:
    """Runs, the newest first."""
    rows = queries.runs(asked.state, asked.playbook).select_related("version", "playbook")
    found = page(rows, after=asked.after, limit=asked.limit)
    answer = listed(request, found)
    return answer | {"items": [_run(run) for run in found.rows]} if "items" in answer else answer


@router.post("/runs", response={201: RunWhole})
@scope(Permission.PLAYBOOK_RUN)
def start_run(request: Request, body: Start) -> Status:
    """Start a run; its first steps begin at once."""
    user = request.auth.user
    version = library.in_force(access.playbook_of(user, body.playbook))
    if version is None:
        raise Invalid(f"{body.playbook} has no version in force. Publish one.")
    case = case_of(user, body.case) if body.case else None
    new = NewRun(version, body.title, body.inputs, Subject("case", case.id) if case else None, case.ref if case else "",
                 body.severity, user, key=f"api:{user.id}:{body.key}" if body.key else None)  # fmt: skip
    run = start(request.auth.actor, new)
    steering.begin(run)
    return Status(201, _whole(access.run_of(user, run.ref)))


@router.get("/runs/{ref}", response=RunWhole)
@scope(Permission.PLAYBOOK_VIEW)
def get_run(request: Request, ref: str) -> dict[str, Any]:
    """A run with its steps, when it is to be expected to end, and what holds it up."""
    return _whole(access.run_of(request.auth.user, ref))


@router.post("/runs/{ref}/cancel", response=RunWhole)
@scope(Permission.PLAYBOOK_RUN)
def cancel_run(request: Request, ref: str, body: Why) -> dict[str, Any]:
    """Stop it: its asks are withdrawn."""
    run = access.run_of(request.auth.user, ref)
    steering.cancel(request.auth.actor, run, body.reason)
    return _whole(access.run_of(request.auth.user, ref))


@router.post("/runs/{ref}/steps", response={201: RunWhole})
@scope(Permission.PLAYBOOK_RUN)
def add_run_step(request: Request, ref: str, body: NewStep) -> Status:
    """Add a step while it runs."""
    said = body.dict(exclude_unset=True)
    steering.add(request.auth.actor, access.run_of(request.auth.user, ref), said)
    return Status(201, _whole(access.run_of(request.auth.user, ref)))


@router.post("/runs/{ref}/steps/{key}/done", response=RunWhole)
@scope(Permission.PLAYBOOK_RUN)
def complete_run_step(request: Request, ref: str, key: str, body: Done) -> dict[str, Any]:
    """A task of the team is done, or its approval given."""
    user = request.auth.user
    steering.complete(user, request.auth.actor, access.run_of(user, ref), key, body.answer, body.reason, body.form)
    return _whole(access.run_of(user, ref))


@router.post("/runs/{ref}/steps/{key}/skip", response=RunWhole)
@scope(Permission.PLAYBOOK_RUN)
def skip_run_step(request: Request, ref: str, key: str, body: Why) -> dict[str, Any]:
    """It is not needed this time."""
    steering.skip(request.auth.actor, access.run_of(request.auth.user, ref), key, body.reason)
    return _whole(access.run_of(request.auth.user, ref))


@router.post("/runs/{ref}/steps/{key}/hand-over", response=RunWhole)
@scope(Permission.PLAYBOOK_RUN)
def hand_over_run_step(request: Request, ref: str, key: str, body: HandOver) -> dict[str, Any]:
    """Somebody else does it."""
    function = Function.objects.filter(slug=body.function).first() if body.function else None
    person = User.objects.filter(email__iexact=body.person, is_active=True).first() if body.person else None
    if (body.function and not function) or (body.person and not person) or not (function or person):
        raise Invalid("Name a function or a person that is there.")
    run = access.run_of(request.auth.user, ref)
    steering.hand_over(request.auth.actor, run, key, body.reason, function=function, person=person)
    return _whole(access.run_of(request.auth.user, ref))


@router.post("/runs/{ref}/steps/{key}/put-off", response=RunWhole)
@scope(Permission.PLAYBOOK_RUN)
def put_off_run_step(request: Request, ref: str, key: str, body: PutOff) -> dict[str, Any]:
    """It has another due time."""
    user = request.auth.user
    steering.put_off(user, request.auth.actor, access.run_of(user, ref), key, body.due_at, body.reason)
    return _whole(access.run_of(user, ref))
