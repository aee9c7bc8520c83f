"""The address that a reply goes to: it names the mail that is answered, and with it the ask and the recipient, signed.

Mail servers and people change capitals, and a local part has 64 characters at most (RFC 5321): hence the plain token.
"""

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings

from seacliff.partners.links import LIVES_AFTER_DUE
from seacliff.partners.models import AskLink, Dispatch
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
    return Dispatch.objects.select_related("ask").filter(id=id, channel="email", ask__isnull=False).first()


def why_closed(dispatch: Dispatch, at: datetime) -> str:
    """Why the address did not work at a time, in a sentence; empty while it works: as long as the ask is open, and 30
    days after its due time and its end."""
    ask = dispatch.ask
    assert ask is not None
    ends = max(ask.due_at, ask.closed_at or ask.due_at) + LIVES_AFTER_DUE
    if not ask.is_open and at > ends:
        return f"The reply address worked until {ends:%Y-%m-%d}."
    if AskLink.objects.filter(ask=ask, email__iexact=dispatch.address, revoked_at__isnull=False).exists():
        return f"The access of {dispatch.address} to this ask was revoked."
    return ""


def our_addresses() -> set[str]:
    return {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower(), settings.REPLY_ADDRESS.lower()} - {""}
