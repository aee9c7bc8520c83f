"""A small product: takes Seacliff's webhooks, verifies them as any product should, and shows what it got.

Tests run it in their own process; `seacliff receiver` runs it beside the sample company.
"""

import json
import os
import sys
import threading
from collections import deque
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

KEPT = 200
BODY_MOST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """One verified message; `key` is its webhook-id."""

    key: str
    type: str
    timestamp: str
    data: dict[str, Any]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Receiver:
    """An HTTP server on loopback. `answers` holds statuses to give before it begins to take messages."""

    def __init__(self, secret: str, port: int = 0) -> None:
        self.webhook = Webhook(secret)
        self.messages: deque[Received] = deque(maxlen=KEPT)
        self.applied: set[str] = set()
        self.refused = 0
        self.repeated = 0
        self.answers: deque[int] = deque()
        self.server = _Server(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks"

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def serve_forever(self) -> None:
        self.server.serve_forever()

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """The status for a message: 401 when its signature is wrong, 200 when it is taken or was before."""
        if self.answers:
            return self.answers.popleft()
        try:
            message = self.webhook.verify(body, headers)
        except (WebhookVerificationError, ValueError):
            self.refused += 1
            return 401
        key = headers["webhook-id"]
        if key in self.applied:  # at least once means: sometimes twice
            self.repeated += 1
            return 200
        self.applied.add(key)
        self.messages.appendleft(Received(key, message["type"], message["timestamp"], message["data"]))
        return 200

    def page(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.timestamp[:19])}</td><td>{escape(one.type)}</td>"
            f"<td><pre>{escape(json.dumps(one.data, indent=1))}</pre></td></tr>"
            for one in self.messages
        )
        empty = "<p>Nothing yet. Decide a case in Seacliff and look again.</p>" if not rows else ""
        return (
            "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=5><title>The product</title>"
            f"<h1>What the product was told</h1><p>{len(self.applied)} messages with a valid signature, "
            f"{self.repeated} repeated, {self.refused} refused.</p>{empty}<table>{rows}</table></html>"
        )


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            if length > BODY_MOST:
                self._answer(413, "", "text/plain")
                return
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(receiver.take(body, headers), "", "text/plain")

        def do_GET(self) -> None:
            self._answer(200, receiver.page(), "text/html; charset=utf-8")

        def _answer(self, status: int, text: str, media_type: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


if __name__ == "__main__":  # as `seacliff receiver` starts it
    playing = Receiver(os.environ.pop("SEACLIFF_RECEIVER_SECRET"), int(sys.argv[1]))
    sys.stdout.write(f"What the sample's product is told can be seen at {playing.url.removesuffix('webhooks')}\n")
    sys.stdout.flush()
    playing.serve_forever()
