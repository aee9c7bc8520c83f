"""Pages: the evidence ledger, a finding with everything it takes to judge it, proposing one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.record.pages import listing, older_url
from seacliff.value import access
from seacliff.value.board.charts import as_picture
from seacliff.value.forms import ProposalForm, SurveyForm
from seacliff.value.ledger import actions, queries, questions, signing, surveys, telling
from seacliff.value.ledger.catalogue import ALL, DESIGNS
from seacliff.value.ledger.plans import plan_of, stored
from seacliff.value.models import Finding, Run

GRADES = [
    ("A", "A"),
    ("B", "B"),
    ("C", "C"),
    ("D", "D"),
    ("X", "X"),
    ("refused", gettext_lazy("Refused")),
    ("none", gettext_lazy("Not estimated")),
]
OFFERED = 20  # below the findings; the filter has all
STATES = [*Finding.State.choices, ("superseded", gettext_lazy("Superseded"))]


@require_safe
@needs(Permission.VALUE_VIEW)
def listed(request: Request) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("state", "grade")}
    rows = queries.listed(request.user, **asked)
    found = listing(request, rows if any(asked.values()) else rows.exclude(state=Finding.State.OFFERED))
    offered = [] if any(asked.values()) else queries.listed(request.user, "offered")[:OFFERED]
    context = {"rows": found.rows, "offered": offered, "asked": asked, "states": STATES, "grades": GRADES,
               "older_url": older_url(request, found),
               "may_propose": request.user.may(Permission.VALUE_PROPOSE)}  # fmt: skip
    return render(request, "value/ledger.html", context)


@require_safe
@needs(Permission.VALUE_VIEW)
def by_id(request: Request, id: UUID) -> HttpResponse:
    return redirect("value:finding", access.finding_by_id(request.user, id).ref)


@require_safe
@needs(Permission.VALUE_VIEW)
def finding(request: Request, ref: str) -> HttpResponse:
    found = access.finding_of(request.user, ref)
    run = found.current
    runs = list(Run.objects.filter(finding=found).select_related("asked_by").order_by("-id"))
    for one in runs:
        one.finding = found
    rest = list(access.findings_of(request.user).filter(state=Finding.State.PROPOSED))
    waits = found.state == Finding.State.PROPOSED and not found.is_frozen and not found.trouble
    context = {
        "finding": found, "run": run, "runs": runs,
        "facts": _facts(found), "diagnostics": _diagnostics(run),
        "figures": _figures(run), "path": _picture(run, "path"), "plots": _plots(run),
        "warnings": run.result.get("warnings", []) if run else [],
        "explanation": run.result.get("explanation") if run else "",
        "history": queries.history_of(found), "waits": waits or any(one.state == Run.State.WAITING for one in runs),
        "may_propose": request.user.may(Permission.VALUE_PROPOSE), "signed": telling.signed(found),
        "may_be_signed": signing.may_be_asked(found),
        "others": [one for one in rest if one.id != found.id and one.superseded_by is None],
        "siblings": [(one, _when(found, one)) for one in questions.others(found, rest)],
        "anew": [one for one in runs if one.state == Run.State.DONE and one.id != found.current_id],
    }  # fmt: skip
    return render(request, "value/finding.html", context)


def _when(found: Finding, other: Finding) -> str:
    """Whether the other's estimate could be known when this one was proposed."""
    known = (
        other.current
        and other.current.finished_at
        and found.proposed_at
        and other.current.finished_at < found.proposed_at
    )
    return _("its estimate was known when this one was proposed") if known else ""


def _facts(found: Finding) -> list[tuple[str, str]]:
    """What was fixed, in words; what was left open is not named."""
    plan = plan_of(found.plan)
    design = DESIGNS.get(plan.design)
    outcome = design.outcomes[plan.outcome][0] if design and plan.outcome in design.outcomes else ""
    lines = [
        (_("Outcome"), outcome), (_("Launch"), plan.launch), (_("Category"), plan.category), (_("Queue"), plan.queue),
        (_("Threshold of the score"), telling.number_of(plan.threshold) if plan.threshold is not None else ""),
        (_("Policy"), plan.policy),
        (_("Changed on"), str(plan.changed_at or "")), (_("From"), str(plan.since or "")), (_("Until"), str(plan.until or "")),
        (_("Share that the lot was to choose"), f"{plan.planned:.0%}" if plan.planned is not None else ""),
        (_("Horizon"), _("%s days") % plan.horizon_days if design and "horizon_days" in design.looks_at else ""),
        (_("Whom it speaks of"), found.population),
        (_("Largest plausible effect"), telling.number_of(plan.plausible) if plan.plausible is not None else ""),
        (_("Cases"), _("only those that chance handed out") if plan.only_random else ""),
        (_("Unit"), found.unit), (_("Overlap group"), found.overlap),
        (_("Worth of a unit, a year"), telling.number_of(found.worth) if found.worth is not None else ""),
        (_("How that was reckoned"), found.worth_basis),
    ]  # fmt: skip
    return [(label, text) for label, text in lines if text]


