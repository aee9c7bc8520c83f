"""Pages: functions, their charters with versions, who decides what, who is away."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.partners.access import OURS, by_user, speaks_for
from seacliff.partners.charters import actions, queries
from seacliff.partners.charters.document import Charter, charter_of, read, written
from seacliff.partners.charters.forms import CharterForm
from seacliff.partners.charters.shipped import install
from seacliff.partners.directory import charter_in_force
from seacliff.partners.models import Absence, Ask, CharterVersion
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid, Problem

State = CharterVersion.State


@require_safe
@needs(Permission.CHARTER_VIEW)
def functions(request: Request) -> HttpResponse:
    lines = queries.lines(request.user)
    may_edit = request.user.may(Permission.CHARTER_EDIT)
    context = {"lines": lines, "may_edit": may_edit, "may_install": may_edit and len(lines) < 10,
               "today": timezone.now().date()}  # fmt: skip
    return render(request, "partners/charters/list.html", context)


@require_POST
@needs(Permission.CHARTER_EDIT)
def install_shipped(request: Request) -> HttpResponse:
    """The ten functions that come with Seacliff, each with a draft to begin from."""
    drafts = install(actor_of(request))
    messages.success(request, _("%s drafts are there. Add the contacts, then propose them.") % drafts)
    return redirect("partners:functions")


@require_safe
@needs(Permission.CHARTER_VIEW)
def rights(request: Request) -> HttpResponse:
    words = request.GET.get("words", "")[:100]
    context = {"found": queries.rights(request.user, words), "words": words, "names": queries.names()}
    return render(request, "partners/charters/rights.html", context)


@require_safe
@needs(Permission.CHARTER_VIEW)
def function_by_id(request: Request, id: UUID) -> HttpResponse:
    found = next((each for each in queries.functions_seen(request.user) if each.id == id), None)
    if found is None:
        raise Http404(_("There is no such function."))
    return redirect("partners:function", found.slug)


@require_safe
@needs(Permission.CHARTER_VIEW)
def charter_by_id(request: Request, id: UUID) -> HttpResponse:
    version = CharterVersion.objects.select_related("function").filter(id=id).first()
    if version is None:
        raise Http404(_("There is no such charter."))
    found = queries.version_of(request.user, version.function.slug, version.number)
    return redirect("partners:charter", found.function.slug, found.number)


@require_safe
@never_cache
@needs(Permission.CHARTER_VIEW)
def function(request: Request, slug: str) -> HttpResponse:
    return _show(request, queries.function_seen(request.user, slug))


@require_safe
@never_cache
@needs(Permission.CHARTER_VIEW)
def charter(request: Request, slug: str, number: int) -> HttpResponse:
    version = queries.version_of(request.user, slug, number)
    return _show(request, version.function, version)


def _show(
    request: Request, found: Function, version: CharterVersion | None = None, problem: Problem | None = None
) -> HttpResponse:
    versions = queries.versions_of(request.user, found)
    version = (
        version or next((each for each in versions if each.state == State.AGREED), None) or next(iter(versions), None)
    )
    said = charter_of(version)
    before = queries.version_before(version) if version else None
    may_edit = request.user.may(Permission.CHARTER_EDIT)
    making = next((each for each in versions if each.state in (State.DRAFT, State.PROPOSED)), None)
    context = {
        "function": found,
        "version": version,
        "charter": said,
        "we_ask": queries.rows_of(said, of_us=False),
        "they_ask": queries.rows_of(said, of_us=True),
        "before": before,
        "old": written(charter_of(before)) if before else "",
        "new": written(said),
        "versions": versions,
        "making": making,
        "proposal": Ask.objects.filter(about_id=making.id).order_by("-id").first() if making else None,
        "absences": queries.absences_of(found, said),
        "names": queries.names(),
        "may_edit": may_edit,
        "may_be_away": may_edit or speaks_for(request.user, found),
        "error": problem,
        "typed": request.POST if problem else {},
        "ours": OURS,
    }
    return render(request, "partners/charters/charter.html", context, status=problem.status if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.CHARTER_EDIT)
def edit(request: Request, slug: str) -> HttpResponse:
    """Write the draft, by the form or as YAML; `step=more` only adds empty rows."""
    found = queries.function_seen(request.user, slug)
    making = CharterVersion.objects.filter(function=found, state__in=[State.DRAFT, State.PROPOSED]).first()
    base = charter_of(making or charter_in_force(found))
    change = making.change if making else ""
    if request.method != "POST":
        return _edit(request, found, CharterForm(base, change), base)
    step = request.POST.get("step", "save")
    problem: Problem | None = None
    form = CharterForm(base, change) if step == "yaml" else CharterForm(base, change, request.POST)
    try:
        if step == "yaml":
            said, change = read(request.POST.get("yaml", "")), request.POST.get("change", "")
        else:
            said = _said(form)
            change = form.change
            if step == "more":
                return _edit(request, found, CharterForm(said, change, more=4), said)
        actions.draft(actor_of(request), request.user, found, said, change)
    except Problem as found_problem:
        problem = found_problem
        return _edit(request, found, form, base, problem)
    messages.success(request, _("The draft is kept. Propose it when both sides have read it."))
    return redirect("partners:charter", slug, _making(found).number)


def _said(form: CharterForm) -> Charter:
    if not form.is_valid():
        raise Invalid(_("Correct what is marked."))
    return form.charter(queries.names())


def _making(function: Function) -> CharterVersion:
    return CharterVersion.objects.get(function=function, state__in=[State.DRAFT, State.PROPOSED])


def _edit(
    request: Request, found: Function, form: CharterForm, base: Charter, problem: Problem | None = None
) -> HttpResponse:
    typed = request.POST.get("yaml", "")
    context = {
        "function": found,
        "form": form,
        "yaml": typed or written(base),
        "yaml_open": bool(typed and problem),
        "names": queries.names(),
        "error": problem,
    }
    return render(request, "partners/charters/edit.html", context, status=problem.status if problem else 200)


def _version(request: Request, found: Function) -> CharterVersion:
    number = request.POST.get("number", "")
    return queries.version_of(request.user, found.slug, int(number) if number.isdecimal() and len(number) < 9 else 0)


def _propose(request: Request, found: Function) -> None:
    asked = actions.propose(by_user(request.user), _version(request, found))
    messages.success(request, _("%(ref)s asks %(function)s to agree.") % {"ref": asked.ref, "function": found.name})


def _take_back(request: Request, found: Function) -> None:
    actions.take_back(by_user(request.user), _version(request, found), request.POST.get("reason", ""))


def _discard(request: Request, found: Function) -> None:
    actions.discard(actor_of(request), _version(request, found))


def _renew(request: Request, found: Function) -> None:
    actions.renew(actor_of(request), _version(request, found), request.POST.get("said", ""))


VERBS: dict[str, Callable[[Request, Function], None]] = {
    "propose": _propose,
    "take-back": _take_back,
    "discard": _discard,
    "renew": _renew,
}


@require_POST
@needs(Permission.CHARTER_EDIT)
def act(request: Request, slug: str, verb: str) -> HttpResponse:
    found = queries.function_seen(request.user, slug)
    try:
        VERBS[verb](request, found)
    except Problem as problem:
        return _show(request, found, problem=problem)
    return redirect("partners:function", slug)


@require_POST
@needs(Permission.CHARTER_VIEW)
def absence(request: Request, slug: str, verb: str) -> HttpResponse:
    """Somebody is away, or back: said by the function itself, or by a lead."""
    found = queries.function_seen(request.user, slug)
    if not (request.user.may(Permission.CHARTER_EDIT) or speaks_for(request.user, found)):
        raise PermissionDenied(_("Only %s itself says who is away.") % found.name)
    try:
        if verb == "away":
            _away(request, found)
        else:
            _back(request, found)
    except Problem as problem:
        return _show(request, found, problem=problem)
    return redirect("partners:function", slug)


def _away(request: Request, found: Function) -> None:
    said = request.POST
    try:
        since, until = date.fromisoformat(said.get("since", "")), date.fromisoformat(said.get("until", ""))
    except ValueError:
        raise Invalid(_("Write the first and the last day.")) from None
    known = {contact.email.lower() for contact in charter_of(charter_in_force(found)).contacts}
    known |= set(found.memberships.values_list("user__email", flat=True))
    if said.get("email", "").lower() not in {email.lower() for email in known}:
        raise Invalid(_("Choose a contact or a member of %s.") % found.name)
    actions.add_absence(actor_of(request), found, said["email"], since, until, said.get("deputy", "").strip())


def _back(request: Request, found: Function) -> None:
    known = queries.absences_of(found, charter_of(charter_in_force(found)))
    gone: Absence | None = next((each for each in known if str(each.id) == request.POST.get("absence")), None)
    if gone is not None:
        actions.end_absence(actor_of(request), found, gone)
