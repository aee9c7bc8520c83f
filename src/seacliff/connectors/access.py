"""Who may see and handle what came in about asks: T&S, for every function. Partners see their asks, not mails."""

from uuid import UUID

from django.http import Http404

from seacliff.connectors.models import Incoming
from seacliff.partners.models import Dispatch
from seacliff.people.access import must_be_allowed
from seacliff.people.models import User
from seacliff.people.permissions import Permission


def incoming(user: User, id: UUID) -> Incoming:
    """What came in. Http404 when there is no such, NotAllowed for whoever may not handle replies."""
    must_be_allowed(user, Permission.REPLY_TRIAGE)
    found = Incoming.objects.select_related("ask", "dispatch", "message").filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def undelivered(user: User, id: UUID) -> Dispatch:
    """News that reached nobody. Http404 when there is no such, NotAllowed for whoever may not handle replies."""
    must_be_allowed(user, Permission.REPLY_TRIAGE)
    found = Dispatch.objects.select_related("ask").filter(pk=id, state=Dispatch.State.FAILED).first()
    if found is None:
        raise Http404
    return found
