"""Reminders and escalation: none missed, none doubled; news is carried at least once under one key."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from seacliff.partners import actions, channels
from seacliff.partners.access import by_user
from seacliff.partners.channels import CHANNELS, NotSent, carry_due
from seacliff.partners.models import Dispatch, Reminder
from seacliff.partners.reminders import remind_due
from seacliff.record.models import Event

from .factories import made_ask, news, partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(comms):
    return made_ask(comms, severity=2)  # due in four hours


def steps_by(asked, hours):
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        while remind_due():
            pass
    return list(Reminder.objects.filter(ask=asked).exclude(done_at=None).order_by("at").values_list("step", flat=True))


def test_it_is_reminded_of_before_at_and_after_its_time(asked):
    assert steps_by(asked, 2) == []
    assert steps_by(asked, 3.5) == ["soon"]
    assert steps_by(asked, 4.5) == ["soon", "due"]
    assert steps_by(asked, 5.5) == ["soon", "due", "late-1"]
    assert steps_by(asked, 8.5) == ["soon", "due", "late-1", "escalate-1"]
    assert steps_by(asked, 100)[4:] == ["late-2", "late-3", "late-4"]
    assert news(asked, "escalated") == [("escalated", "fay@lantern.example"), ("escalated", asked.asker_email)]
    assert Event.objects.filter(verb="ask.reminded", subject_id=asked.id).count() == 7


def test_the_desk_run_twice_reminds_once(asked):
    steps_by(asked, 4.5)
    steps_by(asked, 4.5)
    assert news(asked, "reminder") == [("reminder", "dana@lantern.example")] * 2


def test_nobody_is_reminded_of_what_is_answered_or_stands_still(asked):
    actions.ask_back(by_user(partner(asked.to_function)), asked, "Which one?")
    assert steps_by(asked, 50) == []


class Recorder:
    name = "email"

    def __init__(self):
        self.sent, self.problem = [], None

    def send(self, dispatch):
        if self.problem:
            raise self.problem
        self.sent.append(dispatch.id)
        return f"<{dispatch.id}@x>"


@pytest.fixture
def mailbox(monkeypatch):
    recorder = Recorder()
    monkeypatch.setitem(CHANNELS, "email", recorder)
    return recorder


def test_news_is_sent_once_and_kept_under_its_name(asked, mailbox):
    assert carry_due() == 1 and carry_due() == 0
    row = Dispatch.objects.get()
    assert (row.state, row.external_id, row.attempts) == ("sent", f"<{row.id}@x>", 1)
    assert mailbox.sent == [row.id]


def test_an_outage_puts_it_off_with_growing_pauses_and_never_loses_it(asked, mailbox):
    mailbox.problem = NotSent("The mail server is away")
    pauses = []
    for _ in range(4):
        before = timezone.now()
        Dispatch.objects.update(next_at=before)
        carry_due()
        row = Dispatch.objects.get()
        pauses.append(round((row.next_at - before).total_seconds(), -1))
    assert row.state == "pending" and pauses == sorted(pauses) and pauses[-1] > pauses[0]
    mailbox.problem = None
    Dispatch.objects.update(next_at=timezone.now())
    carry_due()
    assert Dispatch.objects.get().state == "sent"


def test_a_final_no_is_kept_and_can_be_tried_again(asked, mailbox):
    mailbox.problem = NotSent("No such mailbox", final=True)
    carry_due()
    row = Dispatch.objects.get(purpose="asked")
    assert row.state == "failed" and Event.objects.get(verb="ask.news-failed").reason == "No such mailbox"
    assert news(asked, "unreached") == [("unreached", asked.asker_email)]
    mailbox.problem = None
    channels.send_again(row)
    carry_due()
    assert Dispatch.objects.get(purpose="asked").state == "sent"


def test_what_comes_back_after_it_was_taken_is_told_once_to_the_asker(asked, mailbox):
    carry_due()
    row = Dispatch.objects.get()
    assert channels.came_back(row, "The mailbox is gone") and not channels.came_back(row, "The mailbox is gone")
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("failed", "The mailbox is gone")
    assert news(asked, "unreached") == [("unreached", asked.asker_email)]
    carry_due()
    notice = Dispatch.objects.get(purpose="unreached")
    channels.came_back(notice, "So is that one")
    assert len(news(asked, "unreached")) == 1


def test_a_crash_in_a_connector_is_an_outage(asked, mailbox):
    mailbox.problem = RuntimeError("boom")
    carry_due()
    assert Dispatch.objects.get().last_error == "RuntimeError: boom"


def test_a_claimed_one_that_died_is_taken_up_after_its_lease(asked, mailbox):
    assert channels._claim() and not channels._claim()
    with time_machine.travel(timezone.now() + channels.LEASE + timedelta(seconds=1)):
        assert carry_due() == 1


def test_answering_makes_waiting_reminders_obsolete(asked, mailbox):
    steps_by(asked, 4.5)
    actions.answer(by_user(partner(asked.to_function)), asked, "no", "We can't say")
    states = set(Dispatch.objects.filter(ask=asked, purpose="reminder").values_list("state", flat=True))
    assert states == {"obsolete"}
