"""Holds: placed with a reason and a day to look again, released with a reason."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.privacy.models import Hold
from seacliff.record.actions import Actor, Subject, happened
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.marks import Mark
from seacliff.review.models import Case


def subject_of(hold: Hold) -> Subject:
    return Subject("legal-hold", hold.id)


def place(
    user: User, on: Hold.On | str, thing: Any, *, matter: str, reason: str, review_on: date, until: date | None = None,
    actor: Actor | None = None,
) -> Hold:  # fmt: skip
    """`thing` is the case, target, reporter, or the words. Raises NotValid, NotPermitted."""
    must(user, Permission.HOLD_MANAGE)
    if not matter.strip() or not reason.strip():
        raise NotValid(_("Say what the hold is for and why: an auditor and a court will read it."), "reason")
    today = timezone.now().date()
    if review_on <= today or (until is not None and until <= today):
        raise NotValid(_("The days to come must be in the future."), "review_on")
    field = {Hold.On.CASE: "case", Hold.On.TARGET: "target", Hold.On.TREE: "target", Hold.On.REPORTER: "reporter",
             Hold.On.WORDS: "words"}[Hold.On(on)]  # fmt: skip
    if field == "words" and len(thing.strip()) < 3:
        raise NotValid(_("Give the words that the cases must have in them."), "words")
    with transaction.atomic():
        hold = Hold.objects.create(
            on=on, matter=matter.strip(), reason=reason.strip(), placed_by=user, review_on=review_on, until=until,
            **{field: thing.strip() if field == "words" else thing},
        )  # fmt: skip
        happened("legal-hold.placed", subject_of(hold), actor or person(user), story=hold.case_id, reason=hold.reason,
                 data={"on": str(on), "matter": hold.matter, "review_on": str(review_on)})  # fmt: skip
    return hold


def release(user: User, hold: Hold, because: str, *, actor: Actor | None = None) -> None:
    """What it held goes at the next run, if a rule says so."""
    must(user, Permission.HOLD_MANAGE)
    if not because.strip():
        raise NotValid(_("Say why it is no longer needed."), "because")
    with transaction.atomic():
        hold = Hold.objects.select_for_update().get(id=hold.id)
        if hold.released_at is not None:
            raise Refused(_("This hold was released already."), "released")
        hold.released_by, hold.released_at, hold.released_because = user, timezone.now(), because.strip()
        hold.save(update_fields=["released_by", "released_at", "released_because"])
        happened("legal-hold.released", subject_of(hold), actor or person(user), story=hold.case_id, reason=because)


def live() -> QuerySet[Hold]:
    today = timezone.now().date()
    return Hold.objects.filter(Q(until=None) | Q(until__gte=today), released_at=None)


def mark(case: Case, above: Sequence[UUID]) -> Mark | None:
    """For the case's page: whether a hold names this case, its target, or an account above it. One query."""
    tree = Q(on=Hold.On.TREE, target__in=[case.target_id, *above])
    named = live().filter(Q(case=case) | Q(on=Hold.On.TARGET, target=case.target_id) | tree)
    return Mark(_("Legal hold"), "amber", "lock") if named.exists() else None
