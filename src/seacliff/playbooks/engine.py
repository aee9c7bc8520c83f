"""The desk that takes runs on: answers become steps done, what waited for them begins, each ask made under a key.

A run says by `attend_at` when it is to be looked at; whoever changes something sets it and rings. One batch of runs is one
transaction, their steps, asks, clocks and events written in one statement a table. What dies leaves `attend_at` as it was.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import FETCH_PEERS
from django.utils import timezone

from seacliff.partners import actions as asks
from seacliff.partners.access import By
from seacliff.partners.actions import NewAsk
from seacliff.partners.actions.asking import CLOSED, LONGEST
from seacliff.partners.models import Ask
from seacliff.partners.sharing import WAITERS, offered
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotFound, Problem
from seacliff.playbooks import flow
from seacliff.playbooks.document import OURS
from seacliff.playbooks.expressions import of_inputs, rendered
from seacliff.playbooks.facts import facts_of
from seacliff.playbooks.flow import Over
from seacliff.playbooks.models import Run, RunStep
from seacliff.playbooks.starting import BELL, story_of, subject_of
from seacliff.record import arrays, clocks
from seacliff.record.actions import SYSTEM, Actor, Subject, event, write
from seacliff.record.clocks import Owner
from seacliff.record.desks import desk, wake
from seacliff.record.models import Clock, Event

log = structlog.get_logger("seacliff.playbooks")
BATCH = 200
NOTICED = 2_000
TRY_AGAIN = timedelta(minutes=5)
State = RunStep.State


@desk("playbook-asks", every=2.0, wake=CLOSED)
def notice_answers() -> int:
    """Runs whose asks were answered or withdrawn are to be looked at."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE playbooks_run SET attend_at = now() WHERE id IN (
                SELECT r.id FROM playbooks_runstep s JOIN partners_ask a ON a.id = s.ask_id
                JOIN playbooks_run r ON r.id = s.run_id
                WHERE s.state = 'open' AND s.ask_id IS NOT NULL AND a.closed_at IS NOT NULL
                    AND (r.attend_at IS NULL OR r.attend_at > now())
                LIMIT %s FOR UPDATE OF r SKIP LOCKED)
            """,
            [NOTICED],
        )
        noticed = cursor.rowcount
        if noticed:
            wake(BELL)
    return noticed


@desk("playbook-runs", every=1.0, wake=BELL)
def attend_due() -> int:
    """One batch of runs whose time has come."""
    with transaction.atomic():
        due = Run.objects.filter(attend_at__lte=timezone.now()).order_by("attend_at", "id")
        runs = list(due.select_for_update(skip_locked=True).fetch_mode(FETCH_PEERS)[:BATCH])
        try:
            with transaction.atomic():
                attend(runs)
        except Exception:
            log.exception("a batch of runs failed; they are taken one by one", runs=len(runs))
            for run in runs:
                _attend_alone(run)
    return len(runs)


def _attend_alone(run: Run) -> None:
    try:
        with transaction.atomic():
            attend([Run.objects.select_related("version", "lead").get(id=run.id)])
    except Exception as error:
        log.exception("a run can't go on", run=run.ref)
        trouble = f"{type(error).__name__}: {error}"[:500]
        Run.objects.filter(id=run.id).update(attend_at=timezone.now() + TRY_AGAIN, trouble=trouble)


@dataclass(slots=True)
class Batch:
    """What a batch will write."""

    now: datetime
    events: list[Event] = field(default_factory=list)
    changed: dict[UUID, RunStep] = field(default_factory=dict)
    to_ask: list[tuple[Run, RunStep, NewAsk]] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    stopped: list[Subject] = field(default_factory=list)
    over: list[tuple[Run, list[RunStep], Over]] = field(default_factory=list)

    def tell(self, verb: str, run: Run, step: RunStep, actor: Actor = SYSTEM, reason: str = "", **data: Any) -> None:
        data = {"step": step.spec.title, "key": step.key, **data}
        self.events.append(event(verb, subject_of(run), actor, story=story_of(run), reason=reason, data=data))


def attend(runs: Sequence[Run]) -> None:
    """Take locked runs on as far as they go, inside the caller's transaction."""
    running = [run for run in runs if run.is_running]
    batch = Batch(timezone.now())
    steps = steps_of(running)
    facts = facts_of(running)
    shares = _Shares()
    for run in running:
        run.trouble = ""
        places = steps[run.id]
        _take_answers(batch, run, places)
        given = {
            "run": facts.run(run),
            "case": facts.case(run),
            "input": of_inputs(run.version.document.inputs, run.inputs),
        }
        context = flow.context_of(places, given, run.started_at, batch.now)
        moves, over = flow.go_on(run.version.document, places, context, run.started_at, batch.now)
        for move in moves:
            _apply(batch, run, move, context, shares)
        run.attend_at = flow.next_at(places)
        if over is not None:
            batch.over.append((run, places, over))
    _write(batch, runs)


