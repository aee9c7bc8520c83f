"""Asks as issues, against a server that speaks each tracker's API: both ways, and whatever fails in between."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from seacliff.connectors.incoming import READERS
from seacliff.connectors.looking import LOOKERS, look_at_threads
from seacliff.connectors.models import Incoming, Thread
from seacliff.connectors.tests.loopback import Silent, bodies, carry, hear, look
from seacliff.connectors.tracker import setup
from seacliff.connectors.tracker.issues import TRACKERS
from seacliff.connectors.tracker.setup import BadTracker
from seacliff.partners import actions
from seacliff.partners.access import by_user
from seacliff.partners.channels import CHANNELS
from seacliff.partners.charters.document import Channel
from seacliff.partners.models import AskMessage, Dispatch
from seacliff.partners.tests.factories import charter, function, made_ask, news, partner

from .contract import SECRET, Contract

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["github", "gitlab", "jira"])
def there(request, settings, monkeypatch):
    """A tracker with ten issues of other people."""
    settings.WEBHOOK_ALLOWED_PRIVATE = ["127.0.0.1"]
    for registry in (TRACKERS, LOOKERS, READERS, CHANNELS):
        for name in list(registry):
            monkeypatch.setitem(registry, name, registry[name])  # what this test changes is put back
    monkeypatch.setitem(CHANNELS, "email", Silent("email"))
    with Contract(request.param) as contract:
        for number in range(10):
            contract._new(f"Another {number}", "of somebody else")
        said = {"name": "tracker", "kind": request.param, "token": "t0ken", "url": contract.url, "secret": SECRET}
        if request.param == "jira":
            said["user"] = "bot@lantern.example"
        setup.install(said)
        yield contract
    for registry in (TRACKERS, LOOKERS, READERS, CHANNELS):
        registry.pop("tracker", None)


@pytest.fixture
def asked(there, alice):
    engineering = function("engineering")
    charter(engineering, channels=(Channel("tracker", there.place, ("build",)),))
    return made_ask(engineering, alice, kind="build", question="Limit invitations\nper hour, @ivy")


def test_an_ask_to_build_becomes_an_issue(asked, there, alice):
    carry()
    issue = there.issues[-1]
    thread = Thread.objects.get()
    assert len(there.issues) == 11 and thread.external_id.endswith("11") and thread.url.endswith("11")
    assert issue["title"] == f"[{asked.ref}] Limit invitations per hour, @ivy"
    assert "Alice Reviewer (Trust & Safety) asks Engineering" in issue["text"]
    assert "@ivy" not in issue["text"] and f"seacliff:{asked.id}" in issue["text"]  # nobody is called by it
    assert Dispatch.objects.get(channel="tracker").external_id == thread.external_id


def test_other_kinds_open_no_issue(there, asked, alice):
    made_ask(asked.to_function, alice, kind="advise")
    assert Dispatch.objects.filter(channel="tracker").count() == 1


def test_comments_go_both_ways_once(asked, there, alice):
    carry()
    actions.say(by_user(alice), asked, "Is it planned? @ivy")
    carry()
    (comment,) = there.issues[-1]["comments"]
    assert comment["text"].startswith("Alice Reviewer writes:\n\nIs it planned?") and "@ivy" not in comment["text"]
    for number in range(5):
        there.write(11, f"Point {number}")
    look()
    look()
    assert bodies() == ["Is it planned? @ivy", *(f"Point {number}" for number in range(5))]
    message = AskMessage.objects.last()
    assert (message.side, message.via, message.author_name) == ("asked", "tracker", "ivy (tracker)")
    carry()
    assert len(there.issues[-1]["comments"]) == 6  # what came from there is not sent back
    assert ("message", alice.email) in news(asked)


def test_what_is_said_elsewhere_shows_in_the_issue(asked, there):
    carry()
    actions.say(by_user(partner(asked.to_function, "Eve Engineer")), asked, "From the console")
    carry()
    assert "Eve Engineer writes:" in there.issues[-1]["comments"][0]["text"]
    actions.answer(by_user(partner(asked.to_function, "Eve Engineer")), asked, "no", "Not this year")
    carry()
    assert "Eve Engineer has answered: no." in there.issues[-1]["comments"][1]["text"]
    look()
    assert bodies() == ["From the console"]


def test_a_comment_can_be_the_answer(asked, there):
    carry()
    there.write(11, "Yes. \nPlanned for: 2027-01-31")
    look()
    asked.refresh_from_db()
    assert (asked.answer, asked.form_answers, asked.answered_via) == ("yes", {"planned_for": "2027-01-31"}, "tracker")


def test_taking_the_issue_on_acknowledges_the_ask(asked, there):
    carry()
    there.assign(11, "ivy")
    look()
    asked.refresh_from_db()
    assert (asked.state, asked.acknowledged_by) == ("acknowledged", "ivy (tracker)")


def test_closing_the_issue_answers_the_ask_and_asks_what_came_of_it(asked, there, alice):
    carry()
    there.close(11)
    look()
    look()
    asked.refresh_from_db()
    assert asked.answer == "yes" and asked.form_answers["tracker_url"].endswith("11")
    assert news(asked, "outcome-wanted") == [("outcome-wanted", alice.email)]
    assert news(asked, "answered") == [("answered", alice.email)]


def test_an_issue_closed_after_the_answer_asks_what_came_of_it(asked, there, alice):
    carry()
    there.write(11, "Yes.\nPlanned for: 2027-01-31")
    look()
    there.close(11)
    look()
    assert news(asked, "outcome-wanted") == [("outcome-wanted", alice.email)]
    assert "was closed as made" in bodies()[-1]
    there.reopen(11)
    look()
    assert "was opened again" in bodies()[-1]
    look()
    assert len(bodies()) == 2


def test_closing_it_as_not_wanted_is_a_no(asked, there):
    carry()
    there.close(11, wanted=False)
    look()
    asked.refresh_from_db()
    if there.kind == "gitlab":  # which does not say why an issue was closed
        assert asked.answer == "yes"
    else:
        assert asked.answer == "no" and "closed as not wanted" in asked.reason
        assert not news(asked, "outcome-wanted")


def test_withdrawing_the_ask_closes_the_issue_and_reopening_opens_it(asked, there, alice):
    carry()
    other = made_ask(asked.to_function, alice, kind="build")
    carry()
    actions.withdraw(by_user(alice), other, "It solved itself")
    carry()
    assert not there.issues[11]["open"] and "It solved itself" in there.issues[11]["comments"][0]["text"]
    there.close(11)
    look()
    actions.reopen(by_user(alice), asked, "It fails on phones")
    carry()
    assert there.issues[10]["open"]
    look()
    asked.refresh_from_db()
    assert asked.is_open and not any("opened again" in body for body in bodies())


def test_a_webhook_says_where_to_look(asked, there, client):
    carry()
    there.write(11, "Looking into it")
    Thread.objects.update(look_at=timezone.now() + timedelta(hours=1))
    body, headers = there.webhook(11)
    address = reverse("connectors:tracker-hook", args=["tracker"])
    answers = [
        client.post(address, body, content_type="application/json", headers=headers).status_code for _ in range(4)
    ]
    assert answers == [202] * 4  # replays and doubles do no harm
    hear()
    assert bodies() == ["Looking into it"]


def test_a_webhook_that_is_not_signed_is_refused(asked, there, client):
    carry()
    later = timezone.now() + timedelta(hours=1)
    Thread.objects.update(look_at=later)
    address = reverse("connectors:tracker-hook", args=["tracker"])
    body, headers = there.webhook(11, secret="guessed")
    assert client.post(address, body, content_type="application/json", headers=headers).status_code == 403
    assert client.post(address, body, content_type="application/json").status_code == 403
    tracker = TRACKERS["tracker"]
    tracker.secret = ""  # without a secret nothing is believed
    body, headers = there.webhook(11, secret="")
    assert client.post(address, body, content_type="application/json", headers=headers).status_code == 403
    assert Thread.objects.get().look_at == later
    assert client.post(reverse("connectors:tracker-hook", args=["other"])).status_code == 404
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"issue": 3}', b'{"issue": {"key": "x"}}'])
def test_a_signed_webhook_about_nothing_of_ours_changes_nothing(asked, there, client, body, monkeypatch):
    monkeypatch.setattr(TRACKERS["tracker"], "is_signed", lambda headers, body: True)
    address = reverse("connectors:tracker-hook", args=["tracker"])
    assert client.post(address, body, content_type="application/json").status_code == 202


def test_an_hour_without_the_tracker_loses_and_doubles_nothing(asked, there, alice):
    there.stop()
    carry()
    for number in range(3):
        actions.say(by_user(alice), asked, f"Ours {number}")
        carry(again=True)
    assert "can't be reached" in Dispatch.objects.filter(channel="tracker").first().last_error
    there.start()
    carry(again=True)
    carry(again=True)
    assert len(there.issues) == 11
    assert [one["text"].count("Ours") for one in there.issues[-1]["comments"]] == [1, 1, 1]
    there.write(11, "Theirs")
    there.stop()
    look_at_threads()
    Thread.objects.update(look_at=timezone.now())
    look_at_threads()
    assert Thread.objects.get().failures >= 1 and Thread.objects.get().last_error
    there.start()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        hear()
    assert bodies()[-1] == "Theirs" and Thread.objects.get().failures == 0


@pytest.mark.parametrize("fault", ["down", "lost", "limited"])
def test_an_issue_is_opened_once_whatever_happens_to_the_answer(asked, there, fault):
    there.faults.append(fault)
    carry()
    carry(again=True)
    assert len(there.issues) == 11
    assert Thread.objects.get().external_id.endswith("11") and Dispatch.objects.get(channel="tracker").state == "sent"


@pytest.mark.parametrize("fault", ["down", "lost"])
def test_a_comment_is_written_once_whatever_happens_to_the_answer(asked, there, alice, fault):
    carry()
    for number in range(4):
        there.write(11, f"Other {number}")
    actions.say(by_user(alice), asked, "Once")
    there.faults.append(fault)
    carry()
    carry(again=True)
    assert sum("Once" in one["text"] for one in there.issues[-1]["comments"]) == 1
    assert not Dispatch.objects.filter(state="pending").exists()


def test_news_that_overtakes_the_ask_opens_the_issue_first(asked, there, alice):
    actions.say(by_user(alice), asked, "Already urgent")
    Dispatch.objects.filter(purpose="asked", channel="tracker").update(next_at=timezone.now() + timedelta(minutes=9))
    carry()
    assert len(there.issues) == 11 and "Already urgent" in there.issues[-1]["comments"][0]["text"]
    carry(again=True)
    assert len(there.issues) == 11 and not Dispatch.objects.filter(state="pending").exists()


def test_a_worker_that_dies_between_the_look_and_the_reading_loses_nothing(asked, there):
    carry()
    there.write(11, "Kept")
    Thread.objects.update(look_at=timezone.now())
    look_at_threads()
    assert Incoming.objects.get().state == "kept"
    look()
    assert bodies() == ["Kept"]


def test_limits_are_waited_for(asked, there):
    there.faults.append("limited")
    before = timezone.now()
    carry()
    row = Dispatch.objects.get(channel="tracker")
    assert row.next_at - before >= timedelta(seconds=7) and "429" in row.last_error


def test_a_wrong_token_is_said_and_can_be_mended(asked, there):
    remote = TRACKERS["tracker"].remote
    right = dict(remote.headers)
    remote.headers |= {"Authorization": "Bearer wrong", "PRIVATE-TOKEN": "wrong"}
    carry()
    row = Dispatch.objects.get(channel="tracker")
    assert row.state == "pending" and "(401)" in row.last_error and "t0ken" not in row.last_error
    remote.headers = right
    carry(again=True)
    assert len(there.issues) == 11


def test_a_private_address_is_refused_unless_it_is_allowed(asked, there, settings):
    settings.WEBHOOK_ALLOWED_PRIVATE = []
    carry()
    assert "inside a private network" in Dispatch.objects.get(channel="tracker").last_error
    assert there.requests == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "x", "kind": "github"}, "lacks token"),
        ({"name": "x", "kind": "trac", "token": "t0ken"}, "is one of github, gitlab, jira"),
        ({"name": "x", "kind": "github", "token": "t0ken", "colour": "red"}, "colour, which means nothing"),
    ],
)
def test_wrong_settings_are_said_without_the_token(said, why):
    with pytest.raises(BadTracker, match=why) as refused:
        setup.install(said)
    assert "t0ken" not in str(refused.value)


def test_the_raw_news_is_kept(asked, there):
    carry()
    there.write(11, "Hm.")
    look()
    assert json.loads(bytes(Incoming.objects.get().raw)) == {"what": "comment", "text": "Hm."}
