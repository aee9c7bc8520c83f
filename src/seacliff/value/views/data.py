"""Page: how good the inputs are."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.value import readings
from seacliff.value.assumptions import ask_anew
from seacliff.value.models import Reading


@require_safe
@needs(Permission.VALUE_VIEW)
def quality(request: Request) -> HttpResponse:
    found = readings.reading(Reading.Kind.QUALITY)
    return render(request, "value/data.html", {"reading": found, "may": request.user.may(Permission.VALUE_PROPOSE)})


@require_POST
@needs(Permission.VALUE_PROPOSE)
def look_again(request: Request, kind: str) -> HttpResponse:
    """Ask the worker to read the inputs anew."""
    ask_anew(Reading.Kind(kind))
    return redirect(readings.PAGES[Reading.Kind(kind)])
