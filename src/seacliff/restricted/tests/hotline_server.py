"""A hotline on loopback: speaks the CyberTipline's protocol, keeps what it is sent, fails when it is told to."""

import re
import threading
from base64 import b64encode
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CREDENTIALS = "Basic " + b64encode(b"seacliff:secret").decode()


class Hotline:
    def __init__(self) -> None:
        self.reports: dict[int, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.answers: deque[int | bytes] = deque()  # given before it answers as it should
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}/ispws"

    def __enter__(self) -> "Hotline":
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(self, step: str, body: bytes) -> bytes:
        number = re.search(rb'name="id"\r\n\r\n(\d+)|id=(\d+)|<reportId>(\d+)', body)
        id = int(next(filter(None, number.groups()))) if number else 0
        if step == "submit":
            id = 900 + len(self.reports)
            self.reports[id] = {"xml": body, "files": {}, "details": [], "finished": False}
            return _said(0, reportId=id)
        report = self.reports.get(id)
        if report is None or report["finished"]:
            return _said(5001, "No open report of this number")
        if step == "upload":
            file_id = f"f{len(report['files']) + 1}"
            report["files"][file_id] = body.split(b"\r\n\r\n")[-1].split(b"\r\n--")[0]
            return _said(0, reportId=id, fileId=file_id)
        if step == "fileinfo":
            report["details"].append(body)
        if step == "finish":
            report["finished"] = True
        return _said(0, reportId=id)


def _said(code: int, why: str = "Success", **facts: object) -> bytes:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in facts.items())
    return (
        f"<reportResponse><responseCode>{code}</responseCode><responseDescription>{why}</responseDescription>"
        f"{inner}</reportResponse>"
    ).encode()


def _handler(hotline: Hotline) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self._body()
            step = self.path.rpartition("/")[2]
            hotline.calls.append(step)
            planned = hotline.answers.popleft() if hotline.answers else None
            if isinstance(planned, int) and planned >= 400:
                self._answer(planned, b"no")
            elif planned == 0:  # takes it, and its answer is lost
                hotline.take(step, body)
                self.close_connection = True
            elif isinstance(planned, bytes):
                self._answer(200, planned)
            elif self.headers.get("Authorization") != CREDENTIALS:
                self._answer(401, b"who?")
            else:
                self._answer(200, hotline.take(step, body))

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            return whole

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
