"""Replies, brought by SMTP to the product's own listener: answers, messages, bounces, and what only looks like them."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from seacliff.connectors.email.addresses import reply_address
from seacliff.connectors.incoming import READERS_OF_MANY, read_incoming
from seacliff.connectors.models import Incoming
from seacliff.connectors.tests.loopback import carry
from seacliff.intake import mail_door, queries
from seacliff.intake.models import Message
from seacliff.partners import actions, links, thanks
from seacliff.partners.access import by_user
from seacliff.partners.models import AskMessage, Dispatch
from seacliff.partners.tests.factories import made_ask, news, partner
from seacliff.record import evidence
from seacliff.record.models import Event
from seacliff.targets.models import Product

from . import written

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh():
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def to(asked, mailbox):
    """The reply address of the first mail, as its recipient sees it."""
    carry()
    return reply_address(Dispatch.objects.get(ask=asked))


def only():
    return Incoming.objects.get()


@pytest.mark.parametrize(
    ("name", "answer", "reason", "advice"),
    [
        ("GMAIL", "yes", "", "go ahead."),
        ("OUTLOOK", "no", "Legal says we can't.", None),
        ("OUTLOOK_OLD", "partly", "only the first part.", "only the first part."),
        ("GERMAN", "yes", "", "machen wir."),
        ("GERMAN_OUTLOOK", "no", "Das geht nicht.", None),
        ("SPANISH", "yes", "", "adelante."),
    ],
)
def test_a_reply_answers_the_ask(asked, to, door, name, answer, reason, advice):
    door(written.reply(to, getattr(written, name)))
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.reason) == ("answered", answer, reason)
    assert asked.form_answers.get("advice") == advice
    assert (asked.answered_by, asked.answered_via) == ("Dana Press", "email")
    assert (only().state, only().kind) == ("done", "answer")
    assert not Message.objects.exists()  # it is no report
    assert news(asked)[-2:] == [("answered", asked.asker_email), ("understood", "dana@lantern.example")]


def test_the_whole_way_from_the_mail_to_the_askers_mailbox(asked, alice, mailbox, door):
    carry()
    (mail,) = mailbox.mails
    door(written.reply(mail["Reply-To"], "Yes. Say that we look into it.", References=mail["Message-ID"]),
         to=mail["X-MailFrom"])  # fmt: skip
    carry()
    (answer,) = mailbox.of(alice.email)
    body = answer.get_payload(0).get_payload(decode=True).decode()
    assert "Dana Press of Communications answers: Yes." in body and "Say that we look into it." in body
    assert "recorded as the answer: Yes." in mailbox.of("dana@")[-1].get_payload(0).get_payload(decode=True).decode()


def test_anything_else_is_a_message_in_the_thread(asked, to, door):
    door(written.reply(to, "No problem, I'll look into it tomorrow.\n\nDana"))
    asked.refresh_from_db()
    message = AskMessage.objects.get()
    assert asked.is_open and (message.side, message.via) == ("asked", "email")
    assert message.body == "No problem, I'll look into it tomorrow."
    assert only().message == message and only().kind == "message"


def test_a_question_back_lets_the_clock_stand(asked, to, door):
    door(written.reply(to, "Question: which country is it about?"))
    asked.refresh_from_db()
    assert asked.state == "clarifying" and AskMessage.objects.get().body == "which country is it about?"


def test_an_answer_that_ends_with_a_question_is_none_yet(asked, to, door):
    door(written.reply(to, "Yes, but for which country?"))
    asked.refresh_from_db()
    assert asked.is_open and AskMessage.objects.count() == 1
    assert news(asked)[-1] == ("understood", "dana@lantern.example")


def test_what_an_answer_lacks_is_said_to_its_writer_and_kept_as_a_message(comms, alice, mailbox, door):
    asked = made_ask(comms, alice, kind="build")
    carry()
    to = reply_address(Dispatch.objects.get(ask=asked))
    door(written.reply(to, "Yes."))
    door(written.reply(to, "No.", id="<r2@lantern.example>"))
    asked.refresh_from_db()
    assert asked.is_open and AskMessage.objects.count() == 2
    carry()
    first, second = [mail.get_payload(0).get_payload(decode=True).decode() for mail in mailbox.of("dana@")[-2:]]
    assert "Planned for: this is needed for your answer." in " ".join(first.split())
    assert "Say why not." in second
    door(written.reply(to, "Yes.\n\nPlanned for: 2027-01-31", id="<r3@lantern.example>"))
    asked.refresh_from_db()
    assert (asked.answer, asked.form_answers) == ("yes", {"planned_for": "2027-01-31"})


def test_attachments_are_kept_as_evidence_of_the_message(asked, to, door):
    mail = written.reply(to, "Yes. As attached.")
    mail.add_attachment(b"%PDF-1.7 wording", maintype="application", subtype="pdf", filename="../wording.pdf")
    door(mail)
    asked.refresh_from_db()
    message = AskMessage.objects.get()
    (attached,) = evidence.of_many([message.id])[message.id]
    assert asked.answer == "yes" and attached.name == ".._wording.pdf"
    assert evidence.read(attached.evidence) == b"%PDF-1.7 wording"


def test_an_attachment_that_is_too_large_is_named_and_the_rest_is_kept(asked, to, door, settings):
    settings.EVIDENCE_MAX_BYTES = 1_000
    mail = written.reply(to, "See attached")
    mail.add_attachment(b"x" * 2_000, maintype="application", subtype="pdf", filename="large.pdf")
    door(mail)
    assert "(large.pdf is left out." in AskMessage.objects.get().body


@pytest.fixture
def waiting(comms, alice, mailbox):
    """Mails kept and not yet read: one to each of several asks, and two to the last."""

    def bring(texts):
        asks = [made_ask(comms, alice, form=()) for _text in texts[:-1]]
        carry()
        asks.append(asks[-1])
        for number, (asked, text) in enumerate(zip(asks, texts, strict=True)):
            to = reply_address(Dispatch.objects.get(ask=asked, purpose="asked"))
            mail = written.reply(to, text, id=f"<{number}@lantern.example>")
            if number % 2:
                mail.add_attachment(
                    b"%PDF-1.7 " + text.encode(), maintype="application", subtype="pdf", filename="a.pdf"
                )
            mail_door.receive(mail.as_bytes(), source="lmtp", sender="dana@lantern.example", recipients=[to])
        return asks

    return bring


MANY = [
    "Yes. Go ahead.",
    "No.",
    "No problem.",
    "Question: which country?",
    "Yes?",
    "No. Never.",
    "Yes.",
    "No. After all.",
]


def results(asks):
    for asked in asks:
        asked.refresh_from_db()
    kinds = [row.kind for row in Incoming.objects.order_by("id")]
    return kinds, [(asked.answer, asked.reason) for asked in asks], sorted(news(asks[-1])), len(evidence_of_all())


def evidence_of_all():
    return [
        each for found in evidence.of_many(AskMessage.objects.values_list("id", flat=True)).values() for each in found
    ]


def test_mails_read_together_say_what_they_said_one_by_one(waiting):
    asks = waiting(MANY)
    assert read_incoming() == len(MANY) and read_incoming() == 0
    kinds, answers, told, files = results(asks)
    assert kinds == ["answer", "message", "message", "question", "message", "answer", "answer", "message"]
    assert answers == [
        ("yes", "Go ahead."),
        ("", ""),
        ("", ""),
        ("", ""),
        ("", ""),
        ("no", "Never."),
        ("yes", ""),
        ("yes", ""),
    ]
    assert files == 4 and Event.objects.filter(verb="ask.answered").count() == 3
    assert [what for what, _to in told].count("answered") == 1


def test_a_batch_that_fails_half_way_is_undone_and_read_one_by_one(waiting, monkeypatch):
    together = READERS_OF_MANY["email"]

    def failing(rows):
        together(rows)
        raise RuntimeError("after all was written")

    monkeypatch.setitem(READERS_OF_MANY, "email", failing)
    asks = waiting(MANY)
    assert read_incoming() == len(MANY) and read_incoming() == 0
    kinds, answers, told, files = results(asks)
    assert kinds == ["answer", "message", "message", "question", "message", "answer", "answer", "message"]
    assert [said for said, _why in answers] == ["yes", "", "", "", "", "no", "yes", "yes"]
    assert files == 4 and Event.objects.filter(verb="ask.answered").count() == 3
    assert [what for what, _to in told].count("answered") == 1


def test_more_answers_take_no_more_statements(comms, alice, mailbox, monkeypatch):
    monkeypatch.setattr(thanks, "THANKS", [])  # the pulse is drawn by chance

    def statements(count):
        for number in range(count):
            to = reply_address(Dispatch.objects.get(ask=made_ask(comms, alice, form=())))
            mail = written.reply(to, "Yes. Go ahead.", id=f"<{count}.{number}@lantern.example>")
            mail_door.receive(mail.as_bytes(), source="lmtp", sender="dana@lantern.example", recipients=[to])
        with CaptureQueriesContext(connection) as taken:
            assert read_incoming() == count
        return len(taken)

    assert statements(2) == statements(12)


def test_the_asker_answers_a_question_by_reply(asked, alice, comms, mailbox, door):
    actions.ask_back(by_user(partner(comms)), asked, "Which country?")
    carry()
    question = mailbox.of(alice.email)[-1]
    door(
        written.reply(question["Reply-To"], "No. Germany, I mean.", f"Alice <{alice.email}>"), to=question["X-MailFrom"]
    )
    asked.refresh_from_db()
    message = AskMessage.objects.order_by("id").last()
    assert (asked.state, message.side, message.author) == ("asked", "asker", alice)
    assert message.body == "No. Germany, I mean."


def test_the_asker_says_by_reply_what_came_of_it(asked, alice, comms, mailbox, door):
    from seacliff.partners import channels

    actions.answer(by_user(partner(comms)), asked, "no", "We can't")
    channels.to_asker(asked, Dispatch.Purpose.OUTCOME_WANTED, "1")
    carry()
    wanted = mailbox.of(alice.email)[-1]
    door(written.reply(wanted["Reply-To"], "Helped. We left it out.", alice.email), to=wanted["X-MailFrom"])
    asked.refresh_from_db()
    assert (asked.outcome, asked.outcome_text) == ("helped", "We left it out.")


def test_the_same_mail_again_does_nothing_twice(asked, to, door):
    mail = written.reply(to, "I'll look into it.")
    for _ in range(3):
        door(mail)
    altered = written.reply(to, "No. Something else entirely.")  # a replay under the same name
    door(altered)
    asked.refresh_from_db()
    assert AskMessage.objects.count() == Incoming.objects.count() == 1 and asked.is_open


def test_a_second_answer_is_a_message(asked, to, door):
    door(written.reply(to, "Yes. Go."))
    door(written.reply(to, "No. Stop!", id="<r2@lantern.example>"))
    asked.refresh_from_db()
    assert asked.answer == "yes" and AskMessage.objects.get().body == "No. Stop!"


def test_replies_in_any_order_are_all_kept(asked, to, door):
    for number in (3, 1, 2):
        door(written.reply(to, f"Point {number}", id=f"<r{number}@lantern.example>"), read=False)
    assert Incoming.objects.filter(state="kept").count() == 3
    while read_incoming():
        pass
    assert [message.body for message in AskMessage.objects.order_by("id")] == ["Point 3", "Point 1", "Point 2"]


def test_a_mail_without_a_message_id_is_known_by_its_bytes(asked, to, door):
    mail = written.reply(to, "Hm.")
    del mail["Message-ID"]
    door(mail)
    door(mail)
    assert AskMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("sender", "why"),
    [("Mallory <mallory@elsewhere.example>", "It came from mallory@elsewhere.example"), ("", "It came from nobody")],
)
def test_a_reply_of_somebody_else_waits_for_a_person(asked, to, door, sender, why):
    mail = written.reply(to, "Yes.", sender or "x")
    if not sender:
        del mail["From"]
    door(mail, to)
    asked.refresh_from_db()
    assert asked.is_open and not AskMessage.objects.exists()
    assert only().state == "needs-human" and only().reason.startswith(why) and only().ask == asked
    assert Event.objects.get(verb="ask.reply-needs-human").reason == only().reason


def test_a_forged_tag_waits_for_a_person_and_touches_no_ask(asked, to, door):
    local, domain = to.split("@")
    forged = f"{local[:-2]}{'aa' if local[-2:] != 'aa' else 'bb'}@{domain}"
    for number, address in enumerate((forged, "asks@seacliff.example", f"asks+x@{domain}")):
        door(written.reply(address, "Yes.", id=f"<f{number}@x>"))
    asked.refresh_from_db()
    assert asked.is_open
    assert list(Incoming.objects.values_list("state", "ask")) == [("needs-human", None)] * 3


def test_a_sender_whom_the_mail_server_doubts_waits_for_a_person(asked, to, door):
    door(
        written.reply(to, "Yes.", Authentication_Results="mx.seacliff.example; dmarc=fail header.from=lantern.example")
    )
    asked.refresh_from_db()
    assert asked.is_open and "DMARC" in only().reason


def test_the_address_ends_with_the_ask_and_with_the_link(asked, comms, to, door):
    link = links.link_for(asked, "dana@lantern.example")
    actions.revoke_link(by_user(asked.asked_by), link)
    door(written.reply(to, "Yes. Go."))
    asked.refresh_from_db()
    assert asked.is_open and "revoked" in only().reason
    link.delete()
    actions.withdraw(by_user(asked.asked_by), asked, "Over")
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        Incoming.objects.all().delete()
        door(written.reply(to, "Yes. Go."), read=False)
        Incoming.objects.update(received_at=timezone.now())
        read_incoming()
    assert only().reason.startswith("The reply address worked until")


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}]
)
def test_an_automatic_reply_is_never_an_answer(asked, to, door, headers):
    door(written.reply(to, "Yes. I am on holiday until Monday.", **headers))
    asked.refresh_from_db()
    assert asked.is_open and not AskMessage.objects.exists()
    assert (only().state, only().kind) == ("ignored", "automatic")
    assert "answered by itself" in Event.objects.get(verb="ask.auto-reply").reason
    assert news(asked) == [("asked", "dana@lantern.example")]  # nobody is written to: no two robots talk


def test_our_own_mails_that_are_sent_back_end_there(asked, mailbox, door):
    carry()
    (mail,) = mailbox.mails
    door(mail.as_bytes(), mail["X-MailFrom"])
    assert (only().state, only().kind) == ("ignored", "automatic")
    assert not AskMessage.objects.exists()


def test_two_programs_that_answer_each_other_are_stopped(asked, to, door):
    for number in range(25):
        door(written.reply(to, f"Ticket {number} was made.", id=f"<t{number}@x>"), read=False)
    while read_incoming():
        pass
    assert AskMessage.objects.count() <= 20
    assert "answering each other" in Incoming.objects.filter(state="needs-human").first().reason


def test_a_bounce_marks_the_mail_and_tells_the_asker(asked, alice, to, mailbox, door):
    door(written.bounce(to), to, sender="")
    dispatch = Dispatch.objects.get(purpose="asked")
    assert dispatch.state == "failed" and "550 5.1.1 No such user here" in dispatch.last_error
    assert (only().state, only().kind) == ("done", "bounce")
    carry()
    body = mailbox.of(alice.email)[-1].get_payload(0).get_payload(decode=True).decode()
    assert "did not reach Dana Press" in body and "No such user here" in " ".join(body.split())
    door(written.bounce(to).replace(b"dsn-failed", b"dsn-again"), to, sender="")
    assert len(news(asked, "unreached")) == 1


def test_a_delay_is_no_failure(asked, to, door):
    door(written.bounce(to, action="delayed", status="4.4.1"), to, sender="")
    assert Dispatch.objects.get().state == "sent" and (only().state, only().kind) == ("ignored", "bounce")


def test_a_mail_to_an_ask_and_to_abuse_goes_both_ways(asked, to):
    Product.objects.create(slug="meet", name="Meet")
    queries.forget()
    kept = mail_door.receive(
        written.reply(to, "Phishing at https://evil.example/").as_bytes(),
        source="smtp",
        recipients=[to, "abuse@meet.example"],
    )
    assert [type(each).__name__ for each in kept] == ["Taken", "Message"]
    assert Message.objects.get().recipients == ["abuse@meet.example"]


def test_without_an_envelope_the_header_fields_say_whom_it_came_to(asked, to):
    raw = written.reply("Trust & Safety <asks@seacliff.example>", "Yes. Go.", Delivered_To=to).as_bytes()
    (taken,) = mail_door.receive(raw, source="imap")
    read_incoming()
    asked.refresh_from_db()
    assert asked.answer == "yes" and only().id == taken.id


def test_a_reply_comes_in_where_no_product_is_set_up(asked, to):
    assert mail_door.receive(written.reply(to, "Hm.").as_bytes(), source="pipe")
    with pytest.raises(mail_door.NoProduct):
        mail_door.receive(written.reply("abuse@x.example", "Hm.").as_bytes(), source="pipe")


def test_the_sender_keeps_a_reply_that_can_not_be_kept_now(asked, to, door, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("seacliff.connectors.incoming.keep", full)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            door(written.reply(to, "Yes. Go."))
        assert refused.value.smtp_code == 451
    door(written.reply(to, "Yes. Go."))
    asked.refresh_from_db()
    assert asked.answer == "yes"


def test_a_reader_that_dies_half_way_leaves_it_to_be_read_again(asked, to, door, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    mail = written.reply(to, "Yes. As attached.")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(evidence, "keep", full)
        with pytest.raises(OSError, match="No space"):
            door(mail)
    asked.refresh_from_db()
    assert asked.is_open and only().state == "kept"
    read_incoming()
    asked.refresh_from_db()
    assert asked.answer == "yes" and AskMessage.objects.count() == 1


def test_an_error_of_ours_is_shown_to_a_person(asked, to, door, monkeypatch):
    def broken(*_args):
        raise RecursionError

    monkeypatch.setattr("seacliff.connectors.email.replies.read_reply", broken)
    door(written.reply(to, "Yes."))
    assert only().state == "needs-human" and "error of Seacliff's" in only().reason


def test_an_empty_reply_waits_for_a_person(asked, to, door):
    door(written.reply(to, "\n\n"))
    assert only().state == "needs-human" and only().reason == "The message is empty."
