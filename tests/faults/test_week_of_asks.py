"""A week of asks between ten functions, with two workers that are killed: no reminder is missed, none is doubled.

The week passes in steps of an hour. In each, asks are made and answered; two workers, processes of their own that live in
that hour, remind and mail. What must have happened is reckoned here from the asks alone. SEACLIFF_WEEK_ASKS sets how many
asks there are (5,000 is a large company's week), SEACLIFF_WEEK_KILLS how often a worker is killed, SEACLIFF_FAULT_SEED
repeats a run.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone

from seacliff.partners import actions
from seacliff.partners.access import by_user
from seacliff.partners.charters.document import Contact, Escalation
from seacliff.partners.models import Ask, Dispatch, Reminder
from seacliff.partners.reminders import SHORTEST_NOTICE, SOON, waiting
from seacliff.partners.tests import factories
from seacliff.record.models import Event

from .test_kill import free_port

ASKS = int(os.environ.get("SEACLIFF_WEEK_ASKS", "100"))
KILLS = int(os.environ.get("SEACLIFF_WEEK_KILLS", "2"))
SEED = int(os.environ.get("SEACLIFF_FAULT_SEED", str(int(time.time()))))
FUNCTIONS, HOURS, ESCALATED_AFTER = 10, 7 * 24, 6
TICK = timedelta(hours=1)


class Mailbox:
    """Counts the mails by their Message-ID."""

    def __init__(self):
        self.mails = Counter()

    async def handle_DATA(self, _server, _session, envelope):
        lines = envelope.original_content.decode("utf-8", "replace").splitlines()
        self.mails[next(line for line in lines if line.lower().startswith("message-id:")).split(":", 1)[1].strip()] += 1
        return "250 OK"


class Workers:
    """Two of them, so that they could do the same twice; a killed one is started again."""

    def __init__(self, place, smtp_port):
        self.clock, self.log = place / "clock", place / "workers.log"
        base, _, query = os.environ["DATABASE_URL"].partition("?")
        database = f"{base.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
        self.environ = os.environ | {
            "DATABASE_URL": f"{database}?{query}" if query else database,
            "DJANGO_SETTINGS_MODULE": "seacliff.settings",
            "SEACLIFF_DATA_DIR": str(place),
            "SEACLIFF_SECRET_KEY": "k" * 50,
            "SEACLIFF_EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "SEACLIFF_LOG_LEVEL": "CRITICAL",
        }
        self.processes = []

    def live_at(self, moment):
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(moment.isoformat())
        fresh.replace(self.clock)

    def start(self):
        command = [sys.executable, "-m", "tests.faults.week_worker", str(self.clock)]
        with self.log.open("ab") as log:
            self.processes.append(subprocess.Popen(command, env=self.environ, stdout=log, stderr=log))

    def kill(self, number):
        victim = self.processes.pop(number)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.start()

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()

    def settle(self, moment, within=120.0, killed=False):
        """Wait until everything of that moment is done, but what a killed worker had in its hands: its lease must pass."""
        deadline = time.monotonic() + within
        patience = time.monotonic() + (2.0 if killed else within)
        pending = Dispatch.objects.filter(state="pending")
        due = pending.filter(next_at__lte=moment)
        while waiting(moment) or due.exists() or (pending.exists() and time.monotonic() < patience):
            assert time.monotonic() < deadline, f"Still waiting at {moment}: {self.log.read_text()[-2000:]}"
            for process in self.processes:
                assert process.poll() is None, self.log.read_text()[-2000:]
            time.sleep(0.01)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_no_reminder_of_a_week_is_missed_or_doubled_whoever_is_killed(tmp_path):
    dice = random.Random(SEED)
    sys.stdout.write(f"SEACLIFF_FAULT_SEED={SEED}\n")
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    workers = Workers(tmp_path, server.port)
    begin = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    try:
        week = Week(dice, begin)
        workers.live_at(begin)
        workers.start()
        workers.start()
        kills = set(dice.sample(range(1, HOURS), KILLS))
        for hour in range(HOURS + 1):
            moment = begin + hour * TICK
            with time_machine.travel(moment, tick=False):
                workers.live_at(moment)
                if killed := hour in kills:
                    time.sleep(dice.uniform(0, 0.05))  # somewhere within the work of this hour
                    workers.kill(dice.randrange(2))
                workers.settle(moment, killed=killed)
                week.live(hour)
                workers.settle(moment, killed=killed)  # an hour must not pass while a mail is under way
        with time_machine.travel(moment + TICK, tick=False):
            workers.live_at(moment + TICK)
            workers.settle(moment + TICK)
    finally:
        workers.end()
        server.stop()
    week.judge(moment + TICK, mailbox.mails)


class Week:
    """What people do: most asks are answered, some late, some never."""

    def __init__(self, dice, begin):
        self.dice = dice
        self.reviewer = factories.reviewer()
        self.functions = [factories.function(f"function-{number}") for number in range(FUNCTIONS)]
        for each in self.functions:
            contact = Contact(f"Contact of {each.slug}", f"{each.slug}@lantern.example", "", "")
            head = Escalation(ESCALATED_AFTER, "The head", f"head-{each.slug}@lantern.example")
            with time_machine.travel(begin, tick=False):
                factories.charter(each, contacts=(contact,), escalation=(head,))
        self.answerers = {each.id: factories.partner(each) for each in self.functions}
        self.made = Counter(dice.randrange(HOURS - 6) for _ in range(ASKS))
        self.spans, self.to_answer = {}, {}

    def live(self, hour):
        for _ in range(self.made[hour]):
            span = timedelta(minutes=self.dice.choice([20, 45, 180, 480, 1440, 2880]))
            asked = factories.made_ask(self.dice.choice(self.functions), self.reviewer, severity=3,
                                       due_at=timezone.now() + span)  # fmt: skip
            self.spans[asked.id] = span
            if self.dice.random() < 0.8:
                answered = hour + max(1, round(span / TICK * self.dice.uniform(0.2, 2.0)))
                self.to_answer.setdefault(answered, []).append(asked)
        for asked in self.to_answer.get(hour, ()):
            actions.answer(by_user(self.answerers[asked.to_function_id]), asked, "yes", form={"advice": "Go on"})

    def judge(self, end, mails):
        asks = list(Ask.objects.all())
        assert len(asks) == ASKS
        must = Counter((asked.id, step) for asked in asks for step in reminders_of(asked, self.spans[asked.id], end))
        assert Counter(Reminder.objects.exclude(done_at=None).values_list("ask_id", "step")) == must
        told = Event.objects.filter(verb="ask.reminded").values_list("subject_id", "data__step")
        assert Counter(told) == must
        late = [row for row in Reminder.objects.exclude(done_at=None) if not row.at <= row.done_at < row.at + TICK]
        assert not late, f"{len(late)} reminders were not sent in their hour"
        sent = {f"<{row.id}@" for row in Dispatch.objects.filter(state="sent")}
        assert not Dispatch.objects.exclude(state__in=["sent", "obsolete"]).exists()
        seen = {name.partition("@")[0] + "@" for name in mails}
        assert sent <= seen, f"{len(sent - seen)} mails are missing"
        twice = [name for name, count in mails.items() if count > 1]  # taken by the mail server, then the worker died
        assert len(twice) <= KILLS and max(mails.values()) <= 2, twice
        sys.stdout.write(
            f"{ASKS} asks, {sum(must.values())} reminders, {sum(mails.values())} mails, {KILLS} kills, "
            f"{len(twice)} mails sent again under their own Message-ID\n"
        )


def reminders_of(asked, span, end):
    """The steps that must have been taken, from the ask's own times alone; `span` is the time it was given."""
    until = asked.closed_at or end
    steps = {"due": asked.due_at, "escalate-1": asked.due_at + timedelta(hours=ESCALATED_AFTER)}
    if span > 2 * SHORTEST_NOTICE:
        steps["soon"] = asked.due_at - max(SHORTEST_NOTICE, span * SOON)
    first_late = asked.due_at + min(timedelta(days=1), max(span * SOON, timedelta(hours=1)))
    steps |= {f"late-{day + 1}": first_late + timedelta(days=day) for day in range(8)}
    return [step for step, at in steps.items() if at <= until]
