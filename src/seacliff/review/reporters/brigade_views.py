"""Pages of the signs: suspected brigades, reporters who are seldom right, waves; one brigade and what can be done."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.review.access import Refused
from seacliff.review.models import Brigade
from seacliff.review.reporters import brigades as verbs
from seacliff.review.reporters import queries


def brigade_of(id: UUID) -> Brigade:
    found = Brigade.objects.select_related("judged_by").filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such group of reporters."))
    return found


@require_safe
@needs(Permission.REPORT_VIEW)
def signs(request: Request) -> HttpResponse:
    """What to look at, without knowing whom to look for."""
    context = {
        "brigades": queries.brigades(dismissed="dismissed" in request.GET),
        "dismissed": "dismissed" in request.GET,
        "doubtful": [(row, queries.reputation(row)) for row in queries.seldom_right()],
        "waves": queries.waves(),
    }
    return render(request, "review/reporters/signs.html", context)


@require_safe
@needs(Permission.REPORT_VIEW)
def brigade(request: Request, id: UUID) -> HttpResponse:
    return _show(request, brigade_of(id))


def _show(request: Request, found: Brigade, error: Refused | None = None) -> HttpResponse:
    context = {
        "brigade": found,
        "members": [(row, queries.reputation(row)) for row in queries.members_of(found)],
        "cases": queries.cases_of(found),
        "aside": sum(found.asides.filter(reversed_at=None).values_list("reports", flat=True)),
        "may_manage": request.user.may(Permission.QUEUE_MANAGE),
        "may_view_case": request.user.may(Permission.CASE_VIEW),
        "error": error,
        "typed": request.POST if error else {},
    }
    return render(request, "review/reporters/brigade.html", context, status=422 if error else 200)


def _do(request: Request, id: UUID, verb: Callable[[Brigade], str]) -> HttpResponse:
    found = brigade_of(id)
    try:
        messages.success(request, verb(found))
    except Refused as refused:
        return _show(request, found, refused)
    return redirect("review:brigade", found.id)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def judge(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Brigade) -> str:
        verbs.judge(request.user, found, request.POST.get("state", ""), request.POST.get("reason", ""))
        return _("Saved.")

    return _do(request, id, verb)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def set_aside(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Brigade) -> str:
        count = verbs.set_all_aside(request.user, found, request.POST.get("reason", ""))
        return _("%s reports are set aside. You can take that back here.") % count

    return _do(request, id, verb)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def take_back(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Brigade) -> str:
        return _("Taken back: %s reports count again.") % verbs.take_all_back(request.user, found)

    return _do(request, id, verb)
