import threading
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from django.db import close_old_connections, connection, transaction

from seacliff.intake.actions import Entry, Sender, take, take_reports
from seacliff.intake.actions import reports as module
from seacliff.intake.incoming import Attached, NewReport, reporter_key
from seacliff.intake.models import Channel, IdempotencyKey, Report, Unrouted
from seacliff.record.actions import Actor
from seacliff.record.ids import time_of, uuid7
from seacliff.record.models import Attachment, Event, Evidence

PRODUCT = uuid7()
TOKEN = Actor(Event.ActorKind.TOKEN, uuid7(), "Meet's backend")


def new(**fields) -> NewReport:
    return NewReport(
        **{"product_id": PRODUCT, "category": "spam", "target_kind": "user", "target_ref": "u-1", **fields}
    )


@pytest.mark.django_db
class TestABatch:
    def test_writes_report_place_in_the_routing_queue_and_event(self):
        before = datetime.now(UTC)
        tree = [{"kind": "account", "ref": "acme"}]
        report = new(
            text="Grüße, 你好 🙂",
            extra={"meeting": {"id": 7}},
            target_tree=tree,
            occurred_at=before,
            reporter_key="mail:a@b.c",
        )
        [outcome] = take_reports([report], channel=Channel.API, actor=TOKEN)

        assert outcome.state == "created"
        row = Report.objects.get(pk=outcome.report_id)
        assert (row.text, row.extra, row.target_tree) == ("Grüße, 你好 🙂", {"meeting": {"id": 7}}, tree)
        assert (row.channel, row.occurred_at, row.reporter_key) == ("api", before, "mail:a@b.c")
        assert abs((row.received_at - before).total_seconds()) < 5
        assert Unrouted.objects.filter(pk=row.id, attempts=0, error="").exists()
        event = Event.objects.get(subject_id=row.id)
        assert (event.verb, event.actor_kind, event.actor_id, event.actor_name) == (
            "report.received", "token", TOKEN.id, "Meet's backend",
        )  # fmt: skip
        assert (event.story_id, event.data) == (None, {"channel": "api", "category": "spam"})
        assert event.seq and event.tx

    def test_answers_in_order_and_writes_each_once(self):
        outcomes = take_reports([new(subject=str(n)) for n in range(50)], channel=Channel.API)
        assert [Report.objects.get(pk=o.report_id).subject for o in outcomes] == [str(n) for n in range(50)]
        assert Unrouted.objects.count() == Event.objects.count() == 50

    def test_of_nothing_is_nothing(self):
        assert take_reports([], channel=Channel.API) == []

    def test_of_many_senders_keeps_them_apart(self):
        mine, theirs = Sender(Channel.API, TOKEN, uuid7()), Sender(Channel.FORM, owner=uuid7())
        outcomes = take([Entry(new(idempotency_key="same", text=t), s) for t, s in [("a", mine), ("b", theirs)]])
        assert [o.state for o in outcomes] == ["created", "created"]
        assert set(Report.objects.values_list("channel", flat=True)) == {"api", "form"}

    def test_takes_history_under_its_own_time(self):
        past = datetime(2025, 3, 1, 12, tzinfo=UTC)
        [outcome] = take_reports([new(received_at=past)], channel=Channel.IMPORT)
        row = Report.objects.get(pk=outcome.report_id)
        assert row.received_at == time_of(row.id) == past
        assert time_of(Event.objects.get(subject_id=row.id).id) == past

    def test_attaches_the_evidence_that_was_kept(self):
        Evidence.objects.create(sha256="ab" * 32, size=3, media_type="image/png", kind="image")
        pieces = [Attached("ab" * 32, "a.png", "image/png"), Attached("ab" * 32, "again.png")]
        [with_it, without] = take_reports([new(attachments=pieces), new()], channel=Channel.FORM)
        found = Attachment.objects.filter(subject_id=with_it.report_id).order_by("name")
        assert [(a.subject_kind, a.name, a.declared_type) for a in found] == [
            ("report", "a.png", "image/png"), ("report", "again.png", ""),
        ]  # fmt: skip
        assert not Attachment.objects.filter(subject_id=without.report_id).exists()

    def test_leaves_nothing_when_the_transaction_around_it_fails(self):
        with pytest.raises(RuntimeError), transaction.atomic():
            take_reports([new(idempotency_key="k")], channel=Channel.API)
            raise RuntimeError
        assert not (Report.objects.exists() or IdempotencyKey.objects.exists() or Event.objects.exists())


