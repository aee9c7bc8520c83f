"""Asks from the question to what came of it."""

from datetime import timedelta

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone

from seacliff.partners import actions, links
from seacliff.partners.access import ask_of, asks_of, by_address, by_link, by_user, our_function
from seacliff.partners.actions import NewAsk
from seacliff.partners.models import Absence, Ask, AskMessage, Reminder
from seacliff.people.models import Membership
from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.record.models import Clock, Event

from .factories import function, made_ask, news, partner, reviewer

pytestmark = pytest.mark.django_db


def verbs(asked: Ask) -> list[str]:
    return list(Event.objects.filter(subject_id=asked.id).order_by("id").values_list("verb", flat=True))


def test_an_ask_is_due_by_the_charter_and_goes_to_its_contact(comms):
    asked = made_ask(comms, severity=2)
    clock = Clock.objects.get(subject_id=asked.id)
    assert asked.due_at - clock.started_at == timedelta(hours=4)
    assert (clock.owner_kind, clock.owner_id) == ("function", comms.id)
    assert news(asked) == [("asked", "dana@lantern.example")]
    assert asked.ref.startswith("Q-") and verbs(asked) == ["ask.made"]


def test_without_a_promise_the_usual_hours_hold(comms):
    asked = made_ask(comms, kind="approve", severity=1)
    assert asked.due_at - Clock.objects.get(subject_id=asked.id).started_at == timedelta(hours=2)


def test_a_due_time_by_hand_beats_the_charter(comms):
    due = timezone.now() + timedelta(minutes=40)
    assert made_ask(comms, due_at=due).due_at == due


def test_who_is_away_is_stood_in_for(comms):
    today = timezone.now().date()
    Absence.objects.create(email="Dana@lantern.example", since=today, until=today)
    assert news(made_ask(comms)) == [("asked", "eli@lantern.example")]
    Absence.objects.update(deputy="gil@lantern.example")
    assert news(made_ask(comms)) == [("asked", "gil@lantern.example")]


def test_somebody_named_who_is_away_without_a_deputy_still_gets_the_ask(comms):
    gil, today = partner(comms, "Gil"), timezone.now().date()
    Absence.objects.create(email=gil.email, since=today, until=today)
    assert news(made_ask(comms, to_email=gil.email)) == [("asked", gil.email)]


@pytest.mark.parametrize("address", ["https://[x", "https://", "javascript://x.example", "tickets/7"])
def test_what_is_no_address_of_the_web_is_refused_beside_its_field(comms, dana, address):
    asked = made_ask(comms, kind="build")
    with pytest.raises(Invalid) as refused:
        actions.answer(by_user(dana), asked, "yes", form={"planned_for": "2027-01-31", "tracker_url": address})
    assert [fault["pointer"] for fault in refused.value.errors] == ["#/form/tracker_url"]


def test_a_function_without_a_charter_is_asked_through_its_people():
    legal = function("legal")
    person = partner(legal)
    assert news(made_ask(legal)) == [("asked", person.email)]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kind": "beg"}, "#/kind"),
        ({"question": " "}, "#/question"),
        ({"severity": 5}, "#/severity"),
        ({"due_at": timezone.now() - timedelta(hours=1)}, "#/due_at"),
    ],
)
def test_a_faulty_ask_is_refused_with_the_place(comms, wrong, where):
    with pytest.raises(Invalid) as refused:
        made_ask(comms, **wrong)
    assert [fault["pointer"] for fault in refused.value.errors] == [where]
    assert not Ask.objects.exists()


def test_two_functions_beside_us_can_not_ask_each_other(comms):
    legal = function("legal")
    person = partner(legal)
    with pytest.raises(Invalid):
        actions.ask(by_user(person), NewAsk("advise", comms, "What now?", sender=legal))


def test_the_same_key_asks_once(comms):
    alice = reviewer()
    first, second = (made_ask(comms, alice, key="run:1") for _ in range(2))
    assert first == second and len(news(first)) == 1


