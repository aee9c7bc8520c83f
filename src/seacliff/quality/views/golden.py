"""Pages of golden cases, for leads alone: everybody else may be asked what is right."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.policy.models import ActionKind
from seacliff.policy.queries import category_choices, version_in_force
from seacliff.quality import access, actions, dossier
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, Golden, SessionCase
from seacliff.review.access import Refused, case_of
from seacliff.review.models import Case, Decision, Precedent

SHOWN = 200


@require_safe
@needs(Permission.QUALITY_LEAD)
def golden_cases(request: Request) -> HttpResponse:
    asked = Count("checks", filter=Q(checks__answered_at__isnull=False))
    right = Count("checks", filter=Q(checks__agrees=True))
    rows = Golden.objects.select_related("policy_version__policy", "case").annotate(asked=asked, right=right)
    context = {
        "rows": rows.filter(retired_at=None).order_by("policy_version__policy__slug", "-id")[:SHOWN],
        "retired": rows.filter(retired_at__isnull=False).order_by("-retired_at")[:20],
    }
    return render(request, "quality/golden.html", context)


@needs(Permission.QUALITY_LEAD)
def keep_golden(request: Request) -> HttpResponse:
    """The copy as it would be frozen, to be gone over; what is right, as it stands so far."""
    given = request.POST if request.method == "POST" else request.GET
    if not given.get("case"):
        return render(request, "quality/golden_pick.html", {})
    case = case_of(request.user, given["case"].strip())
    of_session = _of_session(given, case)
    error = None
    if request.method == "POST":
        try:
            golden = actions.keep(
                request.user, case, _right(given, case), source=_source(case, of_session), texts=given.getlist("text"),
                of_session=of_session,
            )  # fmt: skip
        except Refused as refused:
            error = refused
        else:
            messages.success(request, _("Kept. It is mixed into the re-reviews from now on."))
            return (
                redirect("quality:session", of_session.session_id)
                if of_session
                else redirect("quality:golden-one", golden.id)
            )
    return _form(request, case, of_session, error)


def _form(request: Request, case: Case, of_session: SessionCase | None, error: Refused | None) -> HttpResponse:
    copy, files = None, 0
    try:
        decision = actions.decision_to_copy(case)
    except Refused as refused:
        error = error or refused
        decision = None
    if decision is not None:
        copy = dossier.frozen(case, decision.decided_at)
        files = dossier.evidence_of(case, decision.decided_at)
    version = version_in_force(case.category)
    context = {
        "case": case,
        "copy": copy,
        "files": files,
        "decision": decision,
        "of_session": of_session,
        "typed": request.POST if request.method == "POST" else _known(decision, of_session),
        "texts": request.POST.getlist("text") or [said["text"] for said in copy["said"]] if copy else [],
        "ticked": request.POST.getlist("action") if request.method == "POST" else _kinds(decision),
        "kinds": [ActionKind(kind) for kind in version.allowed_actions if kind != ActionKind.DISMISS]
        if version
        else [],
        "categories": category_choices(request.user.language),
        "error": error,
    }
    return render(
        request, "quality/golden_keep.html", context, status=422 if error and request.method == "POST" else 200
    )


def _of_session(given: QueryDict, case: Case) -> SessionCase | None:
    try:
        id = UUID(given.get("of", ""))
    except ValueError:
        return None
    return SessionCase.objects.filter(id=id, decision__case=case).exclude(finding="").first()


def _known(decision: Decision | None, of_session: SessionCase | None) -> dict[str, str]:
    if of_session is not None:
        return {"finding": of_session.finding, "category": of_session.found, "why": of_session.why}
    if decision is None:
        return {}
    return {"finding": decision.finding, "category": decision.category, "why": decision.rationale}


def _kinds(decision: Decision | None) -> list[str]:
    return [action["kind"] for action in decision.actions] if decision else []


def _right(given: QueryDict, case: Case) -> Found:
    kinds = tuple(kind for kind in given.getlist("action") if kind in ActionKind.values)
    return Found(given.get("finding", ""), given.get("category") or case.category, given.get("why", ""), kinds)


def _source(case: Case, of_session: SessionCase | None) -> Golden.Source:
    if of_session is not None:
        return Golden.Source.CALIBRATION
    if Precedent.objects.filter(case=case, retired_at=None).exists():
        return Golden.Source.PRECEDENT
    settled = Check.objects.filter(case=case, kind=Check.Kind.SAMPLE, state=Check.State.SETTLED)
    return Golden.Source.SETTLED if settled.exists() else Golden.Source.PICKED


@require_safe
@needs(Permission.QUALITY_LEAD)
def golden_one(request: Request, id: UUID) -> HttpResponse:
    golden = access.golden_of(request.user, id)
    matter = dossier.Dossier(**golden.copy, evidence=[[] for _each in golden.copy["said"]])
    answers = Check.objects.filter(golden=golden, answered_at__isnull=False).select_related("second")
    context = {
        "golden": golden,
        "page": {"dossier": matter, "reports": list(zip(matter.said, matter.evidence, strict=True))},
        "answers": answers.order_by("-answered_at")[:100],
    }
    return render(request, "quality/golden_one.html", context)


@require_POST
@needs(Permission.QUALITY_LEAD)
def retire_golden(request: Request, id: UUID) -> HttpResponse:
    golden = access.golden_of(request.user, id)
    try:
        actions.retire(request.user, golden, request.POST.get("reason", ""))
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Retired: nobody is asked it any more."))
    return redirect("quality:golden-one", golden.id)
