"""What a reporter sees of their report: no account, the address is the key."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seacliff.enforcement.models import Notice
from seacliff.intake import receipts
from seacliff.people import rates
from seacliff.record.ids import time_of
from seacliff.review.models import STANDS, Case, CaseReport, Decision


@never_cache
@require_safe
@rates.for_links
def status(request: HttpRequest, token: str) -> HttpResponse:
    """The state in a sentence, and every notice word for word; the same 404 for whatever is no such address."""
    report_id = receipts.report_of(token)
    if report_id is None:
        raise Http404(_("There is no such report."))
    row = CaseReport.objects.select_related("case").filter(report_id=report_id).first()
    first = row.duplicate_of or report_id if row else report_id
    notices = (
        Notice.objects.filter(report_id__in={first, report_id}, audience="reporter", not_before__lte=timezone.now())
        .exclude(state=Notice.State.CANCELLED)
        .exclude(body="")
    )
    context = {
        "code": receipts.code_of(report_id),
        "state": _state(row.case if row else None),
        "notices": notices.order_by("-not_before"),
        "received_at": time_of(report_id),
        "may_appeal": row is not None and _decided(row.case),
        "token": token,
    }
    answer = render(request, "review/status.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _decided(case: Case) -> bool:
    """Decided for good: what can still be undone is not told."""
    over = Decision.objects.filter(STANDS, case=case, undo_until__lte=timezone.now())
    return case.state == Case.State.DECIDED and over.exists()


def _state(case: Case | None) -> str:
    if case is None:
        return _("It arrived and will be looked at.")
    if _decided(case):
        return _("It was reviewed and decided.")
    if case.state == Case.State.HELD:
        return _("It is being reviewed; we wait for an answer from somebody else.")
    return _("It waits for a reviewer, or is being reviewed now.")
