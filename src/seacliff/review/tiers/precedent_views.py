"""Pages of the precedents: the list with its search, one precedent, its wording, its end."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.policy.queries import category_choices
from seacliff.record.pages import listing, older_url
from seacliff.review.access import Refused
from seacliff.review.models import Precedent
from seacliff.review.tiers import access
from seacliff.review.tiers import precedents as verbs


@require_safe
@needs(Permission.PRECEDENT_VIEW)
def precedents(request: Request) -> HttpResponse:
    asked = {"words": request.GET.get("q", "")[:200], "category": request.GET.get("category", "")}
    rows = verbs.search(**asked, retired="retired" in request.GET)
    found = listing(request, rows)
    context = {
        "rows": found.rows,
        "older_url": older_url(request, found),
        "categories": category_choices(request.user.language),
        "asked": asked,
        "retired": "retired" in request.GET,
    }
    return render(request, "review/tiers/precedents.html", context)


@require_safe
@needs(Permission.PRECEDENT_VIEW)
def precedent_by_id(request: Request, id: UUID) -> HttpResponse:
    found = Precedent.objects.filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such precedent."))
    return redirect("review:precedent", found.number)


@require_safe
@needs(Permission.PRECEDENT_VIEW)
def precedent(request: Request, number: int) -> HttpResponse:
    return _show(request, access.precedent_of(request.user, number))


def _show(request: Request, found: Precedent, error: Refused | None = None) -> HttpResponse:
    context = {
        "precedent": found,
        "error": error,
        "typed": request.POST if error else {},
        "may_edit": request.user.may(Permission.PRECEDENT_EDIT),
        "may_view_case": request.user.may(Permission.CASE_VIEW),
    }
    return render(request, "review/tiers/precedent.html", context, status=422 if error else 200)


@require_POST
@needs(Permission.PRECEDENT_EDIT)
def edit(request: Request, number: int) -> HttpResponse:
    found = access.precedent_of(request.user, number)
    question, passage = request.POST.get("question", ""), request.POST.get("passage", "")
    try:
        verbs.edit(request.user, found, question=question, passage=passage)
    except Refused as refused:
        return _show(request, found, refused)
    messages.success(request, _("Saved."))
    return redirect("review:precedent", found.number)


@require_POST
@needs(Permission.PRECEDENT_EDIT)
def retire(request: Request, number: int) -> HttpResponse:
    found = access.precedent_of(request.user, number)
    try:
        verbs.retire(request.user, found, request.POST.get("reason", ""))
    except Refused as refused:
        return _show(request, found, refused)
    messages.success(request, _("%s is retired: it is shown beside no case any more.") % found)
    return redirect("review:precedent", found.number)
