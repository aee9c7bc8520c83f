"""Asks counted between two functions: the one count behind every page that tells how the work with others goes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from seacliff.record.ids import first_id

COUNTED = """
WITH asked AS (
    SELECT * FROM partners_ask WHERE id >= %(first)s AND id < %(last)s
    UNION ALL
    SELECT * FROM partners_ask WHERE closed_at IS NULL AND id < %(first)s
)
SELECT from_function_id, to_function_id,
    count(*) FILTER (WHERE id >= %(first)s) AS asked,
    count(*) FILTER (WHERE id < %(first)s) AS before,
    count(*) FILTER (WHERE state = 'answered') AS answered,
    count(*) FILTER (WHERE state = 'answered' AND answered_at <= due_at) AS in_time,
    count(*) FILTER (WHERE state IN ('asked', 'acknowledged') AND due_at < %(now)s) AS late,
    count(*) FILTER (WHERE closed_at IS NULL) AS waiting,
    count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
    count(*) FILTER (WHERE state = 'answered' AND answer = 'yes') AS yes,
    count(*) FILTER (WHERE state = 'answered' AND answer = 'partly') AS partly,
    count(*) FILTER (WHERE state = 'answered' AND answer = 'no') AS no,
    count(taken) FILTER (WHERE state = 'answered') AS timed,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM taken))
        FILTER (WHERE state = 'answered' AND taken IS NOT NULL) AS times,
    count(*) FILTER (WHERE outcome = 'helped') AS helped,
    count(*) FILTER (WHERE outcome = 'partly') AS helped_partly,
    count(*) FILTER (WHERE outcome = 'nothing') AS nothing
FROM asked GROUP BY 1, 2
"""


def counted(since: datetime, until: datetime) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """By who asked and who was asked: the asks made from `since` until before `until`, and those from before that are still open.

    Late is what waits past its time; an answer that came late is answered, and not in time. One query, however long the history.
    """
    values: dict[str, Any] = {"first": first_id(since), "last": first_id(until), "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, values)
        names = [column.name for column in cursor.description or ()][2:]
        return {(row[0], row[1]): dict(zip(names, row[2:], strict=True)) for row in cursor.fetchall()}
