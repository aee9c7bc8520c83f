"""The wins feed, and a lead's words for a win."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Problem
from seacliff.relationships import actions, wins


@never_cache
@require_safe
@needs(Permission.RELATIONSHIP_VIEW_ALL)
def feed(request: Request) -> HttpResponse:
    context = {"wins": wins.feed(), "may_edit": request.user.may(Permission.RELATIONSHIP_EDIT)}
    return render(request, "relationships/wins.html", context)


@require_POST
@needs(Permission.RELATIONSHIP_EDIT)
def word(request: Request, kind: str, id: UUID) -> HttpResponse:
    words = request.POST.get("words", "").replace("\x00", "")
    try:
        actions.word_win(request.user, kind, id, words, pinned=bool(request.POST.get("pinned")))
    except Problem as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, _("Saved. It stands so on the pages and in the next digest."))
    return redirect("relationships:wins")
