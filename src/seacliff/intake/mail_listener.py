"""A small mail server of our own, for mail servers that hand the abuse address's mail on (SMTP or LMTP).

It answers 250 only when the mail is on disk, so that whatever goes wrong the sender keeps it and comes again.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections

from seacliff.intake.mail_door import MOST_BYTES, receive

log = structlog.get_logger("seacliff.intake")
MOST_RECIPIENTS = 100
DEFAULT_PORTS = {"smtp": 2525, "lmtp": 8024}
KEPT = "250 2.0.0 Kept"
LATER = "451 4.3.0 The mail can't be kept now. Try again later."


class BadListen(ValueError):
    """What is wrong with SEACLIFF_MAIL_LISTEN, in a sentence."""


class Door:
    """What aiosmtpd calls."""

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        try:
            await asyncio.to_thread(_keep, raw, self.scheme, envelope.mail_from or "", list(envelope.rcpt_tos))
        except Exception:
            log.exception("mail refused for now", sender=envelope.mail_from, bytes=len(raw))
            answer = LATER
        else:
            answer = KEPT
        # LMTP (RFC 2033) answers once for each recipient; they were kept together or not at all.
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self.scheme == "lmtp" else 1))


def _keep(raw: bytes, scheme: str, sender: str, recipients: list[str]) -> None:
    close_old_connections()
    try:
        receive(raw, source=scheme, sender=sender, recipients=recipients)
    finally:
        close_old_connections()


class Listener(Controller):
    """Listens from start() to stop(), in a thread of its own."""

    def __init__(self, where: str) -> None:
        scheme, host, port = _where(where)
        self.scheme = scheme
        super().__init__(Door(scheme), hostname=host, port=port)

    def factory(self) -> SMTP:
        kind: type[SMTP] = LMTP if self.scheme == "lmtp" else SMTP
        options: dict[str, Any] = {"ident": "Seacliff", "data_size_limit": MOST_BYTES, "enable_SMTPUTF8": True}
        return kind(self.handler, **options)

    def start(self) -> None:
        """Raises BadListen when the address can't be listened on."""
        try:
            super().start()
        except OSError as error:
            raise BadListen(
                f"Mails can't be listened for at {self.scheme}://{self.hostname}:{self.port} ({error.strerror}). Change "
                "SEACLIFF_MAIL_LISTEN, or stop the program that listens there."
            ) from error


def _where(where: str) -> tuple[str, str, int]:
    parts = urlsplit(where)
    try:
        port = parts.port
    except ValueError:
        port = None
        parts = urlsplit("")
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise BadListen(f"SEACLIFF_MAIL_LISTEN is {where!r}; it reads like smtp://127.0.0.1:2525 or lmtp://[::1]:8024.")
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme]
