"""The address that a reply goes to: it names the mail that is answered, and with it the ask and the recipient, signed.

Mail servers and people change capitals, and a local part has 64 characters at most (RFC 5321): hence the plain token.
"""

from collections.abc import Collection
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings

from seacliff.partners.links import LIVES_AFTER_DUE
from seacliff.partners.models import Ask, AskLink, Dispatch
from seacliff.record.tokens import id_of_plain, plain_token_of

PURPOSE = "reply-address"


def reply_address(dispatch: Dispatch) -> str:
    """Where replies to a mail go; empty when the installation has no address for them, or the mail is about no ask."""
    local, at, domain = settings.REPLY_ADDRESS.partition("@")
    if not at or dispatch.ask_id is None:
        return ""
    return f"{local}+{plain_token_of(PURPOSE, dispatch.id)}@{domain}"


def tag_of(recipient: str) -> str | None:
    """The tag in a reply address, which may be empty; None for an address that is no reply address."""
    local, at, domain = settings.REPLY_ADDRESS.lower().partition("@")
    given, _at, where = parseaddr(recipient)[1].lower().rpartition("@")
    base, _plus, tag = given.partition("+")
    return tag if at and (base, where) == (local, domain) else None


def dispatch_of(tag: str) -> Dispatch | None:
    """The mail that a tag was made for; None for a tag that was made up or changed, or whose mail is forgotten."""
    id = id_of_plain(PURPOSE, tag)
    if id is None:
        return None
    return Dispatch.objects.filter(id=id, channel="email", ask__isnull=False).first()


def why_closed(ask: Ask, at: datetime) -> str:
    """Why reply addresses of an ask did not work at a time, in a sentence; empty while they work: as long as the ask is open,
    and 30 days after its due time and its end."""
    ends = max(ask.due_at, ask.closed_at or ask.due_at) + LIVES_AFTER_DUE
    if not ask.is_open and at > ends:
        return f"The reply address worked until {ends:%Y-%m-%d}."
    return ""


def revoked(asks: Collection[UUID]) -> set[tuple[UUID, str]]:
    """Whose access to which of these asks was revoked: by the ask and the address in small letters."""
    links = AskLink.objects.filter(ask__in=asks, revoked_at__isnull=False)
    return {(ask, email.lower()) for ask, email in links.values_list("ask_id", "email")}


def our_addresses() -> set[str]:
    return {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower(), settings.REPLY_ADDRESS.lower()} - {""}
