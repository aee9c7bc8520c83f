"""What is new in the rules: read and acknowledged by reviewers before they go on, written by policy managers."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Problem
from seacliff.policy import guidance
from seacliff.policy.models import Policy
from seacliff.review import actions
from seacliff.review.access import Refused, case_of
from seacliff.review.models import Queue
from seacliff.review.views import go_on


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.CASE_VIEW)
def changes(request: Request) -> HttpResponse:
    """Every change with how far it was read; what I have yet to read; a note to write, for who writes the rules."""
    problem = ""
    if request.method == "POST":
        try:
            _write(request)
        except Problem as refused:
            problem = refused.detail
        else:
            messages.success(request, _("Reviewers read it before their next claim under this policy."))
            return redirect("review:changes")
    context = {
        "unread": guidance.unread(request.user) if request.user.may(Permission.CASE_DECIDE) else [],
        "standings": guidance.standings(),
        "policies": Policy.objects.filter(retired_at=None) if request.user.may(Permission.POLICY_EDIT) else [],
        "typed": request.POST,
        "problem": problem,
    }
    return render(request, "review/changes/list.html", context, status=422 if problem else 200)


def _write(request: Request) -> None:
    if not request.user.may(Permission.POLICY_EDIT):
        raise PermissionDenied(_("Only who writes the rules writes how they are to be read."))
    policy = Policy.objects.filter(slug=request.POST.get("policy", ""), retired_at=None).first()
    if policy is None:
        raise Http404(_("There is no such policy."))
    guidance.write_note(actor_of(request), policy, request.POST.get("note", ""))


@require_safe
@never_cache
@needs(Permission.CASE_DECIDE)
def change(request: Request, slug: str) -> HttpResponse:
    """What is new in one policy since this person last read it, side by side; one key acknowledges it."""
    found = guidance.change_to_read(request.user, slug)
    if found is None:
        messages.info(request, _("You have read everything that is new there."))
        return redirect("review:changes")
    onward = {name: request.GET.get(name, "")[:60] for name in ("case", "queue")}
    return render(request, "review/changes/change.html", {"change": found, "onward": onward})


@require_POST
@needs(Permission.CASE_DECIDE)
def acknowledge(request: Request, slug: str) -> HttpResponse:
    """What was on the page has been read; on to the case that was wanted, or to the next one."""
    said = request.POST
    ids = [id for text in said.getlist("change") if (id := _id(text))]
    shown = guidance.unread(request.user).filter(policy__slug=slug, id__in=ids)
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        raise Http404(_("There is no such policy."))
    guidance.acknowledge(request.user, policy, shown=shown)
    if said.get("case"):
        found = case_of(request.user, said["case"])
        try:
            actions.claim(request.user, found)
        except Refused as refused:
            messages.error(request, refused.sentence)
        return redirect("review:case", found.ref)
    if "onward" not in said:
        return redirect("review:changes")
    return go_on(request, Queue.objects.filter(slug=said.get("queue", "")).first())


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
