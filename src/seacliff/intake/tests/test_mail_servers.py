"""Mails by the listener and from a mailbox, with real servers and clients on both sides."""

import imaplib
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seacliff.intake import mail_listener, mailbox, queries
from seacliff.intake.mail_listener import BadListen, Listener
from seacliff.intake.models import Message
from seacliff.targets.models import Product

pytestmark = pytest.mark.django_db(transaction=True)
MAIL = (
    "From: ann@reporter.example\r\nTo: abuse@meet.example\r\nSubject: {}\r\n\r\nPhishing at https://evil.example/x\r\n"
)


@pytest.fixture(autouse=True)
def meet():
    queries.forget()
    yield Product.objects.create(slug="meet", name="Meet")
    queries.forget()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(params=["smtp", "lmtp"])
def listener(request):
    running = Listener(f"{request.param}://127.0.0.1:{free_port()}")
    running.start()
    yield running
    running.stop()


def client_of(listener):
    kind = smtplib.LMTP if listener.scheme == "lmtp" else smtplib.SMTP
    return kind("127.0.0.1", listener.port)


def test_a_mail_is_on_disk_when_the_listener_says_so(listener):
    with client_of(listener) as client:
        client.sendmail("bounce@reporter.example", ["abuse@meet.example"], MAIL.format("one"))
        kept = Message.objects.get()
    assert (kept.source, kept.sender, kept.subject) == (listener.scheme, "bounce@reporter.example", "one")
    assert kept.recipients == ["abuse@meet.example"]


def test_the_sender_keeps_a_mail_that_can_not_be_kept_now(listener, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mail_listener, "receive", full)
    with client_of(listener) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("a@b.example", ["abuse@meet.example"], MAIL.format("two"))
    assert refused.value.smtp_code == 451
    assert not Message.objects.exists()


def test_a_mail_that_is_too_large_is_refused_for_good(monkeypatch):
    monkeypatch.setattr(mail_listener, "MOST_BYTES", 2_000)
    running = Listener(f"smtp://127.0.0.1:{free_port()}")
    running.start()
    try:
        with smtplib.SMTP("127.0.0.1", running.port) as client, pytest.raises(smtplib.SMTPResponseException) as refused:
            client.sendmail("a@b.example", ["abuse@meet.example"], MAIL.format("x" * 3_000))
        assert refused.value.smtp_code == 552
    finally:
        running.stop()
    assert not Message.objects.exists()


def test_lmtp_answers_for_each_recipient():
    running = Listener(f"lmtp://127.0.0.1:{free_port()}")
    running.start()
    try:
        with socket.create_connection(("127.0.0.1", running.port), timeout=5) as wire, wire.makefile("rwb") as lines:
            lines.readline()
            said = "LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<abuse@meet.example>\r\nRCPT TO:<meet@meet.example>\r\nDATA\r\n"
            lines.write(said.encode())
            lines.flush()
            while not lines.readline().startswith(b"354"):
                pass
            lines.write(MAIL.format("three").encode() + b".\r\n")
            lines.flush()
            assert [lines.readline()[:3] for _ in range(2)] == [b"250", b"250"]
    finally:
        running.stop()
    assert Message.objects.get().recipients == ["abuse@meet.example", "meet@meet.example"]


def test_an_address_that_can_not_be_listened_on_is_said_in_a_sentence(listener):
    with pytest.raises(BadListen, match="SEACLIFF_MAIL_LISTEN"):
        Listener(f"smtp://127.0.0.1:{listener.port}").start()
    for wrong in ("2525", "http://x:1", "smtp://:2525", "smtp://h:port"):
        with pytest.raises(BadListen, match="reads like"):
            Listener(wrong)


@pytest.fixture
def imap():
    port = free_port()
    program = Path(sys.executable).with_name("pymap")
    command = [
        program,
        "--host=127.0.0.1",
        f"--port={port}",
        "--no-tls",
        "dict",
        "--demo-user=ann",
        "--demo-password=p/w",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 20
        while True:
            try:
                client = imaplib.IMAP4("127.0.0.1", port)
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        client.login("ann", "p/w")
        try:
            yield client, f"imap://ann:p%2Fw@127.0.0.1:{port}/INBOX"
        finally:
            server.kill()


def test_unseen_mails_of_a_mailbox_are_kept_once_and_marked(imap):
    client, address = imap
    for number in range(3):
        client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), MAIL.format(number).encode())
    assert mailbox.poll(address) == 3
    assert mailbox.poll(address) == 0
    assert sorted(Message.objects.values_list("subject", flat=True)) == ["0", "1", "2"]
    assert set(Message.objects.values_list("source", flat=True)) == {"imap"}


def test_a_mail_stays_unseen_until_it_is_kept(imap, monkeypatch):
    client, address = imap
    client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), MAIL.format("once").encode())

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(mailbox, "receive", full)
        assert mailbox.poll(address) == 0
    assert mailbox.poll(address) == 1
    assert Message.objects.get().subject == "once"


def test_a_mailbox_that_can_not_be_read_is_logged_without_its_password(caplog):
    for address in (f"imap://ann:secret@127.0.0.1:{free_port()}/INBOX", "pop3://ann:secret@host", "imaps://host"):
        assert mailbox.poll(address) == 0
    assert len(caplog.records) >= 2
    assert "secret" not in caplog.text
