"""Boards are read by their partial indexes, whatever was answered before."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from seacliff.partners import queries
from seacliff.partners.access import our_function
from seacliff.partners.models import Ask
from seacliff.record.ids import uuid7
from seacliff.record.pages import page

from .factories import charter, function, partner, reviewer

pytestmark = pytest.mark.django_db
INDEXES = {
    "inbox": "ask_inbox",
    "outbox": "ask_outbox",
    "mine": "ask_to_person",
    "outcomes": "ask_outcome_board",
    "received": "ask_received",
    "made": "ask_made",
}


@pytest.fixture
def history():
    """5,000 asks to ten functions and back, one in four open."""
    ours, theirs = our_function(), [function(f"function-{number}") for number in range(10)]
    charter(theirs[0])
    by, now = reviewer(), timezone.now()
    rows = []
    for number in range(5000):
        them, is_open, then = theirs[number % 10], number // 10 % 4 == 0, now + timedelta(minutes=number)
        sides = (
            {"from_function": ours, "to_function": them}
            if number // 40 % 4
            else {"from_function": them, "to_function": ours}
        )
        closed = {} if is_open else {"state": "answered", "answer": "yes", "answered_at": then, "closed_at": now,
                                     "outcome": "helped" if number // 10 % 10 else ""}  # fmt: skip
        to_email = "dana@lantern.example" if number % 50 == 0 else ""
        rows.append(Ask(id=uuid7(), number=number + 100_000, kind="advise", question="What?", asked_by=by,
                        asker_name="R", due_at=then, to_email=to_email, **sides, **closed))  # fmt: skip
    Ask.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_ask")
    return theirs[0]


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of(user, name, of, after):
    """How PostgreSQL reads the page: the indexes, and the kinds of steps."""
    seen = []

    def note(run, sql, params, many, context):
        seen.append((sql, params))
        return run(sql, params, many, context)

    with connection.execute_wrapper(note):
        found = page(queries.board(user, name, of), keys=queries.BOARDS[name], after=after, limit=20)
    [(sql, params)] = seen
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
        [[answer]] = cursor.fetchall()
    steps = list(nodes((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))
    return found, {step.get("Index Name") for step in steps}, {
        step["Node Type"] for step in steps if step.get("Relation Name", "partners_ask") == "partners_ask"}  # fmt: skip


def test_boards_are_read_by_their_index_in_their_order_on_every_page(history):
    user = partner(history)
    user.email = "dana@lantern.example"
    for name, index in INDEXES.items():
        for of in (history, our_function()):
            first, indexes, steps = plan_of(user, name, of, "")
            _second, further, more_steps = plan_of(user, name, of, first.after)
            assert not {"Seq Scan", "Sort"} & (steps | more_steps), (name, of.slug)
            if of == history:  # T&S is on one side of all: there the index of all that is open does as well
                assert index in indexes and index in further, (name, indexes, further)


def test_the_counts_stop_at_a_hundred(history):
    assert queries.counts(reviewer(), our_function())["outbox"] == "99+"
    [line] = queries.waits([history])
    assert line.from_them.shown == "93"
