"""Page: make an ask. What goes with it is picked piece by piece, as redacted text, and looked over before it leaves."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seacliff.partners import actions
from seacliff.partners.access import OURS, by_user, functions_of, our_function
from seacliff.partners.actions.asking import NewAsk, check, due_by
from seacliff.partners.charters.document import charter_of
from seacliff.partners.directory import charter_between, people_of
from seacliff.partners.models import Ask
from seacliff.partners.sharing import WAITERS, Offered, offered, redacted_for
from seacliff.partners.views.asks import time_of
from seacliff.people.access import Request, needs
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.people.problems import Invalid, NotAllowed, NotFound, Problem
from seacliff.record.actions import Subject
from seacliff.record.wording import place_of


@dataclass(slots=True)
class Draft:
    """What the form says so far."""

    sender: Function
    receivers: list[Function]
    about: Subject | None = None
    offer: Offered | None = None
    typed: dict[str, Any] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)

    @property
    def to(self) -> Function | None:
        return next((each for each in self.receivers if each.slug == self.typed.get("to")), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.ASK_MAKE)
def new(request: Request) -> HttpResponse:
    """`about`: kind:id of the record, `to`, `kind`, `severity`, `question` may be filled in beforehand."""
    draft = _draft(request)
    if request.method != "POST":
        return _show(request, draft)
    try:
        if request.POST.get("step") != "send":
            return _show(request, draft, preview=_preview(request, draft))
        made = actions.ask(by_user(request.user), _new(request, draft))
    except NotAllowed as refused:
        raise PermissionDenied(refused.detail) from None
    except Problem as problem:
        return _show(request, draft, problem=problem)
    messages.success(request, _("%(ref)s goes to %(function)s.") % {"ref": made.ref, "function": made.to_function.name})
    return redirect("partners:ask", made.ref)


def _draft(request: Request) -> Draft:
    given = request.POST if request.method == "POST" else request.GET
    own = sorted(functions_of(request.user), key=lambda function: (function.slug != OURS, function.name))
    if not own:
        raise PermissionDenied(_("You belong to no function yet that could ask. Somebody who manages people adds you."))
    sender = next((each for each in own if each.slug == given.get("from")), own[0])
    theirs = list(Function.objects.exclude(slug=OURS).order_by("name")) if sender.slug == OURS else [our_function()]
    draft = Draft(sender, theirs, typed={"severity": "3", "kind": "advise", "key": str(uuid4())} | given.dict())
    if given.get("about"):
        draft.about = _about(given["about"])
        try:
            draft.offer = offered(request.user, draft.about)
        except NotFound as missing:
            raise Http404(missing.detail) from None
        usual = [piece.key for piece in draft.offer.pieces if piece.usual]
        draft.shared = given.getlist("share") if request.method == "POST" else usual
    if given.get("step") == "redact":
        draft.typed["question"] = redacted_for(request.user, draft.about, str(given.get("question", "")))
    return draft


def _about(text: str) -> Subject:
    kind, _sign, id = text.partition(":")
    try:
        return Subject(kind, UUID(id))
    except ValueError:
        raise Http404(_("There is no such record.")) from None


def _new(request: Request, draft: Draft) -> NewAsk:
    typed = draft.typed
    to = draft.to
    if to is None:
        sentence = _("Choose whom you ask.")
        raise _invalid("to", sentence)
    by_hand = str(typed.get("due_at") or "")
    due_at = time_of(request.user, by_hand)
    if by_hand and due_at is None:
        raise _invalid("due_at", _("Write the due time as a date and a time."))
    severity = str(typed.get("severity") or "")
    return NewAsk(
        kind=str(typed.get("kind") or ""),
        to=to,
        question=str(typed.get("question") or "").replace("\x00", ""),
        severity=int(severity) if severity in ("1", "2", "3", "4") else 0,
        sender=draft.sender,
        about=draft.about,
        share=draft.shared,
        to_email=str(typed.get("to_email") or ""),
        due_at=due_at,
        key=f"form:{request.user.id}:{typed.get('key')}"[:100],
        wait=bool(typed.get("wait")),
    )


def _invalid(field: str, sentence: str) -> Problem:
    return Invalid(sentence, errors=[{"pointer": f"#/{field}", "detail": sentence}])


def _preview(request: Request, draft: Draft) -> dict[str, Any]:
    """The ask as they will read it. Raises Problem for what could not be sent."""
    new = _new(request, draft)
    sender = draft.sender
    check(new, sender)
    version = charter_between(sender, new.to)
    pieces = [piece for piece in draft.offer.pieces if piece.key in draft.shared] if draft.offer else []
    told = redacted_for(request.user, draft.about, new.question)
    return {
        "new": new,
        "kind": Ask.Kind(new.kind).label,
        "version": version,
        "due_at": due_by(new, version, timezone.now()),
        "label": draft.offer.label if draft.offer else "",
        "pieces": pieces,
        "told": told if told != new.question else "",
        "people": _receivers(new, people_of(new.to, version), version),
    }


def _receivers(new: NewAsk, people: dict[str, str], version: Any) -> str:
    if new.to_email:
        return people.get(new.to_email.strip().lower()) or new.to_email
    contacts = charter_of(version).contacts if new.to.slug != OURS else ()
    return contacts[0].name if contacts else ", ".join(list(people.values())[:5])


def _show(
    request: Request, draft: Draft, *, preview: dict[str, Any] | None = None, problem: Problem | None = None
) -> HttpResponse:
    to = draft.to
    context = {
        "draft": draft,
        "typed": draft.typed,
        "kinds": Ask.Kind.choices,
        "own": list(functions_of(request.user)),
        "people": people_of(to, charter_between(draft.sender, to)) if to else {},
        "can_wait": draft.about is not None and draft.about.kind in WAITERS,
        "about_url": place_of(draft.about.kind, draft.about.id) if draft.about else "",
        "about": f"{draft.about.kind}:{draft.about.id}" if draft.about else "",
        "preview": preview,
        "error": problem,
    }
    return render(request, "partners/new.html", context, status=problem.status if problem else 200)
