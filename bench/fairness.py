"""A backtest of other strike terms over a million decisions; the pages of a hundred thousand appeals."""

import html
import re
import statistics
import time
from datetime import timedelta

from bench.frame import Line, installation, unchecked

DECISIONS = {"tiny": 5_000, "small": 100_000, "full": 1_000_000}
APPEALS = {"tiny": 1_000, "small": 10_000, "full": 100_000}
LIMIT_SECONDS, LIMIT_MS = 5.0, 50.0
PER_TARGET = 8  # decisions on one account, over two years

# Every decision is a violation with a strike that took effect: the most that a backtest can have to look at.
FILL = """
WITH n AS (SELECT generate_series(1, %(count)s) AS n),
made AS (
    SELECT n, now() - make_interval(secs => n * 63072000.0 / %(count)s) AS at FROM n
), target AS (
    INSERT INTO targets_target (id, product_id, kind, ref, name, state, strikes, email, language, plan, country, details)
    SELECT uuidv7(), %(product)s, 'account', 'b-' || t, '', 'active', 0, 'b' || t || '@x.example', 'en', '', '', '{}'
    FROM generate_series(1, %(count)s / %(per)s + 1) AS t RETURNING id, ref
), cases AS (
    INSERT INTO review_case (id, product_id, target_id, category, state, queue_id, severity, tier, language,
        report_count, reporter_count, mass_reported, opened_at, due_at, decided_at)
    SELECT uuidv7(at - now()), %(product)s, target.id, 'spam', 'decided', %(queue)s, 3, 1, 'en', 1, 1, false, at, at, at
    FROM made JOIN target ON target.ref = 'b-' || (made.n %% (%(count)s / %(per)s) + 1)
    RETURNING id, target_id, opened_at
), decided AS (
    INSERT INTO review_decision (id, case_id, reviewer_id, tier, policy_version_id, category, finding, rationale, facts,
        notify, actions, assignment, automated, decided_at, undo_until, work, settled)
    SELECT uuidv7(opened_at - now()), id, %(reviewer)s, 1, %(version)s, 'spam', 'violation', 'Bulk.', '', true, '[]', 'pull',
        false, opened_at, opened_at, '{}', true FROM cases RETURNING id, case_id, decided_at
), acted AS (
    INSERT INTO enforcement_action (id, case_id, decision_id, target_id, kind, parameters, policy_version_id, not_before, state)
    SELECT uuidv7(decided.decided_at - now()), cases.id, decided.id, cases.target_id, 'strike', '{}', %(version)s,
        decided.decided_at, 'done' FROM decided JOIN cases ON cases.id = decided.case_id RETURNING id, target_id, not_before
)
INSERT INTO enforcement_strike (id, target_id, policy_version_id, action_id, weight, given_at, expires_at)
SELECT uuidv7(not_before - now()), target_id, %(version)s, id, 1, not_before, not_before + interval '180 days' FROM acted
"""

LODGE = """
INSERT INTO appeals_appeal (id, decision_id, case_id, side, target_id, language, address, statement, state, tier,
    received_at, due_at, outcome, reasons, answer, decided_by_id, decided_at, policy_version_id, category, reviewer_id,
    first_tier, automated)
SELECT uuidv7(d.decided_at - now()), d.id, d.case_id, 'affected', c.target_id, (ARRAY['en', 'de', 'es'])[n %% 3 + 1],
    'a@x.example', repeat('They had agreed to it, as the list shows. ', 8),
    CASE WHEN n %% 10 = 0 THEN 'waiting' ELSE 'decided' END, 2, d.decided_at, d.decided_at + interval '3 days',
    CASE WHEN n %% 10 = 0 THEN '' WHEN n %% 4 = 0 THEN 'overturned' ELSE 'upheld' END, '', '',
    CASE WHEN n %% 10 = 0 THEN NULL ELSE %(other)s::uuid END, CASE WHEN n %% 10 = 0 THEN NULL ELSE now() END,
    d.policy_version_id, d.category, d.reviewer_id, 1, false
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM review_decision LIMIT %(count)s) d
JOIN review_case c ON c.id = d.case_id
"""