def steps_of(runs: Sequence[Run]) -> dict[UUID, list[RunStep]]:
    """Their steps in order, each with its run, and its ask while it is open. Two queries.

    Functions, people and the asks of settled steps are fetched for all steps at once, when somebody looks at one.
    """
    found: dict[UUID, list[RunStep]] = defaultdict(list)
    by_id = {run.id: run for run in runs}
    steps = list(RunStep.objects.filter(run__in=by_id).fetch_mode(FETCH_PEERS).order_by("run_id", "position"))
    open_asks = Ask.objects.in_bulk([step.ask_id for step in steps if step.state == State.OPEN and step.ask_id])
    for step in steps:
        step.run = by_id[step.run_id]
        if step.ask_id in open_asks:
            step.ask = open_asks[step.ask_id]
        found[step.run_id].append(step)
    return found


def _take_answers(batch: Batch, run: Run, places: Sequence[RunStep]) -> None:
    """Steps whose ask is closed: done with its answer, or skipped when it was taken back."""
    for step in places:
        ask = step.ask if step.state == State.OPEN else None
        if ask is None or ask.closed_at is None:
            continue
        step.done_at, step.done_by, step.reason = ask.closed_at, ask.answered_by, ask.reason
        step.due_at = ask.due_at
        if ask.state == Ask.State.ANSWERED:
            step.state, step.answer, step.values = State.DONE, ask.answer, ask.form_answers
            batch.tell("run.step-done", run, step, reason=ask.reason,
                       answer=ask.answer, ask=ask.ref, by=ask.answered_by, late=step.is_late)  # fmt: skip
        else:
            step.state = State.SKIPPED
            batch.tell("run.step-skipped", run, step, reason=ask.reason, ask=ask.ref)
        batch.changed[step.id] = step


def _apply(batch: Batch, run: Run, move: flow.Move, context: flow.Context, shares: "_Shares") -> None:
    step = move.place
    assert isinstance(step, RunStep)
    batch.changed[step.id] = step
    if move.what == "skip":
        batch.tell("run.step-skipped", run, step, reason=step.reason)
    elif move.what == "open":
        _begin(batch, run, step, context, shares)


def _begin(batch: Batch, run: Run, step: RunStep, context: flow.Context, shares: "_Shares") -> None:
    spec = step.spec
    step.written = rendered(spec.text, context)
    if spec.kind == "note":
        batch.tell("run.note", run, step, reason=step.written)
        return
    due = step.due_at.isoformat() if step.due_at else None
    batch.tell("run.step-begun", run, step, of=step.function.name, due_at=due)
    if spec.asks:
        batch.to_ask.append((run, step, _new_ask(run, step, batch.now, shares)))
        return
    assert step.due_at is not None
    batch.clocks.append(
        clocks.draft(clock_of(step), RunStep.CLOCK, "order", due_at=step.due_at, owner=owner_of(step), at=batch.now)
    )


def clock_of(step: RunStep) -> Subject:
    return Subject("playbook-step", step.id)


def owner_of(step: RunStep) -> Owner:
    return Owner("person", step.assigned_to_id) if step.assigned_to_id else Owner("function", step.function_id)


def _new_ask(run: Run, step: RunStep, now: datetime, shares: "_Shares") -> NewAsk:
    spec = step.spec
    about = Subject(run.about_kind, run.about_id) if run.about_id else subject_of(run)
    return NewAsk(
        kind=spec.ask_kind,
        to=step.function,
        question=_question(step),
        severity=spec.severity or run.severity,
        sender=shares.ours,
        about=about,
        about_label=run.about_label or run.title,
        to_email=step.assigned_to.email if step.assigned_to else "",
        due_at=max(step.due_at, now + flow.SHORTEST) if step.due_at else None,
        form=spec.fields,
        key=f"playbook:{step.id}:{step.attempt}",
        shared=shares.of(run, spec.share),
        wait=spec.wait and run.about_kind in WAITERS,
    )


def _question(step: RunStep) -> str:
    """What is asked: the step's text as far as it fits. Where what it hangs on was left empty, so that next to nothing of it is
    left, its title: a run must not stand still because somebody said a plain yes."""
    text = step.written.strip()
    if sum(map(str.isalnum, text)) < 3:
        text = f"{step.run.title}: {step.spec.title}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class _Shares:
    """What goes with asks, redacted and frozen, looked up once a run; and who asks."""

    def __init__(self) -> None:
        self.found: dict[UUID, dict[str, dict[str, str]]] = {}
        self.ours = Function.objects.filter(slug=OURS).first()

    def of(self, run: Run, keys: Sequence[str]) -> list[dict[str, str]]:
        """Those of the named pieces that the record offers to the lead of the run."""
        if not keys or run.lead is None or run.about_id is None:
            return []
        if run.id not in self.found:
            try:
                pieces = offered(run.lead, Subject(run.about_kind, run.about_id)).pieces
            except NotFound:
                pieces = []
            self.found[run.id] = {
                each.key: {"key": each.key, "label": each.label, "text": each.text} for each in pieces
            }
        return [self.found[run.id][key] for key in keys if key in self.found[run.id]]


