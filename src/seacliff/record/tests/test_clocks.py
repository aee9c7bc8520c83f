import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, close_old_connections, connection
from hypothesis import given, settings
from hypothesis import strategies as st

from seacliff.record import clocks
from seacliff.record.actions import Subject
from seacliff.record.business import between
from seacliff.record.ids import uuid7
from seacliff.record.models import Calendar, Clock, Event

OFFICE = {str(day): [["09:00", "17:00"]] for day in range(5)}
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def berlin(db):
    return Calendar.objects.create(slug="berlin", name="Berlin", time_zone="Europe/Berlin", country="DE", hours=OFFICE)


def breaches(subject):
    return list(Event.objects.filter(verb="clock.breached", subject_id=subject.id))


def test_elapsed_hours_run_through_nights_and_daylight_saving(db, case):
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert clocks.start(case, "first decision", "elapsed", 24 * HOUR, at=saturday).due_at == saturday + 24 * HOUR


def test_calendar_days_keep_the_hour_on_the_wall_when_daylight_saving_begins(berlin, case):
    saturday = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)  # noon in Berlin
    clock = clocks.start(case, "answer", "calendar", timedelta(days=2), calendar=berlin, at=saturday)
    assert clock.due_at == datetime(2026, 3, 30, 10, 0, tzinfo=UTC)  # noon in Berlin


def test_an_order_says_when(db, case):
    assert clocks.start(case, "order", "order", due_at=MONDAY + 7 * HOUR, at=MONDAY).due_at == MONDAY + 7 * HOUR


@pytest.mark.parametrize(
    ("rule", "amount", "sentence"),
    [
        ("order", None, "needs the time that the order gives"),
        ("elapsed", None, "needs a length of time"),
        ("elapsed", -HOUR, "needs a length of time"),
        ("calendar", 36 * HOUR, "counted whole"),
        ("business", HOUR, "need the calendar"),
    ],
)
def test_a_clock_without_what_its_rule_needs_says_so(case, rule, amount, sentence):
    with pytest.raises(clocks.ClockError, match=sentence):
        clocks.draft(case, "x", rule, amount)


def test_two_clocks_of_one_name_cannot_run_on_one_record(db, case):
    clocks.start(case, "first decision", "elapsed", HOUR)
    with pytest.raises(clocks.ClockError, match='"first decision" is running on this case already'):
        clocks.start(case, "first decision", "elapsed", HOUR)
    clocks.start(case, "appeal", "elapsed", HOUR)
    assert len(clocks.running_on(case)) == 2


def test_a_pause_of_an_elapsed_clock_moves_its_time_by_the_pause(db, case):
    clocks.start(case, "a", "elapsed", 24 * HOUR, at=MONDAY)
    paused = clocks.pause(case, "a", at=MONDAY + 20 * HOUR)
    assert paused.paused_at and not clocks.breached(at=MONDAY + 999 * HOUR)
    resumed = clocks.resume(case, "a", at=MONDAY + 50 * HOUR)
    assert resumed.due_at == MONDAY + 54 * HOUR
    assert resumed.paused_for == 30 * HOUR


def test_pausing_twice_counts_the_first_and_resuming_twice_counts_once(db, case):
    clocks.start(case, "a", "elapsed", 24 * HOUR, at=MONDAY)
    clocks.pause(case, "a", at=MONDAY + HOUR)
    clocks.pause(case, "a", at=MONDAY + 2 * HOUR)
    clocks.resume(case, "a", at=MONDAY + 3 * HOUR)
    assert clocks.resume(case, "a", at=MONDAY + 9 * HOUR).due_at == MONDAY + 26 * HOUR


def test_a_pause_of_a_business_clock_leaves_the_working_time_that_was_left(berlin, case):
    monday = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)  # 09:00 in Berlin
    clocks.start(case, "a", "business", 12 * HOUR, calendar=berlin, at=monday)
    clocks.pause(case, "a", at=monday + 6 * HOUR)  # six hours are left
    resumed = clocks.resume(case, "a", at=datetime(2026, 5, 9, 12, 0, tzinfo=UTC))  # a Saturday
    assert resumed.due_at == datetime(2026, 5, 11, 13, 0, tzinfo=UTC)  # Monday 15:00 in Berlin


