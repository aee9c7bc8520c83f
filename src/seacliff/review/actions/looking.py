"""Looks that are not somebody's work: whoever decides no cases (an admin, an auditor) and opens one leaves an event."""

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.actions import Actor, Subject, happened
from seacliff.review.access import person
from seacliff.review.models import Case


def look_into(user: User, case: Case, actor: Actor | None = None) -> None:
    """Write down that they have read it. A reviewer's looks are their work: `look` and their claims tell of those."""
    if not user.may(Permission.CASE_DECIDE):
        happened("case.looked-into", Subject("case", case.id), actor or person(user), story=case.id)
