"""Who sees how the work with a function goes: T&S all of it, a partner their own functions and no person."""

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from seacliff.partners.access import OURS
from seacliff.people.models import Function, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotAllowed


def functions_seen(user: User) -> list[Function]:
    """Every function but T&S, by name; a partner's own."""
    found = Function.objects.exclude(slug=OURS).order_by("name")
    if not user.may(Permission.RELATIONSHIP_VIEW_ALL):
        found = found.filter(memberships__user=user)
    return list(found)


def function_seen(user: User, slug: str) -> Function:
    found = Q(slug=slug)
    if not user.may(Permission.RELATIONSHIP_VIEW_ALL):
        found &= Q(memberships__user=user)
    function = Function.objects.exclude(slug=OURS).filter(found).first()
    if function is None:
        raise Http404(_("There is no function %s.") % slug)
    return function


def may_choose_digest(user: User, function: Function) -> bool:
    """Its own people say whether they want it; a lead may for them."""
    if user.may(Permission.RELATIONSHIP_EDIT):
        return True
    return user.may(Permission.ASK_ANSWER) and function.memberships.filter(user=user).exists()


def must_choose_digest(user: User, function: Function) -> None:
    if not may_choose_digest(user, function):
        raise NotAllowed(_("%s itself, or a lead, chooses whether it gets the digest.") % function.name)
