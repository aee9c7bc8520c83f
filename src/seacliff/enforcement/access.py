"""Who may see and touch what goes out. Fetch-and-authorise: each returns the object or raises."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from seacliff.enforcement.models import Delivery, Endpoint, Notice
from seacliff.people.access import Caller
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.tokens import id_of


def _require(who: User | Caller, permission: Permission) -> None:
    if not who.may(permission):
        raise PermissionDenied(f"This needs the permission {permission}.")


def delivery_to_replay(who: User | Caller, id: UUID) -> Delivery:
    _require(who, Permission.ACTION_REPLAY)
    return get_object_or_404(Delivery.objects.select_related("endpoint"), id=id)


def endpoint_to_manage(who: User | Caller, id: UUID) -> Endpoint:
    _require(who, Permission.ENDPOINT_MANAGE)
    return get_object_or_404(Endpoint, id=id)


def notice_of(token: str) -> Notice:
    """The notice of an affected user, by the token in its mail: whoever holds the link may read it."""
    id = id_of("notice", token)
    notice = (
        Notice.objects.filter(id=id, audience="affected").exclude(state=Notice.State.CANCELLED).first() if id else None
    )
    if notice is None:
        raise Http404
    return notice
