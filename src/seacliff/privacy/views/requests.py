"""Pages: what people ask about their data, step by step; and the page where a person takes their copy."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.people import rates
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.privacy import access, asking, exporting, queries, running
from seacliff.privacy.forms import RequestForm
from seacliff.privacy.models import Export, Run
from seacliff.privacy.models import Request as Asked
from seacliff.privacy.views.retention import typed
from seacliff.record.models import Event
from seacliff.record.pages import listing, older_url
from seacliff.record.tokens import token_of
from seacliff.review.access import NotValid, Refused


@require_safe
@never_cache
@needs(Permission.PRIVACY_REQUEST)
def listed(request: Request) -> HttpResponse:
    found = listing(request, Asked.objects.all())
    return render(request, "privacy/requests.html", {"rows": found.rows, "older_url": older_url(request, found)})


@never_cache
@needs(Permission.PRIVACY_REQUEST)
def new(request: Request) -> HttpResponse:
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        on = said.pop("received_on")
        said["received_at"] = datetime.combine(on, time.min, UTC) if on else None
        try:
            made = asking.take(request.user, **said)
        except NotValid as refused:
            field = "received_on" if refused.field == "received_at" else refused.field
            form.add_error(field if field in form.fields else None, refused.sentence)
        else:
            return redirect("privacy:asked", str(made))
    return render(request, "privacy/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@needs(Permission.PRIVACY_REQUEST)
def by_id(request: Request, id: UUID) -> HttpResponse:
    found = Asked.objects.filter(id=id).first()
    return redirect("privacy:asked", str(found)) if found else redirect("privacy:requests")


@require_safe
@never_cache
@needs(Permission.PRIVACY_REQUEST)
def asked(request: Request, ref: str) -> HttpResponse:
    return _show(request, access.request_of(request.user, ref))


def _show(request: Request, found: Asked, error: Refused | None = None) -> HttpResponse:
    run = Run.objects.filter(request=found).exclude(state=Run.State.CANCELLED).order_by("-id").first()
    export = Export.objects.filter(request=found).defer("content").select_related(
        "made_by", "first_check", "second_check").order_by("-id").first()  # fmt: skip
    link = ""
    if export and export.released_at and export.is_out(export.released_at):
        link = request.build_absolute_uri(reverse("privacy:download", args=[token_of(access.PURPOSE, export.id)]))
    context = {
        "asked": found,
        "run": run,
        "lines": queries.lines_of(run) if run else [],
        "problem": running.why_not(run) if run and run.state == Run.State.READY else "",
        "export": export,
        "looked": export is not None and str(request.user.id) in export.opened_by,
        "look": exporting.look_signature(request.user, export) if export and found.is_open else "",
        "link": link,
        "events": Event.objects.filter(subject_id=found.id).order_by("-id")[:50],
        "error": error,
        "typed": request.POST if error else {},
    }
    return render(request, "privacy/request.html", context, status=422 if error else 200)


VERBS: dict[str, Callable[[Request, Asked], object]] = {
    "name": lambda request, found: asking.name_subject(request.user, found, typed(request, "asked_as")),
    "identify": lambda request, found: asking.identify(request.user, found, typed(request, "how")),
    "prepare": lambda request, found: asking.prepare_erasure(request.user, found),
    "approve": lambda request, found: asking.approve_erasure(request.user, found),
    "refuse": lambda request, found: asking.refuse(request.user, found, typed(request, "reason")),
    "export": lambda request, found: exporting.prepare(request.user, found),
    "check": lambda request, found: exporting.check(request.user, found),
    "release": lambda request, found: exporting.release(request.user, found),
}


@require_POST
@needs(Permission.PRIVACY_REQUEST)
def act(request: Request, ref: str, verb: str) -> HttpResponse:
    found = access.request_of(request.user, ref)
    try:
        VERBS[verb](request, found)
    except Refused as refused:
        return _show(request, found, refused)
    return redirect("privacy:asked", str(found))


@require_safe
@never_cache
@needs(Permission.PRIVACY_REQUEST)
def look(request: Request, id: UUID, signature: str) -> HttpResponse:
    """The export, for a colleague who checks it."""
    found = access.export_of(request.user, id)
    try:
        content = exporting.opened(request.user, found, signature)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("privacy:asked", str(found.request))
    return _zip(content, str(found.request))


def _zip(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@rates.for_links
def download(request: HttpRequest, token: str) -> HttpResponse:
    """The person's own page: what it is, until when. The copy leaves on a click, so that a link's scanner takes none."""
    export = access.released(token)
    if request.method == "POST":
        exporting.downloaded(export)
        return _zip(bytes(export.content), "your-data")
    answer = render(request, "privacy/download.html", {"export": export, "token": token, "title": _("Your data")})
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
