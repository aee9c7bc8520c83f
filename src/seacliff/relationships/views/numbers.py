"""Pages of numbers: every function in a row, and one function both ways."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid
from seacliff.record.wording import place_of
from seacliff.relationships import access, numbers, periods, scores, wins
from seacliff.relationships.models import DigestChoice
from seacliff.relationships.numbers import Both, Side
from seacliff.relationships.periods import Period
from seacliff.relationships.pulse import figures
from seacliff.relationships.scores import Scores

WINS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One direction as the pages show it."""

    side: Side
    scores: Scores


@dataclass(frozen=True, slots=True)
class Row:
    both: Both
    we_asked: Way
    they_asked: Way


def row_of(both: Both) -> Row:
    ways = [Way(side, scores.of_side(side)) for side in (both.we_asked, both.they_asked)]
    return Row(both, *ways)


def period_of(request: Request) -> tuple[Period, Invalid | None]:
    """The period of the address; the usual one, with what is wrong, when it can't be read."""
    try:
        return periods.asked(request.GET), None
    except Invalid as problem:
        return periods.last(), problem


@never_cache
@require_safe
@needs(Permission.RELATIONSHIP_VIEW)
def overview(request: Request) -> HttpResponse:
    """Every function that this person sees, both ways."""
    period, problem = period_of(request)
    functions = access.functions_seen(request.user)
    rows = [row_of(both) for both in numbers.overview(functions, period)]
    context = {
        "rows": rows,
        "period": period,
        "days": periods.CHOICES,
        "problem": problem,
        "sees_all": request.user.may(Permission.RELATIONSHIP_VIEW_ALL),
    }
    return render(request, "relationships/overview.html", context, status=problem.status if problem else 200)


@never_cache
@require_safe
@needs(Permission.RELATIONSHIP_VIEW)
def function(request: Request, slug: str) -> HttpResponse:
    """One function: numbers both ways, refusals with reasons, wins, its digest."""
    found = access.function_seen(request.user, slug)
    period, problem = period_of(request)
    refused = numbers.refusals(found, period)
    context = {
        "function": found,
        "row": row_of(numbers.of_function(found, period)),
        "weekly": numbers.weekly(found, period),
        "refusals": [(ask, place_of("ask", ask.id)) for ask in refused],
        "latest": [(ask, place_of("ask", ask.id)) for ask in numbers.latest(found, period)],
        "pulse": scores.of_pulse(figures.of_function(found)),
        "wins": wins.feed(found, most=WINS_SHOWN),
        "digest_wanted": not DigestChoice.objects.filter(function=found, wanted=False).exists(),
        "period": period,
        "days": periods.CHOICES,
        "problem": problem,
        "sees_all": request.user.may(Permission.RELATIONSHIP_VIEW_ALL),
    }
    return render(request, "relationships/function.html", context, status=problem.status if problem else 200)
