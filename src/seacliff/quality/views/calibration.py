"""Pages of calibrations: open one, decide its cases alone, compare them in one table, agree."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.queries import category_choices
from seacliff.quality import access, actions, comparing
from seacliff.quality.models import Check, Session
from seacliff.quality.views.checks import go_on
from seacliff.review.access import NotValid, Refused, case_of


@require_safe
@needs(Permission.QUALITY_VIEW)
def calibrations(request: Request) -> HttpResponse:
    """One's own; for leads all of them."""
    lead = access.may_lead(request.user)
    rows = Session.objects.select_related("opened_by")
    if not lead:
        rows = rows.filter(members=request.user)
    return render(request, "quality/calibrations.html", {"rows": rows[:100], "may_lead": lead})


@needs(Permission.QUALITY_LEAD)
def open_calibration(request: Request) -> HttpResponse:
    error = None
    if request.method == "POST":
        try:
            session = _opened(request)
        except Refused as refused:
            error = refused
        else:
            messages.success(request, _("Open. Tell them: the cases wait under Calibrations."))
            return redirect("quality:session", session.id)
    people = User.objects.filter(is_active=True).order_by("name")[:500]
    context = {
        "people": [one for one in people if one.may(Permission.CHECK_DECIDE)],
        "chosen": request.POST.getlist("members"),
        "typed": request.POST if error else request.GET,
        "error": error,
    }
    return render(request, "quality/calibration_open.html", context, status=422 if error else 200)


def _opened(request: Request) -> Session:
    given = request.POST
    refs = dict.fromkeys(given.get("cases", "").replace(",", " ").split())
    try:
        cases = [case_of(request.user, ref) for ref in refs]
    except Http404 as missing:
        raise NotValid(str(missing), "cases") from None
    try:
        ids = [UUID(id) for id in given.getlist("members")]
    except ValueError:
        raise NotValid(_("Somebody you picked is not there any more. Load the page again."), "members") from None
    days = given.get("days", "")
    return actions.open_session(
        request.user, given.get("title", ""), cases, list(User.objects.filter(id__in=ids, is_active=True)),
        int(days) if days.isdecimal() and len(days) < 4 else 0,
    )  # fmt: skip


@require_safe
@never_cache
@needs(Permission.QUALITY_VIEW)
def session(request: Request, id: UUID) -> HttpResponse:
    return _show(request, access.session_of(request.user, id))


def _show(request: Request, found: Session, error: Refused | None = None) -> HttpResponse:
    lead = access.may_lead(request.user)
    deciding = found.state == Session.State.DECIDING
    standing = comparing.progress(found) if deciding else []
    mine = next((one for one in standing if one.member.id == request.user.id), None)
    left = Check.objects.filter(of_session__session=found, for_user=request.user, state=Check.State.WAITING)
    context = {
        "session": found,
        "progress": standing if lead else [],
        "mine": mine,
        "left": left.count() if mine else 0,
        "table": None if deciding else comparing.table(found),
        "may_lead": lead,
        "categories": category_choices(request.user.language),
        "names": dict(category_choices(request.user.language)),
        "typed": request.POST if error else {},
        "error": error,
    }
    return render(request, "quality/calibration.html", context, status=422 if error else 200)


@require_POST
@needs(Permission.CHECK_DECIDE, secluded=True)
def next_case(request: Request, id: UUID) -> HttpResponse:
    return go_on(request, access.session_of(request.user, id))


def _compare(request: Request, found: Session) -> str:
    actions.compare(request.user, found)
    return _("Everybody who took part sees the table now.")


def _note(request: Request, found: Session) -> str:
    actions.write_note(request.user, found, request.POST.get("body", ""))
    return ""


def _agree(request: Request, found: Session) -> str:
    given = request.POST
    place = given.get("place", "")
    row = found.cases.filter(place=int(place)).first() if place.isdecimal() and len(place) < 5 else None
    if row is None:
        raise NotValid(_("There is no such case in this calibration."), "place")
    actions.agree(request.user, row, given.get("finding", ""), given.get("found", ""), given.get("why", ""))
    return _("Agreed on case %s.") % row.place


def _close(request: Request, found: Session) -> str:
    actions.close(request.user, found)
    return _("The calibration is closed. What was agreed may become golden cases.")


VERBS: dict[str, Callable[[Request, Session], str]] = {
    "compare": _compare, "note": _note, "agree": _agree, "close": _close,
}  # fmt: skip


@require_POST
@needs(Permission.QUALITY_VIEW)
def act(request: Request, id: UUID, verb: str) -> HttpResponse:
    found = access.session_of(request.user, id)
    try:
        said = VERBS[verb](request, found)
    except Refused as refused:
        return _show(request, found, refused)
    if said:
        messages.success(request, said)
    return redirect("quality:session", found.id)
