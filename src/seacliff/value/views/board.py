"""The page for the board, its PDF, and what somebody may edit of it."""

from itertools import zip_longest
from typing import Any

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
from seacliff.value.assumptions import Costs
from seacliff.value.board import drafts
from seacliff.value.board.charts import as_picture
from seacliff.value.board.page import Page, page_of
from seacliff.value.forms import CostsForm
from seacliff.value.models import Assumptions, Draft

SHOWN = 50  # versions of the costs: there are a few a year
FIGURES = Costs.__struct_fields__


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
    versions = list(Assumptions.objects.select_related("by")[:SHOWN])
    form = CostsForm(request.POST or None, initial=msgspec.to_builtins(assumptions.costs()), first=not versions)
    if request.method == "POST" and form.is_valid():
        try:
            assumptions.publish(request.user, form.costs, form.cleaned_data["change"], form.cleaned_data["holds_from"])
        except Invalid as invalid:
            for fault in invalid.errors:
                form.add_error(str(fault["pointer"]).removeprefix("#/"), fault["detail"])
        else:
            messages.success(request, _("Saved. The page is reckoned anew in a moment."))
            return redirect("value:board")
    context = {"form": form, "versions": _told(versions, form), "names": [str(form.fields[name].label) for name in FIGURES]}
    return render(request, "value/costs.html", context, status=422 if form.errors else 200)


def _told(versions: list[Assumptions], form: CostsForm) -> list[dict[str, Any]]:
    """Each version with every figure, and whether the one before said otherwise."""
    rows = []
    for one, before in zip_longest(versions, versions[1:]):
        now, then = ({**msgspec.to_builtins(Costs()), **made.costs} if made else {} for made in (one, before))
        figures = [
            {"label": form.fields[name].label, "value": now[name], "new": bool(then) and now[name] != then[name]}
            for name in FIGURES
        ]
        rows.append({"version": one, "figures": figures})
    return rows
