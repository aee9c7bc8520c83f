"""The way in for mails, whoever brings them: a pipe, the listener, or a mailbox that is polled."""

import email.header
import email.message
import email.parser
import email.policy
import email.utils
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from seacliff.intake import queries
from seacliff.intake.actions import keep_message
from seacliff.intake.models import Message
from seacliff.targets.models import Product

MOST_BYTES = 40 * 1024 * 1024
ADDRESSEES = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
HEADERS_READ = 64 * 1024  # bytes in which subject and sender are looked for


class NoProduct(Exception):
    """There is nothing yet that a report could be about."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that is no report: another room has kept it under this id."""

    id: UUID


class Taker(Protocol):
    def __call__(self, raw: bytes, *, source: str, sender: str, recipient: str) -> UUID | None:
        """Keep a mail that came to an address of one's own, and say under which id; None for every other address."""


TAKERS: list[Taker] = []  # rooms above with addresses of their own add theirs in their AppConfig.ready()


def receive(raw: bytes, *, source: str, sender: str = "", recipients: list[str] | None = None) -> list[Message | Taken]:
    """Keep a mail, once for each product it is addressed to. It is on disk when this returns. Raises NoProduct.

    Without an envelope (a mailbox, a bare pipe) the header fields say whom it came to.
    """
    taken: dict[str, UUID] = {}
    for name in recipients or addressees(raw):
        for take in TAKERS:
            if id := take(raw, source=source, sender=sender, recipient=name):
                taken[name] = id
                break
    kept: list[Message | Taken] = [Taken(id) for id in dict.fromkeys(taken.values())]
    left = [name for name in recipients or [] if name not in taken]
    return kept if taken and not left else [*kept, *_as_reports(raw, source, sender, left)]


def _as_reports(raw: bytes, source: str, sender: str, recipients: list[str] | None) -> list[Message]:
    subject, author = headings(raw)
    addressed: dict[str, list[str]] = {}
    products: dict[str, Product] = {}
    for recipient in recipients or [""]:
        product = product_for(recipient)
        products[product.slug] = product
        addressed.setdefault(product.slug, []).extend([recipient] if recipient else [])
    return [
        keep_message(
            raw,
            source=source,
            product=products[slug],
            sender=sender or author,
            recipients=names,
            subject=subject,
        )
        for slug, names in addressed.items()
    ]


def product_for(recipient: str) -> Product:
    """The product named in an address (`meet@`, `abuse+meet@`, `meet-abuse@`), else the default one."""
    local = recipient.rpartition("@")[0].lower()
    for part in (local, local.partition("+")[2], local.removesuffix("-abuse"), local.removeprefix("abuse-")):
        if part and (product := queries.product_named(part)):
            return product
    default = queries.product_named("")
    if default is None:
        queries.forget()
        raise NoProduct("No product is set up yet, so nothing can be reported. An admin makes one under Targets.")
    return default


def head_of(raw: bytes) -> email.message.Message:
    """The header fields of a mail, without the rest of it. Raises whatever the parser does."""
    head = raw[:HEADERS_READ]
    if end := END_OF_HEAD.search(head):
        head = head[: end.end()]
    return email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)


def addressees(raw: bytes) -> list[str]:
    """Whom a mail came to, as far as its header fields tell."""
    try:
        head = head_of(raw)
        values = [str(value) for name in ADDRESSEES for value in head.get_all(name, [])]
        found: Iterable[str] = (address for _name, address in email.utils.getaddresses(values))
        return list(dict.fromkeys(address for address in found if "@" in address))[:100]
    except Exception:  # as below
        return []


def headings(raw: bytes) -> tuple[str, str]:
    """Subject and author of a mail, for lists; empty where they can't be read."""
    try:
        head = head_of(raw)
        subject = str(email.header.make_header(email.header.decode_header(str(head.get("Subject", "")))))
        return " ".join(subject.split()), email.utils.parseaddr(str(head.get("From", "")))[1]
    except Exception:  # mail in the wild breaks every parser somewhere; these are only for show
        return "", ""
