"""Slack, by its Web API with a bot's token: chat:write, channels:history (groups:history), users:read, users:read.email.

A charter names the channel "slack" and, as address, the channel's id (C0123456789), into which the bot was invited.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from seacliff.connectors import incoming
from seacliff.connectors.calls import Remote
from seacliff.connectors.chat import news, words
from seacliff.connectors.looking import LOOKERS, ROUND
from seacliff.connectors.models import Incoming, Thread
from seacliff.partners import channels
from seacliff.partners.channels import NotSent
from seacliff.partners.models import Ask, Dispatch
from seacliff.record.ids import time_of

NAME = "slack"
FRESH = 300  # seconds; Slack asks to refuse what is older
TEXT_MOST = 2_900  # of a block; Slack takes 3,000
PAGE, PAGES_MOST = 200, 20
FINAL = {"msg_too_long", "invalid_blocks", "no_text"}
EVENT = "seacliff"
_LINK = re.compile(r"<(https?://[^|>]+|mailto:[^|>]+)(?:\|[^>]*)?>")
_SECONDS = re.compile(r"[0-9]{1,12}")
_PERSON = re.compile(r"<[@#!][^>]*>")
Purpose = Dispatch.Purpose


class Slack:
    """`secret` is the app's signing secret."""

    name = NAME

    def __init__(self, token: str, secret: str, url: str) -> None:
        self.secret = secret
        self.remote = Remote(NAME, url, {"Authorization": f"Bearer {token}"})
        self.people: dict[str, tuple[str, str]] = {}

    def call(self, method: str, **said: Any) -> dict[str, Any]:
        """One method of the Web API. Raises NotSent with Slack's own word for what is wrong."""
        return self._good(self.remote.call("POST", f"/{method}", said))

    def read(self, method: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All messages of a list."""
        for _ in range(PAGES_MOST):
            answer = self._good(self.remote.call("GET", f"/{method}", limit=PAGE, **query))
            yield from answer.get("messages", [])
            query["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not query["cursor"]:
                return

    def _good(self, answer: Any) -> dict[str, Any]:
        if not isinstance(answer, dict) or not answer.get("ok"):
            error = str(answer.get("error")) if isinstance(answer, dict) else "no answer"
            raise NotSent(f"slack refuses: {error}", final=error in FINAL)
        return answer

    def person(self, id: str) -> tuple[str, str]:
        """Name and address; asked for once by a process."""
        if id not in self.people:
            user = self._good(self.remote.call("GET", "/users.info", user=id))["user"]
            profile = user.get("profile") or {}
            self.people[id] = (profile.get("real_name") or user.get("name") or id, profile.get("email") or "")
        return self.people[id]

    # out

    def send(self, dispatch: Dispatch) -> str:
        """The message's ts. What is tried again is looked for first."""
        ask = dispatch.ask
        if ask is None:
            return ""
        with transaction.atomic():
            thread = Thread.locked(ask, NAME, dispatch.address)
            opened = not thread.external_id
            if opened:
                self._open(thread, ask, sure=dispatch.attempts > 1 or dispatch.purpose != Purpose.ASKED)
            said = words.news(dispatch, ask)
            ts = self._reply(thread, dispatch, said) if said else thread.external_id
            if not opened and dispatch.purpose != Purpose.MESSAGE:
                self.call("chat.update", channel=thread.address, ts=thread.external_id, **_message(ask))
        return ts

    def _open(self, thread: Thread, ask: Ask, *, sure: bool) -> None:
        ts = ""
        if sure:
            oldest = f"{time_of(ask.id).timestamp() - 3600:.6f}"
            ts = self._find(str(ask.id), "conversations.history", channel=thread.address, oldest=oldest)
        thread.external_id = ts or self._post(str(ask.id), channel=thread.address, **_message(ask))
        thread.look_at = timezone.now() + ROUND
        thread.save()

    def _reply(self, thread: Thread, dispatch: Dispatch, said: str) -> str:
        id = str(dispatch.id)
        if dispatch.attempts > 1:
            found = self._find(id, "conversations.replies", channel=thread.address, ts=thread.external_id)
            if found:
                return found
        return self._post(id, channel=thread.address, thread_ts=thread.external_id, text=_escaped(said))

    def _post(self, id: str, **message: Any) -> str:
        metadata = {"event_type": EVENT, "event_payload": {"id": id}}
        return str(self.call("chat.postMessage", metadata=metadata, unfurl_links=False, **message)["ts"])

    def _find(self, id: str, method: str, **query: Any) -> str:
        for each in self.read(method, include_all_metadata="true", **query):
            metadata = each.get("metadata") or {}
            if metadata.get("event_type") == EVENT and metadata.get("event_payload", {}).get("id") == id:
                return str(each["ts"])
        return ""

    # in

    def look(self, thread: Thread) -> None:
        """Keep what people wrote in a thread since; what programs wrote is left out, ours and others'."""
        known = set(Incoming.objects.filter(ask=thread.ask_id, channel=NAME).values_list("key", flat=True))
        for each in self.read("conversations.replies", channel=thread.address, ts=thread.external_id):
            key = f"{thread.ask_id}:{thread.address}:{each['ts']}"
            is_reply = each["ts"] != thread.external_id and each.get("user") and not each.get("bot_id")
            if not is_reply or each.get("subtype") not in (None, "file_share", "thread_broadcast") or key in known:
                continue
            name, email = self.person(each["user"])
            self._keep(thread, key, {"what": "comment", "text": text_of(each), "name": name, "email": email})
        thread.is_open = thread.ask.is_open
        Thread.objects.filter(id=thread.id).update(is_open=thread.is_open)

    def pressed(self, thread: Thread, key: str, user: Mapping[str, Any], what: dict[str, Any]) -> None:
        """A button, or a form that was sent. It can't be asked for again, so it is kept at once."""
        try:
            name, email = self.person(str(user["id"]))
        except NotSent:
            name, email = str(user.get("name") or user["id"]), ""
        self._keep(thread, f"{thread.ask_id}:{key}", {**what, "name": name, "email": email})

    def _keep(self, thread: Thread, key: str, what: dict[str, Any]) -> None:
        subject = f"Slack {thread.address}"
        raw = json.dumps(what).encode()
        incoming.keep(NAME, key, raw, ask_id=thread.ask_id, sender=what["email"] or what["name"], subject=subject)

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Signature of version 0 over time and body; what is older than five minutes is a replay."""
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        if not self.secret or not _SECONDS.fullmatch(stamp) or abs(time.time() - int(stamp)) > FRESH:
            return False
        wanted = hmac.digest(self.secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hex()
        return hmac.compare_digest(f"v0={wanted}".encode(), headers.get("X-Slack-Signature", "").encode())


def install(token: str, secret: str, url: str) -> Slack:
    slack = Slack(token, secret, url)
    channels.register(slack)
    LOOKERS[NAME] = slack.look
    incoming.READERS[NAME] = news.settle
    return slack


def installed() -> Slack | None:
    found = channels.CHANNELS.get(NAME)
    return found if isinstance(found, Slack) else None


def text_of(message: Mapping[str, Any]) -> str:
    """What somebody wrote, in plain words; files are named, they stay in Slack."""
    text = _PERSON.sub("(somebody)", _LINK.sub(r"\1", str(message.get("text") or "")))
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    files = [f"(A file in Slack: {each.get('name') or 'unnamed'})" for each in message.get("files") or []]
    return "\n".join(filter(None, [text.strip(), *files]))


def _escaped(text: str) -> str:
    """Nobody is called by it, and nothing becomes a link with another name."""
    text = text if len(text) <= TEXT_MOST else f"{text[: TEXT_MOST - 1]}…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(ask: Ask) -> dict[str, Any]:
    """The first message: what is wanted, how it stands, and buttons while it is open."""
    blocks: list[dict[str, Any]] = [
        _section(f"*{_escaped(words.heading(ask))}*"),
        {"type": "section", "text": {"type": "plain_text", "text": ask.question[:TEXT_MOST]}},
        *(_section(f"*{_escaped(label)}:* {_escaped(text)}") for label, text in words.facts(ask)[:20]),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": _escaped(words.state(ask))}]},
    ]
    if ask.is_open:
        blocks.append({"type": "actions", "block_id": "answer", "elements": _buttons(ask)})
    return {"text": _escaped(f"{words.heading(ask)}: {ask.question}"), "blocks": blocks}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}


def _buttons(ask: Ask) -> list[dict[str, Any]]:
    labels = [("yes", "Yes"), ("partly", "Partly…"), ("no", "No…")]
    if not ask.acknowledged_at:
        labels.append(("taken-on", "I take it on"))
    return [
        {"type": "button", "action_id": id, "value": str(ask.id), "text": {"type": "plain_text", "text": label}}
        for id, label in labels
    ]
