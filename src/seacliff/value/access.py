"""Who may see and do what in this room; objects are reached through these functions only."""

import re
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.value.models import Finding, Promise

REF = re.compile(r"(?:F-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)


def findings_of(user: User) -> QuerySet[Finding]:
    """Every finding that this person may see: nulls and failures too."""
    found = Finding.objects.select_related("current", "owner", "proposed_by", "ask", "superseded_by__current")
    return found if user.may(Permission.VALUE_VIEW) else found.none()


def finding_of(user: User, ref: str) -> Finding:
    """The finding named "F-12"; 404 when there is none, or none for this person."""
    number = REF.match(ref)
    found = findings_of(user).filter(number=int(number[1])).first() if number else None
    if found is None:
        raise Http404(_("There is no finding %s.") % ref)
    return found


def finding_by_id(user: User, id: UUID) -> Finding:
    found = findings_of(user).filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such finding."))
    return found


def promises_of(user: User) -> QuerySet[Promise]:
    """Every promise that this person may see: those that were missed too."""
    found = Promise.objects.select_related("by")
    return found if user.may(Permission.VALUE_VIEW) else found.none()


def promise_of(user: User, id: UUID) -> Promise:
    found = promises_of(user).filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such promise."))
    return found
