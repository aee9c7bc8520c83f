"""The way in for mails, whoever brings them: a pipe, the listener, or a mailbox that is polled."""

import email.header
import email.parser
import email.policy
import email.utils

from seacliff.intake import queries
from seacliff.intake.actions import keep_message
from seacliff.intake.models import Message
from seacliff.targets.models import Product

MOST_BYTES = 40 * 1024 * 1024
HEADERS_READ = 64 * 1024  # bytes in which subject and sender are looked for


class NoProduct(Exception):
    """There is nothing yet that a report could be about."""


def receive(raw: bytes, *, source: str, sender: str = "", recipients: list[str] | None = None) -> list[Message]:
    """Keep a mail, once for each product it is addressed to. It is on disk when this returns. Raises NoProduct."""
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


def headings(raw: bytes) -> tuple[str, str]:
    """Subject and author of a mail, for lists; empty where they can't be read."""
    try:
        head = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw[:HEADERS_READ])
        subject = str(email.header.make_header(email.header.decode_header(str(head.get("Subject", "")))))
        return " ".join(subject.split()), email.utils.parseaddr(str(head.get("From", "")))[1]
    except Exception:  # mail in the wild breaks every parser somewhere; these are only for show
        return "", ""
