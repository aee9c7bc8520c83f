"""Pages of how far two looks agree, and of golden answers: one's own, or for a lead everybody's."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.quality import access, reading
from seacliff.quality.agreement import FEWEST
from seacliff.quality.plots import alpha_plot

PERIODS = (30, 90, 180, 365)


def period_of(given: str) -> int:
    return int(given) if given.isdecimal() and int(given[:4]) in PERIODS else 90


@require_safe
@never_cache
@needs(Permission.QUALITY_VIEW)
def agreement(request: Request) -> HttpResponse:
    """By policy for whoever may view; by reviewer for leads, and for a reviewer of their own decisions."""
    days = period_of(request.GET.get("days", ""))
    until = timezone.now()
    since = until - timedelta(days=days)
    found = reading.read(since, until)
    lead = access.may_lead(request.user)
    if lead:
        reviewers = [group for _id, group in found.reviewers]
    else:
        reviewers = [group for id, group in found.reviewers if id == request.user.id]
    context = {
        "days": days,
        "periods": [(n, _("%s days") % n) for n in PERIODS],
        "whole": found.whole,
        "groups": [("policy", _("By policy"), found.policies),
                   ("reviewer", _("By the reviewer who decided first") if lead else _("Your own decisions"), reviewers)],
        "plot": alpha_plot(found.policies),
        "fewest": FEWEST,
        "may_lead": lead,
    }  # fmt: skip
    return render(request, "quality/agreement.html", context)


@require_safe
@never_cache
@needs(Permission.QUALITY_VIEW)
def scores(request: Request, user_id: UUID | None = None) -> HttpResponse:
    """Golden answers of one person: one's own, or for leads anybody's."""
    whose = access.score_for(request.user, user_id)
    score, rows = reading.score_of(whose)
    lead = access.may_lead(request.user)
    context = {
        "whose": whose,
        "own": whose.id == request.user.id,
        "score": score,
        "rows": rows[:100],
        "everybody": reading.scores() if lead and user_id is None else [],
        "may_lead": lead,
        "fewest": reading.FEWEST_GOLDEN,
    }
    return render(request, "quality/scores.html", context)
