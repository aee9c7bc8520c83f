"""Pages of the messages that need a human: what could not be read is shown whole, and nothing is deleted."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from seacliff.intake import access, actions
from seacliff.intake.actions import NotWaiting
from seacliff.intake.models import Message
from seacliff.intake.triage_forms import ByHandForm, SetAsideForm
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.record import raw
from seacliff.record.models import Event, Evidence
from seacliff.record.pages import listing, older_url

State = Message.State
TABS = [(State.NEEDS_HUMAN, lazy("Waiting")), (State.UNREAD, lazy("Being read")), (State.HANDLED, lazy("Handled"))]
EVENTS_MOST = 50


@require_safe
@needs(Permission.INTAKE_TRIAGE)
def unread(request: Request) -> HttpResponse:
    state = request.GET.get("state", State.NEEDS_HUMAN)
    state = state if state in dict(TABS) else State.NEEDS_HUMAN
    rows = Message.objects.filter(state=state).defer("raw")
    found = listing(request, rows)
    context = {"rows": found.rows, "older_url": older_url(request, found), "state": state, "tabs": TABS}
    return render(request, "intake/unread.html", context)


@require_safe
@needs(Permission.INTAKE_TRIAGE)
def message(request: Request, id: UUID) -> HttpResponse:
    found = access.message(request.user, id)
    return _shown(request, found, ByHandForm(message=found), SetAsideForm())


def _shown(
    request: Request, found: Message, by_hand: ByHandForm, aside: SetAsideForm, status: int = 200
) -> HttpResponse:
    content = bytes(found.raw)
    kind = Evidence.Kind.JSON if content.lstrip()[:1] in (b"{", b"[") else Evidence.Kind.MAIL
    events = Event.objects.filter(subject_kind="message", subject_id=found.id).order_by("id")[:EVENTS_MOST]
    context = raw.shown(content, kind) | {
        "message": found,
        "waits": found.state in (State.NEEDS_HUMAN, State.HANDLED),
        "by_hand": by_hand,
        "aside": aside,
        "events": [{"text": event.verb.partition(".")[2].replace("-", " "), "event": event} for event in events],
    }
    return render(request, "intake/message.html", context, status=status)


@require_POST
@needs(Permission.INTAKE_TRIAGE)
def make_report(request: Request, id: UUID) -> HttpResponse:
    found = access.message(request.user, id)
    form = ByHandForm(request.POST, message=found)
    if form.is_valid():
        try:
            actions.report_by_hand(found, form.report(), actor_of(request))
        except (NotWaiting, ValueError) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The report is on its way to its queue, with the message as evidence."))
            return redirect("intake:unread")
    return _shown(request, found, form, SetAsideForm(), status=422)


@require_POST
@needs(Permission.INTAKE_TRIAGE)
def set_aside(request: Request, id: UUID) -> HttpResponse:
    found = access.message(request.user, id)
    form = SetAsideForm(request.POST)
    if form.is_valid():
        try:
            actions.set_aside(found, form.cleaned_data["reason"], actor_of(request))
        except NotWaiting as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Set aside. It is kept under Handled."))
            return redirect("intake:unread")
    return _shown(request, found, ByHandForm(message=found), form, status=422)


@require_POST
@needs(Permission.INTAKE_TRIAGE)
def read_again(request: Request, id: UUID) -> HttpResponse:
    found = access.message(request.user, id)
    try:
        actions.read_again(found, actor_of(request))
    except NotWaiting as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("It will be read again in a moment."))
    return redirect("intake:message", id=found.id)


@require_safe
@needs(Permission.INTAKE_TRIAGE)
def source(request: Request, id: UUID) -> HttpResponse:
    """The message as it came, as a file that no browser opens."""
    found = access.message(request.user, id)
    return raw.download(bytes(found.raw), f"message-{found.id}.eml")
