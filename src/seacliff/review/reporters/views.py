"""Pages of the reporters: the list, one of them, and what can be done."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.intake.models import Reporter
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.record.pages import BadCursor, page
from seacliff.review.access import Refused
from seacliff.review.models import SetAside
from seacliff.review.reporters import actions, queries


def reporter_of(id: UUID) -> Reporter:
    found = Reporter.objects.filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such reporter."))
    return found


@require_safe
@needs(Permission.REPORT_VIEW)
def reporters(request: Request) -> HttpResponse:
    asked = {"words": request.GET.get("q", "")[:200], "kind": request.GET.get("kind", "")}
    rows = queries.reporters(**asked, doubtful="doubtful" in request.GET)
    try:
        found = page(rows, after=request.GET.get("after", ""))
    except BadCursor:
        found = page(rows)
    query = request.GET.copy()
    query["after"] = found.after
    context = {
        "rows": [(row, queries.reputation(row)) for row in found.rows],
        "older_url": f"?{query.urlencode()}" if found.after else "",
        "kinds": Reporter.Kind.choices,
        "asked": asked,
        "doubtful": "doubtful" in request.GET,
    }
    return render(request, "review/reporters/list.html", context)


@require_safe
@needs(Permission.REPORT_VIEW)
def reporter(request: Request, id: UUID) -> HttpResponse:
    found = reporter_of(id)
    context = {
        "reporter": found,
        "reputation": queries.reputation(found),
        "recent": queries.recent(found),
        "fellows": queries.fellows(found),
        "asides": queries.asides(found),
        "kinds": Reporter.Kind.choices,
        "may_manage": request.user.may(Permission.QUEUE_MANAGE),
    }
    return render(request, "review/reporters/reporter.html", context)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def trust(request: Request, id: UUID) -> HttpResponse:
    found = reporter_of(id)
    try:
        actions.trust(request.user, found, request.POST.get("kind", ""))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("review:reporter", found.id)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def set_aside(request: Request, id: UUID) -> HttpResponse:
    found = reporter_of(id)
    try:
        made = actions.set_aside(request.user, found, request.POST.get("reason", ""))
        messages.success(request, _("%s reports are set aside. You can take that back below.") % made.reports)
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("review:reporter", found.id)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def take_back(request: Request, id: UUID) -> HttpResponse:
    made = SetAside.objects.filter(id=id).first()
    found = Reporter.objects.filter(key=made.reporter_key).first() if made else None
    if made is None or found is None:
        raise Http404(_("There is nothing to take back here."))
    try:
        actions.take_back(request.user, made)
        messages.success(request, _("Taken back: the reports count again."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("review:reporter", found.id)
