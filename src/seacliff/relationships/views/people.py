"""The map of who works with whom."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.relationships import access, periods
from seacliff.relationships.views.numbers import period_of


@never_cache
@require_safe
@needs(Permission.RELATIONSHIP_VIEW_ALL)
def people(request: Request) -> HttpResponse:
    """Drawn, and said as a list: bridges, gaps, whom to meet and why."""
    from seacliff.relationships import drawing, people_map  # networkx is large, and only this page needs it

    period, problem = period_of(request)
    found = people_map.of_period(access.functions_seen(request.user), period)
    context = {
        "map": found,
        "drawing": drawing.draw(found),
        "period": period,
        "days": periods.CHOICES,
        "problem": problem,
    }
    return render(request, "relationships/people.html", context, status=problem.status if problem else 200)