def test_yes_closes_it_tells_the_asker_and_stops_the_clock(comms):
    asked = made_ask(comms, form=())
    dana = partner(comms)
    actions.answer(by_user(dana), asked, "yes", "Go ahead.")
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.answered_by) == ("answered", "yes", dana.name)
    assert Clock.objects.get(subject_id=asked.id).stopped_at is not None
    assert not Reminder.objects.filter(ask=asked, done_at=None).exists()
    assert news(asked)[-1] == ("answered", asked.asker_email)


def test_a_no_needs_a_reason_and_a_yes_what_its_form_asks(comms):
    asked = made_ask(comms, kind="advise")
    by = by_user(partner(comms))
    for said, form, where in (("no", {}, "#/reason"), ("maybe", {}, "#/answer"), ("yes", {}, "#/form/advice")):
        with pytest.raises(Invalid) as refused:
            actions.answer(by, asked, said, "", form)
        assert [fault["pointer"] for fault in refused.value.errors] == [where]
    actions.answer(by, asked, "yes", "", {"advice": "Say nothing yet.", "unknown": "x"})
    asked.refresh_from_db()
    assert asked.form_answers == {"advice": "Say nothing yet."}


def test_it_is_answered_once(comms):
    asked = made_ask(comms, form=())
    by = by_user(partner(comms))
    actions.answer(by, asked, "yes")
    with pytest.raises(Conflict, match="was answered by"):
        actions.answer(by, asked, "no", "No.")


def test_the_asker_can_not_answer_and_the_asked_can_not_withdraw(comms):
    alice = reviewer()
    asked = made_ask(comms, alice, form=())
    with pytest.raises(NotAllowed):
        actions.answer(by_user(alice), asked, "yes")
    with pytest.raises(NotAllowed):
        actions.withdraw(by_user(partner(comms)), asked, "No need")


def test_asking_back_lets_the_clock_stand_until_the_asker_writes(comms):
    alice = reviewer()
    asked = made_ask(comms, alice)
    due = asked.due_at
    actions.ask_back(by_user(partner(comms)), asked, "Which country?")
    asked.refresh_from_db()
    assert asked.state == "clarifying" and not Reminder.objects.filter(ask=asked, done_at=None).exists()
    Clock.objects.filter(subject_id=asked.id).update(paused_at=timezone.now() - timedelta(hours=3))
    actions.say(by_user(alice), asked, "Germany.")
    asked.refresh_from_db()
    assert asked.state == "asked" and asked.due_at - due > timedelta(hours=2, minutes=59)
    assert Reminder.objects.filter(ask=asked, done_at=None, round=2).count() == 4
    assert news(asked, "message") == [("message", alice.email), ("message", "dana@lantern.example")]


def test_a_message_from_outside_is_kept_once(comms):
    asked = made_ask(comms)
    by = by_address("dana@lantern.example", "Dana", "email")
    first, second = (actions.say(by, asked, "Hm.", external_id="email:<1@x>") for _ in range(2))
    assert first == second and AskMessage.objects.count() == 1 and first.side == "asked"


def test_handing_on_stays_within_the_function(comms):
    asked = made_ask(comms)
    by, colleague = by_user(partner(comms)), partner(comms, "Eve")
    with pytest.raises(Invalid, match="a contact or a member of"):
        actions.hand_on(by, asked, "stranger@example.org")
    actions.hand_on(by, asked, colleague.email, "You know the paper.")
    assert news(asked)[-1] == ("asked", colleague.email)


def test_who_has_it_again_is_told_again(comms):
    asked = made_ask(comms)
    dana, eve = partner(comms), partner(comms, "Eve")
    for person in (eve, dana, eve, dana):
        actions.hand_on(by_user(dana), asked, person.email)
    assert [to for _what, to in news(asked, "asked")][1:] == [eve.email, dana.email, eve.email, dana.email]
    actions.hand_on(by_user(dana), asked, dana.email)  # has it already
    assert len(news(asked, "asked")) == 5


def test_a_second_reminder_by_hand_within_the_hour_is_neither_sent_nor_noted(comms):
    alice = reviewer()
    asked = made_ask(comms, alice)
    actions.remind_now(by_user(alice), asked)
    with pytest.raises(Conflict, match="no second mail was sent"):
        actions.remind_now(by_user(alice), asked)
    assert len(news(asked, "reminder")) == Event.objects.filter(verb="ask.reminded").count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        actions.remind_now(by_user(alice), asked)
    assert len(news(asked, "reminder")) == Event.objects.filter(verb="ask.reminded").count() == 2


