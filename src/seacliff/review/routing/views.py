"""Pages of the routing rules: versions, the editor with its live test, shadow, backtest."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.intake.models import Report
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.review.models import Backtest, RuleSet, ShadowResult
from seacliff.review.routing import access, actions
from seacliff.review.routing.backtest import compare_recent
from seacliff.review.routing.context import SCHEMA
from seacliff.review.routing.forms import RuleForms, rule_forms
from seacliff.review.routing.jobs import run_backtest
from seacliff.review.routing.rules import RuleError

SHOWN = 40


@require_safe
@needs(Permission.ROUTING_VIEW)
def routing(request: Request) -> HttpResponse:
    """All versions, newest first."""
    rows = RuleSet.objects.exclude(state=RuleSet.State.RETIRED, live_from=None)[:100]
    live = next((row for row in rows if row.state == RuleSet.State.LIVE), None)
    context = {"rows": rows, "live": live, "may_edit": request.user.may(Permission.ROUTING_EDIT)}
    return render(request, "review/routing/versions.html", context)


@require_POST
@needs(Permission.ROUTING_EDIT)
def new_draft(request: Request) -> HttpResponse:
    draft = actions.draft(actor_of(request))
    return redirect("review:rule-set", number=draft.number)


@needs(Permission.ROUTING_VIEW)
def rule_set(request: Request, number: int) -> HttpResponse:
    """One version: its rules to read, or to write while it is a draft."""
    found = access.rule_set_to_read(request.user, number)
    may_edit = request.user.may(Permission.ROUTING_EDIT)
    editing = may_edit and found.state == RuleSet.State.DRAFT
    forms = rule_forms(found.rules, request.POST if editing and request.method == "POST" else None) if editing else None
    if forms is not None and forms.is_bound and _saved(request, found, forms):
        return redirect("review:rule-set", number=number)
    shadow = ShadowResult.objects.filter(rule_set=found)
    context = {
        "rule_set": found,
        "forms": forms,
        "may_edit": may_edit,
        "schema": {variable: fields.items() for variable, fields in SCHEMA.items()},
        "backtests": found.backtests.all()[:10],
        "shadow_count": shadow.count() if found.state == RuleSet.State.SHADOW else 0,
        "shadow_sample": shadow[:SHOWN] if found.state == RuleSet.State.SHADOW else [],
        "change": request.POST.get("change", found.change),
    }
    return render(
        request, "review/routing/rule_set.html", context, status=422 if forms is not None and forms.is_bound else 200
    )


def _saved(request: Request, found: RuleSet, forms: RuleForms) -> bool:
    """Whether the posted rules could be kept; otherwise the mistake stands beside its rule."""
    if not forms.is_valid():
        return False
    try:
        actions.save(found, forms.rows(), request.POST.get("change", "").strip())
    except RuleError as error:
        forms.ordered_forms[error.rule].add_error("when", str(error))
        return False
    except actions.RuleSetError as error:
        messages.error(request, str(error))
        return True
    messages.success(request, _("Saved. Try it on the reports of the last days before you publish."))
    return True


@require_POST
@needs(Permission.ROUTING_EDIT)
def try_out(request: Request, number: int) -> HttpResponse:
    """The live test: the rules as they stand in the form, on the newest reports, beside the live ones."""
    found = access.rule_set_to_edit(request.user, number)
    forms = rule_forms(found.rules, request.POST)
    context: dict[str, Any] = {}
    if not forms.is_valid():
        context["problem"] = _("Correct the fields marked in red first.")
    else:
        try:
            reports = list(Report.objects.order_by("-id")[:200])
            context["result"] = compare_recent(forms.rows(), reports)
        except RuleError as error:
            context["problem"] = str(error)
    return render(request, "review/routing/tried.html", context)


VERBS = {"shadow": actions.shadow, "unshadow": actions.unshadow, "publish": actions.publish, "discard": actions.discard}


@require_POST
@needs(Permission.ROUTING_EDIT)
def verb(request: Request, number: int, verb: str) -> HttpResponse:
    """Shadow, unshadow, publish, discard."""
    found = access.rule_set_to_edit(request.user, number)
    try:
        VERBS[verb](found, actor_of(request))
    except (actions.RuleSetError, RuleError) as error:
        messages.error(request, str(error))
        return redirect("review:rule-set", number=number)
    return redirect("review:routing") if verb == "discard" else redirect("review:rule-set", number=number)


@require_POST
@needs(Permission.ROUTING_EDIT)
def backtest(request: Request, number: int) -> HttpResponse:
    found = access.rule_set_to_edit(request.user, number)
    days = request.POST.get("days", "")
    now = timezone.now()
    since = now - timedelta(days=min(int(days), 3650) if days.isdecimal() and len(days) < 6 else 30)
    with transaction.atomic():
        made = Backtest.objects.create(rule_set=found, since=since, until=now, started_by=str(request.user))
        run_backtest.defer(backtest=str(made.id))
    return redirect("review:backtest", id=made.id)


@require_safe
@needs(Permission.ROUTING_VIEW)
def backtest_result(request: Request, id: UUID) -> HttpResponse:
    found = access.backtest_to_read(request.user, id)
    running = found.state in (Backtest.State.WAITING, Backtest.State.RUNNING)
    return render(
        request, "review/routing/backtest.html", {"backtest": found, "result": found.result, "running": running}
    )
