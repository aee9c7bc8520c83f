"""What people said, or others measured elsewhere: entered as it was told, always of grade D, never added to anything."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import date
from math import isfinite

from django.db import transaction
from django.utils import timezone

from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Fault, Invalid
from seacliff.record.actions import happened
from seacliff.value.ledger.actions import is_sentence, subject_of
from seacliff.value.ledger.plans import Plan, code_version, stored
from seacliff.value.ledger.questions import SURVEY
from seacliff.value.models import Finding, Run

WARNING = "People said it, or others measured it elsewhere: it is no effect of ours, and is added to nothing."


@dataclass(frozen=True, slots=True)
class Survey:
    """A figure with its interval, as its source gives it."""

    question: str
    figure: float
    low: float
    high: float
    unit: str
    answers: int  # how many were asked, or measured
    population: str
    source: str  # who asked or measured whom, and where it is written
    told_on: date


def enter(user: User, told: Survey) -> Finding:
    """Put it into the ledger. Raises Invalid naming each field."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    _check(told)
    now, digest = timezone.now(), hashlib.sha256(repr(astuple(told)).encode()).hexdigest()
    with transaction.atomic():
        found = Finding.objects.create(
            question=told.question.strip(), design=SURVEY, plan=stored(Plan(SURVEY, "told", until=told.told_on)),
            population=told.population.strip(), unit=told.unit.strip(), proposed_by=user, owner=user, proposed_at=now,
            frozen_at=now, code_version=code_version(), data_hash=digest, data_rows=told.answers,
        )  # fmt: skip
        run = Run.objects.create(finding=found, asked_by=user)
        run.state, run.grade, run.finished_at = Run.State.DONE, Run.Grade.D, now
        run.estimate, run.low, run.high, run.n = told.figure, told.low, told.high, told.answers
        run.data_hash, run.code_version = digest, found.code_version
        run.result = {
            "explanation": told.source.strip(),
            "warnings": [WARNING],
            "interval": "as told",
            "diagnostics": [],
        }
        run.save()
        found.current = run
        found.save(update_fields=["current"])
        found.refresh_from_db()
        happened("finding.entered", subject_of(found), actor_of_user(user), story=found.id, data={"ref": found.ref})
    return found


def _check(told: Survey) -> None:
    today = timezone.now().date()
    faults = {
        name: said
        for name, wrong, said in (
            ("question", len(told.question.strip()) < 10, "Write the question as a whole sentence."),
            ("figure", not told.low <= told.figure <= told.high, "The figure lies within its interval."),
            ("high", not all(map(isfinite, (told.low, told.high))), "The interval has two ends."),
            ("unit", not told.unit.strip(), "Say of what the figure is."),
            ("answers", told.answers < 1, "Say how many were asked or measured."),
            ("population", not told.population.strip(), "Say whom it speaks of."),
            (
                "source",
                not is_sentence(told.source),
                "Say in a sentence who asked or measured whom, and where it is written.",
            ),
            ("told_on", told.told_on > today, "That day is to come."),
        )
        if wrong
    }
    if faults:
        errors: list[Fault] = [{"pointer": f"#/{name}", "detail": said} for name, said in faults.items()]
        raise Invalid(" ".join(faults.values()), errors=errors)
