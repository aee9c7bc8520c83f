"""Pages: the classes of data and their rules; what a run would forget, and runs; holds."""

from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.privacy import access, holding, plan, queries, running
from seacliff.privacy.forms import HoldForm, PlanForm, special_rules
from seacliff.privacy.models import Hold, RetentionPlan, Run
from seacliff.privacy.plan import Plan, Rule
from seacliff.record.pages import listing, older_url
from seacliff.record.personal import REGISTRY
from seacliff.review.access import NotValid, Refused

LONGEST = 10_000


def typed(request: Request, name: str) -> str:
    """A field of a small form, without what the database can't hold."""
    return request.POST.get(name, "").replace("\0", "")[:LONGEST]


@require_safe
@never_cache
@needs(Permission.PRIVACY_VIEW)
def overview(request: Request) -> HttpResponse:
    user = request.user
    context = {
        "page": queries.overview(user),
        "may_run": user.may(Permission.RETENTION_RUN),
        "may_handle": user.may(Permission.PRIVACY_REQUEST),
        "may_hold": user.may(Permission.HOLD_MANAGE),
    }
    return render(request, "privacy/overview.html", context)


@require_safe
@needs(Permission.PRIVACY_VIEW)
def rules(request: Request) -> HttpResponse:
    force = plan.in_force()
    context = {
        "force": force,
        "rows": queries.classes(force.plan),
        "guard": round(100 * force.plan.guard),
        "versions": RetentionPlan.objects.all()[:20],
        "duties": REGISTRY.duties.values(),
        "may_edit": request.user.may(Permission.RETENTION_EDIT),
    }
    return render(request, "privacy/rules.html", context)


@require_safe
@needs(Permission.PRIVACY_VIEW)
def version(request: Request, number: int) -> HttpResponse:
    """The rules as they were."""
    row = access.plan_of(request.user, number)
    was = msgspec.convert(row.plan, Plan)
    return render(
        request, "privacy/version.html", {"row": row, "rows": queries.classes(was), "guard": round(100 * was.guard)}
    )


@never_cache
@needs(Permission.RETENTION_EDIT)
def edit(request: Request) -> HttpResponse:
    force = plan.in_force()
    start = force.plan if force.row else plan.default()
    rows = queries.classes(start)
    special = "\n".join(_line(rule) for row in rows for rule in row.special)
    begin = {"guard": round(100 * start.guard), "unattended": start.unattended, "special": special}
    form = PlanForm(request.POST or None, initial=begin)
    if request.method == "POST" and form.is_valid():
        try:
            row = plan.publish(_said(request, form), form.cleaned_data["change"], actor_of(request))
        except NotValid as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Version %s of the rules is in force. Nothing goes before a run.") % row.number)
            return redirect("privacy:rules")
    shown = [(row, request.POST.get(f"days-{row.one.slug}", _days(row.general))) for row in rows]
    context = {"form": form, "rows": shown, "force": force}
    return render(request, "privacy/edit.html", context, status=422 if form.errors else 200)


def _days(rule: Rule | None) -> str:
    return str(rule.days) if rule and rule.days is not None else ""


def _line(rule: Rule) -> str:
    named = {"product": rule.product, "category": rule.category, "outcome": rule.outcome}
    words = [rule.data_class, "keep" if rule.days is None else str(rule.days)]
    return " ".join(words + [f"{name}={value}" for name, value in named.items() if value])


def _said(request: Request, form: PlanForm) -> Plan:
    general = []
    for slug, one in REGISTRY.classes.items():
        given = request.POST.get(f"days-{slug}", "").strip()
        if given and not given.isdecimal():
            raise NotValid(_("%s: give a number of days, or nothing to keep for good.") % one.label, "rules")
        general.append({"data_class": slug, "days": int(given[:9]) if given else None})
    found = plan.said(general + special_rules(form.cleaned_data["special"]))
    return Plan(found, form.cleaned_data["guard"] / 100, form.cleaned_data["unattended"])


@require_safe
@needs(Permission.PRIVACY_VIEW)
def runs(request: Request) -> HttpResponse:
    rows = Run.objects.filter(plan__isnull=False).select_related("plan", "approved_by")
    found = listing(request, rows)
    return render(request, "privacy/runs.html", {"rows": found.rows, "older_url": older_url(request, found)})


@require_POST
@needs(Permission.RETENTION_RUN)
def preview(request: Request) -> HttpResponse:
    try:
        run = running.ask_for_preview(request.user, actor_of(request))
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("privacy:overview")
    return redirect("privacy:run", run.id)


@require_safe
@never_cache
@needs(Permission.PRIVACY_VIEW)
def run(request: Request, id: UUID) -> HttpResponse:
    return _run(request, access.run_of(request.user, id))


def _run(request: Request, found: Run, error: Refused | None = None) -> HttpResponse:
    context = {
        "run": found,
        "lines": queries.lines_of(found),
        "holds": queries.holds_of(found),
        "alarming": running.over_guard(found),
        "problem": running.why_not(found) if found.state in (Run.State.READY, Run.State.ASKS) else "",
        "may_run": found.plan_id is not None and request.user.may(Permission.RETENTION_RUN),
        "error": error,
        "typed": request.POST if error else {},
    }
    return render(request, "privacy/run.html", context, status=422 if error else 200)


@require_POST
@needs(Permission.RETENTION_RUN)
def approve(request: Request, id: UUID) -> HttpResponse:
    found = access.run_of(request.user, id)
    try:
        running.approve(request.user, found, reason=typed(request, "reason"))
    except Refused as refused:
        return _run(request, found, refused)
    messages.success(request, _("It begins now, in batches."))
    return redirect("privacy:run", found.id)


@require_POST
@needs(Permission.RETENTION_RUN)
def cancel(request: Request, id: UUID) -> HttpResponse:
    found = access.run_of(request.user, id)
    try:
        running.cancel(request.user, found)
    except Refused as refused:
        return _run(request, found, refused)
    return redirect("privacy:run", found.id)


@require_safe
@never_cache
@needs(Permission.PRIVACY_VIEW)
def holds(request: Request) -> HttpResponse:
    rows = Hold.objects.select_related("case", "target", "placed_by", "released_by")
    if request.GET.get("show") != "all":
        rows = rows.filter(id__in=holding.live().values("id"))
    found = listing(request, rows)
    context = {
        "rows": found.rows,
        "older_url": older_url(request, found),
        "all": request.GET.get("show") == "all",
        "may_hold": request.user.may(Permission.HOLD_MANAGE),
    }
    return render(request, "privacy/holds.html", context)


@never_cache
@needs(Permission.HOLD_MANAGE)
def place(request: Request) -> HttpResponse:
    named = {name: request.GET[name][:500] for name in ("on", "thing") if name in request.GET}
    form = HoldForm(request.POST or None, initial=named)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            hold = holding.place(request.user, on := said.pop("on"), queries.thing_named(on, said.pop("thing")), **said)
        except NotValid as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        else:
            messages.success(request, _("It is held: %s.") % hold.matter)
            return redirect("privacy:holds")
    return render(request, "privacy/place.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs(Permission.HOLD_MANAGE)
def release(request: Request, id: UUID) -> HttpResponse:
    hold = access.hold_of(request.user, id)
    try:
        holding.release(request.user, hold, typed(request, "because"))
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Released: what a rule says about it holds again."))
    return redirect("privacy:holds")
