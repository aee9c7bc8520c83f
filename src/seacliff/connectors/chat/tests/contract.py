"""A Slack of our own on loopback, with the methods of the Web API that Seacliff uses; and a Teams channel's two webhooks.

A fault beside those of every server is the word that Slack refuses with.
"""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from seacliff.connectors.tests import loopback

SECRET = "signing-secret"
TEAMS_SECRET = base64.b64encode(b"teams-secret").decode()
PAGE_MOST = 3
PEOPLE = {"U1": ("Ivy Engineer", "ivy@lantern.example"), "U2": ("Olaf Other", "")}


class Handler(loopback.Handler):
    def fails(self, fault: str) -> tuple[int, Any, dict[str, str]] | None:
        if fault in ("", "lost", "down", "limited"):
            return super().fails(fault)
        return 200, {"ok": False, "error": fault}, {}

    def serve(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        if path == "/teams":
            self.here.cards.append(body)
            return 200, b"accepted", {}
        if self.headers.get("Authorization") != "Bearer xoxb-t":
            return 200, {"ok": False, "error": "invalid_auth"}, {}
        return 200, self.here.answer(path.removeprefix("/api/"), {**query, **(body or {})}), {}


class Slack(loopback.Loopback):
    handler = Handler

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.cards: list[dict[str, Any]] = []
        self.clock = time.time()

    # what people do there

    def write(self, text: str, thread: str, user: str = "U1", **more: Any) -> dict[str, Any]:
        return self._add({"user": user, "text": text, "thread_ts": thread, **more})

    def _add(self, message: dict[str, Any]) -> dict[str, Any]:
        self.clock += 0.001
        self.messages.append({"type": "message", "channel": "C1", **message, "ts": f"{self.clock:.6f}"})
        return self.messages[-1]

    def root(self) -> dict[str, Any]:
        return next(each for each in self.messages if not each.get("thread_ts"))

    def replies(self) -> list[str]:
        return [each["text"] for each in self.messages if each.get("thread_ts")]

    # what Slack calls

    def signed(self, body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
        stamp = str(int(at or time.time()))
        mac = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}

    def event(self, message: dict[str, Any]) -> bytes:
        return json.dumps({"type": "event_callback", "event_id": "Ev1", "event": message}).encode()

    def press(self, action: str, user: str = "U1", at: str = "1.1") -> bytes:
        root = self.root()
        buttons = next(block for block in root["blocks"] if block["type"] == "actions")["elements"]
        button = next(each for each in buttons if each["action_id"] == action)
        payload = {"type": "block_actions", "trigger_id": "t1", "user": {"id": user, "name": "ivy"},
                   "actions": [{"action_id": action, "value": button["value"], "action_ts": at}]}  # fmt: skip
        return urlencode({"payload": json.dumps(payload)}).encode()

    def submit(self, values: dict[str, Any], user: str = "U1") -> bytes:
        view = self.views[-1]
        state = {"values": {key: {"given": value} for key, value in values.items()}}
        payload = {"type": "view_submission", "user": {"id": user, "name": "ivy"},
                   "view": {"id": "V1", "private_metadata": view["private_metadata"], "state": state}}  # fmt: skip
        return urlencode({"payload": json.dumps(payload)}).encode()

    # what the Web API does

    def answer(self, method: str, said: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "chat.postMessage":
                assert said["channel"] == "C1" and (said.get("text") or said.get("blocks"))
                made = self._add({key: value for key, value in said.items() if key != "channel"} | {"bot_id": "B1"})
                return {"ok": True, "channel": "C1", "ts": made["ts"]}
            case "chat.update":
                found = next(each for each in self.messages if each["ts"] == said["ts"])
                found |= {"text": said["text"], "blocks": said["blocks"]}
                return {"ok": True}
            case "conversations.history":
                assert said["include_all_metadata"] == "true"
                return self._page([each for each in reversed(self.messages) if not each.get("thread_ts")], said)
            case "conversations.replies":
                thread = [each for each in self.messages if said["ts"] in (each["ts"], each.get("thread_ts"))]
                return self._page(thread, said) if thread else {"ok": False, "error": "thread_not_found"}
            case "users.info":
                name, email = PEOPLE[said["user"]]
                return {"ok": True, "user": {"id": said["user"], "profile": {"real_name": name, "email": email}}}
            case "views.open":
                self.views.append(said["view"])
                return {"ok": True}
        return {"ok": False, "error": "unknown_method"}

    def _page(self, every: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
        start = int(said.get("cursor") or 0)
        more = str(start + PAGE_MOST) if len(every) > start + PAGE_MOST else ""
        return {"ok": True, "messages": every[start : start + PAGE_MOST], "response_metadata": {"next_cursor": more}}


def teams_says(text: str, secret: str = TEAMS_SECRET, at: datetime | None = None, id: str = "1") -> tuple[bytes, str]:
    """Body and Authorization of an outgoing webhook of Teams."""
    said = {"type": "message", "id": id, "timestamp": (at or datetime.now(UTC)).isoformat(),
            "from": {"id": "29:1", "name": "Ivy Engineer"}, "text": text}  # fmt: skip
    body = json.dumps(said).encode()
    mac = hmac.new(base64.b64decode(secret), body, hashlib.sha256).digest()
    return body, f"HMAC {base64.b64encode(mac).decode()}"
