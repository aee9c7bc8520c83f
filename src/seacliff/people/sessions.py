"""How long a sign-in holds: until nothing was asked for SEACLIFF_IDLE_MINUTES, and never longer than twelve hours."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

WRITTEN_EVERY = 60.0  # seconds; a busy console does not write its session with every page
POLLS = ("/live",)  # pages ask these by themselves while nobody looks


def begin(request: HttpRequest) -> None:
    """Somebody has just signed in."""
    request.session["began"] = request.session["seen"] = time.time()


class Ends:
    """Middleware. A session that is over counts as nobody's; the page that was asked for sends to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and "seen" in request.session:
            now = time.time()
            idle = now - request.session["seen"]
            if idle > settings.IDLE_MINUTES * 60 or now - request.session["began"] > settings.SESSION_COOKIE_AGE:
                auth.logout(request)
                messages.info(request, _("You were away for a while and have been signed out."))
            elif idle > WRITTEN_EVERY and not request.path.endswith(POLLS):
                request.session["seen"] = now
        return self.get_response(request)
