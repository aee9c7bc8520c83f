"""Pages of runs: the list, one with its timeline, starting one, what people do to it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.models import Function, User
from seacliff.people.permissions import Permission, Role
from seacliff.people.problems import Conflict, Invalid, Problem
from seacliff.playbooks import access, library, queries, steering
from seacliff.playbooks.library import all_in_force
from seacliff.playbooks.models import Run
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import Subject
from seacliff.record.pages import listing, older_url
from seacliff.record.wording import place_of
from seacliff.review.access import case_of
from seacliff.review.models import Case


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def runs(request: Request) -> HttpResponse:
    """Runs, the newest first, by state and playbook."""
    asked = {"state": request.GET.get("state", "running"), "playbook": request.GET.get("playbook", "")}
    rows = queries.runs(**{name: "" if value == "all" else value for name, value in asked.items()})
    found = listing(request, rows)
    progress = queries.progress(found.rows)
    context = {
        "rows": [(run, progress[run.id]) for run in found.rows],
        "older_url": older_url(request, found),
        "asked": asked,
        "states": Run.State.choices,
        "playbooks": [version.playbook for version in all_in_force()],
    }
    return render(request, "playbooks/runs.html", context)


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def of_case(request: Request, ref: str) -> HttpResponse:
    """What runs on a case and what could: a page, or the part that the case's page loads."""
    context = {
        "found": queries.of_case(case_of(request.user, ref)),
        "may_run": request.user.may(Permission.PLAYBOOK_RUN),
    }
    return render(request, "playbooks/of_case_part.html" if request.htmx else "playbooks/of_case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PLAYBOOK_RUN)
def begin(request: Request, slug: str) -> HttpResponse:
    """Say what a run needs to know and start it; ?case=C-1001 makes it about a case."""
    found = access.playbook_of(request.user, slug)
    version = library.in_force(found)
    if version is None:
        raise Http404(f"{found} has no version in force.")
    ref = request.POST.get("case", request.GET.get("case", "")).strip()
    problem = None
    if request.method == "POST":
        try:
            run = _started(request, version, ref)
            messages.success(request, _("%s has begun.") % run.ref)
            return redirect("playbooks:run", run.ref)
        except Problem as said:
            problem = said
    context = {
        "playbook": found,
        "version": version,
        "book": version.document,
        "case_ref": ref,
        "problem": problem,
        "faults": {each.get("pointer", "").rpartition("/")[2]: each["detail"] for each in problem.errors}
        if problem
        else {},
        "typed": request.POST,
        "waited_for": [step.title for step in version.document.steps if step.wait],
        "asked_of": Function.objects.filter(slug__in={step.by for step in version.document.steps if step.asks})
        .order_by("name")
        .values_list("name", flat=True),
    }
    return render(request, "playbooks/begin.html", context, status=422 if problem else 200)


def _started(request: Request, version: Any, ref: str) -> Run:
    case = _case(request.user, ref) if ref else None
    given = {each.key: request.POST.get(f"input.{each.key}", "") for each in version.document.inputs}
    severity = request.POST.get("severity", "")
    new = NewRun(
        version,
        request.POST.get("title", ""),
        given,
        about=Subject("case", case.id) if case else None,
        about_label=case.ref if case else "",
        severity=int(severity) if severity in ("1", "2", "3", "4") else None,
        lead=request.user,
    )
    run = start(actor_of(request), new)
    steering.begin(run)
    return run


def _case(user: User, ref: str) -> Case:
    try:
        return case_of(user, ref)
    except Http404 as missing:
        raise Invalid(str(missing), errors=[{"pointer": "#/case", "detail": str(missing)}]) from None


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def by_id(request: Request, id: UUID) -> HttpResponse:
    return redirect("playbooks:run", access.run_by_id(request.user, id).ref)


@require_safe
@never_cache
@needs(Permission.PLAYBOOK_VIEW)
def run(request: Request, ref: str) -> HttpResponse:
    return _show(request, access.run_of(request.user, ref))


def _show(request: Request, found: Run, problem: Problem | None = None) -> HttpResponse:
    may_run = request.user.may(Permission.PLAYBOOK_RUN) and found.is_running
    context = {
        "page": queries.page_of(found),
        "run": found,
        "about_url": place_of(found.about_kind, found.about_id) if found.about_id else "",
        "problem": problem,
        "typed": request.POST if problem else {},
        "may_run": may_run,
        "answers": [("yes", _("Yes")), ("partly", _("Partly")), ("no", _("No"))],
        "may_approve": request.user.may(Permission.PLAYBOOK_APPROVE) and found.lead_id != request.user.id,
        "functions": Function.objects.order_by("name") if may_run else [],
        "people": _people() if may_run else [],
    }
    return render(request, "playbooks/run.html", context, status=422 if problem else 200)


def _people() -> list[User]:
    """Who may lead a run or do its tasks."""
    roles = [Role.REVIEWER, Role.LEAD, Role.POLICY_MANAGER]
    return list(User.objects.filter(is_active=True, roles__overlap=roles).order_by("name")[:200])


def _complete(request: Request, found: Run, key: str) -> None:
    said = request.POST
    form = {name.removeprefix("form."): value for name, value in said.items() if name.startswith("form.")}
    steering.complete(request.user, actor_of(request), found, key, said.get("answer", ""), said.get("reason", ""), form)


def _skip(request: Request, found: Run, key: str) -> None:
    steering.skip(actor_of(request), found, key, request.POST.get("reason", ""))


def _hand_over(request: Request, found: Run, key: str) -> None:
    said = request.POST
    to = Function.objects.filter(slug=said.get("function", "")).first()
    person = User.objects.filter(email=said["person"], is_active=True).first() if said.get("person") else None
    if to is None and person is None:
        raise Invalid("Choose a function or a person.")
    steering.hand_over(actor_of(request), found, key, said.get("reason", ""), function=to, person=person)


def _put_off(request: Request, found: Run, key: str) -> None:
    try:
        due_at = datetime.fromisoformat(request.POST.get("due_at", "")).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("Write the new time as 2027-01-31T09:00, in UTC.") from None
    steering.put_off(request.user, actor_of(request), found, key, due_at, request.POST.get("reason", ""))


STEP_VERBS: dict[str, Callable[[Request, Run, str], None]] = {
    "done": _complete,
    "skip": _skip,
    "hand-over": _hand_over,
    "put-off": _put_off,
}


@require_POST
@needs(Permission.PLAYBOOK_RUN)
def do_step(request: Request, ref: str, key: str, verb: str) -> HttpResponse:
    found = access.run_of(request.user, ref)
    try:
        STEP_VERBS[verb](request, found, key)
    except Problem as problem:
        return _show(request, found, problem)
    return redirect("playbooks:run", found.ref)


def _add(request: Request, found: Run) -> None:
    said = request.POST
    step: dict[str, Any] = {
        name: said[name].strip() for name in ("title", "kind", "by", "text", "due") if said.get(name)
    }
    if step.get("kind") == "ask":
        step["ask"] = said.get("ask") or "advise"
    if said.getlist("after"):
        step["after"] = said.getlist("after")
    steering.add(actor_of(request), found, step)


def _cancel(request: Request, found: Run) -> None:
    steering.cancel(actor_of(request), found, request.POST.get("reason", ""))


def _lead(request: Request, found: Run) -> None:
    user = User.objects.filter(email=request.POST.get("lead", ""), is_active=True).first()
    if user is None:
        raise Conflict("There is nobody with this address.")
    steering.lead(actor_of(request), found, user)


VERBS: dict[str, Callable[[Request, Run], None]] = {"add": _add, "cancel": _cancel, "lead": _lead}


@require_POST
@needs(Permission.PLAYBOOK_RUN)
def do(request: Request, ref: str, verb: str) -> HttpResponse:
    found = access.run_of(request.user, ref)
    try:
        VERBS[verb](request, found)
    except Problem as problem:
        return _show(request, found, problem)
    return redirect("playbooks:run", found.ref)
