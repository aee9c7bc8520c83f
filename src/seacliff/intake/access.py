"""Who may see and handle what came in. Objects are reached through these functions only."""

from uuid import UUID

from django.http import Http404

from seacliff.intake.models import Message, Report
from seacliff.people.access import Caller, must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission


def report(caller: User | Caller, id: UUID) -> Report:
    """The report. Http404 when there is none, NotAllowed when the caller may not see reports."""
    must_be_allowed(caller, Permission.REPORT_VIEW)
    found = Report.objects.filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def message(caller: User | Caller, id: UUID) -> Message:
    """The message. Http404 when there is none, NotAllowed when the caller may not handle what came in."""
    must_be_allowed(caller, Permission.INTAKE_TRIAGE)
    found = Message.objects.filter(pk=id).first()
    if found is None:
        raise Http404
    return found
