"""What waits for a person: the list, one of them, and what a person does with it."""

import pytest
from django.urls import reverse

from seacliff.connectors.email.addresses import reply_address
from seacliff.connectors.email.tests import written
from seacliff.connectors.incoming import keep
from seacliff.connectors.models import Incoming, Thread
from seacliff.partners.models import AskMessage, Dispatch
from seacliff.partners.tests.factories import charter, function, made_ask, partner, reviewer
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    person = reviewer("Alice")
    client.force_login(person)
    return person


@pytest.fixture
def asked(alice, settings):
    settings.REPLY_ADDRESS = "asks@seacliff.example"
    comms = function("communications")
    charter(comms)
    return made_ask(comms, alice)


def waiting(asked, text="Yes. Say it.", number=0):
    dispatch = Dispatch.objects.get(ask=asked, purpose="asked")
    mail = written.reply(reply_address(dispatch), text, "Dana <dana@home.example>", id=f"<{number}@x>")
    id = keep("email", f"{asked.id}:<{number}@x>", mail.as_bytes(), ask_id=asked.id, dispatch_id=dispatch.id,
              sender="dana@home.example", subject="Re: the wave")  # fmt: skip
    Incoming.objects.filter(id=id).update(state="needs-human", reason="It came from dana@home.example.")
    return Incoming.objects.get(id=id)


def test_the_list_tells_what_waits_and_why(client, asked, django_assert_max_num_queries):
    for number in range(30):
        waiting(asked, number=number)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("connectors:incoming"))
    assert "It came from dana@home.example." in page.text and asked.ref in page.text
    assert "Nothing here" in client.get(reverse("connectors:incoming"), {"state": "handled"}).text
    assert client.get(reverse("connectors:incoming"), {"after": "rubbish"}).status_code == 200


def test_one_is_shown_whole_and_can_be_downloaded(client, asked):
    row = waiting(asked, "Yes. <script>alert(1)</script>")
    page = client.get(reverse("connectors:incoming-one", args=[row.id])).text
    assert "Take it as theirs" in page and "<script>alert(1)" not in page
    answer = client.get(reverse("connectors:incoming-source", args=[row.id]))
    assert answer.content == bytes(row.raw) and "attachment" in answer.headers["Content-Disposition"]


def test_a_person_takes_it_as_theirs(client, asked, alice):
    row = waiting(asked)
    client.post(reverse("connectors:incoming-take", args=[row.id]))
    asked.refresh_from_db()
    row.refresh_from_db()
    assert (asked.answer, asked.answered_by, row.state) == ("yes", "Dana Press", "handled")
    assert Event.objects.get(verb="ask.reply-taken").actor_id == alice.id
    client.post(reverse("connectors:incoming-take", args=[row.id]))  # twice is once
    assert Event.objects.filter(verb="ask.reply-taken").count() == 1 and not AskMessage.objects.exists()


def test_a_person_sets_it_aside_with_a_reason(client, asked):
    row = waiting(asked)
    address = reverse("connectors:incoming-set-aside", args=[row.id])
    assert client.post(address, {"reason": " "}).status_code == 422
    client.post(address, {"reason": "Spam"})
    row.refresh_from_db()
    assert row.state == "handled" and Event.objects.get(verb="ask.reply-set-aside").reason == "Spam"
    assert client.post(address, {"reason": "Spam"}).status_code == 422


def test_what_belongs_to_no_ask_can_only_be_set_aside(client, alice):
    row = Incoming.objects.create(channel="email", key=":1", raw=b"Subject: x\n\nhello", state="needs-human")
    page = client.get(reverse("connectors:incoming-one", args=[row.id])).text
    assert "Take it as theirs" not in page
    client.post(reverse("connectors:incoming-take", args=[row.id]))
    row.refresh_from_db()
    assert row.state == "needs-human"
    client.post(reverse("connectors:incoming-set-aside", args=[row.id]), {"reason": "Spam"})
    row.refresh_from_db()
    assert row.state == "handled"


def test_news_that_reached_nobody_is_listed_and_sent_again(client, asked, alice, django_assert_max_num_queries):
    address = reverse("connectors:undelivered")
    assert "Everything was delivered" in client.get(address).text
    row = Dispatch.objects.get(purpose="asked")
    for number in range(9):
        Dispatch.objects.create(key=str(number), channel="email", address="x@y.example", ask=asked, purpose="message",
                                state="failed", next_at=row.next_at, give_up_at=row.give_up_at)  # fmt: skip
    Dispatch.objects.filter(id=row.id).update(state="failed", last_error="550 No such user")
    Thread.objects.create(ask=asked, channel="github", address="a/b", failures=4, last_error="github can't be reached")
    with django_assert_max_num_queries(12):
        page = client.get(address).text
    assert "550 No such user" in page and "github can&#x27;t be reached" in page and asked.ref in page
    again = reverse("connectors:send-again", args=[row.id])
    client.post(again)
    row.refresh_from_db()
    assert row.state == "pending" and Event.objects.get(verb="ask.news-sent-again").actor_id == alice.id
    assert client.post(again).status_code == 404


def test_partners_see_none_of_it(client, asked):
    client.force_login(partner(function("communications")))
    row = waiting(asked)
    assert client.get(reverse("connectors:incoming")).status_code == 403
    assert client.get(reverse("connectors:incoming-one", args=[row.id])).status_code == 403
