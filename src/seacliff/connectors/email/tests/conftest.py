"""A mail server for what goes out, and the product's own listener for what comes in: both real, on loopback."""

import re
import smtplib
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from seacliff.connectors.incoming import read_incoming
from seacliff.intake.mail_listener import Listener
from seacliff.partners.tests.conftest import alice, comms
from seacliff.partners.tests.factories import made_ask

__all__ = ["alice", "comms"]


class Mailbox(Message):
    """Keeps what it is sent; `refuse` answers recipients with an error, `fail_after` takes a mail and then says no."""

    def __init__(self):
        super().__init__()
        self.mails, self.refuse, self.fail_after = [], {}, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        if self.fail_after:
            self.fail_after -= 1
            return "451 4.3.0 Lost my mind after taking it"
        return answer

    def handle_message(self, message):
        self.mails.append(message)

    def of(self, address):
        return [mail for mail in self.mails if address in mail["To"]]

    def start(self, port):
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()

    def stop(self):
        self.controller.stop()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.REPLY_ADDRESS = "asks@seacliff.example"
    settings.DEFAULT_FROM_EMAIL = "Trust & Safety <ts@seacliff.example>"
    settings.BASE_URL = "https://seacliff.example"


@pytest.fixture
def mailbox(settings):
    box, port = Mailbox(), free_port()
    box.start(port)
    box.port = port
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    yield box
    box.stop()


@pytest.fixture
def door():
    """Brings mails in by SMTP, and has them read."""
    running = Listener(f"smtp://127.0.0.1:{free_port()}")
    running.start()

    def bring(mail, to="", sender="dana@lantern.example", read=True):
        raw = re.sub(rb"\r?\n", b"\r\n", mail if isinstance(mail, bytes) else mail.as_bytes())
        with smtplib.SMTP("127.0.0.1", running.port) as client:
            client.sendmail(sender, [to or mail["To"]], raw)
        if read:
            while read_incoming():
                pass

    yield bring
    running.stop()


@pytest.fixture
def asked(comms, alice):
    """An ask of Alice's to Dana of Communications."""
    return made_ask(comms, alice, question="What may we say about the wave?")
