"""The page on which other strike terms are tried on the past, before anybody publishes them."""

from datetime import timedelta

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from seacliff.enforcement.strikes import backtest
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.policy.models import Policy
from seacliff.policy.queries import shelf

YEARS = [(90, _("90 days")), (365, _("a year")), (1095, _("three years"))]


class Terms(forms.Form):
    threshold = forms.IntegerField(label=_("Strikes until the action"), min_value=1, max_value=100)
    days = forms.IntegerField(label=_("A strike expires after days"), min_value=1, max_value=3650)
    weight = forms.IntegerField(label=_("A violation counts as"), min_value=1, max_value=100)
    past = forms.TypedChoiceField(label=_("Tried on the last"), choices=YEARS, coerce=int, initial=365)


@require_safe
@needs(Permission.POLICY_VIEW)
def strikes_tried(request: Request, slug: str) -> HttpResponse:
    """What other terms would have meant. Nothing is changed: a new version of the policy does that."""
    try:
        found = shelf(slug)
    except Policy.DoesNotExist as error:
        raise Http404(str(error)) from None
    version = found.newest
    now = {"threshold": version.strike_threshold, "days": version.strike_days, "weight": version.strike_weight,
           "past": 365} if version else {}  # fmt: skip
    form = Terms(request.GET if "threshold" in request.GET else None, initial=now)
    tried = None
    if form.is_valid():
        said = dict(form.cleaned_data)
        since = timezone.now() - timedelta(days=said.pop("past"))
        tried = backtest(found.policy, since=since, **said)
    context = {"form": form, "tried": tried, "policy": found.policy, "version": version}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "enforcement/strikes_tried.html", context, status=status)
