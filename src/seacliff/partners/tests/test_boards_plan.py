"""Boards are read by their partial indexes, whatever was answered before."""

import json

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
    """5,000 asks to three functions and back, one in ten open."""
    ours, theirs = our_function(), [function(slug) for slug in ("communications", "legal", "product")]
    charter(theirs[0])
    by, now = reviewer(), timezone.now()
    rows = []
    for number in range(5000):
        them, is_open = theirs[number % 3], number % 10 == 0
        sides = (
            {"from_function": ours, "to_function": them} if number % 4 else {"from_function": them, "to_function": ours}
        )
        closed = {} if is_open else {"state": "answered", "answer": "yes", "answered_at": now, "closed_at": now,
                                     "outcome": "helped" if number % 20 else ""}  # fmt: skip
        to_email = "dana@lantern.example" if number % 50 == 0 else ""
        rows.append(Ask(id=uuid7(), number=number + 100_000, kind="advise", question="What?", asked_by=by,
                        asker_name="R", due_at=now, to_email=to_email, **sides, **closed))  # fmt: skip
    Ask.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_ask")
    return theirs[0]


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize(("name", "index"), INDEXES.items())
@pytest.mark.parametrize("further", [False, True])
def test_a_board_is_read_by_its_index_in_its_order(history, name, index, further):
    user = partner(history)
    user.email = "dana@lantern.example"
    function = our_function() if name in ("outbox", "outcomes", "made") else history
    rows, keys = queries.board(user, name, function), queries.BOARDS[name]
    after = page(rows, keys=keys, limit=5).after if further else ""
    seen = []
    with connection.execute_wrapper(lambda run, sql, params, many, context: seen.append((sql, params)) or run(
            sql, params, many, context)):  # fmt: skip
        page(rows, keys=keys, after=after)
    [(sql, params)] = seen
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
        [[found]] = cursor.fetchall()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    kinds = {node["Node Type"] for node in nodes(plan)}
    used = {node.get("Index Name") for node in nodes(plan)}
    assert index in used, plan
    assert "Sort" not in kinds and "Incremental Sort" not in kinds, plan
    scans = [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    assert all(node["Relation Name"] != "partners_ask" for node in scans), plan


def test_the_counts_stop_at_a_hundred(history):
    assert queries.counts(reviewer(), our_function())["outbox"] == "99+"
    [line] = [line for line in queries.waits([history]) if line.function == history]
    assert line.from_them.shown == "99+"
