"""What people do to a run: do its tasks, approve, skip, hand over, put off, add a step, cancel. Each is in the record."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from seacliff.partners import actions as asks
from seacliff.partners import answers
from seacliff.partners.access import by_user
from seacliff.people.models import Function, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid, NotAllowed, NotFound
from seacliff.playbooks.document import OURS, Playbook, Step, content_of, span_of
from seacliff.playbooks.engine import Batch, attend, clock_of, end, owner_of, save_steps, steps_of, take_back
from seacliff.playbooks.models import Run, RunStep
from seacliff.playbooks.reading import step_faults
from seacliff.playbooks.starting import story_of, subject_of
from seacliff.record import clocks
from seacliff.record.actions import Actor, event, write

State = RunStep.State
LONGEST = 10_000


@contextmanager
def _steered(run: Run) -> Iterator[tuple[Run, list[RunStep], Batch]]:
    """The run locked with its steps; what was changed is written, and the run goes on as far as it can."""
    with transaction.atomic():
        locked = Run.objects.select_for_update(of=["self"]).select_related("version", "lead", "playbook").get(id=run.id)
        if not locked.is_running:
            raise Conflict(f"{locked.ref} is over: {locked.get_state_display().lower()}, {locked.outcome}.")
        batch = Batch(timezone.now())
        yield locked, steps_of([locked])[locked.id], batch
        save_steps(list(batch.changed.values()))
        if batch.stopped:
            clocks.stop_many(batch.stopped, RunStep.CLOCK, batch.now)
        write(batch.events)
        attend([locked])
        run.refresh_from_db()


def begin(run: Run) -> None:
    """Take a run's first steps now, rather than when the desk comes to it."""
    with transaction.atomic():
        attend([Run.objects.select_for_update(of=["self"]).select_related("version", "lead").get(id=run.id)])
    run.refresh_from_db()


def complete(
    user: User,
    actor: Actor,
    run: Run,
    key: str,
    answer: str = "",
    reason: str = "",
    form: Mapping[str, Any] | None = None,
) -> Run:
    """Do a task of the team, or answer one of its approvals. Raises Invalid naming each field, NotAllowed, Conflict."""
    with _steered(run) as (locked, steps, batch):
        step = _step(steps, key)
        spec = step.spec
        if spec.asks:
            raise Conflict(f"{spec.title} is asked of {step.function.name}: they answer {step.ask or 'it'}.")
        if step.state != State.OPEN:
            raise Conflict(f"{spec.title} is not open: {step.get_state_display().lower()}.")
        if spec.kind == "approval":
            _must_approve(user, locked)
        step.answer, step.values = _answer(spec, answer, reason.strip(), form or {})
        step.state, step.done_at, step.done_by, step.reason = State.DONE, batch.now, actor.name, reason.strip()
        batch.stopped.append(clock_of(step))
        batch.changed[step.id] = step
        batch.tell("run.step-done", locked, step, actor, step.reason, answer=step.answer, late=step.is_late)
    return run


def _must_approve(user: User, run: Run) -> None:
    if not user.may(Permission.PLAYBOOK_APPROVE):
        raise NotAllowed("Approvals of the team are given by a lead or a policy manager.")
    if run.lead_id == user.id:
        raise NotAllowed(f"You lead {run.ref}: somebody else approves what it does.")


