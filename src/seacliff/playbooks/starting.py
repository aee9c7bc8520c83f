"""Starting runs: one, or many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from seacliff.partners import answers
from seacliff.people.models import Function, User
from seacliff.people.problems import Conflict, Fault, Invalid
from seacliff.playbooks.document import OURS, Playbook
from seacliff.playbooks.models import PlaybookVersion, Run, RunStep
from seacliff.record.actions import Actor, Subject, event, write
from seacliff.record.desks import wake

BELL = "playbook-runs"
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class NewRun:
    """`inputs`: as text, by key. `key`: the same starts one run only. `lead`: for whom it asks."""

    version: PlaybookVersion
    title: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    about: Subject | None = None
    about_label: str = ""
    severity: int | None = None
    lead: User | None = None
    via: str = Run.Via.HAND
    key: str | None = None


def start(actor: Actor, new: NewRun) -> Run:
    """Start a run. Raises Invalid naming each input, Conflict; the run there is already for a key used before."""
    return start_many(actor, [new])[0]


@transaction.atomic
def start_many(actor: Actor, wanted: Sequence[NewRun]) -> list[Run]:
    """Start runs; the desk takes their first steps at once."""
    keys = [new.key for new in wanted if new.key]
    known = {run.key: run for run in Run.objects.filter(key__in=keys)} if keys else {}
    functions = dict(Function.objects.in_bulk(field_name="slug"))
    runs, steps, found = [], [], []
    for new in wanted:
        if new.key and new.key in known:
            found.append(known[new.key])
            continue
        run = _run(actor, new)
        runs.append(run)
        found.append(run)
        steps += _steps(run, new.version, functions)
        if new.key:
            known[new.key] = run
    Run.objects.bulk_create(runs)
    RunStep.objects.bulk_create(steps)
    write([event("run.started", subject_of(run), actor, story=story_of(run), data=_told(run)) for run in runs])
    if runs:
        wake(BELL)
    return found


def _run(actor: Actor, new: NewRun) -> Run:
    version, book = new.version, new.version.document
    if version.state != PlaybookVersion.State.PUBLISHED:
        raise Conflict(f"Version {version.number} of {version.playbook} is a draft. Publish it to run it.")
    if version.playbook.retired_at is not None:
        raise Conflict(f"{version.playbook} was retired. Bring it back to run it.")
    now = timezone.now()
    return Run(
        playbook=version.playbook,
        version=version,
        title=_title(new, book),
        severity=new.severity or book.severity,
        inputs=checked(book, new.inputs),
        about_kind=new.about.kind if new.about else "",
        about_id=new.about.id if new.about else None,
        about_label=new.about_label,
        lead=new.lead,
        started_by=actor.name,
        via=new.via,
        key=new.key,
        started_at=now,
        attend_at=now,
    )


def _title(new: NewRun, book: Playbook) -> str:
    return (new.title.strip() or f"{book.name}{': ' if new.about_label else ''}{new.about_label}")[:LONGEST_TITLE]


def checked(book: Playbook, given: Mapping[str, str]) -> dict[str, str]:
    """What the run is started with, as text. Raises Invalid naming each input that is wrong or missing."""
    form = [
        answers.Field(each.key, each.label, each.type, each.choices, ("yes",) if each.needed else ())
        for each in book.inputs
    ]
    faults: list[Fault] = []
    if unknown := sorted(set(given) - {each.key for each in book.inputs}):
        faults.append({"pointer": "#/inputs", "detail": f"{book.name} does not ask for {', '.join(unknown)}."})
    values: dict[str, str] = {}
    for field_ in form:
        value = str(given.get(field_.key) or "").strip()
        if problem := answers.problem_with(field_, value, "yes"):
            problem = f"{field_.label}: this is needed to begin." if not value else problem
            faults.append({"pointer": f"#/inputs/{field_.key}", "detail": problem})
        elif value:
            values[field_.key] = value
    if faults:
        raise Invalid(" ".join(fault["detail"] for fault in faults), errors=faults)
    return values


def _steps(run: Run, version: PlaybookVersion, functions: Mapping[str, Function]) -> list[RunStep]:
    missing = sorted({step.by for step in version.document.steps} - {*functions, OURS})
    if missing:
        raise Conflict(f"{version.playbook} needs functions that are not there: {', '.join(missing)}.")
    if OURS not in functions:
        raise Conflict("The team itself is not among the functions yet. Add trust-and-safety under Functions.")
    return [
        RunStep(run=run, key=step.key, position=at, function=functions[step.by])
        for at, step in enumerate(version.document.steps)
    ]


def _told(run: Run) -> dict[str, object]:
    return {"playbook": run.playbook.name, "version": run.version.number, "via": run.via, "about": run.about_label}


def subject_of(run: Run) -> Subject:
    return Subject("playbook-run", run.id)


def story_of(run: Run) -> UUID:
    """The story a run belongs to: that of the record it is about, else its own."""
    return run.about_id or run.id
