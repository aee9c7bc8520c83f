"""Pages: one ask with its thread, and everything that either side may do to it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seacliff.partners import actions, files, queries, thanks
from seacliff.partners.access import ask_by_id, ask_of, by_user, must_speak, side_of
from seacliff.partners.directory import people_of
from seacliff.partners.models import Ask, AskLink, AskMessage
from seacliff.partners.sharing import WAITERS, offered
from seacliff.people.access import Request, needs
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotAllowed, NotFound, Problem
from seacliff.record.actions import Subject
from seacliff.record.wording import place_of

FORM = "form."  # before the names of the answer's own fields


@require_safe
@needs(Permission.ASK_VIEW)
def by_id(request: Request, id: UUID) -> HttpResponse:
    return redirect("partners:ask", ask_by_id(request.user, id).ref)


@require_safe
@never_cache
@needs(Permission.ASK_VIEW)
def ask(request: Request, ref: str) -> HttpResponse:
    return _show(request, ask_of(request.user, ref))


def _show(request: Request, found: Ask, problem: Problem | None = None) -> HttpResponse:
    side = side_of(by_user(request.user), found)
    context = {
        "page": queries.page_of(found),
        "ask": found,
        "asked_side": side == "asked" and request.user.may(Permission.ASK_ANSWER),
        "asker_side": side == "asker" and request.user.may(Permission.ASK_MAKE),
        "about_url": _place_of_about(request.user, found),
        "people": people_of(found.to_function, found.charter),
        "outcomes": Ask.Outcome.choices,
        "error": problem,
        "typed": request.POST if problem else {},
        "thanks_url": thanks.address_of(found, request.user.email),
        "can_wait": found.about_kind in WAITERS,
    }
    return render(request, "partners/ask.html", context, status=problem.status if problem else 200)


def _place_of_about(user: User, found: Ask) -> str:
    """Where the record is shown that the ask is about, for whoever may look at it."""
    if found.about_id is None:
        return ""
    try:
        offered(user, Subject(found.about_kind, found.about_id))
    except NotFound:
        return ""
    return place_of(found.about_kind, found.about_id)


@require_safe
@never_cache
@needs(Permission.ASK_VIEW)
def file(request: Request, ref: str, id: UUID) -> FileResponse:
    return files.download(by_user(request.user), ask_of(request.user, ref), id)


def form_of(request: Request) -> dict[str, str]:
    """The fields of the structured answer."""
    return {name.removeprefix(FORM): str(value) for name, value in request.POST.items() if name.startswith(FORM)}


def time_of(user: User, text: str) -> datetime | None:
    """A time from a datetime-local field, on the clock of this person; None for what is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(user.time_zone))


def _text(request: Request, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")


def _answer(request: Request, found: Ask) -> object:
    said = actions.answer(by_user(request.user), found, _text(request, "answer"), _text(request, "reason"),
                          form_of(request))  # fmt: skip
    messages.success(request, _("%s is answered.") % said.ref)
    return said


def _say(request: Request, found: Ask) -> object:
    kept = files.kept(request.FILES.getlist("files"))
    say = actions.ask_back if request.POST.get("back") else actions.say
    return say(by_user(request.user), found, _text(request, "body"), files=kept)


def _reschedule(request: Request, found: Ask) -> object:
    due_at = time_of(request.user, _text(request, "due_at")) or found.asked_at
    return actions.reschedule(by_user(request.user), found, due_at, _text(request, "reason"))


def _revoke(request: Request, found: Ask) -> None:
    id = _text(request, "link")
    link = next((each for each in AskLink.objects.filter(ask=found) if str(each.id) == id), None)
    if link is None:
        raise NotFound(_("There is no such link."))
    actions.revoke_link(by_user(request.user), link)


def _remind(request: Request, found: Ask) -> None:
    actions.remind_now(by_user(request.user), found)
    messages.success(request, _("%s is reminded once more.") % found.to_function.name)


ANSWERING: dict[str, Callable[[Request, Ask], object]] = {
    "acknowledge": lambda request, found: actions.acknowledge(by_user(request.user), found),
    "answer": _answer,
    "say": _say,
    "hand-on": lambda request, found: actions.hand_on(
        by_user(request.user), found, _text(request, "to_email"), _text(request, "note")),
    "revoke": _revoke,
}  # fmt: skip
ASKING: dict[str, Callable[[Request, Ask], object]] = {
    "pause": lambda request, found: actions.pause(by_user(request.user), found, _text(request, "reason")),
    "resume": lambda request, found: actions.resume(by_user(request.user), found),
    "reschedule": _reschedule,
    "remind": _remind,
    "withdraw": lambda request, found: actions.withdraw(by_user(request.user), found, _text(request, "reason")),
    "reopen": lambda request, found: actions.reopen(by_user(request.user), found, _text(request, "reason")),
    "outcome": lambda request, found: actions.record_outcome(
        by_user(request.user), found, _text(request, "outcome"), _text(request, "text")),
}  # fmt: skip


@require_POST
@needs(Permission.ASK_ANSWER)
def respond(request: Request, ref: str, verb: str) -> HttpResponse:
    """What whoever was asked does; and what both do: say something, take a link away."""
    return _do(request, ref, ANSWERING[verb], None if verb in ("say", "revoke") else AskMessage.Side.ASKED)


@require_POST
@needs(Permission.ASK_MAKE)
def manage(request: Request, ref: str, verb: str) -> HttpResponse:
    """What the asker does with an ask that was made."""
    return _do(request, ref, ASKING[verb], AskMessage.Side.ASKER)


def _do(
    request: Request, ref: str, act: Callable[[Request, Ask], object], side: AskMessage.Side | None
) -> HttpResponse:
    found = ask_of(request.user, ref)
    try:
        if side is not None:  # the verbs ask too, but look at what was typed first
            must_speak(by_user(request.user), found, side)
        act(request, found)
    except NotAllowed as refused:
        raise PermissionDenied(refused.detail) from None
    except Problem as problem:
        return _show(request, ask_of(request.user, ref), problem)
    if (board := request.POST.get("back_to", "")) in queries.BOARDS:
        query = urlencode({"of": _text(request, "of")} if request.POST.get("of") else {})
        return redirect(reverse("partners:board", args=[board]) + (f"?{query}" if query else ""))
    return redirect("partners:ask", found.ref)
