"""Microsoft Teams, by an incoming webhook (a workflow that posts cards) and an outgoing one of the same channel.

Neither tells the name of a message, so a card whose answer got lost is posted again: Teams alone may show one twice. An
answer names its ask: "@Seacliff Q-12 Yes. ...".
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.conf import settings
from django.utils import timezone

from seacliff.connectors import incoming
from seacliff.connectors.calls import Remote
from seacliff.connectors.chat import news, words
from seacliff.connectors.models import Thread
from seacliff.partners import channels
from seacliff.partners.models import Ask, Dispatch
from seacliff.record.wording import place_of

FRESH = timedelta(minutes=5)
NEEDED, OPTIONAL = {"name", "url"}, {"secret"}
LONGEST = 20_000
_TAG = re.compile(r"<at>.*?</at>|<[^>]{1,500}>", re.DOTALL)
_REF = re.compile(r"\s*Q-(\d{1,18})\b[\s:,.–-]*", re.IGNORECASE)
ASK_AGAIN = "Name the ask first, such as: Q-12 Yes. And then say why."


class BadTeams(ValueError):
    """What is wrong with SEACLIFF_TEAMS, in a sentence without address or secret."""


class Teams:
    """One channel of Teams; `secret` is the outgoing webhook's security token, base64."""

    def __init__(self, name: str, url: str, secret: str = "") -> None:
        self.name = name
        self.remote = Remote(name, url, {})
        try:
            self.secret = base64.b64decode(secret, validate=True)
        except binascii.Error as error:
            raise BadTeams(f"SEACLIFF_TEAMS: the secret of {name} is not base64, as Teams shows it.") from error

    def send(self, dispatch: Dispatch) -> str:
        ask = dispatch.ask
        if ask is None:
            return ""
        said = words.news(dispatch, ask)
        if dispatch.purpose == Dispatch.Purpose.ASKED or said:
            self.remote.tell(card(ask, said))
        Thread.objects.get_or_create(ask=ask, channel=self.name, address=dispatch.address)
        return ""

    def is_signed(self, given: str, body: bytes) -> bool:
        wanted = base64.b64encode(hmac.digest(self.secret, body, hashlib.sha256)).decode()
        return bool(self.secret) and hmac.compare_digest(f"HMAC {wanted}".encode(), given.encode())

    def is_fresh(self, said: dict[str, Any]) -> bool:
        try:
            at = datetime.fromisoformat(str(said["timestamp"]))
        except (KeyError, ValueError):
            return False
        return at.tzinfo is not None and abs(timezone.now() - at) < FRESH

    def heard(self, said: dict[str, Any]) -> str:
        """Keep a message for the ask it names; what is said in return."""
        text = unescape(_TAG.sub(" ", str(said.get("text") or "").replace("&nbsp;", " "))).strip()[:LONGEST]
        named = _REF.match(text)
        if named is None:
            return ASK_AGAIN
        thread = Thread.objects.select_related("ask").filter(channel=self.name, ask__number=int(named[1])).first()
        if thread is None:
            return f"Q-{named[1]} is no ask of this channel."
        name = str((said.get("from") or {}).get("name") or "Somebody")
        what = {"what": "comment", "text": text[named.end() :].strip(), "name": name, "email": ""}
        key = f"{thread.ask_id}:{said.get('id') or said.get('timestamp')}"
        incoming.keep(self.name, key, json.dumps(what).encode(), ask_id=thread.ask_id, sender=name, subject="Teams")
        return f"Noted for {thread.ask.ref}."


TEAMS: dict[str, Teams] = {}


def install(said: dict[str, Any]) -> Teams:
    """Raises BadTeams."""
    name = str(said.get("name", "?"))
    if missing := NEEDED - set(said):
        raise BadTeams(f"SEACLIFF_TEAMS: {name} lacks {', '.join(sorted(missing))}.")
    if unknown := set(said) - NEEDED - OPTIONAL:
        raise BadTeams(f"SEACLIFF_TEAMS: {name} has {', '.join(sorted(unknown))}, which means nothing here.")
    room = TEAMS[name] = Teams(**said)
    channels.register(room)
    incoming.READERS[name] = news.settle
    return room


def card(ask: Ask, said: str) -> dict[str, Any]:
    """An Adaptive Card (1.4): the ask itself, or what is new about it."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": plain(words.heading(ask)), "weight": "Bolder", "wrap": True},
        {"type": "TextBlock", "text": plain(said or ask.question), "wrap": True},
    ]
    if not said:
        facts = [{"title": plain(label), "value": plain(text)} for label, text in words.facts(ask)]
        body += [{"type": "FactSet", "facts": facts}] if facts else []
        how = f"To answer, mention the webhook and write: {ask.ref} Yes, Partly or No, a full stop, and why."
        body.append({"type": "TextBlock", "text": how, "wrap": True, "isSubtle": True})
    body.append({"type": "TextBlock", "text": plain(words.state(ask)), "wrap": True, "isSubtle": True})
    place = place_of("ask", ask.id)
    actions = [{"type": "Action.OpenUrl", "title": "Open", "url": f"{settings.BASE_URL}{place}"}] if place else []
    content = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
               "body": body, "actions": actions}  # fmt: skip
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [attachment]}


def plain(text: str) -> str:
    """Cards read Markdown: brackets and asterisks are kept from making links and bold."""
    return re.sub(r"([\\\[\]*_`])", r"\\\1", text[:LONGEST])
