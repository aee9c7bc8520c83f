"""Pages of playbooks as documents: the list, one with its graph and versions, the editor with its check."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Problem
from seacliff.playbooks import access, library, queries
from seacliff.playbooks.drawing import graph
from seacliff.playbooks.models import Playbook, PlaybookVersion
from seacliff.playbooks.reading import check
from seacliff.playbooks.shipped import install, shipped

BLANK = """name: ""
purpose: ""
use_when: ""
severity: 3
inputs:
  - {key: what, label: What happened, type: text, needed: true}
steps:
  - key: facts
    title: Find out what happened
    text: "{{ input.what }}"
    due: 4h
  - key: law
    title: What the law says
    kind: ask
    ask: advise
    by: legal
    text: "{{ input.what }} What must we do, and what may we not?"
    after: [facts]
    due: 1d after start
"""


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def playbooks(request: Request) -> HttpResponse:
    lines = queries.lines()
    known = {line.playbook.slug for line in lines}
    may_edit = request.user.may(Permission.PLAYBOOK_EDIT)
    missing = [book.name for slug, (_source, book) in shipped().items() if slug not in known] if may_edit else []
    context = {
        "lines": lines,
        "missing": missing,
        "may_edit": may_edit,
        "may_run": request.user.may(Permission.PLAYBOOK_RUN),
    }
    return render(request, "playbooks/list.html", context)


@require_POST
@needs(Permission.PLAYBOOK_EDIT)
def install_shipped(request: Request) -> HttpResponse:
    """Add those that come with Seacliff, as drafts to be made one's own."""
    made = install(actor_of(request), request.user)
    messages.success(request, _("%(n)s playbooks added as drafts. Read them, change them, publish.") % {"n": made})
    return redirect("playbooks:list")


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def by_id(request: Request, id: UUID) -> HttpResponse:
    return redirect("playbooks:playbook", access.playbook_by_id(request.user, id).slug)


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def playbook(request: Request, slug: str) -> HttpResponse:
    """The version in force, else the draft; ?version=3 shows another one, beside the one before it."""
    found = access.playbook_of(request.user, slug)
    versions = queries.versions_of(found)
    asked = request.GET.get("version", "")
    in_force = library.in_force(found)
    shown = (
        access.version_of(found, int(asked))
        if re.fullmatch(r"[0-9]{1,9}", asked)
        else in_force or access.version_of(found, versions[0].number)
    )
    book = shown.document if shown.content else None
    before = next((each for each in versions if each.number < shown.number), None)
    context = {
        "playbook": found,
        "version": shown,
        "book": book,
        "graph": graph(book) if book else None,
        "versions": versions,
        "before": before if asked else None,
        "in_force": in_force,
        "draft": next((each for each in versions if each.state == PlaybookVersion.State.DRAFT), None),
        "runs": queries.runs_of(found),
        "may_edit": request.user.may(Permission.PLAYBOOK_EDIT),
        "may_run": request.user.may(Permission.PLAYBOOK_RUN),
    }
    return render(request, "playbooks/playbook.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PLAYBOOK_EDIT)
def new(request: Request) -> HttpResponse:
    """Write one from the beginning."""
    source, problem = request.POST.get("source", BLANK).replace("\r\n", "\n"), None
    if request.method == "POST":
        try:
            draft = library.create(actor_of(request), source)
            return redirect("playbooks:edit", draft.playbook.slug)
        except Problem as found:
            problem = found
    return _editor(request, None, source, problem)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PLAYBOOK_EDIT)
def edit(request: Request, slug: str) -> HttpResponse:
    """The draft, or what would become one: saved finished or not, checked as it is typed."""
    found = access.playbook_of(request.user, slug)
    if request.method == "POST":
        library.save_draft(actor_of(request), found, request.POST.get("source", "").replace("\r\n", "\n"),
                           request.POST.get("change"))  # fmt: skip
        messages.success(request, _("The draft is saved."))
        return redirect("playbooks:edit", slug)
    return _editor(request, found, _source(found))


def _source(found: Playbook) -> str:
    newest = found.versions.order_by("-number").first()
    return newest.source if newest else BLANK


def _editor(request: Request, found: Playbook | None, source: str, problem: Problem | None = None) -> HttpResponse:
    draft = found.versions.filter(state=PlaybookVersion.State.DRAFT).first() if found else None
    context = {"playbook": found, "draft": draft, "source": source, "problem": problem, **_checked(source)}
    return render(request, "playbooks/edit.html", context, status=422 if problem else 200)


def _checked(source: str) -> dict[str, Any]:
    book, wrong = check(source, library.functions())
    return {"wrong": wrong, "book": book, "graph": graph(book) if book else None}


@require_POST
@needs(Permission.PLAYBOOK_EDIT)
def check_source(request: Request) -> HttpResponse:
    """What is wrong with what is typed, and how it looks: the part beside the text."""
    return render(request, "playbooks/checked.html", _checked(request.POST.get("source", "")))


@require_POST
@needs(Permission.PLAYBOOK_EDIT)
def publish(request: Request, slug: str) -> HttpResponse:
    found = access.playbook_of(request.user, slug)
    said = request.POST
    try:
        when = said.get("effective_at", "").strip()
        at = datetime.fromisoformat(when).replace(tzinfo=UTC) if when else None
        version = library.publish(actor_of(request), access.draft_of(found), said.get("change", ""), request.user, at)
    except ValueError:
        return _editor(request, found, _source(found), Problem("Write the time as 2027-01-31T09:00."))
    except Problem as problem:
        return _editor(request, found, _source(found), problem)
    messages.success(request, _("Version %s is published. Runs that go on keep theirs.") % version.number)
    return redirect("playbooks:playbook", slug)


@require_POST
@needs(Permission.PLAYBOOK_EDIT)
def discard(request: Request, slug: str) -> HttpResponse:
    found = access.playbook_of(request.user, slug)
    try:
        library.discard(actor_of(request), access.draft_of(found))
    except Problem as problem:
        messages.error(request, problem.detail)
    return (
        redirect("playbooks:playbook", slug)
        if Playbook.objects.filter(id=found.id).exists()
        else redirect("playbooks:list")
    )


@require_POST
@needs(Permission.PLAYBOOK_EDIT)
def retire(request: Request, slug: str) -> HttpResponse:
    """Retire it, or bring it back."""
    found = access.playbook_of(request.user, slug)
    library.retire(actor_of(request), found, retired=found.retired_at is None)
    return redirect("playbooks:playbook", slug)
