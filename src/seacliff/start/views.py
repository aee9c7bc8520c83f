from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.policy.models import Policy
from seacliff.sample import pack, pack_install
from seacliff.start.steps import steps


def home(request: HttpRequest) -> HttpResponse:
    """Reviewers go to their queues, other staff to what they may see, strangers to what the public is offered."""
    if not request.user.is_authenticated:
        return render(request, "start/public.html")
    if request.user.may(Permission.CASE_VIEW):
        return redirect("review:queues")
    return redirect("people:settings" if request.user.may(Permission.CONSOLE_USE) else "account_logout")


@needs(Permission.PEOPLE_MANAGE)
def start(request: HttpRequest) -> HttpResponse:
    """What is set up and what comes next; admins land here from the first link."""
    found = steps()
    upcoming = next((step for step in found if not step.is_done), None)
    page = {"steps": found, "upcoming": upcoming, "done": sum(step.is_done for step in found)}
    return render(request, "start/start.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.POLICY_EDIT)
def policy_pack(request: Request) -> HttpResponse:
    """The policies that Seacliff ships, and bringing them in."""
    if request.method == "POST":
        count = pack_install.install(actor_of(request))
        said = ngettext("%d policy is in force now.", "%d policies are in force now.", count) % count
        messages.success(request, said)
        return redirect("policy:list")
    known = set(Policy.objects.values_list("slug", flat=True))
    lines = [{"policy": policy, "is_here": policy.slug in known} for policy in pack.policies()]
    return render(request, "start/pack.html", {"lines": lines, "missing": sum(not line["is_here"] for line in lines)})
