"""Pages of second looks: what waits, one judged blindly, two verdicts compared, the plan they are drawn by."""

from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.policy.models import ActionKind, Category
from seacliff.policy.queries import category_choices
from seacliff.quality import access, actions, plan, queries
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, QualityPlan, Session
from seacliff.record.pages import listing, older_url
from seacliff.review import plan_pages
from seacliff.review.access import NotValid, Refused, Unread
from seacliff.review.forms import verdict_of
from seacliff.wellness.rest import media_of, propose

State = Check.State


@require_safe
@never_cache
@needs(Permission.QUALITY_VIEW)
def overview(request: Request) -> HttpResponse:
    user = request.user
    context = {
        "waiting": queries.waiting(),
        "held": queries.held_by(user),
        "mine": queries.looks_of(user),
        "wrong": queries.found_wrong(user),
        "plan": plan.plan_in_force(),
        "may_decide": user.may(Permission.CHECK_DECIDE),
        "may_lead": access.may_lead(user),
    }
    return render(request, "quality/overview.html", context)


@require_POST
@needs(Permission.CHECK_DECIDE, secluded=True)
def claim_next(request: Request) -> HttpResponse:
    return go_on(request, None)


def go_on(request: Request, session: Session | None) -> HttpResponse:
    """On to the next matter to judge; back where one came from when nothing waits."""
    back = redirect("quality:session", session.id) if session else redirect("quality:overview")
    if rest := propose(request.session, request.user):
        messages.info(request, rest)
    try:
        check = actions.claim_next(request.user, session)
    except Unread as unread:
        messages.info(request, unread.sentence)
        return redirect(
            "review:change", Category.objects.values_list("policy__slug", flat=True).get(slug=unread.category)
        )
    except Refused as refused:
        messages.error(request, refused.sentence)
        return back
    if check is None:
        messages.info(request, _("Nothing waits for you here. Well done."))
        return back
    return redirect("quality:check", check.ref)


@require_safe
@never_cache
@needs(Permission.QUALITY_VIEW, secluded=True)
def check(request: Request, ref: str) -> HttpResponse:
    return _show(request, access.check_of(request.user, ref))


@require_safe
@needs(Permission.QUALITY_VIEW)
def by_id(request: Request, id: UUID) -> HttpResponse:
    """For whoever knows a check by its id, as the record does."""
    found = Check.objects.filter(id=id).first()
    if found is None or not access.may_see(request.user, found):
        raise Http404(_("There is no such re-review that you may see."))
    return redirect("quality:check", found.ref)


def _show(request: Request, found: Check, error: Refused | None = None) -> HttpResponse:
    shown = _blind if found.state == State.WAITING else _answered
    return shown(request, found, error)


def _blind(request: Request, found: Check, error: Refused | None) -> HttpResponse:
    shown = queries.blind_page(found)
    language = request.user.language
    context = {
        "page": shown,
        "check": found,
        "category_name": shown.category.name(language) if shown.category else found.category,
        "categories": category_choices(language),
        "typed": request.POST if error else {},
        "ticked": request.POST.getlist("action") if error else [],
        "error": error,
        "media": media_of(request.user),
    }
    return render(request, "quality/blind.html", context, status=422 if error else 200)


def _answered(request: Request, found: Check, error: Refused | None) -> HttpResponse:
    """One's own verdict, of any kind; for leads, and for those who settle, both of a sampled decision."""
    user = request.user
    if found.kind != Check.Kind.SAMPLE:
        return render(request, "quality/own_answer.html", {"check": found})
    between = user.id not in (found.first_id, found.second_id)
    lead = access.may_lead(user)
    open_to_both = found.state != State.DIFFERS
    context = {
        "check": found,
        "page": queries.compared(user, found) if between or open_to_both else None,
        "first_name": found.first if lead else _("A reviewer"),
        "second_name": found.second if lead else _("A second reviewer"),
        "may_lead": lead,
        "may_settle": between and lead,
        "may_opine": between and access.may_opine(user, plan.plan_in_force()),
        "rights": Check.Right.choices,
        "categories": category_choices(user.language),
        "typed": request.POST if error else {},
        "ticked": request.POST.getlist("action") if error else None,
        "error": error,
    }
    return render(request, "quality/compared.html", context, status=422 if error else 200)


