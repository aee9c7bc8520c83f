"""Mails out, to a real mail server: how they read, how they thread, and what happens when it is away."""

import textwrap
from datetime import timedelta

import pytest
from django.utils import timezone

from seacliff.connectors.email.addresses import dispatch_of, tag_of
from seacliff.connectors.email.letters import letter_of
from seacliff.connectors.email.reading import MARKER
from seacliff.connectors.tests.loopback import carry
from seacliff.partners import actions, channels
from seacliff.partners.access import by_address, by_user
from seacliff.partners.directory import Recipient
from seacliff.partners.models import Dispatch
from seacliff.partners.tests.factories import made_ask, partner
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
DANA = by_address("dana@lantern.example", "Dana Press", "email")


def text_of(mail):
    return mail.get_payload(0).get_payload(decode=True).decode()


def html_of(mail):
    return mail.get_payload(1).get_payload(decode=True).decode()


def test_an_ask_arrives_as_a_mail_that_says_all_that_is_needed(asked, mailbox):
    carry()
    (mail,) = mailbox.mails
    body = text_of(mail)
    assert mail["Subject"] == f"[{asked.ref}] What may we say about the wave?"
    assert (mail["From"], mail["To"]) == ("Trust & Safety <ts@seacliff.example>", "Dana Press <dana@lantern.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert body.startswith(MARKER)
    assert "Alice Reviewer (Trust & Safety) asks Communications for advice." in body
    assert "    What may we say about the wave?" in body
    assert "Please answer by: " in body and "(UTC), in " in body
    assert "Begin with Yes, Partly or No" in " ".join(body.split())
    assert max(len(line) for line in body.splitlines() if "http" not in line) <= 76
    assert "<blockquote" in html_of(mail) and "What may we say about the wave?" in html_of(mail)


def test_its_reply_address_names_the_mail_and_is_signed(asked, mailbox):
    carry()
    (mail,) = mailbox.mails
    address = mail["Reply-To"]
    dispatch = Dispatch.objects.get()
    assert len(address.split("<")[1].split("@")[0]) <= 64
    assert dispatch_of(tag_of(address)) == dispatch
    assert dispatch_of(tag_of(address.upper())) == dispatch
    assert mail["X-MailFrom"] == address.split("<")[1].strip(">")  # what can't be delivered comes back there
    tag = tag_of(address)
    for wrong in (tag[:-1], tag[:-3] + ("aaa" if tag[-3:] != "aaa" else "bbb"), "q" + tag[1:], "", "ümlaut"):
        assert dispatch_of(wrong) is None
    assert tag_of("asks@seacliff.example") == ""
    assert tag_of("other+x@seacliff.example") is None
    assert tag_of("asks+x@elsewhere.example") is None


def test_the_mail_has_a_link_that_opens_just_this_ask(asked, alice, mailbox, client):
    carry()
    url = next(word for word in text_of(mailbox.mails[0]).split() if word.startswith("https://seacliff.example/a/"))
    page = client.get(url.removeprefix("https://seacliff.example"))
    assert page.status_code == 200 and "What may we say about the wave?" in page.text
    assert url in html_of(mailbox.mails[0])
    actions.answer(DANA, asked, "no", "Not now")
    carry()
    told = text_of(mailbox.of(alice.email)[-1])
    assert f"https://seacliff.example/asks/id/{asked.id}" in told and "/a/" not in told  # an account needs no link


def test_whose_link_was_taken_away_gets_none_by_mail(asked, alice, mailbox):
    carry()
    actions.revoke_link(by_user(alice), asked.links.get())
    actions.say(by_user(alice), asked, "One more thing")
    carry()
    assert "/a/" not in text_of(mailbox.of("dana@")[-1])


def test_a_key_of_before_is_still_believed(asked, settings):
    tag = tag_of(letter_address(asked))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert dispatch_of(tag) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert dispatch_of(tag) is None


def letter_address(asked):
    from seacliff.connectors.email.addresses import reply_address

    return reply_address(Dispatch.objects.get(ask=asked))


def test_without_a_reply_address_nobody_is_told_to_reply(asked, mailbox, settings):
    settings.REPLY_ADDRESS = ""
    carry()
    (mail,) = mailbox.mails
    assert mail["Reply-To"] is None and MARKER not in text_of(mail) and "reply to this mail" not in text_of(mail)
    assert mail["X-MailFrom"] == "ts@seacliff.example"


def test_later_mails_stand_in_the_thread_of_the_first(asked, alice, mailbox):
    carry()
    actions.say(by_user(alice), asked, "It is urgent.")
    carry()
    first, second = mailbox.of("dana@")
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert first["Message-ID"] == Dispatch.objects.get(purpose="asked").external_id


def test_every_purpose_is_worded(asked, alice, comms, mailbox):
    dana = partner(comms, "Dana Other")
    actions.acknowledge(by_user(dana), asked)
    actions.ask_back(by_user(dana), asked, "Which country?")
    carry()
    actions.say(by_user(alice), asked, "Germany.")
    actions.pause(by_user(alice), asked, "A court decides first")
    actions.resume(by_user(alice), asked)
    actions.reschedule(by_user(alice), asked, timezone.now() + timedelta(days=2), "There is time")
    actions.remind_now(by_user(alice), asked)
    actions.hand_on(by_user(dana), asked, dana.email, "You know the paper.")
    actions.answer(by_user(dana), asked, "partly", "Only the first sentence.", {"advice": "Say nothing else."})
    actions.reopen(by_user(alice), asked, "And the second?")
    actions.answer(by_user(dana), asked, "no", "Not that.")
    actions.record_outcome(by_user(alice), asked, "helped", "The article was fair.")
    gone = made_ask(comms, alice)
    actions.withdraw(by_user(alice), gone, "It solved itself")
    to = [Recipient("email", alice.email, "Alice")]
    for purpose, data in (
        ("escalated", {"step": "escalate-1"}),
        ("outcome-wanted", {}),
        ("unreached", {"to": "Dana", "problem": "550 no such user"}),
        ("understood", {"said": "yes"}),
    ):
        channels.order(asked, Dispatch.Purpose(purpose), "t", to, **data)
    digest = {"subject": "Your week", "intro": "What you gave.", "url": "https://seacliff.example/x",
              "sections": [{"title": "Due", "lines": ["Q-1 tomorrow"]}]}  # fmt: skip
    channels.order(None, Dispatch.Purpose.DIGEST, "w1", to, **digest)
    ordered = Dispatch.objects.count()
    carry()
    assert len(mailbox.mails) == ordered - Dispatch.objects.filter(state="obsolete").count()
    assert not Dispatch.objects.filter(state__in=["pending", "failed"]).exists()
    assert set(Dispatch.objects.values_list("purpose", flat=True)) == set(Dispatch.Purpose.values)
    everything = " ".join(" ".join(text_of(mail).split()) for mail in mailbox.mails)
    for said in (
        "asks back; the clock stands still",
        "Dana Other has handed this ask",
        "You know the paper.",
        "It is due by",
        "stands still for now",
        "answers: No.",
        "And the second?",
        "what came of your answer: It changed the outcome.",
        "no longer needs an answer",
        "did not reach Dana",
        "recorded as the answer: Yes.",
        "By the charter it has now been told further up",
        "Q-1 tomorrow",
    ):
        assert said in everything
    for mail in mailbox.mails:
        assert len(text_of(mail)) > 100 and mail["Subject"].strip() and "None" not in text_of(mail)


def test_what_was_shared_and_what_the_form_needs_is_in_the_mail(comms, alice, mailbox):
    shared = [{"key": "summary", "label": "Summary", "text": "Line one\n" + "long words " * 20}]
    asked = made_ask(comms, alice, kind="build", shared=shared)
    body = letter_of(Dispatch.objects.get(ask=asked)).text()
    assert "Summary:\n    Line one\n    long words" in body
    assert "    Planned for: 2027-01-31" in body


def test_words_can_not_bring_in_headers_or_html(comms, alice, mailbox):
    made_ask(comms, alice, question="Hello\r\nBcc: all@lantern.example\r\n<script>alert(1)</script>")
    Dispatch.objects.update(recipient_name="Dana\r\nBcc: all@lantern.example")
    carry()
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None and "\n" not in mail["Subject"]
    assert mail["To"].startswith('"Dana Bcc: ') and mail["To"].endswith("<dana@lantern.example>")
    assert "<script>" not in html_of(mail)


def test_with_the_mail_server_away_for_an_hour_nothing_is_lost_or_doubled(asked, alice, comms, mailbox):
    mailbox.stop()
    for number in range(3):
        actions.say(by_user(alice), asked, f"Point {number}")
    carry()
    for _ in range(3):
        carry(again=True)
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"pending"}
    assert "can't be reached" in Dispatch.objects.first().last_error
    mailbox.start(mailbox.port)
    carry(again=True)
    carry(again=True)
    assert len(mailbox.mails) == Dispatch.objects.filter(state="sent").count() == 4
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 4


