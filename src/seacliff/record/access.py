"""Who may look at the record. The rooms above know users and roles; here a user is whoever can say `may()`."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from seacliff.record import actions, seclusion
from seacliff.record.actions import Actor, Subject
from seacliff.record.models import Attachment, Event

EVIDENCE_VIEW = "record:evidence:view"
RECORD_VIEW = "record:event:view"

View = Callable[..., HttpResponseBase]


def needs(permission: str, *, secluded: bool = False) -> Callable[[View], View]:
    """View decorator: sends strangers to sign in, refuses people without the permission; `secluded` as in seclusion.py."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.may(permission):  # type: ignore[arg-type]  # people names them, above
                raise PermissionDenied(f"This needs the permission {permission}, which none of your roles gives.")
            if not secluded and (answer := seclusion.turned_back(request)) is not None:
                return answer
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # the access matrix reads it
        return guarded

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    return Actor(Event.ActorKind.PERSON, request.user.id, str(request.user))


def attachment_to_show(request: HttpRequest, attachment_id: UUID, story: UUID | None) -> Attachment:
    """The attachment, for who may see evidence. What is restricted is shown to nobody, and asking is an event."""
    attachment = Attachment.objects.select_related("evidence").filter(id=attachment_id).first()
    if attachment is None:
        raise Http404("There is no such evidence.")
    if attachment.evidence.restricted:
        subject = Subject(attachment.subject_kind, attachment.subject_id)
        actions.happened("evidence.refused", subject, actor_of(request), story=story, data=facts(attachment))
        raise PermissionDenied(_("This evidence is restricted: it is kept as proof and never shown, to nobody."))
    return attachment


def facts(attachment: Attachment) -> dict[str, str]:
    """What an event about an attachment says. Not its name: the log can't be erased, and names speak of people. Nor its
    hash: what is restricted, or will be one day, could be looked up elsewhere by it."""
    return {"attachment": str(attachment.id)}
