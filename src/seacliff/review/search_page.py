"""The search over cases: words, and facets that each have an index or a range of ids."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.models import User
from seacliff.people.permissions import Permission, Role
from seacliff.policy.queries import category_choices
from seacliff.record.ids import first_id
from seacliff.record.pages import older_url, turned
from seacliff.record.views.events import day_of, id_of
from seacliff.review import queries
from seacliff.review.models import Case, Queue
from seacliff.targets.models import Target

COLUMNS = {"queue": "queue__slug", "category": "category", "state": "state"}


@require_safe
@needs(Permission.CASE_VIEW)
def search(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "")[:200]
    target, facets = _facets(request)
    found = turned(request, lambda after: queries.search(words, facets, after))
    context = {
        "rows": found.rows,
        "older_url": older_url(request, found),
        "q": words,
        "chosen": request.GET,
        "target": target,
        "queues": Queue.objects.all(),
        "categories": category_choices(request.user.language),
        "states": Case.State.choices,
        "reviewers": User.objects.filter(roles__overlap=[Role.REVIEWER, Role.LEAD]).order_by("name")[:200],
    }
    return render(request, "review/search.html", context)


def _facets(request: Request) -> tuple[Target | None, dict[str, Any]]:
    """The facets of the address as filters; what cannot be read is left open."""
    given = request.GET
    facets: dict[str, Any] = {
        column: given[name] for name, column in COLUMNS.items() if given.get(name) and "\0" not in given[name]
    }
    if given.get("severity") in ("1", "2", "3", "4"):
        facets["severity"] = int(given["severity"])
    target = _target(id_of(given.get("target", "")))
    if target is not None:
        facets["target"] = target
    if reviewer := id_of(given.get("reviewer", "")):
        facets["decided_by_id"] = reviewer
    # A case's id carries when it was opened.
    if since := day_of(given.get("since", "")):
        facets["id__gte"] = first_id(since)
    if until := day_of(given.get("until", "")):
        facets["id__lt"] = first_id(until + timedelta(days=1))
    return target, facets


def _target(id: UUID | None) -> Target | None:
    return Target.objects.filter(id=id).first() if id else None
