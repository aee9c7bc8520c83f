"""Who may see and handle what came in about asks: whoever may ask, for T&S. Partners see asks, not mails."""

from uuid import UUID

from django.http import Http404

from seacliff.connectors.models import Incoming
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotAllowed


def incoming(user: User, id: UUID) -> Incoming:
    """What came in. Http404 when there is no such, NotAllowed for whoever does not ask for T&S."""
    if not user.may(Permission.ASK_MAKE):
        raise NotAllowed(f"This needs the permission {Permission.ASK_MAKE}.")
    found = Incoming.objects.select_related("ask", "dispatch", "message").filter(pk=id).first()
    if found is None:
        raise Http404
    return found