def _answer(spec: Step, said: str, reason: str, form: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    fields = answers.stored(spec.fields)
    if spec.kind != "approval":
        return "", answers.checked(fields, "yes", form)
    if said not in ("yes", "partly", "no"):
        raise _invalid("answer", "Answer yes, partly or no.")
    if said != "yes" and not reason:
        raise _invalid("reason", f"Say why {'only partly' if said == 'partly' else 'not'}.")
    return said, answers.checked(fields, said, form)


def skip(actor: Actor, run: Run, key: str, reason: str) -> Run:
    """The step is not needed this time; what waited for it goes on. Its ask is withdrawn."""
    why = _said(reason, "Say why it is skipped: the next person reads it in the record.")
    with _steered(run) as (locked, steps, batch):
        step = _step(steps, key)
        _must_be_unsettled(step)
        if step.ask_id and step.state == State.OPEN:
            take_back(locked, step, why)
        elif step.state == State.OPEN:
            batch.stopped.append(clock_of(step))
        step.state, step.done_at, step.done_by, step.reason = State.SKIPPED, batch.now, actor.name, why
        batch.changed[step.id] = step
        batch.tell("run.step-skipped", locked, step, actor, why)
    return run


def hand_over(
    actor: Actor, run: Run, key: str, reason: str, *, function: Function | None = None, person: User | None = None
) -> Run:
    """Give a step to another function or to a person of its function. An open ask is withdrawn and made anew of them."""
    why = _said(reason, "Say why it changes hands.")
    with _steered(run) as (locked, steps, batch):
        step = _step(steps, key)
        _must_be_unsettled(step)
        to = function or step.function
        if step.spec.kind != "approval" and (to.slug == OURS) != (step.function.slug == OURS):
            raise _invalid("function", f"A {step.spec.kind} can't go to {to.name}. Skip it and add a step instead.")
        before = step.assigned_to or step.function
        _begin_anew(batch, locked, step, why)
        step.function, step.assigned_to, step.attempt = to, person, step.attempt + 1
        step.added = msgspec.to_builtins(msgspec.structs.replace(step.spec, by=to.slug))
        step.save(update_fields=["function", "assigned_to", "attempt", "added"])
        step.__dict__.pop("spec", None)
        batch.changed[step.id] = step
        batch.tell("run.step-handed-over", locked, step, actor, why, before=str(before), to=str(person or to))
    return run


def _begin_anew(batch: Batch, run: Run, step: RunStep, why: str) -> None:
    """An open step waits again; the desk begins it at once, with the due time it had."""
    if step.state != State.OPEN:
        return
    if step.ask_id:
        take_back(run, step, why)
    else:
        clocks.stop(clock_of(step), RunStep.CLOCK, batch.now)
    step.state, step.ask, step.opened_at, step.opens_at = State.SCHEDULED, None, None, batch.now


def put_off(user: User, actor: Actor, run: Run, key: str, due_at: datetime, reason: str) -> Run:
    """Give an open step another due time; of an ask, the reminders begin anew."""
    why = _said(reason, "Say why the time changes.")
    with _steered(run) as (locked, steps, batch):
        step = _step(steps, key)
        if step.state != State.OPEN:
            raise Conflict(f"{step.spec.title} is not open: {step.get_state_display().lower()}.")
        if not batch.now < due_at <= batch.now + timedelta(days=366):
            raise _invalid("due_at", "Choose a time in the future, within a year.")
        if step.ask is not None:
            asks.reschedule(by_user(user, "playbook", actor), step.ask, due_at, why)
        else:
            clocks.stop(clock_of(step), RunStep.CLOCK, batch.now)
            clocks.start(clock_of(step), RunStep.CLOCK, "order", due_at=due_at, owner=owner_of(step), at=batch.now)
        before, step.due_at = step.due_at, due_at
        batch.changed[step.id] = step
        data = {"from": before.isoformat() if before else None, "to": due_at.isoformat()}
        batch.tell("run.step-put-off", locked, step, actor, why, **data)
    return run


def add(actor: Actor, run: Run, said: Mapping[str, Any]) -> Run:
    """Add a step to a run that goes on; `said` as a step of a document, the key found for it when there is none."""
    with _steered(run) as (locked, steps, batch):
        spec = _new_step(locked, steps, said)
        function = Function.objects.filter(slug=spec.by).first()
        if function is None:
            raise _invalid("by", f"There is no function {spec.by}.")
        last = RunStep.objects.filter(run=locked).aggregate(n=Max("position"))["n"] or 0
        step = RunStep.objects.create(
            run=locked, key=spec.key, position=last + 1, function=function, added=msgspec.to_builtins(spec)
        )
        batch.tell("run.step-added", locked, step, actor, to=function.name)
    return run


def _new_step(run: Run, steps: list[RunStep], said: Mapping[str, Any]) -> Step:
    keys = {step.key for step in steps}
    title = str(said.get("title") or "")
    stem = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:30] or "step"
    key = next(each for each in (f"{stem if n == 1 else f'{stem}_{n}'}" for n in range(1, 1000)) if each not in keys)
    key = key if key[0].isalpha() else f"step_{key}"
    try:
        spec = msgspec.convert({"key": key, **said}, Step)
    except msgspec.ValidationError as error:
        raise _invalid("step", f"The step can't be read: {error}.") from None
    book = Playbook(**{**_whole(run.version.document), "steps": (*(step.spec for step in steps), spec)})
    faults = [sentence for _path, sentence in step_faults(spec, book, frozenset(keys), None)]
    faults += [f"There is a step {spec.key} already."] if spec.key in keys else []
    faults += [f"There is no step {name} in this run." for name in spec.after if name not in keys]
    if (span := span_of(spec.due)) and span.after and span.after not in (*spec.after, "start"):
        faults.append(f"Its time counts from {span.after}: let it come after that.")
    if faults:
        raise Invalid(" ".join(faults), errors=[{"pointer": "#/step", "detail": sentence} for sentence in faults])
    return spec


def _whole(book: Playbook) -> dict[str, Any]:
    return {name: getattr(book, name) for name in content_of(book)}


def cancel(actor: Actor, run: Run, reason: str) -> Run:
    """Stop the run: its asks are withdrawn, its tasks fall away."""
    why = _said(reason, "Say why the run is cancelled.")
    with transaction.atomic():
        locked = Run.objects.select_for_update(of=["self"]).select_related("version", "lead").get(id=run.id)
        if not locked.is_running:
            raise Conflict(f"{locked.ref} is over already.")
        batch = Batch(timezone.now())
        end(batch, locked, steps_of([locked])[locked.id], Run.State.CANCELLED, why, actor)
        save_steps(list(batch.changed.values()))
        if batch.stopped:
            clocks.stop_many(batch.stopped, RunStep.CLOCK, batch.now)
        write(batch.events)
        locked.save()
    run.refresh_from_db()
    return run


def lead(actor: Actor, run: Run, user: User) -> Run:
    """Somebody else leads the run: asks are made for them from now on, and they hear of the answers."""
    with _steered(run) as (locked, _steps, batch):
        if not user.may(Permission.PLAYBOOK_RUN):
            raise _invalid("lead", f"{user} may not lead runs. Choose somebody who reviews or leads.")
        locked.lead = user
        locked.save(update_fields=["lead"])
        data = {"lead": str(user)}
        batch.events.append(event("run.led", subject_of(locked), actor, story=story_of(locked), data=data))
    return run


def _step(steps: list[RunStep], key: str) -> RunStep:
    found = next((step for step in steps if step.key == key), None)
    if found is None:
        raise NotFound(f"The run has no step {key}. It has: {', '.join(step.key for step in steps)}.")
    return found


def _must_be_unsettled(step: RunStep) -> None:
    if step.state not in ("waiting", "scheduled", "open"):
        raise Conflict(f"{step.spec.title} is settled: {step.get_state_display().lower()}.")


def _said(reason: str, otherwise: str) -> str:
    if not reason.strip():
        raise _invalid("reason", otherwise)
    return reason.strip()[:LONGEST]


def _invalid(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors=[{"pointer": f"#/{name}", "detail": sentence}])
