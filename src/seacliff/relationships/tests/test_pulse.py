"""The pulse: whom it is put to and how often, the page behind the link, and that only sums of several people are shown."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from seacliff.connectors.chat import news as chat
from seacliff.connectors.chat import words
from seacliff.connectors.email.letters import letter_of
from seacliff.connectors.models import Incoming, Thread
from seacliff.partners import thanks
from seacliff.partners.access import by_address, by_user, our_function
from seacliff.partners.actions import NewAsk, answer, ask
from seacliff.partners.links import link_for, url_of
from seacliff.partners.models import Ask, Dispatch
from seacliff.people.actions import issue_token
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event
from seacliff.record.personal import REGISTRY
from seacliff.relationships import digests
from seacliff.relationships.models import Pulse, PulseRound, PulseShare
from seacliff.relationships.pulse import answering, asking, figures

from .factories import charter, function, lead, made_ask, partner, reviewer

pytestmark = pytest.mark.django_db
DANA = "dana@lantern.example"


@pytest.fixture
def comms():
    found = function("communications")
    charter(found)
    return found


@pytest.fixture
def always():
    PulseShare.objects.create(percent=100)


def answered(of, email=DANA, by=None, **said):
    asked = made_ask(of, by or reviewer(), form=(), **said)
    return answer(by_address(email, email.partition("@")[0].title(), "link"), asked, "yes")


def put(of, email=DANA):
    """The questions to one person, whenever they had some last."""
    Pulse.objects.filter(email=email).update(asked_at=timezone.now() - timedelta(days=31))
    asked = answered(of, email)
    return Pulse.objects.get(ask=asked)


def closed_round(of, grades=(5, 4, 5, 3, 1)):
    for number, grade in enumerate(grades):
        answering.answer(put(of, f"p{number % 3}@lantern.example"), str(grade), "5")
    return PulseRound.objects.get(function=of)


def test_whoever_answered_us_is_asked_with_the_thanks_and_not_again_within_thirty_days(comms, always):
    asked = answered(comms)
    pulse = Pulse.objects.get()
    assert (pulse.ask, pulse.function, pulse.email) == (asked, comms, DANA)
    assert thanks.address_of(asked, DANA.upper()).endswith(reverse("relationships:pulse", args=[_token(pulse)]))
    assert thanks.address_of(asked, asked.asker_email) == ""
    answered(comms)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        answered(comms)
    assert Pulse.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        answered(comms)
        assert Pulse.objects.count() == 2 and thanks.address_of(asked, DANA) == ""


def _token(pulse):
    return asking.url_of(pulse).rpartition("/")[2]


def test_whoever_asked_us_is_asked_and_we_ourselves_never(comms, always):
    dana, alice = partner(comms), reviewer()
    theirs = ask(by_user(dana), NewAsk("inform", our_function(), "Is it over?", sender=comms, form=()))
    answer(by_user(alice), theirs, "yes")
    assert [(pulse.function, pulse.email) for pulse in Pulse.objects.all()] == [(comms, dana.email)]
    mail = letter_of(Dispatch.objects.get(ask=theirs, purpose="answered")).text()
    assert "how was it to work with us?" in mail and _token(Pulse.objects.get()) in mail


def test_the_share_decides_by_the_ask_and_none_means_nobody(comms):
    drawn = [asking.is_drawn(Ask(), 20) for _ in range(2_000)]
    assert 300 < sum(drawn) < 500 and asking.share() == asking.USUAL_SHARE
    again = Ask()
    assert len({asking.is_drawn(again, 20) for _ in range(3)}) == 1
    PulseShare.objects.create(percent=0)
    answered(comms)
    assert not Pulse.objects.exists()


def test_somebody_without_an_address_is_not_asked(comms, always):
    answered(comms, "")
    assert not Pulse.objects.exists()


def test_the_page_takes_both_answers_once_and_never_shows_them(client, comms, always):
    pulse = put(comms)
    url = reverse("relationships:pulse", args=[_token(pulse)])
    page = client.get(url)
    assert page.status_code == 200 and page.headers["Referrer-Policy"] == "same-origin"
    assert "Was it worth your time?" in page.content.decode()
    refused = client.post(url, {"easy": "4"})
    assert refused.status_code == 422 and "for both questions" in refused.content.decode()
    assert 'value="4" required checked' in refused.content.decode()
    assert client.post(url, {"easy": "4", "worth": "5"}, follow=True).status_code == 200
    pulse.refresh_from_db()
    assert (pulse.easy, pulse.worth) == (4, 5)
    again = client.get(url).content.decode()
    assert "Your answers have arrived" in again and 'name="easy"' not in again
    assert client.post(url, {"easy": "1", "worth": "1"}).status_code == 409
    told = Event.objects.get(verb="pulse.answered")
    assert (told.actor_kind, told.data) == ("system", {}) and told.subject_id == comms.id


def test_a_link_that_is_over_made_up_or_for_something_else_opens_nothing(client, comms, always):
    pulse = put(comms)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        page = client.get(reverse("relationships:pulse", args=[_token(pulse)]))
        assert "Their time is over" in page.content.decode() and "Send both" not in page.content.decode()
        with pytest.raises(Conflict):
            answering.answer(pulse, "5", "5")
    other = url_of(link_for(pulse.ask, DANA)).rpartition("/")[2]
    for wrong in (other, "x", _token(pulse)[:-1] + ("A" if _token(pulse)[-1] != "A" else "B")):
        assert client.get(reverse("relationships:pulse", args=[wrong])).status_code == 404


@pytest.mark.parametrize("said", [("", "5"), ("0", "5"), ("6", "5"), ("5", "x"), ("4.5", "5")])
def test_only_one_to_five_is_an_answer(comms, always, said):
    with pytest.raises(Invalid):
        answering.answer(put(comms), *said)


def test_whoever_answers_by_link_is_thanked_with_the_questions(client, comms, always):
    asked = made_ask(comms, form=())
    url = url_of(link_for(asked, DANA, "Dana Press"))
    page = client.post(url, {"verb": "answer", "answer": "yes"}, follow=True).content.decode()
    assert "Your answer has arrived" in page and thanks.address_of(asked, DANA) in page
    other = client.get(url_of(link_for(asked, "eli@lantern.example"))).content.decode()
    assert "Two questions" not in other


def test_four_answers_or_two_people_are_no_round(comms, always):
    for number in range(8):
        answering.answer(put(comms, f"p{number % 2}@lantern.example"), "1", "1")
    assert figures.of_function(comms) is None
    answering.answer(put(comms, "third@lantern.example"), "5", "5")
    assert figures.of_function(comms).easy == [8, 0, 0, 0, 1]


def test_a_closed_round_is_added_up_and_what_each_said_forgotten(comms, always):
    found = closed_round(comms)
    assert (found.easy, found.worth, found.people) == ([1, 0, 1, 1, 2], [0, 0, 0, 0, 5], 3)
    assert (
        not Pulse.objects.exclude(easy=None, worth=None).exists()
        and Pulse.objects.exclude(answered_at=None).count() == 5
    )
    answering.answer(put(comms, "p0@lantern.example"), "1", "1")
    assert figures.of_function(comms).easy == [1, 0, 1, 1, 2], "one more is not shown before its own round is full"
    assert figures.of_function(function("legal")) is None
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert figures.of_function(comms) is None


def test_the_pages_and_the_api_show_sums_with_their_formula(client, comms, always):
    closed_round(comms)
    closed_by = lead()
    client.force_login(closed_by)
    page = client.get(reverse("relationships:function", args=[comms.slug])).content.decode()
    assert "3.6 of 5" in page and "(1 × 1 + 2 × 0 + 3 × 1 + 4 × 1 + 5 × 2) ÷ 5" in page
    whole = client.get(reverse("relationships:pulses")).content.decode()
    assert (
        "3.6 of 5" in whole and "Put in the past 90 days: 5. Answered: 5." in whole and "lantern.example" not in whole
    )
    _row, token = issue_token(SYSTEM, closed_by, name="api", scopes=[str(Permission.RELATIONSHIP_VIEW)])
    headers = {"Authorization": f"Bearer {token}"}
    said = client.get("/api/v1/relationships/functions/communications", headers=headers).json()
    assert said["pulse"] == {"answers": 5, "easy": [1, 0, 1, 1, 2], "worth": [0, 0, 0, 0, 5]}
    assert [row["pulse"] for row in client.get("/api/v1/relationships", headers=headers).json()] == [said["pulse"]]


def test_the_digest_tells_it_in_the_week_in_which_a_round_was_closed(comms, always):
    closed_round(comms)
    now = timezone.now()
    paper = digests.paper(comms, digests.week_of(now))
    said = [
        line for section in paper.sections if section.title == "How you find the work with us" for line in section.lines
    ]
    assert said == ["How easy it is to work with us: 3.6 of 5. Worth your time: 5.0 of 5. 5 answers in the past year."]
    later = digests.paper(comms, digests.week_of(now + timedelta(days=14)))
    assert not any(section.lines for section in later.sections if section.title == "How you find the work with us")


def test_a_lead_says_how_often_and_nobody_else_does(client, comms):
    client.force_login(lead())
    client.post(reverse("relationships:pulse-share"), {"percent": "35"})
    assert asking.share() == 35 and Event.objects.get(verb="pulse.share-chosen").data == {"percent": 35}
    for wrong in ("101", "-1", "", "½"):
        client.post(reverse("relationships:pulse-share"), {"percent": wrong})
    assert asking.share() == 35
    client.force_login(reviewer())
    assert client.post(reverse("relationships:pulse-share"), {"percent": "0"}).status_code == 403
    client.force_login(partner(comms))
    assert client.get(reverse("relationships:pulses")).status_code == 403


def test_whom_it_was_put_to_is_forgotten_in_time(comms, always):
    pulse = put(comms)
    closed_round(comms)
    assert REGISTRY.classes["pulses"].forget([pulse.id]) == 1
    assert not Pulse.objects.filter(email=DANA).exists() and figures.of_function(comms).answers == 5


def by_chat(asked, email, **said):
    """Somebody answers in the thread of a chat; what is said there in return."""
    Thread.objects.create(ask=asked, channel="slack", address="C1")
    raw = json.dumps({"name": "Ivy Engineer", "email": email, **said}).encode()
    chat.settle(Incoming.objects.create(channel="slack", key=str(asked.id), ask=asked, raw=raw))
    (told,) = Dispatch.objects.filter(ask=asked, channel="slack", purpose="understood")
    return words.news(told, asked)


@pytest.mark.parametrize("said", [{"what": "answer", "said": "yes"}, {"what": "comment", "text": "Yes. Go ahead."}])
def test_whoever_answers_in_a_chat_is_thanked_there_with_the_questions(comms, always, said):
    told = by_chat(made_ask(comms, reviewer(), form=()), "ivy@lantern.example", **said)
    pulse = Pulse.objects.get()
    assert pulse.email == "ivy@lantern.example"
    assert told == f"Thank you, Ivy Engineer. Two questions, if you have half a minute: {asking.url_of(pulse)}"


def test_somebody_whom_a_chat_gives_no_address_is_asked_nothing(comms, always):
    assert by_chat(made_ask(comms, reviewer(), form=()), "", what="answer", said="yes") == ""
    assert not Pulse.objects.exists()
