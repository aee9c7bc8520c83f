"""Pages of what came in about asks and waits for a person: shown whole, with the reason, and nothing is deleted."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from seacliff.connectors import access, actions
from seacliff.connectors.models import Incoming, Thread
from seacliff.partners.models import Dispatch
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.people.problems import Problem
from seacliff.record import raw
from seacliff.record.models import Evidence
from seacliff.record.pages import listing, older_url
from seacliff.record.wording import place_of

State = Incoming.State
TABS = [(State.NEEDS_HUMAN, lazy("Waiting")), (State.HANDLED, lazy("Handled"))]


class SetAsideForm(forms.Form):
    reason = forms.CharField(
        label=lazy("Why nothing follows from it"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_safe
@needs(Permission.REPLY_TRIAGE)
def waiting(request: Request) -> HttpResponse:
    state = request.GET.get("state", State.NEEDS_HUMAN)
    state = state if state in dict(TABS) else State.NEEDS_HUMAN
    rows = Incoming.objects.filter(state=state).select_related("ask").defer("raw")
    found = listing(request, rows)
    context = {"rows": found.rows, "older_url": older_url(request, found), "state": state, "tabs": TABS}
    return render(request, "connectors/waiting.html", context)


@require_safe
@needs(Permission.REPLY_TRIAGE)
def undelivered(request: Request) -> HttpResponse:
    """News that reached nobody, and threads that can't be looked at."""
    rows = Dispatch.objects.filter(state=Dispatch.State.FAILED).select_related("ask")
    found = listing(request, rows)
    failing = Thread.objects.filter(failures__gte=3).select_related("ask").order_by("-id")[:20]
    context = {"rows": found.rows, "older_url": older_url(request, found), "tabs": TABS, "failing": failing}
    return render(request, "connectors/undelivered.html", context)


@require_POST
@needs(Permission.REPLY_TRIAGE)
def send_again(request: Request, id: UUID) -> HttpResponse:
    actions.send_again(access.undelivered(request.user, id), actor_of(request))
    messages.success(request, _("It is sent again."))
    return redirect("connectors:undelivered")


@require_safe
@needs(Permission.REPLY_TRIAGE)
def incoming(request: Request, id: UUID) -> HttpResponse:
    return _shown(request, access.incoming(request.user, id), SetAsideForm())


def _shown(request: Request, found: Incoming, form: SetAsideForm, status: int = 200) -> HttpResponse:
    kind = Evidence.Kind.MAIL if found.channel == "email" else Evidence.Kind.JSON
    context = raw.shown(bytes(found.raw), kind) | {
        "row": found,
        "waits": found.state == State.NEEDS_HUMAN,
        "can_take": found.ask_id and found.dispatch_id and found.channel == "email" and found.kind != "bounce",
        "ask_url": place_of("ask", found.ask_id),
        "form": form,
    }
    return render(request, "connectors/incoming.html", context, status=status)


@require_safe
@needs(Permission.REPLY_TRIAGE)
def source(request: Request, id: UUID) -> HttpResponse:
    """It as it came, as a file that no browser opens."""
    found = access.incoming(request.user, id)
    ending = "eml" if found.channel == "email" else "json"
    return raw.download(bytes(found.raw), f"incoming-{found.id}.{ending}")


@require_POST
@needs(Permission.REPLY_TRIAGE)
def take(request: Request, id: UUID) -> HttpResponse:
    found = access.incoming(request.user, id)
    try:
        row = actions.take(found, actor_of(request))
    except Problem as problem:
        messages.error(request, problem.detail)
        return redirect("connectors:incoming-one", id=found.id)
    messages.success(request, _("Taken as: %(kind)s.") % {"kind": row.get_kind_display().lower()})
    return redirect("connectors:incoming")


@require_POST
@needs(Permission.REPLY_TRIAGE)
def set_aside(request: Request, id: UUID) -> HttpResponse:
    found = access.incoming(request.user, id)
    form = SetAsideForm(request.POST)
    if form.is_valid():
        try:
            actions.set_aside(found, actor_of(request), form.cleaned_data["reason"])
        except Problem as problem:
            form.add_error(None, problem.detail)
        else:
            messages.success(request, _("Set aside. It is kept under Handled."))
            return redirect("connectors:incoming")
    return _shown(request, found, form, status=422)
