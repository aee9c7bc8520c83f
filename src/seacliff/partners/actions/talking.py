"""The thread of an ask: saying something, asking back, taking a link away."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.partners import channels
from seacliff.partners.access import By, side_of
from seacliff.partners.actions.asking import locked, must_be_open, story_of, subject_of
from seacliff.partners.actions.timing import run_on, stand_still
from seacliff.partners.models import Ask, AskLink, AskMessage, Dispatch
from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.record import evidence
from seacliff.record.actions import Subject, happened
from seacliff.record.models import Evidence

LONGEST = 20_000


def say(
    by: By,
    asked: Ask,
    body: str,
    *,
    external_id: str | None = None,
    files: Iterable[tuple[Evidence, str]] = (),
) -> AskMessage:
    """Write into the thread; the other side gets the news. When the asker answers a question, the clock runs on.

    `external_id` names what came from outside ("email:<id>"): the same again gives the message there is.
    """
    with transaction.atomic():
        asked = locked(asked)
        if external_id and (known := AskMessage.objects.filter(external_id=external_id).first()):
            return known
        side = _side(by, asked)
        message = _write(by, asked, side, body, external_id, files)
        if side == AskMessage.Side.ASKER and asked.state == Ask.State.CLARIFYING:
            run_on(asked)
        _carry(asked, message)
        happened("ask.message", subject_of(asked), by.actor, story=story_of(asked), data={"via": by.via})
    return message


def ask_back(
    by: By,
    asked: Ask,
    body: str,
    *,
    external_id: str | None = None,
    files: Iterable[tuple[Evidence, str]] = (),
) -> AskMessage:
    """Whoever was asked needs to know more: the clock stands still until the asker writes."""
    with transaction.atomic():
        asked = locked(asked)
        must_be_open(asked)
        if external_id and (known := AskMessage.objects.filter(external_id=external_id).first()):
            return known
        side = _side(by, asked)
        if side != AskMessage.Side.ASKED:
            raise NotAllowed(f"Only {asked.to_function.name} can ask back.")
        if asked.state not in Ask.WAITING:
            raise Conflict(f"The clock of {asked.ref} stands still already. Write a message instead.")
        message = _write(by, asked, side, body, external_id, files)
        stand_still(asked, Ask.State.CLARIFYING)
        _carry(asked, message)
        happened("ask.clarification-wanted", subject_of(asked), by.actor, story=story_of(asked), data={"via": by.via})
    return message


def _side(by: By, asked: Ask) -> AskMessage.Side:
    side = side_of(by, asked)
    if side is None:
        raise NotAllowed(f"{asked.ref} is between {asked.from_function.name} and {asked.to_function.name}.")
    return side


def _write(
    by: By,
    asked: Ask,
    side: AskMessage.Side,
    body: str,
    external_id: str | None,
    files: Iterable[tuple[Evidence, str]],
) -> AskMessage:
    body, files = body.replace("\x00", "").strip(), list(files)
    if not body and not files:
        raise Invalid(_("The message is empty."), errors=[{"pointer": "#/body", "detail": _("Write something.")}])
    message = AskMessage.objects.create(
        ask=asked,
        side=side,
        author=by.user,
        author_name=by.name,
        body=body[:LONGEST],
        via=by.via,
        external_id=external_id,
    )
    for kept, name in files:
        evidence.attach(kept, Subject("ask-message", message.id), name)
    return message


def _carry(asked: Ask, message: AskMessage) -> None:
    """To the other side; and to channels that mirror the thread, whichever side spoke there not."""
    if message.side == AskMessage.Side.ASKER:
        channels.to_asked(asked, Dispatch.Purpose.MESSAGE, str(message.id), message=message)
    else:
        channels.to_asker(asked, Dispatch.Purpose.MESSAGE, str(message.id), message=message)
        channels.to_mirrors(asked, Dispatch.Purpose.MESSAGE, str(message.id), message.via, message=message)


def revoke_link(by: By, link: AskLink) -> None:
    """The link opens nothing any more."""
    with transaction.atomic():
        asked = locked(link.ask)
        _side(by, asked)
        if AskLink.objects.filter(id=link.id, revoked_at=None).update(revoked_at=timezone.now()):
            data = {"to": link.name or link.email}
            happened("ask.link-revoked", subject_of(asked), by.actor, story=story_of(asked), data=data)