@pytest.mark.django_db
class TestAnIdempotencyKey:
    owner = uuid7()

    def send(self, *reports: NewReport):
        return take_reports(list(reports), channel=Channel.API, owner=self.owner)

    def test_with_the_same_body_repeats_the_first_answer(self):
        [first] = self.send(new(idempotency_key="k"))
        [again] = self.send(new(idempotency_key="k"))
        assert (first.state, again.state, again.report_id) == ("created", "repeated", first.report_id)
        assert Report.objects.count() == Unrouted.objects.count() == Event.objects.count() == 1

    def test_with_another_body_is_refused_and_says_so(self):
        self.send(new(idempotency_key="k"))
        [other] = self.send(new(idempotency_key="k", text="something else"))
        assert (other.state, other.code, other.report_id) == ("refused", "conflict", None)
        assert "another body" in other.problem
        assert Report.objects.count() == 1

    def test_counts_within_one_batch_too(self):
        a, b, c, d = self.send(
            new(idempotency_key="k"),
            new(idempotency_key="k"),
            new(idempotency_key="k", text="x"),
            new(idempotency_key="l"),
        )
        assert [o.state for o in (a, b, c, d)] == ["created", "repeated", "refused", "created"]
        assert a.report_id == b.report_id != d.report_id

    def test_of_a_repeated_report_may_come_with_new_ones(self):
        [first] = self.send(new(idempotency_key="old"))
        repeated, fresh = self.send(new(idempotency_key="old"), new(idempotency_key="fresh"))
        assert (repeated.state, fresh.state, repeated.report_id) == ("repeated", "created", first.report_id)

    def test_belongs_to_its_owner(self):
        self.send(new(idempotency_key="k"))
        [other] = take_reports([new(idempotency_key="k", text="x")], channel=Channel.API, owner=uuid7())
        assert other.state == "created"

    def test_left_out_never_repeats(self):
        assert {o.state for o in self.send(new(), new())} == {"created"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"text": "a\0b"}, "text"),
        ({"subject": "x" * 501}, "subject"),
        ({"target_kind": "spaceship"}, "target_kind"),
        ({"extra": {"a": "\0"}}, "Unicode"),
        ({"attachments": [Attached("cd" * 32)]}, "foreign key"),
        ({"idempotency_key": "x" * 201}, "idempotency_key"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_its_neighbours_are_not(fields, names):
    outcomes = take_reports([new(), new(**fields), new(idempotency_key="a"), new()], channel=Channel.API)
    assert [o.state for o in outcomes] == ["created", "refused", "created", "created"]
    assert names in outcomes[1].problem
    assert Report.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_threads_that_send_the_same_keys_at_once_make_each_report_once():
    answers: list[tuple[str, str, UUID]] = []

    def send(seed: int) -> None:
        try:
            for round in range(12):
                keys = [f"k{(seed * 7 + n * 13) % 40}" for n in range(20 if round % 2 else 40)]
                reports = [new(idempotency_key=key, subject=key) for key in keys[:: 1 if seed % 2 else -1]]
                outcomes = take_reports(reports, channel=Channel.API)
                answers.extend((r.subject, o.state, o.report_id) for r, o in zip(reports, outcomes, strict=True))
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=send, args=[n]) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 16 * (6 * 40 + 6 * 20)
    assert Counter(state for _, state, _ in answers) == {"created": 40, "repeated": len(answers) - 40}
    assert {(key, id) for key, _, id in answers} == {(r.subject, r.id) for r in Report.objects.all()}
    assert Report.objects.count() == Unrouted.objects.count() == Event.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_the_routing_desk_is_told_after_the_commit():
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor, "autocommit": True}
    with psycopg.connect(**parameters) as listener:
        listener.execute("LISTEN intake_report")
        module._last_wake = 0.0
        with transaction.atomic():
            take_reports([new()], channel=Channel.API)
            assert not list(listener.notifies(timeout=0.2, stop_after=1))
        assert len(list(listener.notifies(timeout=5, stop_after=1))) == 1


def test_reporters_are_known_by_the_products_word_or_by_their_address():
    assert reporter_key("meet", email=" Ann@Example.ORG ") == "mail:ann@example.org"
    assert reporter_key("meet", email="a@b.c", user="u1") == "user:meet:u1"
    assert reporter_key("meet") == ""
