"""Sealing events, and verifying them."""

import time

from bench.frame import Line, installation

EVENTS = {"tiny": 5_000, "small": 300_000, "full": 3_000_000}
FILL = """
INSERT INTO record_event (id, verb, actor_kind, actor_name, subject_kind, subject_id, reason, data)
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8'
    || lpad(to_hex(n), 15, '0'))::uuid, 'case.decided', 'system', 'Seacliff', 'case', gen_random_uuid(), 'because',
    '{"finding": "violation", "number": 17}' FROM generate_series(1, %s) AS n
"""


def run(size: str) -> list[Line]:
    with installation():
        from django.db import connection

        from seacliff.record import seals
        from seacliff.record.verify import verify

        count = EVENTS[size]
        with connection.cursor() as cursor:
            cursor.execute(FILL, [count])
        began = time.perf_counter()
        sealed = sum(seal.count for seal in seals.seal_all())
        sealing = sealed / (time.perf_counter() - began)
        began = time.perf_counter()
        verdict = verify()
        verifying = verdict.events / (time.perf_counter() - began)
        assert verdict.intact and verdict.events == sealed == count
        return [
            Line("sealing", f"{sealing:,.0f} events/s", "500,000/s", sealing / 500_000, 1.0),
            Line("verifying", f"{verifying:,.0f} events/s", "500,000/s", verifying / 500_000, 1.0),
        ]
