"""Who may see and handle what in this room; objects are reached through these functions only."""

import re
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.privacy.models import Export, Hold, Request, RetentionPlan, Run
from seacliff.record import tokens

REF = re.compile(r"(?:D-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)
PURPOSE = "privacy-export"


def request_of(user: User, ref: str) -> Request:
    """Requests name people: only those who handle them see one."""
    found = REF.match(ref)
    people = ("taken_by", "identified_by", "prepared_by", "closed_by")
    wanted = Request.objects.select_related("reporter", "target__product", *people)
    request = wanted.filter(number=int(found[1])).first() if found and user.may(Permission.PRIVACY_REQUEST) else None
    if request is None:
        raise Http404(_("There is no request %s.") % ref)
    return request


def run_of(user: User, id: UUID) -> Run:
    """404 when there is none, or it erases what a request that this person may not see asks for."""
    run = Run.objects.select_related("plan", "request", "made_by", "approved_by").filter(id=id).first()
    may = user.may(Permission.PRIVACY_REQUEST if run and run.request_id else Permission.PRIVACY_VIEW)
    if run is None or not may:
        raise Http404(_("There is no such run."))
    return run


def hold_of(user: User, id: UUID) -> Hold:
    hold = (
        Hold.objects.select_related("case", "target").filter(id=id).first()
        if user.may(Permission.PRIVACY_VIEW)
        else None
    )
    if hold is None:
        raise Http404(_("There is no such hold."))
    return hold


def plan_of(user: User, number: int) -> RetentionPlan:
    plan = RetentionPlan.objects.filter(number=number).first() if user.may(Permission.PRIVACY_VIEW) else None
    if plan is None:
        raise Http404(_("There is no version %s of the rules.") % number)
    return plan


def export_of(user: User, id: UUID) -> Export:
    may = user.may(Permission.PRIVACY_REQUEST)
    export = Export.objects.select_related("request").filter(id=id).first() if may else None
    if export is None:
        raise Http404(_("There is no such export."))
    return export


def released(token: str) -> Export:
    """The export behind a person's link; the same 404 for what never was and for what has ended."""
    id = tokens.id_of(PURPOSE, token)
    export = Export.objects.select_related("request").filter(id=id).first() if id else None
    if export is None or not export.is_out(timezone.now()) or not export.content:
        raise Http404(_("There is nothing here: the link is wrong, or its time is over."))
    return export
