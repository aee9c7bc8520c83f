"""The signed link: opens one ask, to be answered without an account; over when it expired or was taken away."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from seacliff.partners import actions
from seacliff.partners.access import by_link, by_user
from seacliff.partners.links import link_for, token, url_of
from seacliff.partners.models import Ask, AskMessage
from seacliff.partners.views import by_link as views
from seacliff.record import evidence
from seacliff.record.actions import Subject
from seacliff.record.models import Event

from .factories import function, made_ask, partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(comms):
    return made_ask(comms, question="What may we say about the wave?")


@pytest.fixture
def link(asked):
    return link_for(asked, "dana@lantern.example", "Dana Press")


@pytest.fixture
def url(link):
    return reverse("partners:by-link", args=[token(link)])


def test_it_opens_this_ask_alone_and_says_so_to_nobody_else(client, asked, link, url):
    assert url_of(link).endswith(url)
    page = client.get(url)
    assert "What may we say about the wave?" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex" and "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert client.get(reverse("partners:ask", args=[asked.ref])).status_code == 302  # to sign in
    link.refresh_from_db()
    assert link.used_at is None  # a scanner that looks does nothing


def test_it_answers_with_the_form_and_files(client, asked, link, url):
    assert client.post(url, {"verb": "acknowledge"}).url == url
    missing = client.post(url, {"verb": "answer", "answer": "yes"})
    assert missing.status_code == 422 and "Your advice" in missing.content.decode()
    file = SimpleUploadedFile("words.txt", b"We know of it.")
    client.post(url, {"verb": "answer", "answer": "yes", "form.advice": "Say little.", "files": file})
    asked.refresh_from_db()
    link.refresh_from_db()
    assert (asked.answer, asked.answered_by, asked.answered_via) == ("yes", "Dana Press", "link")
    assert asked.form_answers == {"advice": "Say little."} and link.used_at
    page = client.get(url).content.decode()
    assert "Your answer has arrived" in page and "words.txt" in page
    [attached] = evidence.of(Subject("ask-message", AskMessage.objects.get().id))
    got = client.get(reverse("partners:link-file", args=[token(link), attached.id]))
    assert b"".join(got.streaming_content) == b"We know of it."
    assert Event.objects.filter(verb="ask.answered").get().actor_kind == "public"


def test_it_asks_back_and_hands_on(client, asked, url):
    client.post(url, {"verb": "say", "body": "Which wave?", "back": "1"})
    asked.refresh_from_db()
    assert asked.state == "clarifying"
    assert client.post(url, {"verb": "hand-on", "to_email": "mallory@evil.example"}).status_code == 422
    gil = partner(asked.to_function, "Gil")
    assert client.post(url, {"verb": "hand-on", "to_email": gil.email}).status_code == 302
    assert Ask.objects.get().to_email == gil.email


def test_it_can_not_do_what_is_the_asker_s(client, asked, url):
    for verb in ("withdraw", "pause", "outcome", "reopen", ""):
        client.post(url, {"verb": verb, "reason": "Mine now", "outcome": "helped"})
    asked.refresh_from_db()
    assert asked.state == "asked" and not asked.outcome


def test_who_was_slower_is_told_who_answered(client, asked, url):
    actions.answer(by_user(partner(asked.to_function, "Gil Gott")), asked, "no", "Not now")
    late = client.post(url, {"verb": "answer", "answer": "yes", "form.advice": "Speak"})
    words = late.content.decode()
    assert late.status_code == 409 and "Somebody was faster" in words and "Gil Gott has answered this." in words
    assert Ask.objects.get().answer == "no"


def test_an_expired_link_says_so_and_whom_to_ask(client, asked, link, url):
    with time_machine.travel(link.expires_at + timedelta(minutes=1)):
        page = client.get(url)
        assert (
            page.status_code == 410
            and "expired" in page.content.decode()
            and asked.question not in page.content.decode()
        )
        assert client.post(url, {"verb": "acknowledge"}).status_code == 410
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_a_link_taken_away_opens_nothing(client, asked, link, url):
    client.force_login(asked.asked_by)
    client.post(reverse("partners:respond", args=[asked.ref, "revoke"]), {"link": str(link.id)})
    client.logout()
    page = client.get(url)
    assert page.status_code == 410 and "taken away" in page.content.decode()
    assert client.get(reverse("partners:link-file", args=[token(link), asked.id])).status_code == 404


def test_a_guessed_link_is_nothing(client, url):
    assert client.get(url[:-3] + ("AA" if url[-3:-1] != "AA" else "BB") + url[-1]).status_code == 404
    assert client.get(reverse("partners:by-link", args=["x"])).status_code == 404


def test_another_ask_s_file_is_not_fetched(client, asked, link):
    other = made_ask(function("legal"))
    message = actions.say(
        by_link(link_for(other, "lee@lantern.example")), other, "", files=[(evidence.keep(b"x"), "x")]
    )
    [attached] = evidence.of(Subject("ask-message", message.id))
    assert client.get(reverse("partners:link-file", args=[token(link), attached.id])).status_code == 404


def test_it_acts_only_so_often(client, asked, url, monkeypatch):
    monkeypatch.setattr(views, "ACTS_PER_LINK", 2)
    got = [client.post(url, {"verb": "say", "body": f"Message {n}"}).status_code for n in range(3)]
    assert got == [302, 302, 429] and AskMessage.objects.count() == 2


@pytest.mark.parametrize(("language", "words"), [("de", "Ihre Antwort"), ("es", "Su respuesta")])
def test_it_speaks_the_reader_s_language(client, url, language, words):
    assert words in client.get(url, headers={"accept-language": language}).content.decode()


def test_the_asker_s_own_link_can_write_but_not_answer(client, asked):
    url = reverse("partners:by-link", args=[token(link_for(asked, asked.asker_email))])
    assert "Send the answer" not in client.get(url).content.decode()
    assert client.post(url, {"verb": "answer", "answer": "yes"}).status_code == 403


def test_it_takes_the_same_queries_whatever_was_said(client, asked, link, url, django_assert_max_num_queries):
    for number in range(10):
        actions.say(by_link(link), asked, f"Message {number}")
    assert timezone.now() < link.expires_at
    with django_assert_max_num_queries(8):
        client.get(url)
