"""Pages of the tiers: what they are, what several people are deciding, how a panel is named, votes and writes."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.queries import category_choices
from seacliff.review import plan_pages
from seacliff.review.access import NotValid, Refused
from seacliff.review.asking import asked_in
from seacliff.review.forms import verdict_of
from seacliff.review.models import Deliberation, TierPlan
from seacliff.review.tiers import access, deliberating, panel, plan, queries


@require_safe
@needs(Permission.TIER_VIEW)
def tiers(request: Request, number: int | None = None) -> HttpResponse:
    """The tiers in force, or an earlier version of them."""
    found = access.plan_to_read(request.user, number) if number else None
    context = plan_pages.shown(plan, found, TierPlan) | {"may_edit": request.user.may(Permission.TIER_EDIT)}
    return render(request, "review/tiers/tiers.html", context)


@needs(Permission.TIER_EDIT)
def edit_tiers(request: Request) -> HttpResponse:
    saved = _("The tiers hold from now on. What is being deliberated goes on as it began.")
    return plan_pages.edit(request, plan, "review/tiers/edit.html", saved=saved, then="review:tiers")


@require_safe
@needs(Permission.PANEL_SIT)
def deliberations(request: Request) -> HttpResponse:
    """What waits for this person; all that is open, for those who view cases; where they sat before."""
    context = {
        "waiting": queries.waiting_for(request.user),
        "open": queries.all_open() if request.user.may(Permission.CASE_VIEW) else [],
        "sat": queries.seats_of(request.user),
    }
    return render(request, "review/tiers/deliberations.html", context)


@require_safe
@never_cache
@needs(Permission.CONSOLE_USE)
def deliberation(request: Request, id: UUID) -> HttpResponse:
    return _show(request, access.deliberation_of(request.user, id))


def _show(request: Request, found: Deliberation, error: Refused | None = None) -> HttpResponse:
    page = queries.page_of(request.user, found)
    context = {
        "page": page,
        "deliberation": found,
        "case": found.case,
        "may_convene": bool(page.candidates) or found.stage == Deliberation.Stage.ROSTER,
        "may_view_case": request.user.may(Permission.CASE_VIEW),
        "asks": asked_in(found) if page.may_read else [],
        "may_ask": request.user.may(Permission.ASK_MAKE) and request.user.may(Permission.CASE_VIEW) and found.is_open,
        "sees_asks": request.user.may(Permission.ASK_VIEW_ALL),
        "may_write": found.is_open and page.mine is not None and page.may_read,
        "is_chair": found.chair_id == request.user.id,
        "categories": category_choices(request.user.language),
        "typed": request.POST if error else {},
        "ticked": request.POST.getlist("action") if error else [],
        "error": error,
        "voting": True,
        "panel": True,
        "decide_url": reverse("review:deliberation-do", args=[found.id, "vote"]),
    }
    return render(request, "review/tiers/deliberation.html", context, status=422 if error else 200)


def _vote(request: Request, found: Deliberation) -> None:
    verdict = verdict_of(request.user, found.case, request.POST)
    if found.way == Deliberation.Way.CONSENSUS:
        deliberating.vote(request.user, found.case, verdict)
    else:
        panel.vote(request.user, found, verdict)


def _write(request: Request, found: Deliberation) -> None:
    deliberating.write(request.user, found, request.POST.get("body", ""))


def _convene(request: Request, found: Deliberation) -> None:
    try:
        members = User.objects.in_bulk([UUID(id) for id in request.POST.getlist("members")])
        chair = User.objects.filter(id=UUID(request.POST.get("chair", ""))).first()
    except ValueError:
        raise NotValid(_("Choose the members and one of them as the chair."), "chair") from None
    if chair is None:
        raise NotValid(_("Choose the members and one of them as the chair."), "chair")
    panel.convene(request.user, found, members.values(), chair)


def _declare(request: Request, found: Deliberation) -> None:
    conflict = request.POST.get("conflict", "").strip()
    if request.POST.get("has") == "yes" and not conflict:
        raise NotValid(
            _("Say in a few words what the conflict is: whoever replaces you will want to know."), "conflict"
        )
    panel.declare(request.user, found, conflict if request.POST.get("has") == "yes" else "")


def _issue(request: Request, found: Deliberation) -> None:
    question, opinion, passage, facts = (
        request.POST.get(name, "") for name in ("question", "opinion", "passage", "facts")
    )
    panel.issue(request.user, found, question=question, opinion=opinion, passage=passage, facts=facts)


VERBS = {"vote": _vote, "write": _write, "convene": _convene, "declare": _declare, "issue": _issue}


@require_POST
@needs(Permission.CONSOLE_USE)
def act(request: Request, id: UUID, verb: str) -> HttpResponse:
    found = access.deliberation_of(request.user, id)
    try:
        VERBS[verb](request, found)
    except Refused as refused:
        return _show(request, found, refused)
    if verb == "vote":
        messages.success(request, _("%s: your vote is cast.") % found.case.ref)
    if verb == "declare" and request.POST.get("has") == "yes":
        messages.success(request, _("Thank you. Somebody else takes the seat."))
        return redirect("review:deliberations")
    return redirect("review:deliberation", found.id)
