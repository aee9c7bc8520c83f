"""Pages: one's own day and preferences; the team's budgets and, summed up, its week."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.people.skills import category_choices
from seacliff.wellness import actions, limits
from seacliff.wellness.forms import BudgetForm, PreferenceForm
from seacliff.wellness.models import Budget, Preference


@never_cache
@needs(Permission.CASE_DECIDE)
def mine(request: Request) -> HttpResponse:
    """What I have seen today, and how I want to work."""
    preference = Preference.objects.filter(user=request.user).first() or Preference(user=request.user)
    form = PreferenceForm(request.POST or None, instance=preference)
    if request.method == "POST" and form.is_valid():
        actions.save_preference(form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("wellness:mine")
    context = {"form": form, "day": limits.day_of(request.user), "names": dict(category_choices())}
    return render(request, "wellness/mine.html", context, status=422 if form.errors else 200)


@never_cache
@needs(Permission.QUEUE_MANAGE)
def team(request: Request) -> HttpResponse:
    """Budgets, and the week by harm: no person's count."""
    form = BudgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.set_budget(actor_of(request), **form.cleaned_data)
        messages.success(request, _("It holds from the next claim on."))
        return redirect("wellness:team")
    context = {
        "form": form,
        "budgets": Budget.objects.select_related("user"),
        "week": limits.team_week(),
        "names": dict(category_choices()),
    }
    return render(request, "wellness/team.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.QUEUE_MANAGE)
def lift(request: Request, id: UUID) -> HttpResponse:
    found = Budget.objects.filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such budget."))
    actions.lift_budget(actor_of(request), found)
    return redirect("wellness:team")