def test_nobody_to_remind_is_said():
    alice = reviewer()
    asked = made_ask(function("legal"), alice)
    with pytest.raises(Conflict, match="nobody was reminded"):
        actions.remind_now(by_user(alice), asked)
    assert not Event.objects.filter(verb="ask.reminded").exists()


def test_more_time_begins_another_round_of_reminders(comms):
    alice = reviewer()
    asked = made_ask(comms, alice)
    due = timezone.now() + timedelta(days=3)
    actions.reschedule(by_user(alice), asked, due, "The paper waits")
    asked.refresh_from_db()
    assert asked.due_at == due and asked.round == 2
    assert set(Reminder.objects.filter(ask=asked, done_at=None).values_list("round", flat=True)) == {2}


def test_a_pause_is_given_back(comms):
    alice = reviewer()
    asked = made_ask(comms, alice)
    actions.pause(by_user(alice), asked, "A court decides first")
    with pytest.raises(Conflict):
        actions.pause(by_user(alice), asked, "again")
    actions.resume(by_user(alice), asked)
    asked.refresh_from_db()
    assert asked.state == "asked" and asked.round == 2


def test_an_answer_that_is_none_is_asked_on(comms):
    alice = reviewer()
    asked = made_ask(comms, alice, form=())
    actions.answer(by_user(partner(comms)), asked, "no", "Too busy")
    actions.reopen(by_user(alice), asked, "We can't wait")
    asked.refresh_from_db()
    assert asked.is_open and asked.answer == "" and asked.due_at > timezone.now() + timedelta(hours=23)
    assert Event.objects.get(verb="ask.reopened").data["reason"] == "Too busy"


def test_what_came_of_it_is_told_to_who_answered(comms):
    alice = reviewer()
    asked = made_ask(comms, alice, form=())
    with pytest.raises(Conflict):
        actions.record_outcome(by_user(alice), asked, "helped")
    actions.answer(by_user(partner(comms)), asked, "yes")
    actions.record_outcome(by_user(alice), asked, "helped", "The article was fair.")
    asked.refresh_from_db()
    assert asked.outcome == "helped" and news(asked)[-1] == ("outcome", "dana@lantern.example")


def test_partners_see_the_asks_of_their_functions_and_no_others(comms):
    legal = function("legal")
    dana, lee = partner(comms), partner(legal)
    ours = made_ask(comms)
    assert list(asks_of(dana)) == [ours] and list(asks_of(lee)) == []
    with pytest.raises(Http404):
        ask_of(lee, ours.ref)
    Membership.objects.create(user=lee, function=comms)
    named = made_ask(comms, to_email=lee.email)
    Membership.objects.filter(user=lee, function=comms).delete()
    assert ask_of(lee, named.ref) == named
    with pytest.raises(Invalid, match="no contact or member"):
        made_ask(comms, to_email="stranger@lantern.example")
    assert not asks_of(reviewer()).exclude(id__in=[ours.id, named.id]).exists()


def test_a_partner_asks_us_and_we_answer(comms):
    dana, alice = partner(comms), reviewer()
    asked = actions.ask(by_user(dana), NewAsk("advise", our_function(), "Is the wave over?", sender=comms, form=()))
    with pytest.raises(NotAllowed):
        actions.answer(by_user(dana), asked, "yes")
    actions.answer(by_user(alice), asked, "yes", "Since Monday.")
    assert news(asked)[-1] == ("answered", dana.email)


def test_a_link_opens_one_ask_until_it_is_revoked_or_old(comms):
    asked = made_ask(comms, form=())
    link = links.link_for(asked, "Dana@lantern.example", "Dana")
    address = links.token(link)
    assert links.opened(address).ask == asked
    actions.acknowledge(by_link(link), asked)
    actions.revoke_link(by_user(reviewer()), link)
    with pytest.raises(Http404):
        links.opened(address)
    other = links.link_for(asked, "eli@lantern.example")
    other.expires_at = timezone.now() - timedelta(seconds=1)
    other.save()
    for wrong in (links.token(other), address[:-1], "x", ""):
        with pytest.raises(Http404):
            links.opened(wrong)