def _diagnostics(run: Run | None) -> list[dict[str, Any]]:
    """As they were kept, with their rows' columns in order, which JSON in the database does not keep: first what a row is of."""
    found: list[dict[str, Any]] = run.result.get("diagnostics", []) if run else []
    return [one | {"rows": [dict(sorted(row.items(), key=lambda cell: isinstance(cell[1], float))) for row in one["rows"]]}
            for one in found]  # fmt: skip


def _picture(run: Run | None, name: str) -> str:
    return as_picture(run.result.get("charts", {}).get(name, "")) if run else ""


def _plots(run: Run | None) -> list[tuple[str, str]]:
    """Of the diagnostics, in their order."""
    names = [str(one["name"]) for one in run.result.get("diagnostics", [])] if run else []
    return [(telling.in_words(name), picture) for name in names if (picture := _picture(run, name))]


def _figures(run: Run | None) -> list[tuple[str, str]]:
    """The design's own single figures; series and tables are in the API's JSON."""
    given: dict[str, Any] = run.result.get("figures", {}) if run else {}
    return [(telling.in_words(name), telling.number_of(value) if isinstance(value, (int, float)) else telling.in_words(value))
            for name, value in given.items() if isinstance(value, (int, float, str))]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.VALUE_PROPOSE)
def propose(request: Request) -> HttpResponse:
    """Propose a finding by the ?design= that was chosen, or take up the one that ?offered= names."""
    ref = request.GET.get("offered", "")
    offered = access.finding_of(request.user, ref) if ref else None
    design = DESIGNS.get(offered.design if offered else request.GET.get("design", ""))
    if design is None:
        return render(request, "value/propose.html", {"designs": ALL})
    form = ProposalForm(design, request.POST or None, initial=_initial(offered) if offered else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.propose(request.user, form.proposal, of=offered)
        except Invalid as invalid:
            _told(form, invalid)
        except Conflict as conflict:
            form.add_error(None, conflict.detail)
        else:
            messages.success(request, _("Proposed. Its data are being frozen; then it can be estimated."))
            return redirect("value:finding", made.ref)
    context = {"form": form, "offered": offered, "design": design}
    return render(request, "value/propose.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.VALUE_PROPOSE)
def survey(request: Request) -> HttpResponse:
    """Enter what people said, or others measured."""
    form = SurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = surveys.enter(request.user, form.survey)
        except Invalid as invalid:
            _told(form, invalid)
        else:
            return redirect("value:finding", made.ref)
    return render(request, "value/survey.html", {"form": form}, status=422 if form.errors else 200)


def _initial(offered: Finding) -> dict[str, Any]:
    return stored(plan_of(offered.plan)) | {"question": offered.question, "population": offered.population,
                                            "overlap": offered.overlap}  # fmt: skip


def _told(form: ProposalForm | SurveyForm, invalid: Invalid) -> None:
    for fault in invalid.errors:
        name = str(fault.get("pointer", "")).removeprefix("#/")
        form.add_error(name if name in form.fields else None, fault["detail"])


def _supersede(request: Request, found: Finding) -> object:
    other = access.finding_of(request.user, request.POST.get("by", ""))
    return actions.supersede(request.user, found, other, request.POST.get("reason", ""))


VERBS: dict[str, Callable[[Request, Finding], object]] = {
    "run": lambda request, found: actions.run(request.user, found),
    "retry": lambda request, found: actions.try_again(request.user, found),
    "sign-off": lambda request, found: signing.ask_sign_off(request.user, found),
    "decline": lambda request, found: actions.decline(request.user, found, request.POST.get("reason", "")),
    "supersede": _supersede,
}


@require_POST
@needs(Permission.VALUE_PROPOSE)
def act(request: Request, ref: str, verb: str) -> HttpResponse:
    found = access.finding_of(request.user, ref)
    try:
        VERBS[verb](request, found)
    except (Conflict, Invalid, NotAllowed) as problem:
        messages.error(request, problem.detail)
    return redirect("value:finding", found.ref)
