from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from seacliff.people.access import needs
from seacliff.people.permissions import Permission
from seacliff.start.steps import steps


@needs(Permission.PEOPLE_MANAGE)
def start(request: HttpRequest) -> HttpResponse:
    """What is set up and what comes next; admins land here from the first link."""
    found = steps()
    upcoming = next((step for step in found if not step.is_done), None)
    page = {"steps": found, "upcoming": upcoming, "done": sum(step.is_done for step in found)}
    return render(request, "start/start.html", page)
