"""Pages: the public form behind a notice's or a status page's link; the list, one appeal, what became of them."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.appeals import access, actions, queries
from seacliff.appeals.access import Standing
from seacliff.appeals.models import Appeal
from seacliff.people import rates
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.policy.queries import category_choices
from seacliff.record.pages import listing, older_url
from seacliff.review.access import Refused
from seacliff.review.forms import verdict_of

APPEALS_PER_MACHINE, SECONDS = 10, 3600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rates.for_links
def of_notice(request: HttpRequest, token: str) -> HttpResponse:
    """For the affected user, by the link in their notice; no account."""
    return _public(request, access.by_notice(token))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rates.for_links
def of_status(request: HttpRequest, token: str) -> HttpResponse:
    """For a reporter, from their status page; no account."""
    return _public(request, access.by_status(token))


def _public(request: HttpRequest, standing: Standing) -> HttpResponse:
    spoken = standing.language[:2]
    with translation.override(spoken if translation.check_for_language(spoken) else "en"):
        error, lodged = "", None
        if request.method == "POST":
            lodged, error = _lodged(request, standing)
        context = {
            "error": error,
            "lodged": lodged,
            "why_not": "" if lodged else access.why_not(standing),
            "made": access.of_side(standing),
            "typed": request.POST.get("statement", ""),
            "side": standing.side,
            "case_ref": standing.decision.case.ref if standing.decision else "",
        }
        answer = render(request, "appeals/public.html", context, status=422 if error else 200)
    # Not "no-referrer", as where nothing is posted: the browser would then hide the form's origin, and CSRF refuse it.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _lodged(request: HttpRequest, standing: Standing) -> tuple[Appeal | None, str]:
    if not rates.allow(f"appeal:{rates.address_of(request)}", APPEALS_PER_MACHINE, SECONDS):
        return None, _("Too many appeals came from your address. Try again in an hour.")
    try:
        return actions.lodge(standing, request.POST.get("statement", "")), ""
    except Refused as refused:
        return None, refused.sentence


@require_safe
@needs(Permission.APPEAL_VIEW)
def appeals(request: Request) -> HttpResponse:
    """What waits, soonest due first; below it all of them, newest first, by state, side and outcome."""
    asked = {name: request.GET.get(name, "") for name in ("state", "side", "outcome")}
    rows = queries.listed(**asked)
    found = listing(request, rows)
    context = {
        "waiting": queries.waiting() if not any(asked.values()) and not request.GET.get("after") else [],
        "rows": found.rows,
        "older_url": older_url(request, found),
        "asked": asked,
        "states": Appeal.State.choices,
        "sides": Appeal.Side.choices,
        "outcomes": Appeal.Outcome.choices,
        "may_decide": request.user.may(Permission.APPEAL_DECIDE),
    }
    return render(request, "appeals/list.html", context)


@require_safe
@needs(Permission.APPEAL_VIEW)
def statistics(request: Request) -> HttpResponse:
    found = queries.statistics()
    titles = {"policy": _("By rule"), "tier": _("By tier of the first decision"), "reviewer": _("By first reviewer"),
              "language": _("By language"), "automated": _("By a person or automated"), "side": _("By who appealed")}  # fmt: skip
    groups = [(title, found[name]) for name, title in titles.items()]
    return render(request, "appeals/statistics.html", {"groups": groups, "all": found["all"]})


@require_safe
@needs(Permission.APPEAL_VIEW)
def by_id(request: Request, id: UUID) -> HttpResponse:
    found = Appeal.objects.filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such appeal."))
    return redirect("appeals:appeal", found.ref)


@require_safe
@never_cache
@needs(Permission.APPEAL_VIEW)
def appeal(request: Request, ref: str) -> HttpResponse:
    return _show(request, access.appeal_of(request.user, ref))


def _show(request: Request, found: Appeal, error: Refused | None = None) -> HttpResponse:
    shown = queries.page_of(request.user, found)
    mine = found.state == Appeal.State.WAITING and found.holder_id == request.user.id
    context = {
        "page": shown,
        "appeal": found,
        "case": found.case,
        "mine": mine,
        "may_decide": request.user.may(Permission.APPEAL_DECIDE),
        "may_view_case": request.user.may(Permission.CASE_VIEW),
        "categories": category_choices(request.user.language),
        "error": error,
        "typed": request.POST if error else {},
        "ticked": request.POST.getlist("action") if error else shown.ticked,
    }
    return render(request, "appeals/appeal.html", context, status=422 if error else 200)


@require_POST
@needs(Permission.APPEAL_DECIDE)
def claim_next(request: Request) -> HttpResponse:
    found = actions.claim_next(request.user)
    if found is None:
        messages.info(request, _("No appeal waits that you may decide."))
        return redirect("appeals:list")
    return redirect("appeals:appeal", found.ref)


def _claim(request: Request, found: Appeal) -> None:
    actions.claim(request.user, found)


def _release(request: Request, found: Appeal) -> None:
    actions.release(request.user, found)


def _decide(request: Request, found: Appeal) -> None:
    said = request.POST
    if said.get("finding") == "uphold":
        actions.uphold(request.user, found, reasons=said.get("rationale", ""), answer=said.get("answer", ""))
    else:
        verdict = verdict_of(request.user, found.case, said)
        actions.decide(request.user, found, verdict, answer=said.get("answer", ""))
    found.refresh_from_db(fields=["outcome"])
    messages.success(request, f"{found}: {found.get_outcome_display()}.")


def _refer(request: Request, found: Appeal) -> None:
    actions.refer(request.user, found, request.POST.get("reason", ""))


VERBS: dict[str, Callable[[Request, Appeal], None]] = {
    "claim": _claim,
    "release": _release,
    "decide": _decide,
    "refer": _refer,
}


@require_POST
@needs(Permission.APPEAL_DECIDE)
def act(request: Request, ref: str, verb: str) -> HttpResponse:
    found = access.appeal_of(request.user, ref)
    try:
        VERBS[verb](request, found)
    except Refused as refused:
        return _show(request, found, refused)
    return redirect("appeals:appeal", found.ref)
