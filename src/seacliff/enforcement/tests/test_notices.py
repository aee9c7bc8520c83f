import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.utils import timezone

from seacliff.enforcement.models import Notice
from seacliff.enforcement.notices import Matter, Told, send_due, to_affected, to_reporter
from seacliff.enforcement.orders import cancel, order
from seacliff.policy.models import ActionKind, NoticeText
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


class Mailbox(Message):
    def __init__(self):
        super().__init__()
        self.mails = []

    def handle_message(self, message):
        self.mails.append(message)


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    box.controller = controller
    yield box
    box.controller.stop()


def matter(target, version, outcome=NoticeText.Outcome.VIOLATION, **more):
    details = {
        "case_id": uuid4(), "case_ref": "C-7", "product": "Meet", "harm": {"en": "Phishing", "de": "Phishing"},
        "target": target, "affected": target, "outcome": outcome, "version": version, "facts": "A false login page.",
        "actions": [(ActionKind.SUSPEND_ACCOUNT, {"days": 30})],
    }  # fmt: skip
    return Matter(**{**details, **more})


def told(address="ann@example.org", language="en"):
    return Told(uuid4(), address, language, datetime(2026, 11, 2, tzinfo=UTC), "https://meet.example/status/abc")


def composed(about, reporters):
    return [*to_affected(about), *(to_reporter(about, one) for one in reporters)]


def test_both_sides_are_told_in_their_language_with_facts_rule_and_redress(target, version):
    affected, reporter = composed(matter(target, version), [told()])
    assert affected.subject == "de affected violation C-7"
    assert "A false login page." in affected.body
    assert "Täuschung" in affected.body
    assert "/notices/" in affected.body
    assert reporter.subject == "en reporter violation C-7"
    assert "Deception" in reporter.body
    assert "30 days" in reporter.body


def test_the_affected_user_never_learns_who_reported(target, version):
    reporter = told("ann@example.org")
    affected, _ = composed(matter(target, version), [reporter])
    for secret in ("ann@example.org", str(reporter.report_id), reporter.status_url):
        assert secret not in affected.subject + affected.body


def test_no_violation_tells_only_the_reporter(target, version):
    notices = composed(matter(target, version, NoticeText.Outcome.NO_VIOLATION, actions=[]), [told()])
    assert [notice.audience for notice in notices] == ["reporter"]


def test_a_subject_can_not_bring_in_headers(target, version):
    NoticeText.objects.filter(language="en").update(subject="Hello {{ facts }}")
    _, reporter = composed(matter(target, version, facts="x\r\nBcc: all@example.org"), [told()])
    assert "\n" not in reporter.subject
    assert "\r" not in reporter.subject


def test_notices_are_sent_when_the_undo_window_is_over(target, version, mailbox):
    m = matter(target, version)
    order(
        case_id=m.case_id, decision_id=uuid4(), orders=[], notices=composed(m, [told(), told("")]), policy_version=version,
        not_before=timezone.now() + timedelta(seconds=30), actor=SYSTEM,
    )  # fmt: skip
    assert send_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert send_due() == 2
    assert sorted(mail["To"] for mail in mailbox.mails) == ["ann@example.org", "it@acme.example"]
    assert {mail["Auto-Submitted"] for mail in mailbox.mails} == {"auto-generated"}
    assert sorted(Notice.objects.values_list("state", flat=True)) == ["no-address", "sent", "sent"]
    assert Event.objects.filter(verb="notice.sent", story_id=m.case_id).count() == 2


def test_an_undone_decision_tells_nobody(target, version, mailbox):
    m, decision = matter(target, version), uuid4()
    order(
        case_id=m.case_id, decision_id=decision, orders=[], notices=composed(m, [told()]), policy_version=version,
        not_before=timezone.now(), actor=SYSTEM,
    )  # fmt: skip
    cancel(decision, SYSTEM)
    assert send_due() == 0
    assert mailbox.mails == []


def test_with_the_mail_server_away_notices_wait_and_are_sent_later(target, version, mailbox):
    m = matter(target, version)
    order(
        case_id=m.case_id, decision_id=uuid4(), orders=[], notices=composed(m, [told()]), policy_version=version,
        not_before=timezone.now(), actor=SYSTEM,
    )  # fmt: skip
    port = mailbox.controller.port
    mailbox.controller.stop()
    send_due()
    assert {(n.state, n.attempts, bool(n.last_error)) for n in Notice.objects.all()} == {("pending", 1, True)}
    mailbox.controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    mailbox.controller.start()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        send_due()
    assert len(mailbox.mails) == 2
    assert not Notice.objects.exclude(state="sent").exists()


def test_an_address_the_server_refuses_holds_up_no_other(target, version, mailbox):
    m = matter(target, version, affected=None)
    notices = composed(m, [told("not an address"), told("ann@example.org")])
    order(
        case_id=m.case_id, decision_id=uuid4(), orders=[], notices=notices, policy_version=version,
        not_before=timezone.now(), actor=SYSTEM,
    )  # fmt: skip
    send_due()
    assert [mail["To"] for mail in mailbox.mails] == ["ann@example.org"]
    assert Notice.objects.get(state="pending").last_error
