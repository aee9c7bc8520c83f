"""Runs: first shown, then approved, then done in batches. What goes is what was shown, less what is held meanwhile.

Each batch is one transaction with its rows of `Doomed`: a worker that dies leaves the rest where it was.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import msgspec
import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.privacy import sifting
from seacliff.privacy.models import Doomed, Request, RetentionPlan, Run
from seacliff.privacy.plan import Plan, Rule, in_force
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.desks import wake
from seacliff.record.ids import time_of
from seacliff.record.personal import REGISTRY, DataClass
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.models import Unindexed

CHANNEL = "privacy_run"
BATCH = 200
STALE_AFTER = timedelta(hours=24)
STANDS_FOR = timedelta(hours=20)  # how long a preview is there to be read before an unattended run begins
EVERY = timedelta(hours=24)
FEW = 20  # of so few rows no share is alarming
log = structlog.get_logger("seacliff.privacy")


def subject_of(run: Run) -> Subject:
    return Subject("privacy-request", run.request_id) if run.request_id else Subject("retention-run", run.id)


def ask_for_preview(user: User | None, actor: Actor) -> Run:
    """Have the worker look what would go by the rules in force. A run that waits for approval is replaced by it."""
    if user is not None:
        must(user, Permission.RETENTION_RUN)
    plan = in_force().row
    if plan is None:
        raise Refused(_("No rules are published: without them everything is kept for good."), "no-plan")
    with transaction.atomic():
        RetentionPlan.objects.select_for_update().get(id=plan.id)
        if Run.objects.filter(plan__isnull=False, state=Run.State.RUNNING).exists():
            raise Refused(_("A run is under way. Wait until it is done, or cancel it."), "running")
        for old in Run.objects.filter(
            plan__isnull=False, state__in=[Run.State.WAITING, Run.State.READY, Run.State.ASKS]
        ):
            _close(old, Run.State.CANCELLED)
        run = Run.objects.create(plan=plan, made_by=user)
        happened("retention.preview-asked", subject_of(run), actor)
        wake(CHANNEL)
    return run


def _close(run: Run, state: Run.State) -> None:
    Doomed.objects.filter(run=run).delete()
    run.state, run.finished_at = state, timezone.now()
    run.save(update_fields=["state", "finished_at"])


def cancel(user: User, run: Run) -> None:
    """What has gone is gone; the rest stays."""
    must(user, Permission.RETENTION_RUN if run.plan_id else Permission.PRIVACY_REQUEST)
    with transaction.atomic():
        run = _locked(run)
        if run.finished_at is not None:
            raise Refused(_("This run has ended already."), "ended")
        _close(run, Run.State.CANCELLED)
        if run.request_id:
            Request.objects.filter(id=run.request_id, state=Request.State.RUNNING).update(
                state=Request.State.IDENTIFIED
            )
        happened("retention.cancelled", subject_of(run), person(user), data={"gone": run.gone})


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(of=["self"]).select_related("plan", "request__reporter").get(id=run.id)


def plan_of(run: Run) -> Plan:
    return msgspec.convert(run.plan.plan, Plan) if run.plan else Plan()


def over_guard(run: Run) -> list[str]:
    """Labels of the classes of which more would go than the plan lets go without a second look."""
    guard = plan_of(run).guard
    return [
        REGISTRY.classes[line["slug"]].label
        for line in run.preview
        if line["slug"] in REGISTRY.classes and line["total"] >= FEW and line["goes"] > guard * line["total"]
    ]


def why_not(run: Run) -> str:
    """Why this run can't go ahead as it was shown; empty when it can."""
    if run.shown_at is None:
        return _("The preview is not there yet.")
    if run.shown_at < timezone.now() - STALE_AFTER:
        return _("The preview is older than %s hours: have a new one made.") % (STALE_AFTER // timedelta(hours=1))
    if run.plan_id and run.plan_id != in_force().id:
        return _("The rules have changed since the preview: have a new one made.")
    return ""


def approve(user: User, run: Run, *, reason: str = "", actor: Actor | None = None) -> Run:
    """Let it go ahead. Where more than the guard's share would go, it asks for a reason."""
    must(user, Permission.RETENTION_RUN)
    with transaction.atomic():
        run = _locked(run)
        if run.plan_id is None:
            raise Refused(_("An erasure is approved on its request's page."), "of-a-request")
        if run.state not in (Run.State.READY, Run.State.ASKS):
            raise Refused(_("This run does not wait for approval."), "state")
        if problem := why_not(run):
            raise Refused(problem, "stale")
        if (alarming := over_guard(run)) and not reason.strip():
            raise NotValid(
                _("More would go than the guard allows: %s. Say why that is right.") % ", ".join(alarming), "reason"
            )
        start(run, user, actor or person(user), reason)
    return run


def start(run: Run, user: User | None, actor: Actor, reason: str = "") -> None:
    run.state, run.approved_by, run.approved_at, run.question = Run.State.RUNNING, user, timezone.now(), ""
    run.save(update_fields=["state", "approved_by", "approved_at", "question"])
    verb = "erasure.approved" if run.request_id else "retention.approved"
    happened(verb, subject_of(run), actor, reason=reason, data={"goes": run.goes})
    wake(CHANNEL)


def whose(run: Run) -> sifting.Subject | None:
    """Whose data an erasure is about; None for a run by the rules."""
    return subject_of_request(run.request) if run.request else None


def subject_of_request(request: Request) -> sifting.Subject:
    if request.party == Request.Party.REPORTER:
        return sifting.Subject(reporter=request.reporter.key if request.reporter else "")
    return sifting.Subject(targets=sifting.below(request.target_id) if request.target_id else ())


def rules_of(run: Run, one: DataClass) -> Sequence[Rule]:
    return plan_of(run).rules_of(one.slug)


def classes_of(run: Run) -> list[DataClass]:
    """By the rules every class with one; for a request the classes that can be told whose they are."""
    if run.request_id:
        return list(REGISTRY.classes.values())
    return [one for one in REGISTRY.classes.values() if rules_of(run, one)]


def show_one() -> int:
    """The desk's first half: make the preview of one run that waits for it."""
    with transaction.atomic():
        waiting = Run.objects.select_for_update(skip_locked=True, of=["self"]).filter(state=Run.State.WAITING)
        run = waiting.select_related("plan", "request__reporter").order_by("id").first()
        if run is None:
            return 0
        held, subject = sifting.held_now(), whose(run)
        lines = [sifting.show(one, held, run.id, rules=rules_of(run, one), subject=subject) for one in classes_of(run)]
        run.preview = [
            asdict(line) | {"oldest": line.oldest.isoformat() if line.oldest else None}
            for line in lines if line.total or run.plan_id
        ]  # fmt: skip
        run.state, run.shown_at = Run.State.READY, timezone.now()
        if plan_of(run).unattended and run.made_by_id is None:
            if alarming := over_guard(run):
                run.state = Run.State.ASKS
                run.question = "More would go than the guard allows: " + ", ".join(alarming)
            else:
                run.starts_at = run.shown_at + STANDS_FOR
        run.save()
        verb = "erasure.shown" if run.request_id else "retention.shown"
        data = {"goes": run.goes, "kept": sum(sum(line.kept.values()) for line in lines), "question": run.question}
        happened(verb, subject_of(run), SYSTEM, data=data)
    return 1


def step() -> int:
    """The desk's second half: one batch of one run."""
    with transaction.atomic():
        running = Run.objects.select_for_update(skip_locked=True, of=["self"]).filter(state=Run.State.RUNNING)
        run = running.select_related("plan", "request__reporter").order_by("id").first()
        if run is None:
            return 0
        if run.plan_id and run.plan_id != in_force().id:
            _stop(run, "The rules changed while it ran: have a new preview made.")
            return 1
        try:
            with transaction.atomic():
                left = _batch(run)
        except Exception as problem:  # a class's own forgetting failed: a person must look, the rest must not wait
            log.exception("a run stopped", run=str(run.id))
            _stop(run, f"It could not go on ({type(problem).__name__}); the worker's log says more. Nothing was lost.")
            return 1
        if not left:
            _finish(run)
    return 1


def _stop(run: Run, question: str) -> None:
    run.state, run.question = Run.State.ASKS, question
    run.save(update_fields=["state", "question"])
    happened("retention.stopped", subject_of(run), SYSTEM, reason=question, data={"gone": run.gone})


def _batch(run: Run) -> bool:
    """False when nothing is left."""
    first = Doomed.objects.filter(run=run).order_by("id").first()
    if first is None:
        return False
    rows = list(Doomed.objects.filter(run=run, data_class=first.data_class).order_by("id")[:BATCH])
    one = REGISTRY.classes[first.data_class]
    found, cases = sifting.still(
        one, sifting.held_now(), [row.row for row in rows], rules=rules_of(run, one), subject=whose(run)
    )
    if found:
        one.forget(found)
        Unindexed.objects.bulk_create([Unindexed(case_id=case) for case in cases], ignore_conflicts=True)
    Doomed.objects.filter(id__in=[row.id for row in rows]).delete()
    run.done[one.slug] = run.done.get(one.slug, 0) + len(found)
    run.spared += len(rows) - len(found)
    run.save(update_fields=["done", "spared"])
    return True


def _finish(run: Run) -> None:
    run.state, run.finished_at = Run.State.DONE, timezone.now()
    run.save(update_fields=["state", "finished_at"])
    verb = "erasure.done" if run.request_id else "retention.done"
    happened(verb, subject_of(run), SYSTEM, data={**run.done, "spared": run.spared})
    if run.request_id:
        from seacliff.privacy.asking import erased

        erased(run)


def begin_unattended() -> int:
    """Runs that were shown long enough and that the plan lets begin by themselves."""
    with transaction.atomic():
        due = Run.objects.select_for_update(skip_locked=True, of=["self"]).filter(
            state=Run.State.READY, starts_at__lte=timezone.now()
        )
        run = due.select_related("plan").first()
        if run is None:
            return 0
        if problem := why_not(run):
            run.starts_at = None
            _stop(run, problem)
            run.save(update_fields=["starts_at"])
        else:
            start(run, None, SYSTEM)
    return 1


def _is_fresh(last: Run | None) -> bool:
    """Whether the newest run still serves: it is under way, its preview holds, or it ended within the day."""
    if last is None:
        return False
    if last.finished_at is not None:
        return time_of(last.id) > timezone.now() - EVERY
    return last.state in (Run.State.WAITING, Run.State.RUNNING) or not why_not(last)


def preview_daily() -> int:
    """Once a day, where rules are published, look what would go: nobody has to think of it."""
    if in_force().row is None or _is_fresh(Run.objects.filter(plan__isnull=False).order_by("-id").first()):
        return 0
    try:
        ask_for_preview(None, SYSTEM)
    except (Refused, IntegrityError):
        return 0
    return 1
