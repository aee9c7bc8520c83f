"""The thread of an ask: saying something, asking back, taking a link away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.partners import channels
from seacliff.partners.access import By, side_of
from seacliff.partners.actions.asking import locked, must_be_open, story_of, subject_of
from seacliff.partners.actions.timing import run_on, stand_still
from seacliff.partners.directory import asked_of, asker_of
from seacliff.partners.models import Ask, AskLink, AskMessage, Dispatch
from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.record import evidence
from seacliff.record.actions import Subject, event, happened, write
from seacliff.record.models import Event, Evidence

LONGEST = 20_000
Files = Sequence[tuple[Evidence, str]]


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody's words in the thread of a locked ask. `external_id` names what came from outside ("email:<id>")."""

    by: By
    ask: Ask
    body: str
    external_id: str | None = None
    files: Files = ()


def say(by: By, asked: Ask, body: str, *, external_id: str | None = None, files: Files = ()) -> AskMessage:
    """Write into the thread; the other side gets the news. When the asker answers a question, the clock runs on.

    The same again, by its `external_id`, gives the message there is.
    """
    with transaction.atomic():
        return say_locked([Saying(by, locked(asked), body, external_id, files)])[0]


def say_locked(given: Sequence[Saying]) -> list[AskMessage]:
    """say() for many, inside the caller's transaction, one statement a table; the asks are locked and none comes twice.
    Raises the first Problem."""
    known = _known([each.external_id for each in given])
    new = {
        at: _message(each, _side(each.by, each.ask)) for at, each in enumerate(given) if each.external_id not in known
    }
    _store([(message, given[at].files) for at, message in new.items()])
    for at, message in new.items():
        if message.side == AskMessage.Side.ASKER and given[at].ask.state == Ask.State.CLARIFYING:
            run_on(given[at].ask)
    channels.leave([row for at, message in new.items() for row in _news(given[at].ask, message)])
    write([_event("ask.message", given[at]) for at in new])
    return [new.get(at) or known[str(each.external_id)] for at, each in enumerate(given)]


def ask_back(by: By, asked: Ask, body: str, *, external_id: str | None = None, files: Files = ()) -> AskMessage:
    """Whoever was asked needs to know more: the clock stands still until the asker writes."""
    with transaction.atomic():
        asked = locked(asked)
        must_be_open(asked)
        if known := _known([external_id]):
            return known[str(external_id)]
        side = _side(by, asked)
        if side != AskMessage.Side.ASKED:
            raise NotAllowed(f"Only {asked.to_function.name} can ask back.")
        if asked.state not in Ask.WAITING:
            raise Conflict(f"The clock of {asked.ref} stands still already. Write a message instead.")
        said = Saying(by, asked, body, external_id, files)
        message = _message(said, side)
        _store([(message, files)])
        stand_still(asked, Ask.State.CLARIFYING)
        channels.leave(_news(asked, message))
        write([_event("ask.clarification-wanted", said)])
    return message


def _side(by: By, asked: Ask) -> AskMessage.Side:
    side = side_of(by, asked)
    if side is None:
        raise NotAllowed(f"{asked.ref} is between {asked.from_function.name} and {asked.to_function.name}.")
    return side


def _known(external_ids: Iterable[str | None]) -> dict[str, AskMessage]:
    """Messages there are already, by the names they have outside."""
    names = [name for name in external_ids if name]
    found = AskMessage.objects.filter(external_id__in=names) if names else ()
    return {str(message.external_id): message for message in found}


def _message(said: Saying, side: AskMessage.Side) -> AskMessage:
    """The message, not yet saved. Raises Invalid when there is nothing in it."""
    body = said.body.replace("\x00", "").strip()
    if not body and not said.files:
        raise Invalid(_("The message is empty."), errors=[{"pointer": "#/body", "detail": _("Write something.")}])
    return AskMessage(
        ask=said.ask,
        side=side,
        author=said.by.user,
        author_name=said.by.name,
        body=body[:LONGEST],
        via=said.by.via,
        external_id=said.external_id,
    )


def _store(messages: Sequence[tuple[AskMessage, Files]]) -> None:
    AskMessage.objects.bulk_create([message for message, _files in messages])
    evidence.attach_many(
        [(kept, Subject("ask-message", message.id), name) for message, files in messages for kept, name in files]
    )


def _news(asked: Ask, message: AskMessage) -> list[Dispatch]:
    """For the other side; and for channels that mirror the thread, but not for where the asked side said it."""
    if message.side == AskMessage.Side.ASKER:
        recipients = asked_of(asked)
    else:
        recipients = [*asker_of(asked), *channels.mirrors_beside(asked, message.via)]
    return channels.drafted(asked, Dispatch.Purpose.MESSAGE, str(message.id), recipients, message=message)


def _event(verb: str, said: Saying) -> Event:
    return event(verb, subject_of(said.ask), said.by.actor, story=story_of(said.ask), data={"via": said.by.via})


def revoke_link(by: By, link: AskLink) -> None:
    """The link opens nothing any more."""
    with transaction.atomic():
        asked = locked(link.ask)
        _side(by, asked)
        if AskLink.objects.filter(id=link.id, revoked_at=None).update(revoked_at=timezone.now()):
            data = {"to": link.name or link.email}
            happened("ask.link-revoked", subject_of(asked), by.actor, story=story_of(asked), data=data)
