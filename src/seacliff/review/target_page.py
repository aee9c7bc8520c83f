"""A target's page: where it stands in its account tree, and everything that was reported and decided about it."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from seacliff.enforcement.models import Action, Strike
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.record.pages import listing, older_url
from seacliff.review.models import Case
from seacliff.review.queries import tree_above
from seacliff.targets.models import Target

CHILDREN_MOST = 50
ROWS_MOST = 20


@require_safe
@needs(Permission.CASE_VIEW)
def target(request: Request, id: UUID) -> HttpResponse:
    found = Target.objects.select_related("product").filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such target."))
    rows = Case.objects.filter(target=found).select_related("queue", "decided_by")
    cases = listing(request, rows)
    context = {
        "target": found,
        "tree": [*reversed(tree_above(found)), found],
        "children": found.children.order_by("id")[:CHILDREN_MOST],
        "cases": cases.rows,
        "older_url": older_url(request, cases),
        "strikes": Strike.objects.filter(target=found)
        .select_related("policy_version")
        .order_by("-given_at")[:ROWS_MOST],
        "actions": Action.objects.filter(target=found).order_by("-id")[:ROWS_MOST],
    }
    return render(request, "review/target.html", context)