def run(size: str) -> list[Line]:
    with installation():
        from django.test import Client
        from django.utils import timezone

        from seacliff.appeals.models import Appeal
        from seacliff.enforcement.models import Strike
        from seacliff.enforcement.strikes import backtest
        from seacliff.people.models import User
        from seacliff.policy.models import Policy
        from seacliff.policy.queries import version_in_force
        from seacliff.record.actions import SYSTEM
        from seacliff.review.models import Queue
        from seacliff.sample import pack_install
        from seacliff.targets.models import Product

        pack_install.install(SYSTEM)
        version = version_in_force("spam")
        assert version is not None
        reviewer = User.objects.create(email="r@x.example", name="R", roles=["reviewer"])
        user = User.objects.create(email="a@x.example", name="A", roles=["lead", "reviewer"], tier=4)
        product = Product.objects.create(slug="meet", name="Meet", languages=["en"])
        queue = Queue.objects.create(slug="q", name="Q")
        values = {"product": product.id, "queue": queue.id, "version": version.id, "reviewer": reviewer.id,
                  "per": PER_TARGET}  # fmt: skip
        count = DECISIONS[size]
        with unchecked() as cursor:
            cursor.execute(FILL, values | {"count": count})
            cursor.execute(LODGE, {"other": user.id, "count": min(APPEALS[size], count)})
            for table in (
                "review_case",
                "review_decision",
                "enforcement_strike",
                "enforcement_action",
                "appeals_appeal",
            ):
                cursor.execute(f"ANALYZE {table}")
        assert Strike.objects.count() == count and Appeal.objects.count() == min(APPEALS[size], count)

        policy = Policy.objects.get(slug="spam")
        since, took = timezone.now() - timedelta(days=1095), []
        for threshold in (2, 3, 4, 5, 6):
            began = time.perf_counter()
            tried = backtest(policy, weight=1, days=180, threshold=threshold, since=since)
            took.append(time.perf_counter() - began)
            assert tried.strikes == count
            # Eight in two years, evenly spread, are two in any 180 days.
            assert (tried.would > 0) is (threshold <= 2), (threshold, tried)
        seconds = statistics.median(took)

        client = Client(headers={"Host": "localhost"})
        client.force_login(user)
        older = _older(client, "/appeals?state=decided")
        waiting = Appeal.objects.filter(state="waiting").first()
        assert waiting is not None
        paths = ["/appeals", "/appeals?state=decided", f"/appeals{older}", "/appeals?side=affected&outcome=overturned",
                 "/appeals?outcome=changed", f"/appeals/{waiting.ref}"]  # fmt: skip
        spent = {path: _cpu(client, path) for path in paths}
        slowest = max(paths, key=spent.__getitem__)
        return [
            Line("strikes backtest", f"{seconds:.2f} s over {count:,} decisions", "limit 5 s", seconds / LIMIT_SECONDS, 1.0,
                 at_most=True),
            Line(f"appeals page, slowest {slowest[:40]}", f"{spent[slowest]:.0f} ms at {min(APPEALS[size], count):,}",
                 "limit 50 ms", spent[slowest] / LIMIT_MS, 1.0, at_most=True),
        ]  # fmt: skip


def _older(client: object, path: str) -> str:
    """The query of the next page, as its link has it."""
    answer = client.get(path)  # type: ignore[attr-defined]
    assert answer.status_code == 200, (path, answer.status_code)
    links = [tag for tag in re.findall(r"<a [^>]*>", answer.content.decode()) if 'rel="next"' in tag]
    assert links, f"{path} has no next page"
    return html.unescape(re.search(r'href="([^"]*)"', links[0])[1]).removeprefix("/appeals")  # type: ignore[index]


def _cpu(client: object, path: str) -> float:
    """Milliseconds of this process and, since the database works meanwhile, of waiting for it too."""
    took = []
    for _ in range(8):
        began = time.perf_counter()
        answer = client.get(path)  # type: ignore[attr-defined]
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(took[1:])
