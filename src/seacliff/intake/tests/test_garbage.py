"""Thousands of damaged messages: none crashes a reader, none is lost."""

import random

import pytest

from seacliff.intake import importing, queries
from seacliff.intake.actions import read_waiting
from seacliff.intake.formats import read_mail, read_xarf
from seacliff.intake.mail_door import receive
from seacliff.intake.models import Message, Report
from seacliff.intake.tests.test_triage import ODD
from seacliff.policy.models import Category, Policy
from seacliff.targets.models import Product

ARF = b"""From: feedback@isp.example
To: abuse@meet.example
Subject: Abuse
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

U3BhbSBmcm9tIHlvdXIgbmV0d29yaw==
--cut
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Loop/1.0
Version: 1
Source-IP: 192.0.2.7
Arrival-Date: Mon, 02 Nov 2026 10:00:00 +0000
Reported-URI: https://evil.example/x

--cut
Content-Type: message/rfc822

From: bad@meet.example
Subject: =?utf-8?q?Win_a_pr=C3=AFze?=

win
--cut--
"""
XARF = b"""{"xarf_version": "4.0.0", "report_id": "7b9cb2a5-12d6-4a5b-9d7e-0f1b2c3d4e5f", "timestamp": "2026-11-02T10:00:00Z",
"reporter": {"org": "Sensor", "contact": "a@sensor.example", "domain": "sensor.example"}, "sender": {"org": "Sensor",
"contact": "a@sensor.example", "domain": "sensor.example"}, "source_identifier": "192.0.2.7", "category": "content",
"type": "phishing", "url": "https://evil.example/x", "evidence": [{"content_type": "text/plain", "payload": "aGk="}]}"""
SPICE = [
    *(b"\0", b"\xff\xfe", b"\r\n\r\n", b"--cut", b"=?utf-8?b?", b'"', b"{", b"[" * 300),
    *(b"\xe2\x80\xae", b"9" * 400, b"Content-Type: ", b"../"),
]


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """Cut, swapped, spiced, repeated: as wires and programs do it."""
    for _ in range(dice.randrange(1, 5)):
        at, length = dice.randrange(len(raw) + 1), dice.randrange(1, 60)
        match dice.randrange(5):
            case 0:
                raw = raw[:at] + raw[at + length :]
            case 1:
                raw = raw[:at] + dice.choice(SPICE) + raw[at:]
            case 2:
                raw = raw[:at] + dice.randbytes(length) + raw[at + length :]
            case 3:
                raw = raw[:at] + raw[at : at + length] * 3 + raw[at + length :]
            case 4:
                raw = raw[:at] or b" "
    return raw


@pytest.mark.parametrize(("read", "whole"), [(read_mail, ARF), (read_mail, ODD), (read_xarf, XARF)])
def test_readers_never_crash_and_always_say_what_they_found(read, whole):
    dice = random.Random(20261124)
    assert read(whole).readings or whole is ODD
    for _ in range(700):
        raw = damaged(whole, dice)
        found = read(raw)
        assert found.readings or found.needs_human, raw


@pytest.fixture
def meet(db):
    queries.forget()
    Category.objects.create(slug="spam", policy=Policy.objects.create(slug="spam"), names={"en": "Spam"})
    yield Product.objects.create(slug="meet", name="Meet")
    queries.forget()


def test_every_damaged_message_becomes_a_report_or_waits_for_a_person(meet):
    dice = random.Random(4)
    kept = {receive(damaged(whole, dice), source="pipe")[0].id for _ in range(60) for whole in (ARF, ODD, XARF)}
    while read_waiting():
        pass
    states = dict(Message.objects.values_list("id", "state"))
    assert states.keys() == kept
    assert set(states.values()) <= {"read", "needs-human"}
    reported = set(Report.objects.values_list("message_id", flat=True))
    assert {id for id, state in states.items() if state == "read"} <= reported


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_an_import_accounts_for_every_row_of_a_damaged_file(meet, tmp_path, ending):
    dice = random.Random(9)
    row = b'T-%d,spam,u-%d,"some, text",ann@post.example\n'
    line = b'{"id": "T-%d", "category": "spam", "target": "u-%d", "text": "x"}\n'
    for number in range(30):
        lines = [(row if ending == ".csv" else line) % (n, n) for n in range(20)]
        body = damaged(b"".join(lines), dice)
        path = tmp_path / f"{number}{ending}"
        path.write_bytes((b"id,category,target_ref,text,email\n" if ending == ".csv" else b"") + body)
        done = importing.run(path, product="", dry=False, rejects=tmp_path / "aside", seen=lambda _: None)
        assert done.rows or not body.strip()
