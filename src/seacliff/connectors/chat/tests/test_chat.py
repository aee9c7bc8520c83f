"""Asks in Slack and Teams, against servers that speak their APIs: both ways, and whatever fails in between."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.connectors.chat import slack, teams
from seacliff.connectors.chat.teams import TEAMS, BadTeams
from seacliff.connectors.incoming import READERS, read_incoming
from seacliff.connectors.looking import LOOKERS, look_at_threads
from seacliff.connectors.models import Incoming, Thread
from seacliff.connectors.tests.loopback import Silent, bodies, carry, hear, look
from seacliff.partners import actions
from seacliff.partners.access import by_user
from seacliff.partners.channels import CHANNELS
from seacliff.partners.charters.document import Channel
from seacliff.partners.models import AskMessage, Dispatch
from seacliff.partners.tests.factories import charter, function, made_ask, news, partner, reviewer

from .contract import SECRET, TEAMS_SECRET, Slack, teams_says

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def there(settings, monkeypatch):
    settings.WEBHOOK_ALLOWED_PRIVATE = ["127.0.0.1"]
    monkeypatch.setitem(CHANNELS, "email", Silent("email"))
    with Slack() as server:
        slack.install("xoxb-t", SECRET, f"{server.url}/api")
        teams.install({"name": "teams", "url": f"{server.url}/teams?sig=secret", "secret": TEAMS_SECRET})
        for number in range(5):
            server._add({"user": "U2", "text": f"Another {number}"})
        server.others = list(server.messages)
        server.messages.clear()
        yield server
    for registry in (CHANNELS, LOOKERS, READERS, TEAMS):
        registry.pop("slack", None)
        registry.pop("teams", None)


@pytest.fixture
def engineering(there):
    found = function("engineering")
    charter(found, channels=(Channel("slack", "C1"),))
    return found


@pytest.fixture
def asked(engineering, alice):
    return made_ask(engineering, alice, question="Limit <!channel> invitations & more?", form=())


@pytest.fixture
def say(client, there):
    """Sends what Slack would send; the status."""

    def send(address, body, headers=None, kind=FORM):
        headers = there.signed(body) if headers is None else headers
        status = client.post(reverse(f"connectors:{address}"), body, content_type=kind, headers=headers).status_code
        hear()
        return status

    return send


def words_of(message):
    return str(message["blocks"])


def test_an_ask_is_a_message_with_buttons(asked, there):
    carry()
    (message,) = there.messages
    assert f"{asked.ref}: Alice Reviewer (Trust &amp; Safety) wants advice" in words_of(message)
    assert "&lt;!channel&gt;" in message["text"] and "<!channel>" not in message["text"]  # nobody is called by it
    buttons = next(block for block in message["blocks"] if block["type"] == "actions")["elements"]
    assert [each["action_id"] for each in buttons] == ["yes", "partly", "no", "taken-on"]
    assert Thread.objects.get().external_id == message["ts"] == Dispatch.objects.get(channel="slack").external_id


def test_the_thread_goes_both_ways_once(asked, there, alice):
    carry()
    root = there.root()["ts"]
    actions.say(by_user(alice), asked, "It is <urgent>")
    carry()
    assert there.replies() == ["Alice Reviewer writes: It is &lt;urgent&gt;"]
    for number in range(5):
        there.write(f"Point {number} &amp; <https://x.example|link> <@U2>", root)
    there.write("by a robot", root, user="U2", bot_id="B9")
    there.write("joined", root, subtype="channel_join")
    there.write("See this", root, files=[{"name": "plan.pdf"}], subtype="file_share")
    look()
    look()
    assert bodies()[1:6] == [f"Point {number} & https://x.example (somebody)" for number in range(5)]
    assert bodies()[6:] == ["See this\n(A file in Slack: plan.pdf)"]
    message = AskMessage.objects.last()
    assert (message.side, message.via, message.author_name) == ("asked", "slack", "Ivy Engineer")
    carry()
    assert len(there.replies()) == 9  # what came from there is not sent back


def test_an_event_says_where_to_look(asked, there, say):
    carry()
    message = there.write("Looking into it", there.root()["ts"])
    for _ in range(3):
        assert say("slack-events", there.event(message), kind="application/json") == 200
    assert bodies() == ["Looking into it"]


def test_slack_proves_the_address_first(there, client):
    body = b'{"type": "url_verification", "challenge": "c4"}'
    address = reverse("connectors:slack-events")
    answer = client.post(address, body, content_type="application/json", headers=there.signed(body))
    assert (answer.status_code, answer.text) == (200, "c4")


@pytest.mark.parametrize("address", ["slack-events", "slack-actions"])
def test_what_is_not_signed_or_old_is_refused(asked, there, say, address):
    carry()
    body = there.press("yes") if address == "slack-actions" else there.event({"thread_ts": "1", "channel": "C1"})
    old = there.signed(body, at=time.time() - 600)
    for headers in (
        {},
        there.signed(body, "guessed"),
        there.signed(b"other"),
        old,
        there.signed(body, at=time.time() + 900),
        there.signed(body) | {"X-Slack-Request-Timestamp": "²"},
        there.signed(body) | {"X-Slack-Request-Timestamp": "9" * 5000},
    ):
        assert say(address, body, headers) == 403
    CHANNELS["slack"].secret = ""
    assert say(address, body, there.signed(body, "")) == 403
    asked.refresh_from_db()
    assert asked.is_open and not Incoming.objects.exists()


def test_yes_by_a_button_answers_once(asked, there, say):
    carry()
    body = there.press("yes")
    assert say("slack-actions", body) == 200
    assert say("slack-actions", body) == 200  # a replay within its time
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by, asked.answered_via) == ("yes", "Ivy Engineer", "slack")
    carry()
    assert "Answered by Ivy Engineer: yes." in words_of(there.root()) and "actions" not in words_of(there.root())
    assert Incoming.objects.count() == 1 and len(news(asked, "answered")) == 1


def test_no_asks_for_a_reason_in_a_form(asked, there, say):
    carry()
    say("slack-actions", there.press("no"))
    (view,) = there.views
    assert view["title"]["text"] == f"{asked.ref}: No" and [block["block_id"] for block in view["blocks"]] == ["reason"]
    asked.refresh_from_db()
    assert asked.is_open
    body = there.submit({"reason": {"value": "Not this year"}})
    say("slack-actions", body)
    say("slack-actions", body)
    asked.refresh_from_db()
    assert (asked.answer, asked.reason) == ("no", "Not this year") and Incoming.objects.count() == 1


def test_a_yes_that_needs_a_date_asks_for_it(engineering, alice, there, say):
    asked = made_ask(engineering, alice, kind="build")
    carry()
    say("slack-actions", there.press("yes"))
    assert [block["element"]["type"] for block in there.views[0]["blocks"]] == ["datepicker"]
    say("slack-actions", there.submit({"planned_for": {"selected_date": "2027-01-31"}}))
    asked.refresh_from_db()
    assert (asked.answer, asked.form_answers) == ("yes", {"planned_for": "2027-01-31"})


def test_taking_it_on_acknowledges_it(asked, there, say):
    carry()
    say("slack-actions", there.press("taken-on"))
    asked.refresh_from_db()
    assert (asked.state, asked.acknowledged_by) == ("acknowledged", "Ivy Engineer")
    carry()
    assert "Ivy Engineer takes it on." in words_of(there.root()) and "taken-on" not in words_of(there.root())


def test_a_button_of_an_ask_that_is_answered_says_so_in_the_thread(asked, there, say):
    carry()
    body = there.press("yes")
    actions.answer(by_user(partner(asked.to_function, "Eve")), asked, "no", "Too late")
    say("slack-actions", body)
    carry()
    assert any("was answered by Eve" in text for text in there.replies())
    assert any("Eve has answered: no. Too late" in text for text in there.replies())


def test_a_reply_that_lacks_something_is_told_in_the_thread(engineering, alice, there):
    asked = made_ask(engineering, alice, kind="build")
    carry()
    there.write("Yes.", there.root()["ts"])
    look()
    carry()
    asked.refresh_from_db()
    assert asked.is_open and any("Planned for" in text for text in there.replies())


def test_the_asker_in_the_thread_is_the_asker(engineering, there):
    ivy = reviewer("Ivy Engineer")
    ivy.email = "ivy@lantern.example"
    ivy.save()
    asked = made_ask(engineering, ivy, form=())
    carry()
    there.write("Yes. Never mind.", there.root()["ts"])
    look()
    asked.refresh_from_db()
    assert asked.is_open and AskMessage.objects.get().side == "asker"


def test_withdrawing_and_reopening_show(asked, there, alice, say):
    carry()
    say("slack-actions", there.press("yes"))
    actions.reopen(by_user(alice), asked, "And on phones?")
    carry()
    assert "actions" in words_of(there.root()) and any("And on phones?" in text for text in there.replies())
    actions.withdraw(by_user(alice), asked, "It solved itself")
    carry()
    assert "Withdrawn" in words_of(there.root()) and "actions" not in words_of(there.root())


def test_an_hour_without_slack_loses_and_doubles_nothing(asked, there, alice):
    there.stop()
    carry()
    for number in range(3):
        actions.say(by_user(alice), asked, f"Ours {number}")
        carry(again=True)
    there.start()
    carry(again=True)
    carry(again=True)
    assert [text[-6:] for text in there.replies()] == ["Ours 0", "Ours 1", "Ours 2"]
    there.write("Theirs", there.root()["ts"])
    there.stop()
    Thread.objects.update(look_at=timezone.now())
    look_at_threads()
    assert Thread.objects.get().failures == 1
    there.start()
    look()
    assert bodies()[-1] == "Theirs"


@pytest.mark.parametrize("fault", ["down", "lost", "limited", "internal_error"])
def test_a_message_is_posted_once_whatever_happens_to_the_answer(asked, there, alice, fault):
    for other in there.others:  # so that the list has pages
        there.messages.append(other)
    there.faults.append(fault)
    carry()
    for other in there.others:
        there.messages.append(other | {"ts": f"{float(other['ts']) + 5:.6f}"})
    carry(again=True)
    ours = [each for each in there.messages if each.get("bot_id")]
    assert len(ours) == 1 and Thread.objects.get().external_id == ours[0]["ts"]
    actions.say(by_user(alice), asked, "Once")
    there.faults.append(fault)
    carry()
    carry(again=True)
    assert sum("Once" in text for text in there.replies()) == 1


def test_what_slack_refuses_is_said(asked, there):
    there.faults.append("not_in_channel")
    carry()
    row = Dispatch.objects.get(channel="slack")
    assert row.state == "pending" and row.last_error == "slack refuses: not_in_channel"


def test_slack_is_not_there_until_it_is_set_up(client):
    for address in ("slack-events", "slack-actions"):
        assert client.post(reverse(f"connectors:{address}"), b"{}", content_type="application/json").status_code == 404
    assert (
        client.post(reverse("connectors:teams-hook", args=["x"]), b"{}", content_type="application/json").status_code
        == 404
    )


@pytest.mark.parametrize(
    "body", [b"", b"payload=", b"payload=[]", b"payload=%7B%22type%22%3A%22block_actions%22%7D", b"\xff",
             b"payload=%7B%22type%22%3A%22view_submission%22%2C%22view%22%3A3%7D"]
)  # fmt: skip
def test_signed_rubbish_changes_nothing(asked, there, say, body):
    assert say("slack-actions", body) == 200
    assert say("slack-events", body, kind="application/json") == 200


# Teams


@pytest.fixture
def in_teams(there, alice):
    found = function("legal")
    charter(found, channels=(Channel("teams", "#legal"),))
    made = made_ask(found, alice, question="May we [say](https://evil.example) this?", form=())
    carry()
    return made


@pytest.fixture
def tell(client):
    def send(body, signature):
        address = reverse("connectors:teams-hook", args=["teams"])
        answer = client.post(address, body, content_type="application/json", headers={"Authorization": signature})
        while read_incoming():
            pass
        return answer

    return send


def test_an_ask_is_a_card_in_teams(in_teams, there):
    (card,) = there.cards
    text = str(card["attachments"][0]["content"])
    assert in_teams.ref in text and "May we \\\\[say\\\\]" in text and "Yes, Partly or No" in text
    assert there.requests.count("POST /teams") == 1


def test_an_answer_in_teams_names_its_ask(in_teams, there, tell):
    body, signature = teams_says(f"<at>Seacliff</at>&nbsp;{in_teams.ref} Yes. Go &amp; say it.")
    assert tell(body, signature).json()["text"] == f"Noted for {in_teams.ref}."
    tell(body, signature)
    in_teams.refresh_from_db()
    assert (in_teams.answer, in_teams.reason) == ("yes", "Go & say it.") and in_teams.answered_by == "Ivy Engineer"
    assert Incoming.objects.count() == 1
    assert "Name the ask" in tell(*teams_says("<at>Seacliff</at> hello", id="2")).json()["text"]


def test_an_ask_of_another_channel_is_not_reached_from_teams(in_teams, asked, tell):
    assert "is no ask of this channel" in tell(*teams_says(f"{asked.ref} Yes.")).json()["text"]
    asked.refresh_from_db()
    assert asked.is_open


def test_forged_and_old_messages_of_teams_are_refused(in_teams, tell):
    body, signature = teams_says(f"{in_teams.ref} Yes.")
    assert tell(body, "").status_code == tell(body + b" ", signature).status_code == 403
    assert tell(*teams_says(f"{in_teams.ref} Yes.", "Z3Vlc3NlZA==")).status_code == 403
    assert tell(*teams_says(f"{in_teams.ref} Yes.", at=datetime.now(UTC) - timedelta(minutes=9))).status_code == 403
    TEAMS["teams"].secret = b""
    assert tell(*teams_says(f"{in_teams.ref} Yes.", "")).status_code == 403
    in_teams.refresh_from_db()
    assert in_teams.is_open


def test_teams_away_for_an_hour_gets_every_card_afterwards(in_teams, there, alice):
    there.stop()
    actions.say(by_user(alice), in_teams, "One more thing")
    carry()
    carry(again=True)
    there.start()
    carry(again=True)
    carry(again=True)
    assert sum("One more thing" in str(card) for card in there.cards) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "x"}, "lacks url"),
        ({"name": "x", "url": "https://s3cret.example", "colour": "red"}, "colour"),
        ({"name": "x", "url": "https://s3cret.example", "secret": "s3cret!"}, "not base64"),
    ],
)
def test_wrong_settings_of_teams_are_said_without_secrets(said, why):
    with pytest.raises(BadTeams, match=why) as refused:
        teams.install(said)
    assert "s3cret" not in str(refused.value)
