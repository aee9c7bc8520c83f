"""Pages: what is restricted (as facts, never as itself), requests to unlock, referrals to the hotline, emergencies."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.intake.models import Report
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.record import evidence
from seacliff.record.actions import Subject, happened
from seacliff.record.models import Attachment
from seacliff.record.pages import listing, older_url
from seacliff.restricted import access, actions
from seacliff.restricted.cybertip import NotWellFormed, report_xml
from seacliff.restricted.forms import ContactForm, ReferralForm
from seacliff.restricted.models import Contact, Emergency, Referral, Unlock
from seacliff.review.access import Refused, case_of
from seacliff.review.models import Case, CaseReport
from seacliff.review.queries import tree_above

INSTALLATION = Subject("installation", UUID(int=0))


@require_safe
@never_cache
@needs(Permission.RESTRICTED_HANDLE)
def overview(request: Request) -> HttpResponse:
    """Failed referrals first, then what waits for a second person, then the files as rows of facts."""
    files = Attachment.objects.filter(evidence__restricted=True).select_related("evidence")
    found = listing(request, files)
    context = {
        "files": found.rows,
        "older_url": older_url(request, found),
        "waiting": Unlock.objects.filter(agreed=None).select_related("asked_by", "attachment")[:50],
        "mine": Unlock.objects.filter(asked_by=request.user, agreed=True, expires_at__gt=timezone.now()),
        "failed": Referral.objects.filter(state=Referral.State.FAILED).select_related("case")[:20],
        "referrals": Referral.objects.select_related("case", "drafted_by")[:30],
        "hotline": settings.HOTLINE_URL,
        "live": settings.HOTLINE_LIVE,
    }
    return render(request, "restricted/overview.html", context)


@require_POST
@needs(Permission.EVIDENCE_VIEW)
def mark(request: Request, ref: str, attachment_id: UUID) -> HttpResponse:
    case = case_of(request.user, ref)
    found = actions.files_of(case).filter(id=attachment_id).first()
    try:
        if found is None:
            raise Refused(_("This file does not belong to %s.") % case.ref)
        actions.mark(request.user, found, case)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Restricted: nobody is shown this file any more."))
    return redirect("review:case", case.ref)


@require_POST
@needs(Permission.RESTRICTED_HANDLE)
def ask(request: Request, attachment_id: UUID) -> HttpResponse:
    found = access.attachment_to_ask_for(request.user, attachment_id)
    return _done(request, lambda: actions.ask(request.user, found, request.POST.get("reason", "")),
                 _("Asked. Somebody else who handles restricted material must agree."))  # fmt: skip


@require_POST
@needs(Permission.RESTRICTED_HANDLE)
def answer(request: Request, id: UUID) -> HttpResponse:
    def act() -> None:
        found = access.unlock_to_answer(request.user, id)
        actions.answer(request.user, found, request.POST.get("answer") == "yes")

    return _done(request, act, _("Answered."))


def _done(request: Request, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, said)
    return redirect("restricted:overview")


@require_POST
@never_cache
@needs(Permission.RESTRICTED_HANDLE)
def take_out(request: Request, id: UUID) -> HttpResponseBase:
    """The original, as a download and as nothing else. A POST: no link, history or prefetch fetches it by accident."""
    found = access.unlocked(request.user, id)
    actions.taken_out(request.user, found)
    response = FileResponse(
        evidence.opened(found.attachment.evidence), as_attachment=True, filename=f"restricted-{found.id}",
        content_type="application/octet-stream",
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@needs(Permission.RESTRICTED_HANDLE)
def new_referral(request: Request, ref: str) -> HttpResponse:
    case = case_of(request.user, ref)
    form = ReferralForm(request.POST or None, initial={"incident_at": case.opened_at, "incident": "MATERIAL"})
    files = list(actions.files_of(case))
    if request.method == "POST" and form.is_valid():
        try:
            chosen = [UUID(id) for id in request.POST.getlist("files")]
            drafted = actions.draft_referral(request.user, case, files=chosen, **form.cleaned_data)
            return redirect("restricted:referral", drafted.id)
        except (Refused, ValueError) as error:
            form.add_error(None, getattr(error, "sentence", _("One of the files is not a file.")))
    context = {"form": form, "case": case, "files": files}
    return render(request, "restricted/referral_new.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@needs(Permission.RESTRICTED_HANDLE)
def referral(request: Request, id: UUID) -> HttpResponse:
    found = access.referral_of(request.user, id)
    try:
        written, problem = report_xml(found).decode(), ""
    except NotWellFormed as error:
        written, problem = "", str(error)
    context = {
        "referral": found,
        "xml": written,
        "problem": problem,
        "own": found.drafted_by_id == request.user.id,
        "hotline": settings.HOTLINE_URL,
        "live": settings.HOTLINE_LIVE,
        "validated": bool(settings.HOTLINE_SCHEMA),
    }
    return render(request, "restricted/referral.html", context)


@require_POST
@needs(Permission.RESTRICTED_HANDLE)
def approve(request: Request, id: UUID) -> HttpResponse:
    found = access.referral_of(request.user, id)
    try:
        actions.approve(request.user, found)
        messages.success(request, _("Approved: it goes out now, and is tried again until it is taken."))
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("restricted:referral", found.id)


@needs(Permission.CASE_DECIDE)
def new_emergency(request: Request, ref: str) -> HttpResponse:
    case = case_of(request.user, ref)
    error = None
    if request.method == "POST":
        try:
            made = actions.declare(request.user, case, request.POST.get("threat", ""), request.POST.get("country", ""))
            return redirect("restricted:emergency", made.id)
        except Refused as refused:
            error = refused
    existing = Emergency.objects.filter(case=case).first()
    if existing:
        return redirect("restricted:emergency", existing.id)
    country = next((node.country for node in (case.target, *tree_above(case.target)) if node.country), "")
    context = {"case": case, "error": error, "country": country, "typed": request.POST}
    return render(request, "restricted/emergency_new.html", context, status=422 if error else 200)


@never_cache
@needs(Permission.CASE_VIEW)
def emergency(request: Request, id: UUID) -> HttpResponse:
    """Whom to call, what to disclose, and the note of what was done."""
    found = access.emergency_of(request.user, id)
    if request.method == "POST":
        try:
            actions.close(request.user, found, request.POST.get("told", ""))
            return redirect("restricted:emergency", found.id)
        except Refused as refused:
            messages.error(request, refused.sentence)
    context = {
        "emergency": found,
        "case": found.case,
        "contacts": Contact.objects.filter(country__in=["", found.country]),
        "tree": [*reversed(tree_above(found.case.target)), found.case.target],
        "texts": _texts(found.case),
        "may_close": request.user.may(Permission.CASE_DECIDE),
        "may_manage": request.user.may(Permission.QUEUE_MANAGE),
    }
    return render(request, "restricted/emergency.html", context)


def _texts(case: Case) -> list[str]:
    """What was said, without who reported it: a disclosure tells no more than it must."""
    ids = CaseReport.objects.filter(case=case, duplicate_of=None).order_by("report_id")
    found = Report.objects.filter(id__in=list(ids.values_list("report_id", flat=True)[:10])).order_by("id")
    return [text for text in found.values_list("text", flat=True) if text]


@needs(Permission.QUEUE_MANAGE)
def contacts(request: Request) -> HttpResponse:
    form = ContactForm(request.POST or None)
    if request.method == "POST" and request.POST.get("remove"):
        gone = next((row for row in Contact.objects.all() if str(row.id) == request.POST["remove"]), None)
        if gone is not None:
            gone.delete()
            happened("emergency-contact.removed", INSTALLATION, actor_of(request), data={"name": gone.name})
        return redirect("restricted:contacts")
    if request.method == "POST" and form.is_valid():
        made = form.save()
        happened("emergency-contact.added", INSTALLATION, actor_of(request),
                 data={"name": made.name, "country": made.country})  # fmt: skip
        return redirect("restricted:contacts")
    return render(request, "restricted/contacts.html", {"form": form, "contacts": Contact.objects.all()})
