"""The public form and its receipt."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from seacliff.intake import receipts
from seacliff.intake.actions import take_reports
from seacliff.intake.models import Channel
from seacliff.intake.public_form import ReportForm, new_token
from seacliff.people import rates
from seacliff.people.rates import address_of, allow
from seacliff.record import evidence
from seacliff.targets.models import Product

A_DAY = 86_400
REPORTS_A_DAY = 40


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which product it is about; straight on when there is one."""
    products = list(Product.objects.filter(is_open=True).order_by("name")[:100])
    if len(products) == 1:
        return redirect("intake:report-product", products[0].slug)
    return render(request, "intake/choose.html", {"products": products})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponse:
    product = Product.objects.filter(slug=slug, is_open=True).first()
    if product is None:
        raise Http404(_("There is no such form."))
    form = ReportForm(request.POST or None, request.FILES or None, initial={"token": new_token()})
    if request.method == "POST" and form.is_valid():
        if not allow(f"form:{address_of(request)}", REPORTS_A_DAY, A_DAY):
            form.add_error(
                None, _("Many reports came from your network today. Please try again later, or write to us.")
            )
        else:
            try:
                (outcome,) = take_reports([form.report(product)], channel=Channel.FORM, owner=product.id)
                if outcome.report_id is not None:
                    return redirect("intake:received", receipts.token_of(outcome.report_id))
                form.add_error(None, outcome.problem)
            except evidence.EvidenceTooLarge as problem:
                form.add_error("evidence", str(problem))
    context = {"form": form, "product": product, "product_name": product.name}
    return render(request, "intake/report.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@rates.for_links
def received(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt: a code to name the report by, and the private address of its status page."""
    report_id = receipts.report_of(token)
    if report_id is None:
        raise Http404(_("There is no such report."))
    context = {"code": receipts.code_of(report_id), "status_url": receipts.status_url(report_id)}
    answer = render(request, "intake/received.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