def lead_of(run: Run) -> By:
    """Who asks for a run: its lead, by Seacliff's hand, while they may ask; Seacliff alone otherwise."""
    lead = run.lead
    if lead is None or not lead.is_active or not lead.may(Permission.PLAYBOOK_RUN):
        return By(SYSTEM, "Trust & Safety", "playbook")
    return By(SYSTEM, str(lead), "playbook", lead, lead.email)


def _write(batch: Batch, runs: Sequence[Run]) -> None:
    _ask(batch)
    for run, places, over in batch.over:
        end(batch, run, places, over.state, over.outcome, SYSTEM)
    Clock.objects.bulk_create(batch.clocks)
    if batch.stopped:
        clocks.stop_many(batch.stopped, RunStep.CLOCK, batch.now)
    save_steps(list(batch.changed.values()))
    for run in runs:
        run.attend_at = run.attend_at if run.is_running else None
    arrays.execute(RUNS, runs, RUN_SAVED)
    write(batch.events)


def _ask(batch: Batch) -> None:
    """Make the asks; what can't be asked is tried again later, and the run says why."""
    made = asks.ask_many([(lead_of(run), new) for run, _step, new in batch.to_ask]) if batch.to_ask else []
    for (run, step, _new), ask in zip(batch.to_ask, made, strict=True):
        if isinstance(ask, Problem):
            step.state, step.opened_at, step.opens_at = State.SCHEDULED, None, batch.now + TRY_AGAIN
            run.trouble = f"{step.spec.title}: {ask.detail}"
            run.attend_at = min(run.attend_at or step.opens_at, step.opens_at)
        else:
            step.ask, step.due_at = ask, step.due_at or ask.due_at


def end(batch: Batch, run: Run, places: Sequence[RunStep], state: str, outcome: str, actor: Actor) -> None:
    """Close a locked run: what is still open is taken back, what has not begun falls away. The caller saves it."""
    for step in places:
        if step.state not in flow.LIVE:
            continue
        if step.state == State.OPEN and step.ask_id:
            take_back(run, step, f"{run.title}: {outcome}")
        elif step.state == State.OPEN:
            batch.stopped.append(clock_of(step))
        step.state, step.done_at, step.reason = State.DROPPED, batch.now, outcome
        batch.changed[step.id] = step
    run.state, run.ended_at, run.outcome, run.attend_at = state, batch.now, outcome, None
    data = {"outcome": outcome, "hours": round((batch.now - run.started_at).total_seconds() / 3600, 2)}
    batch.events.append(event(f"run.{state}", subject_of(run), actor, story=story_of(run), reason=outcome, data=data))


def take_back(run: Run, step: RunStep, reason: str) -> None:
    """Withdraw a step's ask, unless its answer came first."""
    assert step.ask is not None
    try:
        asks.withdraw(By(SYSTEM, "Trust & Safety", "playbook"), step.ask, reason)
    except Problem:
        log.info("an ask was closed before it could be taken back", run=run.ref, ask=step.ask.ref)


RUNS = """
UPDATE playbooks_run AS r SET attend_at = n.attend_at, trouble = n.trouble, state = n.state, ended_at = n.ended_at,
    outcome = n.outcome
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
    AS n (id, attend_at, trouble, state, ended_at, outcome)
WHERE r.id = n.id
"""
RUN_SAVED = ("id", "attend_at", "trouble", "state", "ended_at", "outcome")
STEPS = """
UPDATE playbooks_runstep AS s SET state = n.state, ask_id = n.ask_id, opens_at = n.opens_at, opened_at = n.opened_at,
    due_at = n.due_at, done_at = n.done_at, done_by = n.done_by, answer = n.answer, reason = n.reason,
    written = n.written, values = n.values
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
    AS n (id, state, ask_id, opens_at, opened_at, due_at, done_at, done_by, answer, reason, written, values)
WHERE s.id = n.id
"""
STEP_SAVED = (
    "id", "state", "ask_id", "opens_at", "opened_at", "due_at", "done_at", "done_by", "answer", "reason", "written",
)  # fmt: skip


def save_steps(steps: Sequence[RunStep]) -> None:
    arrays.execute(STEPS, steps, STEP_SAVED, json=["values"])
