"""An outside system of our own on 127.0.0.1, for connectors that speak HTTP; and what their tests have the workers do."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from seacliff.connectors.incoming import read_incoming
from seacliff.connectors.looking import look_at_threads
from seacliff.connectors.models import Thread
from seacliff.partners.channels import carry_due
from seacliff.partners.models import AskMessage, Dispatch

RETRY_AFTER = 7


class Loopback:
    """A server that can be away for a while: stop(), and start() again on the same port.

    `faults` are given out first, one a request: "down" answers 503, "limited" 429, "lost" does what was asked and breaks the
    line instead of answering; what else a fault can be is its handler's.
    """

    handler: type["Handler"]

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.requests: list[str] = []  # as "POST /path"
        self.port, self.stopped = 0, False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        self.stopped = False
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), type("Handler", (self.handler,), {"here": self}))
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self) -> None:
        self.stopped = True  # for those that are connected already
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    """Reads a request and gives out the faults; serve() does what was asked and says the status, the answer, header fields."""

    here: Any
    protocol_version = "HTTP/1.1"

    def serve(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        raise NotImplementedError

    def fails(self, fault: str) -> tuple[int, Any, dict[str, str]] | None:
        """What a fault answers in the place of serve()."""
        status = {"down": 503, "limited": 429}.get(fault)
        return (status, {"message": fault}, {"Retry-After": str(RETRY_AFTER)}) if status else None

    def path_of(self, path: str) -> str:
        return path

    def log_message(self, *_arguments: object) -> None:
        pass

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        if self.here.stopped:
            return self._break()
        parts = urlsplit(self.path)
        path = self.path_of(parts.path)
        self.here.requests.append(f"{self.command} {path}")
        fault = self.here.faults.popleft() if self.here.faults else ""
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        said = self.fails(fault) or self.serve(path, query, body)
        return self._break() if fault == "lost" else self._say(*said)

    do_GET = do_POST = do_PATCH = do_PUT = _answer

    def _break(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _say(self, status: int, said: Any, headers: dict[str, str]) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Silent:
    """A channel that carries everything and shows nothing, so that a test sees its own channel alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, dispatch: Dispatch) -> str:
        return "sent"


def carry(again: bool = False) -> None:
    """Dispatches go out; `again`: also those that wait for a better time."""
    if again:
        Dispatch.objects.filter(state="pending").update(next_at=timezone.now())
    while carry_due():
        pass


def hear() -> None:
    """The threads that are due are looked at, and what was found is read."""
    while look_at_threads():
        pass
    while read_incoming():
        pass


def look() -> None:
    """Every thread is looked at now."""
    Thread.objects.update(look_at=timezone.now(), looked_at=None)
    hear()


def bodies() -> list[str]:
    return list(AskMessage.objects.order_by("id").values_list("body", flat=True))
