"""Messages that offer to take an act back, shown as a toast which counts down."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils import timezone

UNDO_SECONDS = 30


class Undo(NamedTuple):
    """Where to POST to take the act back, and until when (UTC)."""

    url: str
    until: datetime


def undoable(request: HttpRequest, text: str, url: str, until: datetime) -> None:
    """Tell the reader on the next page what was done, with a button that POSTs to `url` and vanishes at `until`."""
    messages.success(request, text, extra_tags=f"undo {until.timestamp():.0f} {url}")


def undo_of(message: Message) -> Undo | None:
    """The undo a message offers, or None when it offers none or its time is over."""
    tags = (message.extra_tags or "").split(" ", 2)
    if len(tags) != 3 or tags[0] != "undo":
        return None
    until = datetime.fromtimestamp(int(tags[1]), UTC)
    return Undo(tags[2], until) if until > timezone.now() else None
