"""Mails to a reply address, by whichever of intake's doors they come."""

import hashlib
from uuid import UUID

from seacliff.connectors import incoming
from seacliff.connectors.email import addresses
from seacliff.intake.mail_door import addressees, head_of, headings

CHANNEL = "email"


def take(raw: bytes, *, source: str, sender: str, recipient: str) -> UUID | None:
    """Keep a mail to a reply address, whatever it is; None for every other address."""
    tag = addresses.tag_of(recipient)
    if tag is None:
        return None
    dispatch = addresses.dispatch_of(tag or _tag_within(raw))
    subject, author = headings(raw)
    name = message_id(raw) or hashlib.sha256(raw).hexdigest()
    ask_id, dispatch_id = (dispatch.ask_id, dispatch.id) if dispatch else (None, None)
    key = f"{ask_id or ''}:{name}"
    return incoming.keep(
        CHANNEL, key, raw, ask_id=ask_id, dispatch_id=dispatch_id, sender=author or sender, subject=subject
    )


def _tag_within(raw: bytes) -> str:
    """Where a mail server took the tag off an address, the header fields still have it."""
    return next(filter(None, map(addresses.tag_of, addressees(raw))), "")


def message_id(raw: bytes) -> str:
    """The Message-ID, without which nobody can tell a repetition: empty when there is none."""
    try:
        head = head_of(raw)
        return "".join(str(head.get("Message-ID", "")).split())[:900]
    except Exception:  # mails in the wild break every parser somewhere
        return ""
