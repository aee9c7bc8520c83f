"""The boards of asks: ten functions, a history of a hundred thousand asks; as fast as with a thousand."""

import html
import re
import statistics
import time
from typing import Any

from bench.frame import Line, installation

ASKS = {"tiny": 2_000, "small": 20_000, "full": 100_000}
FEW = 1_000
FUNCTIONS = 10
ROUNDS = 12
LIMIT_MS = 30.0
OLDER = re.compile(r'href="([^"]+)" rel="next"')

# One in twenty open; three of four asked by T&S; due from a week ago to a week ahead.
FILL = """
INSERT INTO partners_ask (id, number, kind, severity, question, from_function_id, to_function_id, asked_by_id, asker_name,
    asker_email, to_email, about_kind, about_label, shared, form, state, due_at, round, acknowledged_by, answer, reason,
    form_answers, answered_at, answered_by, answered_via, closed_at, outcome, outcome_text)
SELECT uuidv7(make_interval(secs => n - %(last)s)), 1000000 + n, (ARRAY['advise', 'review', 'build', 'approve'])[n %% 4 + 1],
    n %% 4 + 1, 'What may we say about wave ' || n || '?',
    CASE WHEN n / 10 %% 4 = 0 THEN theirs ELSE %(ours)s END, CASE WHEN n / 10 %% 4 = 0 THEN %(ours)s ELSE theirs END,
    %(user)s, 'Rita', 'rita@x.example', CASE WHEN n %% 40 = 0 THEN 'dana@x.example' ELSE '' END, '', '', '[]', '[]',
    CASE WHEN open AND n %% 7 = 0 THEN 'clarifying' WHEN open THEN 'asked' ELSE 'answered' END,
    now() + make_interval(secs => (n %% 10007 - 5000) * 120), 1, '', CASE WHEN open THEN '' ELSE 'yes' END, '', '{}',
    CASE WHEN open THEN NULL ELSE now() - make_interval(secs => n %% 86400) END, '', '', CASE WHEN open THEN NULL ELSE now() END,
    CASE WHEN open OR n %% 3 = 0 THEN '' ELSE 'helped' END, ''
FROM (SELECT n, n / 10 %% 20 = 0 AS open, (%(theirs)s::uuid[])[n %% 10 + 1] AS theirs
    FROM generate_series(%(first)s, %(last)s) AS n) made
"""


def run(size: str) -> list[Line]:
    with installation():
        from django.db import connection
        from django.test import Client

        from seacliff.partners.access import our_function
        from seacliff.partners.models import Ask
        from seacliff.people.models import Function, Membership, User

        ours = our_function()
        theirs = [Function.objects.create(slug=f"f{n}", name=f"Function {n}") for n in range(FUNCTIONS)]
        lead = User.objects.create(email="rita@x.example", name="Rita", roles=["reviewer"])
        dana = User.objects.create(email="dana@x.example", name="Dana", roles=["partner"])
        Membership.objects.create(user=dana, function=theirs[0])

        def fill(first: int, last: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(FILL, {"first": first, "last": last, "ours": ours.id, "user": lead.id,
                                      "theirs": [function.id for function in theirs]})  # fmt: skip
                cursor.execute("VACUUM ANALYZE partners_ask")
            assert Ask.objects.count() == last

        client = Client(headers={"Host": "localhost"})
        fill(1, FEW)
        few = _all(client, lead, dana)
        fill(FEW + 1, ASKS[size])
        many = _all(client, lead, dana)
        slowest = max(many, key=lambda path: many[path])
        flat = statistics.median(many[path] / few[path] for path in few if path in many)
        return [
            Line(f"asks board, p95, slowest {slowest[:40]}", f"{many[slowest]:.0f} ms at {ASKS[size]:,}", "limit 30 ms",
                 many[slowest] / LIMIT_MS, 1.0, at_most=True),
            Line("asks boards against a thousand", f"{flat:.2f} of their time at {FEW:,}", "as fast", flat, 1.5, at_most=True),
        ]  # fmt: skip


def _all(client: Any, lead: Any, dana: Any) -> dict[str, float]:
    """The 95th percentile of each board for either side, its first page and a deep one, in milliseconds."""
    took = {}
    for user, boards in (
        (dana, ("inbox", "outbox", "mine", "waiting", "received")),
        (lead, ("outbox", "outcomes", "made", "waiting")),
    ):
        client.force_login(user)
        for board in boards:
            path = f"/asks/{board}"
            took[f"{path} ({user.name})"] = _p95(client, path)
            deep = _deep(client, path)
            if deep:
                took[f"{path} deep ({user.name})"] = _p95(client, deep)
    return took


def _deep(client: Any, path: str) -> str:
    """The fifth page, or the last before it."""
    found = ""
    for _ in range(4):
        older = OLDER.search(client.get(path + found).content.decode())
        if older is None:
            break
        found = html.unescape(older[1])
    return path + found if found else ""


def _p95(client: Any, path: str) -> float:
    """Of the processor's time for a page and its waiting for PostgreSQL: what it takes while nobody else has the processor."""
    from django.db import connection

    waited = 0.0

    def wait(execute: Any, *statement: Any) -> Any:
        nonlocal waited
        began, busy = time.perf_counter(), time.process_time()
        try:
            return execute(*statement)
        finally:
            waited += (time.perf_counter() - began) - (time.process_time() - busy)

    client.get(path)
    took = []
    for _ in range(ROUNDS):
        began, waited = time.process_time(), 0.0
        with connection.execute_wrapper(wait):
            answer = client.get(path)
        took.append((time.process_time() - began + waited) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    return sorted(took)[int(len(took) * 0.95) - 1]
