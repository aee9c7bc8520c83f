"""What goes with an ask: pieces of a record, picked one by one, redacted and frozen.

A room that lets its records be asked about registers a Shareable. It offers no people's data and nothing of the
restricted class, so neither can be picked; what is picked passes the redaction all the same.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from uuid import UUID

import phonenumbers

from seacliff.partners.models import Ask
from seacliff.people.models import User
from seacliff.people.problems import Invalid, NotFound
from seacliff.record.actions import Subject

MAIL = re.compile(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+\.[^\s<>\"'(),;:\[\]]*[^\s<>\"'(),;:\[\].?!]")
ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])")
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One field of a record that may go with an ask; `usual`: ticked beforehand."""

    key: str
    label: str
    text: str
    usual: bool = True


@dataclass(frozen=True, slots=True)
class Offered:
    """What a record offers: how it is called outside, its pieces, and names that are taken out of every text."""

    label: str
    pieces: Sequence[Piece]
    names: Sequence[str] = ()


class Shareable(Protocol):
    def __call__(self, user: User, id: UUID) -> Offered:
        """What this person may share of the record. Raises NotFound for a record they may not see."""


class Waiter(Protocol):
    def __call__(self, user: User, ask: Ask) -> None:
        """Let the record that the ask is about wait for it; in the transaction that asks. Raises a Problem."""


SHAREABLE: dict[str, Shareable] = {}
WAITERS: dict[str, Waiter] = {}


def shareable(kind: str, offer: Shareable, wait: Waiter | None = None) -> None:
    """Register, in an AppConfig.ready(), what a kind of record offers, and how it waits for asks if it can."""
    SHAREABLE[kind] = offer
    if wait is not None:
        WAITERS[kind] = wait


def let_wait(user: User, ask: Ask) -> None:
    """Let the record an ask is about wait for it. Raises Invalid for a record that can't."""
    waiter = WAITERS.get(ask.about_kind)
    if waiter is None:
        raise Invalid(f"A {ask.about_kind or 'free ask'} can't wait for an answer.")
    waiter(user, ask)


def offered(user: User, about: Subject) -> Offered:
    """The pieces, redacted as they would be sent. Raises NotFound."""
    offer = SHAREABLE.get(about.kind)
    if offer is None:
        raise NotFound(f"Nobody can be asked about a {about.kind}.")
    found = offer(user, about.id)
    pieces = [
        Piece(piece.key, piece.label, redacted(piece.text, found.names), piece.usual)
        for piece in found.pieces
        if piece.text.strip()
    ]
    return Offered(redacted(found.label, found.names), pieces, ())


def redacted_for(user: User, about: Subject | None, text: str) -> str:
    """A text as it would read without what names people, the record's own names included. Raises NotFound."""
    offer = SHAREABLE.get(about.kind) if about else None
    return redacted(text, offer(user, about.id).names if offer and about else ())


def frozen(user: User, about: Subject, keys: Iterable[str]) -> tuple[str, list[dict[str, str]]]:
    """The record's label and the picked pieces as the ask keeps them. Raises NotFound, Invalid for what isn't offered."""
    found = offered(user, about)
    by_key = {piece.key: piece for piece in found.pieces}
    wanted = list(dict.fromkeys(keys))
    if unknown := [key for key in wanted if key not in by_key]:
        sentence = f"This can't be shared: {', '.join(unknown)}. Pick from {', '.join(by_key) or 'nothing'}."
        raise Invalid(sentence, errors=[{"pointer": "#/shared", "detail": sentence}])
    return found.label, [{"key": key, "label": by_key[key].label, "text": by_key[key].text[:LONGEST]} for key in wanted]


def redacted(text: str, names: Iterable[str] = ()) -> str:
    """The text without the given names, without mail addresses, telephone numbers and IP addresses."""
    for name in sorted({name.strip() for name in names if len(name.strip()) > 2}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "[name]", text, flags=re.IGNORECASE)
    text = MAIL.sub("[e-mail]", text)
    text = ADDRESS.sub(lambda found: "[IP address]" if _is_address(found[0]) else found[0], text)
    for match in reversed(list(phonenumbers.PhoneNumberMatcher(text, "US"))):
        text = f"{text[: match.start]}[telephone]{text[match.end :]}"
    return text


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