@require_safe
@needs(Permission.QUALITY_VIEW, secluded=True)
def live(request: Request, ref: str) -> HttpResponse:
    """Asked for every few seconds while the page is open: the lease runs anew; or says that it is over."""
    number = access.REF.match(ref)
    found = Check.objects.filter(number=int(number[1])).first() if number else None
    if found is None:
        raise Http404(_("There is no such re-review."))
    held = actions.renew(request.user, found)
    etag = '"' + sha256(f"{found.id} {held}".encode()).hexdigest()[:24] + '"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    answer = render(request, "quality/parts/live.html", {"held": held})
    answer.headers["ETag"] = etag
    return answer


def _answer(request: Request, found: Check) -> str:
    given = request.POST
    verdict = Found(
        finding=given.get("finding", ""),
        category=given.get("category", "") or found.category,
        rationale=given.get("rationale", ""),
        actions=tuple(kind for kind in given.getlist("action") if kind in ActionKind.values),
    )
    actions.answer(request.user, found, verdict)
    return _("%s: your verdict is in.") % found


def _give_back(request: Request, found: Check) -> str:
    actions.give_back(request.user, found, request.POST.get("reason", ""))
    return _("%s goes to somebody else.") % found


def _settle(request: Request, found: Check) -> str:
    given = request.POST
    verdict = verdict_of(request.user, found.case, _as_verdict(given)) if given.get("finding") else None
    actions.settle(request.user, found, given.get("right", ""), given.get("reason", ""), verdict)
    return _("%s is settled.") % found


def _correct(request: Request, found: Check) -> str:
    if not request.POST.get("finding"):
        raise NotValid(_("Choose the finding that takes the place of the first."), "finding")
    verdict = verdict_of(request.user, found.case, _as_verdict(request.POST))
    actions.correct_after(request.user, found, verdict)
    return _("The decision on %s is corrected.") % found.case.ref


def _as_verdict(given: QueryDict) -> QueryDict:
    """The settling form in the words of a decision's: its reason is the new decision's rationale."""
    typed = given.copy()
    typed["rationale"] = given.get("reason", "")
    return typed


def _opine(request: Request, found: Check) -> str:
    actions.opine(request.user, found, request.POST.get("right", ""), request.POST.get("reason", ""))
    return _("%s: your view is written down.") % found


VERBS: dict[str, Callable[[Request, Check], str]] = {
    "answer": _answer, "give-back": _give_back, "settle": _settle, "correct": _correct, "opine": _opine,
}  # fmt: skip


@require_POST
@needs(Permission.QUALITY_VIEW, secluded=True)
def act(request: Request, ref: str, verb: str) -> HttpResponse:
    found = access.check_of(request.user, ref)
    session = found.of_session.session if found.of_session else None
    try:
        said = VERBS[verb](request, found)
    except Refused as refused:
        return _show(request, found, refused)
    messages.success(request, said)
    if verb == "answer" and request.POST.get("stay"):
        return go_on(request, session)
    if verb in ("answer", "give-back"):
        return redirect("quality:session", session.id) if session else redirect("quality:overview")
    return redirect("quality:check", found.ref)


@require_safe
@needs(Permission.QUALITY_VIEW)
def differences(request: Request) -> HttpResponse:
    """For leads: what waits to be settled, and all second looks that were answered; for others, where several settle,
    what they may settle."""
    user = request.user
    lead = access.may_lead(user)
    state = request.GET.get("state", "")
    rows = queries.answered(state if state in State.values else "") if lead else Check.objects.none()
    found = listing(request, rows)
    may_opine = access.may_opine(user, plan.plan_in_force())
    context = {
        "waiting": queries.differences_for(user) if lead or may_opine else [],
        "rows": found.rows,
        "older_url": older_url(request, found),
        "state": state,
        "states": [(s.value, s.label) for s in (State.AGREED, State.DIFFERS, State.SETTLED)],
        "may_lead": lead,
        "may_opine": may_opine,
    }
    return render(request, "quality/differences.html", context)


@require_safe
@needs(Permission.QUALITY_VIEW)
def show_plan(request: Request, number: int | None = None) -> HttpResponse:
    found = access.plan_to_read(number) if number else None
    context = plan_pages.shown(plan, found, QualityPlan) | {"may_edit": access.may_lead(request.user)}
    return render(request, "quality/plan.html", context)


@needs(Permission.QUALITY_LEAD)
def edit_plan(request: Request) -> HttpResponse:
    saved = _("The plan holds from now on. What was drawn stays drawn.")
    return plan_pages.edit(request, plan, "quality/plan_edit.html", saved=saved, then="quality:plan")
