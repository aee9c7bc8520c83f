"""Pages about what goes out: actions, deliveries, notices, endpoints; and the affected user's own notice page."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.enforcement import access, endpoints
from seacliff.enforcement.deliveries import replay
from seacliff.enforcement.forms import EndpointForm
from seacliff.enforcement.models import Action, Delivery, Endpoint, Notice
from seacliff.people import rates
from seacliff.people.access import Request, actor_of, needs
from seacliff.people.permissions import Permission
from seacliff.policy.models import NoticeText
from seacliff.record.pages import listing, older_url


def _may(request: Request) -> dict[str, bool]:
    """What the templates offer, by permission; the verbs check again."""
    return {
        "may_replay": request.user.may(Permission.ACTION_REPLAY),
        "may_manage_endpoints": request.user.may(Permission.ENDPOINT_MANAGE),
    }


def _listed(request: Request, rows: QuerySet, states: type[TextChoices], template: str, **more: object) -> HttpResponse:
    """One page of a list that can be narrowed to a state."""
    state = request.GET.get("state", "")
    if state in states.values:
        rows = rows.filter(state=state)
    found = listing(request, rows)
    context = {
        "rows": found.rows,
        "older_url": older_url(request, found),
        "state": state,
        "states": states.choices,
        **_may(request),
        **more,
    }
    return render(request, template, context)


@require_safe
@needs(Permission.ACTION_VIEW)
def actions(request: Request) -> HttpResponse:
    rows = Action.objects.select_related("target", "policy_version")
    return _listed(request, rows, Action.State, "enforcement/actions.html", tab="actions")


@require_safe
@needs(Permission.ACTION_VIEW)
def action(request: Request, id: UUID) -> HttpResponse:
    found = get_object_or_404(Action.objects.select_related("target__product", "policy_version"), id=id)
    sent = found.deliveries.select_related("endpoint").order_by("id")
    return render(
        request, "enforcement/action.html", {"action": found, "deliveries": sent, "tab": "actions", **_may(request)}
    )


@require_safe
@needs(Permission.ACTION_VIEW)
def deliveries(request: Request) -> HttpResponse:
    rows = Delivery.objects.select_related("endpoint")
    return _listed(request, rows, Delivery.State, "enforcement/deliveries.html", tab="deliveries")


@require_POST
@needs(Permission.ACTION_REPLAY)
def replay_delivery(request: Request, id: UUID) -> HttpResponse:
    one = access.delivery_to_replay(request.user, id)
    replay(one, actor_of(request))
    messages.success(request, _("It will be tried again now, under the same key."))
    return _back(request, one)


@require_POST
@needs(Permission.ACTION_REPLAY)
def replay_all(request: Request, id: UUID) -> HttpResponse:
    """Everything that was given up for one endpoint: after its receiver was repaired."""
    endpoint = get_object_or_404(Endpoint, id=id)
    dead = (
        Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.DEAD).select_related("endpoint").order_by("id")
    )
    count = 0
    for one in dead[:1000]:
        replay(one, actor_of(request))
        count += 1
    messages.success(request, _("%(count)d deliveries will be tried again now.") % {"count": count})
    return redirect("enforcement:deliveries")


def _back(request: Request, one: Delivery) -> HttpResponse:
    return redirect("enforcement:action", id=one.action_id) if one.action_id else redirect("enforcement:deliveries")


@require_safe
@needs(Permission.ACTION_VIEW)
def notices(request: Request) -> HttpResponse:
    rows = Notice.objects.select_related("target")
    return _listed(request, rows, Notice.State, "enforcement/notices.html", tab="notices")


@require_safe
@needs(Permission.ENDPOINT_MANAGE)
def endpoint_list(request: Request) -> HttpResponse:
    rows = Endpoint.objects.order_by("-is_active", "name")
    return render(request, "enforcement/endpoints.html", {"rows": rows, "tab": "endpoints", **_may(request)})


@needs(Permission.ENDPOINT_MANAGE)
def endpoint(request: Request, id: UUID | None = None) -> HttpResponse:
    """Add an endpoint, or look at one and change it."""
    found = access.endpoint_to_manage(request.user, id) if id else Endpoint()
    form = EndpointForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            endpoints.save(form.save(commit=False), actor_of(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("enforcement:endpoint", id=found.id)
    recent: QuerySet[Model] | list = found.deliveries.order_by("-id")[:20] if id else []
    context = {
        "form": form,
        "endpoint": found if id else None,
        "deliveries": recent,
        "tab": "endpoints",
        **_may(request),
    }
    return render(request, "enforcement/endpoint.html", context)


@require_POST
@needs(Permission.ENDPOINT_MANAGE)
def rotate(request: Request, id: UUID) -> HttpResponse:
    found = access.endpoint_to_manage(request.user, id)
    endpoints.rotate_secret(found, actor_of(request))
    messages.success(request, _("A new secret signs from now on; the old one signs beside it until you rotate again."))
    return redirect("enforcement:endpoint", id=found.id)


@require_POST
@needs(Permission.ENDPOINT_MANAGE)
def ping(request: Request, id: UUID) -> HttpResponse:
    found = access.endpoint_to_manage(request.user, id)
    endpoints.ping(found, actor_of(request))
    messages.success(request, _("A test message is on its way; its outcome shows below in a moment."))
    return redirect("enforcement:endpoint", id=found.id)


def _appeal(notice: Notice, token: str) -> dict[str, object]:
    """Whether the page leads to an appeal, which a room above may offer: of a decision, not of another appeal's receipt."""
    decided = notice.outcome in (
        NoticeText.Outcome.VIOLATION, NoticeText.Outcome.APPEAL_CHANGED, NoticeText.Outcome.CORRECTED
    )  # fmt: skip
    return {"may_appeal": decided, "token": token}


@require_safe
@never_cache
@rates.for_links
def public_notice(request: HttpRequest, token: str) -> HttpResponse:
    """What the affected user was told, word for word. The token in the mail is the key."""
    notice = access.notice_of(token)
    with translation.override(notice.language):
        response = render(request, "enforcement/public_notice.html", {"notice": notice, **_appeal(notice, token)})
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
