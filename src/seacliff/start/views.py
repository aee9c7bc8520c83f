from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from seacliff.people.access import needs
from seacliff.people.permissions import Permission
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
