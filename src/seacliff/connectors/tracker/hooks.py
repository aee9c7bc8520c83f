"""Webhooks of trackers: each says that an issue has news. What it says beyond that is not looked at."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from seacliff.connectors.looking import look_soon
from seacliff.connectors.tracker.issues import TRACKERS


@csrf_exempt
@require_POST
def hook(request: HttpRequest, name: str) -> HttpResponse:
    """202 for what is signed, whatever it is about; 403 for what is not."""
    tracker = TRACKERS.get(name)
    if tracker is None:
        raise Http404
    if not tracker.is_signed(request.headers, request.body):
        return HttpResponseForbidden("The signature does not fit.\n", content_type="text/plain")
    try:
        named = tracker.named(json.loads(request.body))
    except (ValueError, AttributeError, TypeError):
        named = None
    if named:
        look_soon(name, *named)
    return HttpResponse(status=202)
