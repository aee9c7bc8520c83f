"""The page where somebody gets the address of their calendar, and the address itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seacliff.connectors.calendar import feed as feeds
from seacliff.connectors.models import Feed
from seacliff.people import rates
from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission


@require_safe
@needs(Permission.CONSOLE_USE)
def calendar(request: Request) -> HttpResponse:
    feed = Feed.objects.filter(user=request.user).first()
    context = {"feed": feed, "url": feeds.url_of(feed) if feed else "", "coming": feeds.asks_in(request.user)[:10]}
    return render(request, "connectors/calendar.html", context)


@require_POST
@needs(Permission.CONSOLE_USE)
def make(request: Request) -> HttpResponse:
    feeds.make(request.user)
    messages.success(request, _("This is the address now. An older one no longer works."))
    return redirect("connectors:calendar")


@require_POST
@needs(Permission.CONSOLE_USE)
def end(request: Request) -> HttpResponse:
    feeds.end(request.user)
    messages.success(request, _("The address no longer works."))
    return redirect("connectors:calendar")


@require_safe
@rates.for_links
def feed(request: HttpRequest, token: str) -> HttpResponse:
    found = feeds.opened(token)
    answer = HttpResponse(feeds.written(found.user), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="asks.ics"'
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer
