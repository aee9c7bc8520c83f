"""Claiming and deciding: the audited cycle beside bare SQL, and a long queue beside a short one."""

import itertools
import time

import psycopg

from bench.frame import Line, alternate, installation

SHORT = {"tiny": 300, "small": 10_000, "full": 10_000}
LONG = {"tiny": 900, "small": 100_000, "full": 1_000_000}
CYCLES = {"tiny": 20, "small": 200, "full": 1_000}
FILL = """
INSERT INTO targets_target (id, product_id, kind, ref, name, email, language, plan, country, state, strikes, details)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(product)s, 'user', 'b-' || n, '', '', '', '', '',
    'active', 0, '{}' FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO review_case (id, number, product_id, target_id, category, severity, tier, language, queue_id, state, opened_at,
    due_at, report_count, reporter_count, mass_reported)
SELECT ('00000001-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1000000 + n, %(product)s,
    ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'spam', 1 + n %% 4, 1, 'en', %(queue)s + n %% 16, 'open',
    now(), now() + interval '1 day' + n * interval '1 second', 1, 1, false FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO review_work (case_id, queue_id, severity, rank, due_at, tier, category, language, skipped_by)
SELECT id, queue_id, severity, 0, due_at, tier, category, language, '{}' FROM review_case
WHERE number BETWEEN 1000000 + %(first)s AND 1000000 + %(last)s;
ANALYZE review_work;
ANALYZE review_case;
"""
BARE_TABLE = """
CREATE TABLE bench_work (id bigint PRIMARY KEY, severity smallint, due timestamptz, holder bigint);
CREATE INDEX bench_free ON bench_work (severity, due, id) WHERE holder IS NULL;
CREATE TABLE bench_decision (id bigint PRIMARY KEY, holder bigint, finding text, at timestamptz DEFAULT now());
CREATE TABLE bench_event (id bigserial PRIMARY KEY, verb text, subject bigint, data jsonb);
"""


def run(size: str) -> list[Line]:
    with installation() as here:
        from django.db import connection
        from django.utils import timezone

        from seacliff.people.models import User
        from seacliff.record.actions import SYSTEM
        from seacliff.review import actions
        from seacliff.review.models import Decision, Queue, Work
        from seacliff.review.verdicts import Verdict
        from seacliff.sample import pack_install
        from seacliff.targets.models import Product

        pack_install.install(SYSTEM)
        product = Product.objects.create(slug="meet", name="Meet", languages=["en"])
        queues = [Queue.objects.create(slug=f"q-{n}", name=f"Q {n}") for n in range(16)]
        people = [
            User.objects.create(email=f"r{n}@x.example", name=f"R {n}", roles=["reviewer"], tier=4) for n in range(16)
        ]
        turns = itertools.cycle(people)
        verdict = Verdict(Decision.Finding.NO_VIOLATION, "spam", None, "Nothing here.")
        times: list[float] = []

        def fill(first: int, last: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(FILL, {"product": product.id, "queue": queues[0].id, "first": first, "last": last})

        def cycle() -> float:
            began = time.perf_counter()
            for _ in range(CYCLES[size]):
                person, start = next(turns), time.perf_counter()
                case = actions.claim_next(person)
                times.append(time.perf_counter() - start)
                assert case is not None
                actions.decide(person, case, verdict)
            return CYCLES[size] / (time.perf_counter() - began)

        def orm() -> float:
            """What one would write first: an ORM claim, one row at a time."""
            from django.db import transaction

            began, done = time.perf_counter(), CYCLES[size]
            for _ in range(done):
                with transaction.atomic():
                    free = Work.objects.filter(holder=None, held_until=None, assigned_to=None)
                    work = free.order_by("severity", "due_at").select_for_update(skip_locked=True).first()
                    work.holder, work.claimed_at, work.lease_until = people[0], timezone.now(), timezone.now()
                    work.save()
                    transaction.set_rollback(True)
            return done / (time.perf_counter() - began)

        def claim_alone() -> float:
            began = time.perf_counter()
            taken = [actions.claim_next(person) for person in people for _ in range(2)]
            value = len(taken) / (time.perf_counter() - began)
            for person, case in zip([p for p in people for _ in range(2)], taken, strict=True):
                actions.release(person, case)
            return value

        fill(1, SHORT[size])
        with psycopg.connect(here.server.url, autocommit=True) as database:
            database.execute(BARE_TABLE)
            database.execute(
                "INSERT INTO bench_work SELECT n, 1 + n %% 4, now() + n * interval '1 second', NULL "
                "FROM generate_series(1, %s) n",
                [SHORT[size]],
            )

            def bare() -> float:
                began = time.perf_counter()
                for _ in range(CYCLES[size]):
                    with database.transaction():
                        row = database.execute(
                            "UPDATE bench_work SET holder = 1 WHERE id = (SELECT id FROM bench_work WHERE holder IS NULL "
                            "ORDER BY severity, due, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
                        ).fetchone()
                        database.execute(
                            "INSERT INTO bench_event (verb, subject, data) VALUES ('claimed', %s, '{}')", row
                        )
                    with database.transaction():
                        database.execute("DELETE FROM bench_work WHERE id = %s", row)
                        database.execute("INSERT INTO bench_decision (id, holder, finding) VALUES (%s, 1, 'none')", row)
                        database.execute(
                            "INSERT INTO bench_event (verb, subject, data) VALUES ('decided', %s, '{}')", row
                        )
                return CYCLES[size] / (time.perf_counter() - began)

            runs = 1 if size == "tiny" else 5
            short, sql, naive, alone = alternate(runs, cycle, bare, orm, claim_alone)
        times.sort()
        p99 = times[int(len(times) * 0.99)] * 1000
        fill(SHORT[size] + 1, LONG[size])
        (long,) = alternate(runs, cycle)
        decided = Decision.objects.count()
        assert decided == Decision.objects.values("case").distinct().count() == CYCLES[size] * runs * 2
        return [
            Line("claim and decide, audited", f"{short:,.0f} cycles/s", f"bare SQL {sql:,.0f}", short / sql, 0.65),
            Line("claim with its record", f"{alone:,.0f}/s", f"an ORM claim without {naive:,.0f}", alone / naive, 1.0),
            Line("claim, 99th of a hundred", f"{p99:.1f} ms", "limit 25 ms", p99 / 25, 1.0, at_most=True),
            Line(
                f"the same at {LONG[size]:,} open cases",
                f"{long:,.0f} cycles/s",
                f"at {SHORT[size]:,}: {short:,.0f}",
                long / short,
                0.9,
            ),
        ]