def test_a_pause_of_calendar_days_across_daylight_saving_keeps_the_hour_on_the_wall(berlin, case):
    saturday = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)
    clocks.start(case, "a", "calendar", timedelta(days=1), calendar=berlin, at=saturday - HOUR * 24)
    clocks.pause(case, "a", at=saturday - HOUR)
    resumed = clocks.resume(case, "a", at=saturday + timedelta(days=2) - 2 * HOUR)  # the same wall time two days later
    assert resumed.due_at == datetime(2026, 3, 30, 10, 0, tzinfo=UTC)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 6000), min_size=2, max_size=9), st.integers(1, 3000))
def test_however_often_it_is_paused_a_business_clock_grants_its_whole_amount(steps, minutes):
    calendar = Calendar(slug="b", time_zone="Europe/Berlin", country="DE", hours=OFFICE)
    amount, moment = timedelta(minutes=minutes), datetime(2026, 3, 23, 6, 0, tzinfo=UTC)
    clock = clocks.draft(Subject("case", uuid7()), "a", "business", amount, calendar=calendar, at=moment)
    running, granted = True, timedelta(0)
    for step in steps:
        later = moment + timedelta(minutes=step)
        if running:
            granted += between(calendar, moment, min(later, clock.due_at))
            if later >= clock.due_at:
                break
            paused = later
        else:
            clock.due_at = clocks._shifted(clock, paused, later)
        running, moment = not running, later
    else:
        if not running:
            clock.due_at = clocks._shifted(clock, paused, moment)
        granted += between(calendar, moment, clock.due_at)
    assert granted == amount


def test_an_order_runs_on_while_everything_else_rests(db, case):
    clocks.start(case, "order", "order", due_at=MONDAY)
    assert clocks.pause(case, "order").paused_at is None


def test_what_was_overdue_when_it_was_paused_stays_overdue(db, case):
    clocks.start(case, "a", "elapsed", HOUR, at=MONDAY)
    clocks.pause(case, "a", at=MONDAY + 3 * HOUR)
    assert len(breaches(case)) == 1
    assert clocks.resume(case, "a", at=MONDAY + 30 * HOUR).due_at == MONDAY + HOUR
    assert clocks.notice_breaches() == 0


def test_pausing_resuming_and_stopping_what_does_not_run_is_no_error(db, case):
    assert clocks.pause(case, "a") is clocks.resume(case, "a") is clocks.stop(case, "a") is None


def test_a_clock_stopped_in_time_is_no_breach_and_one_stopped_late_is(db, case):
    clocks.start(case, "kept", "elapsed", HOUR, at=MONDAY)
    clocks.start(case, "late", "elapsed", HOUR, at=MONDAY)
    assert clocks.stop(case, "kept", at=MONDAY + HOUR).breached_at is None
    assert clocks.stop(case, "late", at=MONDAY + 2 * HOUR).breached_at
    assert [event.data["name"] for event in breaches(case)] == ["late"]
    assert clocks.notice_breaches() == 0


def test_stopping_many_takes_a_fixed_number_of_statements(db, django_assert_num_queries):
    subjects = [Subject("case", uuid7()) for _ in range(30)]
    Clock.objects.bulk_create([clocks.draft(subject, "a", "elapsed", HOUR) for subject in subjects])
    with django_assert_num_queries(1):
        assert len(clocks.stop_many(subjects, "a")) == 30
    assert Clock.objects.filter(stopped_at=None).count() == 0


def test_an_unstopped_clock_runs_on_with_its_old_due_time(db, case):
    clock = clocks.start(case, "a", "elapsed", HOUR, at=MONDAY)
    clocks.stop(case, "a", at=MONDAY + timedelta(minutes=10))
    assert not clocks.unstop(case, "a", MONDAY), "only the stop of that very moment is taken back"
    assert clocks.unstop(case, "a", MONDAY + timedelta(minutes=10))
    again = Clock.objects.get(subject_id=case.id)
    assert (again.id, again.stopped_at, again.due_at) == (clock.id, None, MONDAY + HOUR)


def test_a_restarted_clock_has_the_same_rule_owner_and_its_whole_time(berlin, case):
    owner = clocks.Owner("person", uuid7())
    clocks.start(case, "a", "business", 2 * HOUR, calendar=berlin, owner=owner, at=MONDAY)
    clocks.stop(case, "a", at=MONDAY + HOUR)
    again = clocks.restart(case, "a", at=MONDAY + timedelta(days=1))
    assert (again.rule, again.owner_id, again.calendar_id) == ("business", owner.id, "berlin")
    assert again.due_at == MONDAY + timedelta(days=1) + 2 * HOUR
    assert Clock.objects.filter(subject_id=case.id).count() == 2


