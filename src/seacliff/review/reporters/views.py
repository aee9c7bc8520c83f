"""Pages of the reporters: the list, one of them, and what can be done."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.intake.models import Reporter
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.policy.queries import category_choices
from seacliff.record.pages import listing, older_url
from seacliff.review.access import NotValid, Refused
from seacliff.review.models import SetAside
from seacliff.review.reporters import actions, queries
from seacliff.review.reporters import trust as trusting


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
    found = listing(request, rows)
    context = {
        "rows": [(row, queries.reputation(row)) for row in found.rows],
        "older_url": older_url(request, found),
        "kinds": Reporter.Kind.choices,
        "asked": asked,
        "doubtful": "doubtful" in request.GET,
    }
    return render(request, "review/reporters/list.html", context)


@require_safe
@needs(Permission.REPORT_VIEW)
def reporter(request: Request, id: UUID) -> HttpResponse:
    return _show(request, reporter_of(id))


def _show(request: Request, found: Reporter, error: Refused | None = None) -> HttpResponse:
    trusts = queries.trusts(found)
    context = {
        "reporter": found,
        "reputation": queries.reputation(found),
        "recent": queries.recent(found),
        "fellows": queries.fellows(found),
        "asides": queries.asides(found),
        "trust": next((row for row in trusts if row.ended_at is None), None),
        "trusts": [row for row in trusts if row.ended_at is not None],
        "kinds": [(kind.value, kind.label) for kind in actions.PLAIN],
        "categories": category_choices(request.user.language),
        "may_manage": request.user.may(Permission.QUEUE_MANAGE),
        "error": error,
        "typed": request.POST if error else {},
        "typed_categories": request.POST.getlist("categories") if error else [],
    }
    return render(request, "review/reporters/reporter.html", context, status=422 if error else 200)


def _do(request: Request, id: UUID, verb: Callable[[Reporter], str]) -> HttpResponse:
    found = reporter_of(id)
    try:
        messages.success(request, verb(found))
    except Refused as refused:
        return _show(request, found, refused)
    return redirect("review:reporter", found.id)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def name_kind(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Reporter) -> str:
        actions.name_kind(request.user, found, request.POST.get("kind", ""))
        return _("Saved.")

    return _do(request, id, verb)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def trust(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Reporter) -> str:
        trusting.trust(
            request.user,
            found,
            categories=request.POST.getlist("categories"),
            until=_day(request.POST.get("until", "")),
            reason=request.POST.get("reason", ""),
        )
        return _("From now on their reports come first among what is equally severe.")

    return _do(request, id, verb)


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise NotValid(_("Write the last day as 2027-12-31."), "until") from None


@require_POST
@needs(Permission.QUEUE_MANAGE)
def distrust(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Reporter) -> str:
        trusting.distrust(request.user, found, request.POST.get("reason", ""))
        return _("They are no trusted flagger any more.")

    return _do(request, id, verb)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def set_aside(request: Request, id: UUID) -> HttpResponse:
    def verb(found: Reporter) -> str:
        made = actions.set_aside(request.user, found, request.POST.get("reason", ""))
        return _("%s reports are set aside. You can take that back below.") % made.reports

    return _do(request, id, verb)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def take_back(request: Request, id: UUID) -> HttpResponse:
    made = SetAside.objects.filter(id=id).first()
    reporter = Reporter.objects.filter(key=made.reporter_key).first() if made else None
    if made is None or reporter is None:
        raise Http404(_("There is nothing to take back here."))

    def verb(found: Reporter) -> str:
        actions.take_back(request.user, made)
        return _("Taken back: the reports count again.")

    return _do(request, reporter.id, verb)
