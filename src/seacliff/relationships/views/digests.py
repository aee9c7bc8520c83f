"""The digest of a function as it will be sent, and the choice to get none."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seacliff.partners.directory import contacts_of
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotAllowed
from seacliff.relationships import access, actions, digests
from seacliff.relationships.models import Digest, DigestChoice

SENT_SHOWN = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.RELATIONSHIP_VIEW)
def preview(request: Request, slug: str) -> HttpResponse:
    """This week's so far, or with ?week=last the last whole one's; a POST chooses whether it is sent."""
    function = access.function_seen(request.user, slug)
    if request.method == "POST":
        try:
            actions.choose_digest(request.user, function, wanted=bool(request.POST.get("wanted")))
        except NotAllowed as problem:
            raise PermissionDenied(problem.detail) from problem
        messages.success(request, _("Saved. It holds from the next digest on."))
        return redirect("relationships:digest", slug)
    now = timezone.now()
    is_last = request.GET.get("week") == "last"
    week = digests.last_week(now) if is_last else digests.week_of(now)
    context = {
        "function": function,
        "paper": digests.paper(function, week, now),
        "last_day": week + timedelta(days=6),
        "is_last": is_last,
        "recipients": contacts_of(function),
        "wanted": not DigestChoice.objects.filter(function=function, wanted=False).exists(),
        "may_choose": access.may_choose_digest(request.user, function),
        "sent": Digest.objects.filter(function=function)[:SENT_SHOWN],
        "sees_all": request.user.may(Permission.RELATIONSHIP_VIEW_ALL),
    }
    return render(request, "relationships/digest.html", context)