def test_restarting_what_never_ran_says_so(db, case):
    with pytest.raises(clocks.ClockError, match="has ever run"):
        clocks.restart(case, "a")


def test_a_breach_is_noticed_once_with_its_owner(db, case):
    owner = clocks.Owner("queue", uuid7())
    clock = clocks.start(case, "first decision", "elapsed", HOUR, owner=owner, at=datetime.now(UTC) - 2 * HOUR)
    assert [clocks.notice_breaches(), clocks.notice_breaches()] == [1, 0]
    [event] = breaches(case)
    assert event.data["name"] == "first decision"
    assert event.data["owner_id"] == str(owner.id)
    assert event.data["due_at"] == clock.due_at.isoformat()
    assert event.story_id == case.id
    clocks.stop(case, "first decision")
    assert len(breaches(case)) == 1


def test_a_worker_whose_clock_is_an_hour_ahead_notices_nothing_early_and_a_slow_one_nothing_late(db, time_machine):
    soon, past = Subject("case", uuid7()), Subject("case", uuid7())
    clocks.start(soon, "a", "elapsed", HOUR / 2)
    clocks.start(past, "a", "elapsed", HOUR, at=datetime.now(UTC) - HOUR - timedelta(minutes=1))
    time_machine.move_to(datetime.now(UTC) + HOUR)
    clocks.notice_breaches()
    time_machine.move_to(datetime.now(UTC) - 5 * HOUR)
    clocks.notice_breaches()
    assert not breaches(soon)
    assert len(breaches(past)) == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_notice_each_of_many_breaches_once():
    subjects = [Subject("case", uuid7()) for _ in range(1200)]
    ago = datetime.now(UTC) - 3 * HOUR
    Clock.objects.bulk_create([clocks.draft(subject, "a", "elapsed", HOUR, at=ago) for subject in subjects])
    noticed = []

    def work():
        try:
            while found := clocks.notice_breaches():
                noticed.append(found)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    while found := clocks.notice_breaches():
        noticed.append(found)
    assert sum(noticed) == 1200
    events = Event.objects.filter(verb="clock.breached", subject_id__in=[subject.id for subject in subjects])
    assert events.count() == events.values("subject_id").distinct().count() == 1200


def test_overdue_clocks_page_by_key_the_longest_overdue_first(db, case):
    drafts = [clocks.draft(Subject("case", uuid7()), "a", "elapsed", HOUR * (i // 2), at=MONDAY) for i in range(10)]
    Clock.objects.bulk_create(drafts)
    seen, last = [], None
    while page := clocks.breached(after=last, limit=3):
        seen += page
        last = page[-1]
    assert len(seen) == 10
    assert [clock.due_at for clock in seen] == sorted(clock.due_at for clock in seen)
    assert clocks.breach_count() == 10
    assert clocks.breach_count(at_most=4) == 4


def test_what_is_due_next_can_be_asked_for_one_owner(db, case):
    owner = clocks.Owner("person", uuid7())
    clocks.start(case, "mine", "elapsed", HOUR, owner=owner, at=MONDAY)
    clocks.start(case, "theirs", "elapsed", HOUR, at=MONDAY)
    clocks.start(case, "later", "elapsed", 9 * HOUR, owner=owner, at=MONDAY)
    assert [c.name for c in clocks.due_between(MONDAY, MONDAY + 2 * HOUR, owner=owner)] == ["mine"]


def test_the_question_for_unnoticed_breaches_reads_its_own_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM record_clock WHERE due_at < now() AND stopped_at IS NULL AND paused_at IS NULL"
            " AND breached_at IS NULL ORDER BY due_at LIMIT 500 FOR UPDATE SKIP LOCKED"
        )
        assert "clock_unnoticed" in str(cursor.fetchall())


def test_the_database_refuses_a_paused_order(db, case):
    with pytest.raises(IntegrityError, match="clock_order_runs_on"):
        Clock.objects.create(
            subject_kind="case",
            subject_id=case.id,
            name="a",
            rule="order",
            started_at=MONDAY,
            due_at=MONDAY,
            paused_at=MONDAY,
        )
