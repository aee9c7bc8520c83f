"""Runs that begin by themselves: by a routing rule, by an event in the record, by the calendar; and how soon."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from seacliff.intake.models import Report, Unrouted
from seacliff.partners.models import Ask
from seacliff.playbooks import library, triggers
from seacliff.playbooks.models import Heard, Playbook, Run, RunStep
from seacliff.playbooks.shipped import install
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.desks import DESKS, Runner, clear
from seacliff.record.models import Event
from seacliff.review.models import Case, RuleSet, WantedRun
from seacliff.review.routing.rules import RuleBook, RuleError
from seacliff.review.tests import factories as cases

from .factories import SMALL, answered, lead, published, settle, started, states, team

RULE = {"name": "threats", "when": 'report.category == "harassment"', "set": {"playbook": "small-one", "severity": 1}}


def unrouted():
    made = Report.objects.create(
        product_id=cases.product().id, channel="api", category="harassment", target_kind="event", target_ref="mtg-1",
        text="He said he would come", received_at=timezone.now(), language="en",
    )  # fmt: skip
    Unrouted.objects.create(report_id=made.id)


@pytest.mark.django_db
def test_a_rule_starts_a_run_for_its_case_and_only_one():
    ruth = lead()
    published(user=ruth)
    RuleSet.objects.create(number=9, state="live", rules=[RULE], live_from=timezone.now())
    for _ in range(2):
        unrouted()
        clear("routing", "playbook-wanted", "playbook-runs")
    run = Run.objects.get()
    case = Case.objects.get(id=run.about_id)
    assert (run.via, run.lead, run.severity, run.title) == ("routing", ruth, 1, f"Small one: {case.ref}")
    assert states(run)["look"] == "open" and not WantedRun.objects.exists()


@pytest.mark.django_db
def test_what_can_not_be_started_is_told_on_the_case():
    case = cases.case()
    WantedRun.objects.create(case=case, playbook="gone", rule="threats")
    assert clear("playbook-wanted") == 1 and clear("playbook-wanted") == 0
    event = Event.objects.get(verb="playbook.not-started")
    assert event.story_id == case.id and event.reason == "There is no playbook gone in force."


@pytest.mark.django_db
def test_a_rule_names_a_playbook_that_is_there():
    published()
    assert RuleBook.of([RULE], queues=[]).rules
    with pytest.raises(RuleError, match=r"no playbook 'other'\. There are: small-one\."):
        RuleBook.of([{**RULE, "set": {"playbook": "other"}}], queues=[])


@pytest.mark.django_db(transaction=True)
def test_an_event_starts_a_run_once_and_what_happened_before_does_not():
    case = cases.case()
    happened("emergency.declared", Subject("emergency", case.id), SYSTEM, story=case.id)
    team()
    install(SYSTEM, lead(), published=True)
    _until(_all_settled)
    clear("playbook-events")
    assert Heard.objects.count() == 1 and not Run.objects.exists()
    happened("emergency.declared", Subject("emergency", case.id), SYSTEM, story=case.id)
    happened("emergency.closed", Subject("emergency", case.id), SYSTEM, story=case.id)
    _until(_all_settled)
    assert triggers.hear_events() == 1
    Heard.objects.update(tx=1)  # read again, as after a restore: the same event starts nothing new
    triggers.hear_events()
    run = Run.objects.get(via="event", key__contains=str(Event.objects.filter(verb="emergency.declared").first().id))
    assert run.about_id == case.id and run.title == f"Credible threat to life: emergency declared, {case.ref}"
    assert Run.objects.count() == 2  # the one before the mark was read by going back


@pytest.mark.django_db
def test_nobody_listens_when_no_playbook_waits_for_an_event():
    Heard.objects.create(tx=5)
    assert triggers.hear_events() == 0 and not Heard.objects.exists()


@pytest.mark.django_db
def test_the_calendar_starts_a_run_and_plans_the_next():
    today = timezone.now().date()
    version = published(SMALL + f"starts: {{every: week, first: {today - timedelta(days=7)}, at: '00:00'}}\n", lead())
    playbook = version.playbook
    assert playbook.next_start_at > timezone.now() and clear("playbook-dates") == 0
    Playbook.objects.filter(id=playbook.id).update(next_start_at=timezone.now() - timedelta(minutes=1))
    assert clear("playbook-dates") == 1
    playbook.refresh_from_db()
    assert playbook.next_start_at > timezone.now() and Run.objects.get().via == "date"
    library.retire(SYSTEM, playbook)
    Playbook.objects.filter(id=playbook.id).update(next_start_at=timezone.now())
    clear("playbook-dates")
    assert Run.objects.count() == 1 and Playbook.objects.get().next_start_at is None
    library.retire(SYSTEM, playbook, retired=False)
    assert Playbook.objects.get().next_start_at > timezone.now()


@pytest.mark.django_db
def test_a_version_that_is_yet_to_come_leaves_the_calendar_of_the_one_before():
    now = timezone.now()
    weekly, yearly = (
        f"starts: {{every: {every}, first: {now.date() - timedelta(days=7)}, at: '00:00'}}\n"
        for every in ("week", "year")
    )
    playbook = published(SMALL + weekly, lead()).playbook
    this_week = playbook.next_start_at
    draft = library.save_draft(SYSTEM, playbook, SMALL + yearly)
    library.publish(SYSTEM, draft, "Rarely", effective_at=now + timedelta(days=10))
    assert Playbook.objects.get().next_start_at == this_week
    next_week = this_week + timedelta(days=7)
    assert library.next_start_of(playbook, this_week) == (next_week if next_week < now + timedelta(days=10) else
                                                          library.next_start_of(playbook, now + timedelta(days=30)))  # fmt: skip
    assert library.next_start_of(playbook, now + timedelta(days=30)) > now + timedelta(days=300)


@pytest.mark.django_db(transaction=True)
def test_a_step_begins_within_two_seconds_of_its_time_and_after_its_answer():
    """The worker's own threads, bells and clock."""
    run = started(published(SMALL.replace("    due: 1h", "    opens: 2h after start")), lead())
    runner = Runner([DESKS[name] for name in ("playbook-runs", "playbook-asks")])
    runner.start()
    try:
        at = timezone.now() + timedelta(seconds=1)
        RunStep.objects.filter(run=run, key="look").update(opens_at=at)
        Run.objects.filter(id=run.id).update(attend_at=at)
        assert _until(lambda: states(run)["look"] == "open") and timezone.now() - at < timedelta(seconds=2)
        assert RunStep.objects.get(run=run, key="look").opened_at >= at
    finally:
        runner.stop()


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_ask_twice():
    version = published()
    runs = [started(version, lead()) for _ in range(6)]
    RunStep.objects.filter(key="look").update(state="done", done_at=timezone.now(), values={"grave": "yes"})
    Run.objects.update(attend_at=timezone.now())

    def work():
        try:
            clear("playbook-asks", "playbook-runs")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert Ask.objects.count() == len(runs)
    for run in runs:
        answered(run, "ask_legal")
    settle()
    assert set(Run.objects.values_list("state", flat=True)) == {"finished"}


def _all_settled():
    """Whether no transaction that others run (autovacuum, another test) keeps the newest event above the horizon."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_tx_horizon() > max(tx) FROM record_event")
        return cursor.fetchone()[0]


def _until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False