def test_a_mail_that_is_sent_twice_is_the_same_mail(asked, mailbox):
    mailbox.fail_after = 1
    carry()
    assert "451" in Dispatch.objects.get().last_error
    carry(again=True)
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert Dispatch.objects.get().state == "sent"


def test_a_recipient_whom_the_server_refuses_is_told_to_the_asker(asked, alice, mailbox):
    mailbox.refuse["dana@lantern.example"] = "550 5.1.1 No such user"
    carry()
    assert Dispatch.objects.get(purpose="asked").state == "failed"
    (mail,) = mailbox.of(alice.email)
    assert "did not reach Dana Press" in text_of(mail) and "No such user" in text_of(mail)
    assert Event.objects.filter(verb="ask.news-failed", subject_id=asked.id).count() == 1


def test_a_recipient_who_is_refused_for_now_is_tried_again(asked, mailbox):
    mailbox.refuse["dana@lantern.example"] = "450 4.2.0 Greylisted"
    carry()
    assert Dispatch.objects.get().state == "pending"
    mailbox.refuse.clear()
    carry(again=True)
    assert Dispatch.objects.get().state == "sent"


def test_a_long_word_and_other_scripts_are_sent_whole(comms, alice, mailbox):
    made_ask(comms, alice, question="Дайте знать 🙂 " + "x" * 300 + " https://example.org/" + "y" * 100)
    carry()
    (mail,) = mailbox.mails
    assert "x" * 300 in text_of(mail) and "Дайте знать 🙂" in text_of(mail)
    assert textwrap.shorten(mail["Subject"], 20)
