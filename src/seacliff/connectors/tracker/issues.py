"""What the trackers have in common: issues with comments, found again by a marker, and webhooks with a signature."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

MARKER = re.compile(r"seacliff:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Issue:
    """`done`: closed because it is made; false when it was closed as not wanted. `changed`: tells one closing from the next."""

    id: str
    url: str
    is_open: bool
    done: bool
    changed: str
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    author: str
    text: str


class Tracker(Protocol):
    """One tracker; `place` is a repository or project there. Every method raises calls.NotSent."""

    name: str

    def find(self, place: str, marker: str, since: datetime) -> Issue | None:
        """The issue whose text has the marker, among those made since; what was made a moment ago is found."""

    def open(self, place: str, title: str, text: str) -> Issue: ...

    def issue(self, place: str, id: str) -> Issue: ...

    def comments(self, place: str, id: str) -> list[Comment]:
        """All of them, oldest first."""

    def comment(self, place: str, id: str, text: str) -> str:
        """Write one; its id."""

    def close(self, place: str, id: str) -> None:
        """As not wanted any more."""

    def reopen(self, place: str, id: str) -> None: ...

    def marked(self, id: str) -> str:
        """The marker as it stands at the end of a text: unseen where the tracker can hide it."""

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a webhook is the tracker's own."""

    def named(self, payload: Any) -> tuple[str, str] | None:
        """The place and issue that a webhook speaks of."""


TRACKERS: dict[str, Tracker] = {}


def marker(id: object) -> str:
    return f"seacliff:{id}"


def hidden(id: str) -> str:
    """In Markdown a comment of HTML is not shown."""
    return f"\n\n<!-- {marker(id)} -->"


def hmac_is(secret: str, body: bytes, given: str) -> bool:
    """`given` is "sha256=<hex>", of the body under the secret; without a secret nothing is believed."""
    wanted = f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
    return bool(secret) and hmac.compare_digest(wanted.encode(), given.encode())
