"""The two questions behind a signed link, and T&S's page of what came of them."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people import rates
from seacliff.people.access import Request, needs
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.people.problems import Problem, TooMany
from seacliff.relationships import access, actions, scores
from seacliff.relationships.models import Pulse
from seacliff.relationships.pulse import answering, asking, figures
from seacliff.relationships.scores import PulseScores

ACTS_PER_LINK, SECONDS = 20, 600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rates.for_links
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Read them and answer both; afterwards thanks, and never again what was said."""
    pulse = asking.found(token)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            if not rates.allow(f"pulse-act:{pulse.id}", ACTS_PER_LINK, SECONDS):
                raise TooMany(_("That was a lot at once. Try again in a few minutes."))
            answering.answer(pulse, request.POST.get("easy", ""), request.POST.get("worth", ""))
            return redirect("relationships:pulse", token)
        except Problem as said:
            problem = said
            pulse.refresh_from_db()
    return _shown(request, pulse, problem)


def _shown(request: HttpRequest, pulse: Pulse, problem: Problem | None) -> HttpResponse:
    context = {
        "pulse": pulse,
        "ask": pulse.ask,
        "problem": problem,
        "typed": request.POST if problem else {},
        "questions": [
            ("easy", _("How easy was it to work with us on this?"), _("1: very hard, 5: very easy")),
            ("worth", _("Was it worth your time?"), _("1: not at all, 5: very much")),
        ],
        "grades": [str(grade) for grade in answering.GRADES],
        "fewest": answering.FEWEST_ANSWERS,
        "people": answering.FEWEST_PEOPLE,
    }
    answer = render(request, "relationships/pulse.html", context, status=problem.status if problem else 200)
    # Not "no-referrer": the browser would then hide the form's origin, and CSRF refuse it.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@dataclass(frozen=True, slots=True)
class Line:
    function: Function
    scores: PulseScores


@never_cache
@require_safe
@needs(Permission.RELATIONSHIP_VIEW_ALL)
def overview(request: Request) -> HttpResponse:
    """Every function with its figures, and after how many asks the questions are put."""
    functions = access.functions_seen(request.user)
    found = figures.of_functions(functions)
    put = Pulse.objects.filter(asked_at__gt=timezone.now() - timedelta(days=90))
    context = {
        "lines": [Line(function, scores.of_pulse(found.get(function.id))) for function in functions],
        "share": asking.share(),
        "put": put.count(),
        "answered": put.exclude(answered_at=None).count(),
        "fewest": answering.FEWEST_ANSWERS,
        "people": answering.FEWEST_PEOPLE,
        "may_edit": request.user.may(Permission.RELATIONSHIP_EDIT),
    }
    return render(request, "relationships/pulses.html", context)


@require_POST
@needs(Permission.RELATIONSHIP_EDIT)
def choose_share(request: Request) -> HttpResponse:
    try:
        actions.choose_pulse_share(request.user, request.POST.get("percent", "").strip())
    except Problem as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, _("Saved. It holds from the next answer on."))
    return redirect("relationships:pulses")
