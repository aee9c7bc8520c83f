"""Mails by the pipe: kept before they are read, read by the desk, and never lost."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from seacliff.intake import actions, queries
from seacliff.intake.actions.messages import NotWaiting
from seacliff.intake.incoming import NewReport
from seacliff.intake.mail_door import NoProduct, headings, receive
from seacliff.intake.models import Message, Report, Unrouted
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Attachment, Event
from seacliff.targets.models import Product

MAIL = b"""From: Ann <ann@reporter.example>
To: abuse@meet.example
Subject: Phishing page
Date: Mon, 02 Nov 2026 10:00:00 +0000
Message-ID: <1@reporter.example>

Please look at https://login.evil.example/account which is phishing for our users' passwords.
"""
RIDDLE = b"\x00\xff\xfe not a mail at all \x80\x81"


@pytest.fixture(autouse=True)
def _fresh(request):
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def meet(db):
    return Product.objects.create(slug="meet", name="Meet")


def test_a_mail_becomes_a_report_in_the_routing_queue(meet):
    (message,) = receive(MAIL, source="pipe", sender="bounce@reporter.example")
    assert (message.subject, message.state) == ("Phishing page", "unread")
    assert actions.read_waiting() == 1
    report = Report.objects.get()
    assert (report.channel, report.category, report.target_kind) == ("email", "phishing", "url")
    assert (report.message_id, report.reporter_key) == (message.id, "mail:ann@reporter.example")
    assert Unrouted.objects.count() == 1
    message.refresh_from_db()
    assert message.state == "read"
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == [
        "message.received", "report.received", "message.read",
    ]  # fmt: skip


def test_the_same_mail_again_is_the_same_message_and_makes_no_second_report(meet):
    first = receive(MAIL, source="pipe")
    actions.read_waiting()
    assert receive(MAIL, source="lmtp") == first
    actions.read_waiting()
    assert (Message.objects.count(), Report.objects.count()) == (1, 1)


def test_what_is_no_mail_waits_for_a_person_with_a_sentence(meet):
    (message,) = receive(RIDDLE, source="pipe")
    actions.read_waiting()
    message.refresh_from_db()
    assert message.state == "needs-human"
    assert message.reason.endswith(".")
    assert bytes(message.raw) == RIDDLE


def test_a_reader_that_breaks_leaves_the_message_to_a_person(meet, monkeypatch):
    def broken(raw):
        raise RecursionError

    monkeypatch.setattr("seacliff.intake.formats.read_mail", broken)
    receive(MAIL, source="pipe")
    actions.read_waiting()
    message = Message.objects.get()
    assert (message.state, message.attempts) == ("needs-human", 1)
    assert "RecursionError" in message.reason
    monkeypatch.undo()
    actions.read_again(message, SYSTEM)
    actions.read_waiting()
    message.refresh_from_db()
    assert (message.state, message.reason, Report.objects.count()) == ("read", "", 1)


def test_a_full_disk_leaves_the_message_unread_for_the_next_try(meet, monkeypatch):
    def full(content, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seacliff.record.evidence.keep", full)
    with_file = (
        MAIL.replace(b"Please", b"--x\n\nPlease").replace(
            b"\n\n--x", b"\nContent-Type: multipart/mixed; boundary=x\n\n--x"
        )
        + b"--x\nContent-Disposition: attachment; filename=shot.png\nContent-Type: image/png\n\nPNG\n--x--\n"
    )
    receive(with_file, source="pipe")
    with pytest.raises(OSError, match="No space"):
        actions.read_waiting()
    assert Message.objects.get().state == "unread"


def test_the_address_names_the_product_and_two_products_keep_two_messages(meet):
    Product.objects.create(slug="rooms", name="Rooms")
    kept = receive(MAIL, source="lmtp", recipients=["abuse@x.example", "abuse+rooms@x.example", "meet@x.example"])
    named = {queries.product_by_id(message.product_id).slug: message.recipients for message in kept}
    assert named == {"meet": ["abuse@x.example", "meet@x.example"], "rooms": ["abuse+rooms@x.example"]}


def test_without_a_product_nothing_is_taken(db):
    with pytest.raises(NoProduct, match="product"):
        receive(MAIL, source="pipe")


@pytest.mark.parametrize(
    "raw", [b"", RIDDLE, b"Subject: =?utf-9?Q?=ff?=\nFrom: \xff <>\n\n", b"From: " + b"x" * 90_000]
)
def test_headings_of_anything_can_be_asked_for(raw):
    assert all(isinstance(heading, str) for heading in headings(raw))


def test_a_person_makes_a_report_of_it_once(meet):
    (message,) = receive(RIDDLE, source="pipe")
    actions.read_waiting()
    made = [
        actions.report_by_hand(message, NewReport(product_id=meet.id, category="spam", target_ref="u-1"), SYSTEM)
        for _ in range(2)
    ]
    assert made[0] == made[1] == Report.objects.get().id
    message.refresh_from_db()
    assert message.state == "handled"
    assert Attachment.objects.get().name == "message.eml"


def test_what_was_set_aside_is_kept_with_the_reason_and_can_be_read_again(meet):
    (message,) = receive(RIDDLE, source="pipe")
    with pytest.raises(NotWaiting):
        actions.set_aside(message, "too early", SYSTEM)
    actions.read_waiting()
    actions.set_aside(message, "An advertisement.", SYSTEM)
    assert Event.objects.get(verb="message.set-aside").reason == "An advertisement."
    with pytest.raises(NotWaiting):
        actions.set_aside(message, "again", SYSTEM)
    actions.read_again(message, SYSTEM)
    assert Message.objects.get().state == "unread"


def seacliff(*arguments, stdin=b"", **environ):
    return subprocess.run(
        [sys.executable, "-m", "seacliff", *arguments], input=stdin, capture_output=True, timeout=60,
        env={**os.environ, "PYTEST_VERSION": "", "SEACLIFF_SECRET_KEY": "x" * 50, **environ}, check=False,
    )  # fmt: skip


@pytest.fixture
def address(transactional_db):
    """The test database, for another process."""
    options = connection.get_connection_params()
    host, name, user = options.get("host") or "", options["dbname"], options.get("user") or ""
    return f"postgresql:///{name}?host={host}&user={user}"


def test_the_command_keeps_what_is_piped_in(address):
    Product.objects.create(slug="meet", name="Meet")
    done = seacliff("intake", "mail", "--recipient", "abuse@meet.example", stdin=MAIL, DATABASE_URL=address)
    assert (done.returncode, done.stderr) == (0, b"")
    message = Message.objects.get()
    assert (message.source, message.recipients, str(message.id)) == (
        "pipe", ["abuse@meet.example"], done.stdout.decode().strip(),
    )  # fmt: skip
    assert seacliff("intake", "mail", DATABASE_URL=address).returncode == 65


def test_the_command_asks_to_be_tried_later_when_the_database_is_away(tmp_path):
    nowhere = f"postgresql:///seacliff?host={tmp_path}&connect_timeout=1"
    done = seacliff("intake", "mail", stdin=MAIL, DATABASE_URL=nowhere)
    assert done.returncode == 75, done.stderr
    assert b"Traceback" not in done.stderr
