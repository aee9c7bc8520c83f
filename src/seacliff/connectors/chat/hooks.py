"""What Slack and Teams call: signed, fresh, and answered within their few seconds."""

import json
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from seacliff.connectors.chat import forms
from seacliff.connectors.chat.slack import NAME, Slack, installed
from seacliff.connectors.chat.teams import TEAMS
from seacliff.connectors.looking import look_soon
from seacliff.connectors.models import Thread
from seacliff.partners.channels import NotSent

log = structlog.get_logger("seacliff.connectors")
REFUSED = "The signature does not fit, or the request is old.\n"


@csrf_exempt
@require_POST
def slack_events(request: HttpRequest) -> HttpResponse:
    """The Events API: a message in a thread of ours is news; what it says is asked for by the desk."""
    slack, body = _slack(), _body(request)
    if not slack.is_signed(request.headers, body):
        return HttpResponseForbidden(REFUSED, content_type="text/plain")
    said = _json(body)
    if said.get("type") == "url_verification":
        return HttpResponse(str(said.get("challenge", "")), content_type="text/plain")
    event = said.get("event")
    if isinstance(event, dict) and event.get("thread_ts"):
        look_soon(NAME, str(event.get("channel", "")), str(event["thread_ts"]))
    return HttpResponse(status=200)


@csrf_exempt
@require_POST
def slack_actions(request: HttpRequest) -> HttpResponse:
    """Buttons, and the forms they open."""
    slack, body = _slack(), _body(request)
    if not slack.is_signed(request.headers, body):
        return HttpResponseForbidden(REFUSED, content_type="text/plain")
    said = _json(QueryDict(body).get("payload", "").encode())  # type: ignore[union-attr]
    try:
        if said.get("type") == "block_actions":
            _pressed(slack, said)
        elif said.get("type") == "view_submission":
            ask, what = forms.given(said["view"])
            _keep(slack, ask, f"form:{said['view'].get('id', '')}", said, what)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        log.warning("slack sent what is not understood", error=f"{type(error).__name__}: {error}")
    return HttpResponse(status=200)


def _pressed(slack: Slack, said: dict[str, Any]) -> None:
    action = said["actions"][0]
    what, key = action["action_id"], f"action:{action['action_id']}:{action['action_ts']}"
    if what == "taken-on":
        _keep(slack, action["value"], key, said, {"what": "taken-on"})
    elif (thread := _thread(action["value"])) and what in forms.TITLES:
        if not forms.is_needed(thread.ask, what):
            _keep(slack, action["value"], key, said, {"what": "answer", "said": what})
            return
        try:
            slack.call("views.open", trigger_id=said["trigger_id"], view=forms.modal(thread.ask, what))
        except NotSent as problem:
            log.warning("slack shows no form", problem=str(problem))


def _keep(slack: Slack, ask: str, key: str, said: dict[str, Any], what: dict[str, Any]) -> None:
    if thread := _thread(ask):
        slack.pressed(thread, key, said["user"], what)


def _thread(ask: str) -> Thread | None:
    return Thread.objects.select_related("ask").filter(ask=UUID(ask), channel=NAME).first()


@csrf_exempt
@require_POST
def teams(request: HttpRequest, name: str) -> HttpResponse:
    """An outgoing webhook of Teams: "@Seacliff Q-12 Yes. ..." It is answered in words, which Teams shows beneath."""
    room = TEAMS.get(name)
    if room is None:
        raise Http404
    body = _body(request)
    if not room.is_signed(request.headers.get("Authorization", ""), body):
        return HttpResponseForbidden(REFUSED, content_type="text/plain")
    said = _json(body)
    if not room.is_fresh(said):
        return HttpResponseForbidden(REFUSED, content_type="text/plain")
    return JsonResponse({"type": "message", "text": room.heard(said)})


def _slack() -> Slack:
    slack = installed()
    if slack is None:
        raise Http404
    return slack


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        return b""


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
