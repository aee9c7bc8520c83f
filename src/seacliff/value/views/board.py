"""The page for the board, its PDF, and what somebody may edit of it."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid
from seacliff.value import assumptions
from seacliff.value.board import drafts
from seacliff.value.board.charts import as_picture
from seacliff.value.board.page import Page, page_of
from seacliff.value.forms import CostsForm
from seacliff.value.models import Assumptions, Draft


@require_safe
@needs(Permission.VALUE_VIEW)
def board(request: Request) -> HttpResponse:
    page = page_of(request.user)
    may = {
        "may_propose": request.user.may(Permission.VALUE_PROPOSE),
        "may_cost": request.user.may(Permission.VALUE_COST),
    }
    return render(request, "value/board.html", {"page": page, "charts": _charts(page), **may})


def _charts(page: Page) -> dict[str, str]:
    return {name: as_picture(svg) for name, svg in page.work.get("charts", {}).items()}


@require_safe
@needs(Permission.VALUE_VIEW)
def pdf(request: Request) -> HttpResponse:
    from seacliff.value.board import printed  # typst is large

    answer = HttpResponse(printed.pdf(page_of(request.user)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="value.pdf"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.VALUE_PROPOSE)
def text(request: Request, kind: str) -> HttpResponse:
    """Edit one text of the page; empty: it is filled again."""
    page, said, error = page_of(request.user), request.POST.get("text", ""), ""
    if request.method == "POST":
        try:
            drafts.write(request.user, kind, said, page.ledger)
        except Invalid as invalid:
            error = invalid.detail
        else:
            messages.success(request, _("Saved."))
            return redirect("value:board")
    context = {"kind": kind, "title": Draft.Kind(kind).label, "written": page.texts[kind], "longest": drafts.LONGEST,
               "text": said if error else page.texts[kind].text, "error": error}  # fmt: skip
    return render(request, "value/text.html", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.VALUE_COST)
def costs(request: Request) -> HttpResponse:
    form = CostsForm(request.POST or None, initial=msgspec.to_builtins(assumptions.costs()))
    if request.method == "POST" and form.is_valid():
        try:
            assumptions.publish(request.user, form.costs, form.cleaned_data["change"])
        except Invalid as invalid:
            form.add_error("change", invalid.detail)
        else:
            messages.success(request, _("Saved. The page is reckoned anew in a moment."))
            return redirect("value:board")
    versions = Assumptions.objects.select_related("by")[:10]
    context = {"form": form, "versions": versions}
    return render(request, "value/costs.html", context, status=422 if form.errors else 200)
