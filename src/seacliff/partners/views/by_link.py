"""The page behind a signed link: just this ask, for somebody without an account, mostly on a phone."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from seacliff.partners import actions, files, links, queries, thanks
from seacliff.partners.access import By, side_of
from seacliff.partners.access import by_link as by
from seacliff.partners.directory import people_of
from seacliff.partners.models import Ask, AskLink
from seacliff.partners.views.asks import FORM
from seacliff.people import rates
from seacliff.people.problems import Conflict, Problem, TooMany

ACTS_PER_LINK, SECONDS = 40, 600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rates.for_links
def by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Read it, answer it, say something, hand it on. A link that is over says why, and whom to turn to."""
    link = links.found(token)
    if not links.is_good(link):
        return _private(render(request, "partners/link_over.html", {"link": link, "ask": link.ask}, status=410))
    if request.method != "POST":
        return _show(request, link, token)
    if not rates.allow(f"ask-link-act:{link.id}", ACTS_PER_LINK, SECONDS):
        return _show(request, link, token, TooMany(_("That was a lot at once. Try again in a few minutes.")))
    try:
        VERBS[request.POST.get("verb", "")](request, by(link), link.ask)
    except KeyError:
        return _show(request, link, token)
    except Problem as problem:
        link.ask.refresh_from_db()
        return _show(request, link, token, problem)
    links.used(link)
    return redirect("partners:by-link", token)


@require_safe
@never_cache
@rates.for_links
def file(request: HttpRequest, token: str, id: UUID) -> HttpResponseBase:
    """A file of the ask's thread, for as long as the link is good."""
    link = links.opened(token)
    return files.download(by(link), link.ask, id)


def _show(request: HttpRequest, link: AskLink, token: str, problem: Problem | None = None) -> HttpResponse:
    ask = link.ask
    people = people_of(ask.to_function, ask.charter)
    people.pop(link.email.lower(), None)
    overtaken = isinstance(problem, Conflict) and not ask.is_open  # the page itself says by whom
    context = {
        "page": queries.page_of(ask, inside=False),
        "ask": ask,
        "link": link,
        "token": token,
        "people": people,
        "asker_side": side_of(by(link), ask) == "asker",
        "error": None if overtaken else problem,
        "overtaken": overtaken,
        "typed": request.POST if problem else {},
        "thanks_url": thanks.address_of(ask, link.email),
        "is_mine": ask.answered_by == (link.name or link.email),
    }
    return _private(render(request, "partners/by_link.html", context, status=problem.status if problem else 200))


def _private(answer: HttpResponse) -> HttpResponse:
    # Not "no-referrer": the browser would then hide the form's origin, and CSRF refuse it.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")


def _answer(request: HttpRequest, who: By, ask: Ask) -> object:
    form = {name.removeprefix(FORM): str(value) for name, value in request.POST.items() if name.startswith(FORM)}
    kept = files.kept(request.FILES.getlist("files"))
    said = actions.answer(who, ask, _text(request, "answer"), _text(request, "reason"), form)
    if kept:
        actions.say(who, said, "", files=kept)
    return said


def _say(request: HttpRequest, who: By, ask: Ask) -> object:
    kept = files.kept(request.FILES.getlist("files"))
    say = actions.ask_back if request.POST.get("back") else actions.say
    return say(who, ask, _text(request, "body"), files=kept)


VERBS: dict[str, Callable[[HttpRequest, By, Ask], object]] = {
    "acknowledge": lambda _request, who, ask: actions.acknowledge(who, ask),
    "answer": _answer,
    "say": _say,
    "hand-on": lambda request, who, ask: actions.hand_on(who, ask, _text(request, "to_email"), _text(request, "note")),
}
