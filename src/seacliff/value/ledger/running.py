"""What the worker does for the ledger: data frozen, estimates made. Only the worker imports this, for estimators are large.

Whatever goes wrong with one finding is kept on it and shown there: the next one must not wait for somebody to mend it.
"""

from collections.abc import Generator
from contextlib import contextmanager

import structlog
from django.db import transaction
from django.utils import timezone

from seacliff.record.actions import SYSTEM, happened
from seacliff.value.alone import alone
from seacliff.value.assumptions import ask_anew
from seacliff.value.board.charts import drawn
from seacliff.value.designs.result import Result
from seacliff.value.inputs.source import SourceError, opened
from seacliff.value.ledger.actions import subject_of
from seacliff.value.ledger.designs import estimated, fingerprint, frame_of
from seacliff.value.ledger.pictures import pictures
from seacliff.value.ledger.plans import PlanError, code_version, plan_of
from seacliff.value.models import Finding, Reading, Run

log = structlog.get_logger("seacliff.value")


class Failed(Exception):
    """Why it did not come about, in a sentence for the page."""


@contextmanager
def kept_to(found: Finding, doing: str) -> Generator[None]:
    """What fails inside is undone, and raised as Failed: in its own words where it has some, else the log has them."""
    try:
        with transaction.atomic():
            yield
    except (SourceError, PlanError) as reason:
        raise Failed(str(reason)) from reason
    except Exception as reason:
        log.exception("finding failed", finding=found.ref, doing=doing)
        raise Failed(f"{doing} failed ({type(reason).__name__}): see the worker's log.") from reason


def freeze_one() -> int:
    """Read the data of one proposed finding and keep their hash."""
    waiting = Finding.objects.filter(state=Finding.State.PROPOSED, data_hash="", trouble="").order_by("id")
    for id in waiting.values_list("id", flat=True):
        with transaction.atomic():
            found = waiting.filter(id=id).first() if alone(f"finding {id}") else None
            if found is not None:
                _frozen_or_not(found)
                return 1
    return 0


def _frozen_or_not(found: Finding) -> None:
    try:
        with kept_to(found, "Reading its data"):
            _freeze(found)
    except Failed as failed:
        found.refresh_from_db()
        found.trouble = str(failed)
        found.save(update_fields=["trouble"])


def _freeze(found: Finding) -> None:
    plan = plan_of(found.plan)
    with opened() as source:
        frame = frame_of(plan, source)
    if frame.empty:
        raise PlanError("There are no rows to estimate on: see the plan and the page on the data.")
    found.data_hash, found.data_rows, found.frozen_at = fingerprint(frame), len(frame), timezone.now()
    found.save(update_fields=["data_hash", "data_rows", "frozen_at"])
    data = {"rows": found.data_rows, "sha256": found.data_hash}
    happened("finding.frozen", subject_of(found), SYSTEM, story=found.id, data=data)
    if found.at_once:
        Run.objects.create(finding=found, asked_by=found.proposed_by)


def run_one() -> int:
    """Make one estimate that was asked for."""
    with transaction.atomic():
        waiting = Run.objects.filter(state=Run.State.WAITING).select_related("finding")
        made = waiting.select_for_update(skip_locked=True, of=["self"]).order_by("id").first()
        if made is None:
            return 0
        finding = made.finding
        made.finished_at, made.code_version = timezone.now(), code_version()
        try:
            with kept_to(finding, "The estimate"):
                _estimate(made)
        except Failed as failed:
            made = Run.objects.select_related("finding").get(id=made.id)
            made.finished_at, made.code_version = timezone.now(), code_version()
            made.state, made.error = Run.State.FAILED, str(failed)
            made.save()
        data = {"state": made.state, "grade": made.grade, "refusal": made.refusal, "data": made.data_hash,
                "code": made.code_version}  # fmt: skip
        verb = "finding.estimated" if made.state == Run.State.DONE else "finding.estimate-failed"
        happened(verb, subject_of(finding), SYSTEM, story=finding.id, data=data)
    return 1


def _estimate(made: Run) -> None:
    finding = made.finding
    plan = plan_of(finding.plan)
    with opened() as source:
        frame = frame_of(plan, source)
    made.data_hash = fingerprint(frame)
    keep(made, estimated(plan, frame))
    made.save()
    if finding.current_id is None and not made.data_changed:  # docs/decisions/010: the first on the frozen rows counts
        finding.current = made
        finding.save(update_fields=["current"])
    ask_anew(Reading.Kind.OPERATIONS)


def keep(made: Run, result: Result) -> None:
    """A result as the row's columns, with its plots; what is not finite is empty."""
    plain = result.as_dict()
    plain["charts"] = {name: drawn(spec) for name, spec in pictures(plain).items()}
    made.state, made.result = Run.State.DONE, plain
    made.grade = str(result.grade) if result.grade and not result.refusal else ""
    made.estimate, made.low, made.high = plain["estimate"], plain["low"], plain["high"]
    made.n, made.refusal = result.n, result.refusal
