"""Somebody who judges a matter afresh sees nothing but that matter until they are done.

Closed unless opened: while a person is secluded, every page and operation turns them back to the one they are secluded at,
but for those that say `secluded=True`. So no page of any room, and none written later, can tell what was found before.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect


def place_of(user: Any) -> str:
    """The address where this person is secluded now; empty when they are not. No query: it stands on their row."""
    until = getattr(user, "secluded_until", None)
    return str(user.secluded_at) if until is not None and until > timezone.now() else ""


def sentence() -> str:
    return _("You are judging a matter afresh: nothing else is open to you until you decide it or give it back.")


def turned_back(request: HttpRequest) -> HttpResponseBase | None:
    """What a secluded person gets in the place of the page they asked for; None for anybody else."""
    place = place_of(request.user)
    if not place:
        return None
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(place)
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":  # a part that a script asks for
        raise PermissionDenied(sentence())
    messages.info(request, sentence())
    return redirect(place)
