"""The tables that Seacliff's own record holds, as data frames of `schema`."""

from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from django.db import connection

from seacliff.value.inputs.schema import TABLES

ACCOUNT = """
COALESCE((WITH RECURSIVE up AS (
    SELECT id, parent_id, kind, ref, 0 AS height FROM targets_target WHERE id = {target}
    UNION ALL SELECT t.id, t.parent_id, t.kind, t.ref, up.height + 1 FROM up JOIN targets_target t ON t.id = up.parent_id
    WHERE up.height < 8) SELECT ref FROM up ORDER BY height DESC LIMIT 1), '')
"""
SHIFT = """to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD') ||
    CASE width_bucket(extract(hour FROM {at} AT TIME ZONE 'UTC'), 0, 24, 4)
    WHEN 1 THEN ' night' WHEN 2 THEN ' morning' WHEN 3 THEN ' afternoon' ELSE ' evening' END"""
SCORE = """CASE WHEN {extra}->>'score' ~ '^ *-?[0-9]{{1,15}}([.][0-9]{{1,18}})? *$' THEN ({extra}->>'score')::float8 END"""
FIRST_ID = """(lpad(to_hex((extract(epoch FROM {at}) * 1000)::bigint + 1), 12, '0') || repeat('0', 20))::uuid"""  # ids.first_id
REPORTER = "regexp_replace({key}, '^user:[^:]*:', '')"

SELECTS = {  # put together from this module's own words
    "reports": f"""
        SELECT r.id::text AS report_id, r.received_at AS arrived_at, r.category, c.severity::float8 AS severity,
            {SCORE.format(extra="r.extra")} AS score, {REPORTER.format(key="r.reporter_key")} AS reporter_id,
            {ACCOUNT.format(target="c.target_id")} AS target_id, q.slug AS queue, c.id::text AS case_id
        FROM intake_report r LEFT JOIN review_casereport cr ON cr.report_id = r.id
        LEFT JOIN review_case c ON c.id = cr.case_id LEFT JOIN review_queue q ON q.id = c.queue_id
        WHERE r.received_at >= %(since)s AND r.received_at < %(until)s ORDER BY r.id""",
    "decisions": f"""
        SELECT d.id::text AS decision_id, d.case_id::text AS case_id, first.report_id::text AS report_id,
            d.reviewer_id::text AS reviewer_id, d.tier::float8 AS tier, q.slug AS queue,
            {SHIFT.format(at="COALESCE(d.claimed_at, d.decided_at)")} AS shift,
            d.claimed_at AS assigned_at, d.claimed_at AS started_at, d.decided_at,
            extract(epoch FROM d.decided_at - d.claimed_at)::float8 AS handle_s,
            extract(epoch FROM d.claimed_at - c.opened_at)::float8 AS wait_s, d.finding AS outcome,
            d.assignment AS assignment_mode, d.category, COALESCE(d.work->>'category', c.category) AS routed,
            COALESCE((d.work->>'severity')::float8, c.severity) AS severity,
            {REPORTER.format(key="first.reporter_key")} AS reporter_id, {ACCOUNT.format(target="c.target_id")} AS target_id,
            (SELECT count(*) FROM review_casereport WHERE case_id = c.id
                AND report_id < {FIRST_ID.format(at="COALESCE(d.claimed_at, d.decided_at)")})::float8 AS reports,
            c.due_at, c.opened_at
        FROM review_decision d JOIN review_case c ON c.id = d.case_id
        JOIN review_queue q ON q.id = COALESCE((d.work->>'queue_id')::int, c.queue_id)
        LEFT JOIN LATERAL (SELECT report_id, reporter_key FROM review_casereport WHERE case_id = c.id
            ORDER BY report_id LIMIT 1) first ON true
        WHERE d.decided_at >= %(since)s AND d.decided_at < %(until)s AND d.undone_at IS NULL ORDER BY d.id""",
    "actions": f"""
        SELECT a.id::text AS action_id, a.decision_id::text AS decision_id, a.kind, a.done_at,
            {ACCOUNT.format(target="a.target_id")} AS target_id
        FROM enforcement_action a WHERE a.done_at >= %(since)s AND a.done_at < %(until)s ORDER BY a.id""",
    "appeals": """
        SELECT id::text AS appeal_id, decision_id::text AS decision_id, received_at, decided_at,
            CASE WHEN state = 'decided' THEN outcome <> 'upheld' END AS overturned
        FROM appeals_appeal WHERE received_at >= %(since)s AND received_at < %(until)s ORDER BY id""",
    "thresholds": """
        SELECT p.slug AS policy, v.strike_threshold::float8 AS value, v.effective_at AS valid_from,
            LEAST(v.ends_at, lead(v.effective_at) OVER (PARTITION BY v.policy_id ORDER BY v.effective_at, v.number)) AS valid_to
        FROM policy_policyversion v JOIN policy_policy p ON p.id = v.policy_id
        WHERE v.state <> 'draft' AND v.effective_at < %(until)s AND %(since)s::timestamptz IS NOT NULL
        ORDER BY p.slug, v.effective_at, v.number""",
    "strikes": f"""
        SELECT s.id::text AS strike_id, p.slug AS policy, s.given_at, s.weight::float8 AS weight,
            (SELECT sum(o.weight) FROM enforcement_strike o JOIN policy_policyversion ov ON ov.id = o.policy_version_id
                WHERE o.target_id = s.target_id AND ov.policy_id = v.policy_id AND o.given_at <= s.given_at
                AND o.expires_at > s.given_at AND (o.taken_back_at IS NULL OR o.taken_back_at > s.given_at))::float8 AS count,
            EXISTS (SELECT FROM enforcement_action own JOIN enforcement_action a ON a.decision_id = own.decision_id
                WHERE own.id = s.action_id AND a.target_id = s.target_id AND a.done_at IS NOT NULL
                AND a.parameters @> '{{"because": "strikes"}}') AS acted,
            {ACCOUNT.format(target="s.target_id")} AS target_id
        FROM enforcement_strike s JOIN policy_policyversion v ON v.id = s.policy_version_id
        JOIN policy_policy p ON p.id = v.policy_id
        WHERE s.given_at >= %(since)s AND s.given_at < %(until)s ORDER BY s.given_at, s.id""",
    "asks": """
        SELECT a.id::text AS ask_id, f.slug AS function, uuid_extract_timestamp(a.id) AS asked_at, a.answered_at, a.due_at,
            a.answer, a.outcome
        FROM partners_ask a JOIN people_function f ON f.id = a.to_function_id
        WHERE uuid_extract_timestamp(a.id) >= %(since)s AND uuid_extract_timestamp(a.id) < %(until)s ORDER BY a.id""",
    "staffing": """
        SELECT u.id::text AS reviewer_id, u.tier::float8 AS tier, array_to_string(u.categories || u.languages, ', ') AS skills,
            CASE WHEN c.costs IS NOT NULL THEN to_char((c.costs->>'first_hour')::int, 'FM00') || ':00, '
                || (c.costs->>'hours_a_day') || ' h' END AS shift,
            NULLIF((c.costs->>'loaded_cost')::float8, 0) AS loaded_cost,
            NULLIF((c.costs->>'severe_hours_a_day')::float8, 0) AS severe_cap
        FROM people_user u LEFT JOIN value_assumptions c ON c.live_until IS NULL
        WHERE u.is_active AND u.roles @> ARRAY['reviewer'] AND %(since)s::timestamptz < %(until)s::timestamptz ORDER BY u.id""",
}
AT_ONCE = 50_000  # rows, for a million rows of Python's objects are gigabytes beside the frame that is made of them
OLDEST, NEWEST = date(1970, 1, 1), date(9999, 1, 1)


def read(table: str, since: date = OLDEST, until: date = NEWEST) -> pd.DataFrame:
    """A table of the record, rows of [since, until), columns and types as declared; times are UTC."""
    with connection.cursor() as cursor:
        cursor.execute(SELECTS[table], {"since": since, "until": until})
        frames = [framed(table, cursor.fetchmany(AT_ONCE))]
        while len(frames[-1]) == AT_ONCE:
            frames.append(framed(table, cursor.fetchmany(AT_ONCE)))
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def reports_near(
    who: Literal["reporter_id", "target_id"], ids: pd.Series, at: pd.Series, days: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each id and moment (UTC): how many reports there were by it or against it in as many days before, and after it."""
    before, after = np.zeros(len(ids)), np.zeros(len(ids))
    if not len(ids):
        return before, after
    span = np.timedelta64(days, "D")
    moments = at.dt.tz_convert(None).to_numpy().astype("datetime64[us]")
    around = pd.Timedelta(days=days + 1)
    reports = read("reports", (at.min() - around).date(), (at.max() + around).date())
    reports = reports[reports[who].isin(set(ids))]
    times_of = {key: np.sort(group.dt.tz_convert(None).to_numpy().astype("datetime64[us]"))
                for key, group in reports.groupby(who).arrived_at}  # fmt: skip
    for place, (key, moment) in enumerate(zip(ids, moments, strict=True)):
        if (times := times_of.get(key)) is not None:
            before[place] = np.searchsorted(times, moment) - np.searchsorted(times, moment - span)
            after[place] = np.searchsorted(times, moment + span, "right") - np.searchsorted(times, moment, "right")
    return before, after


def framed(table: str, rows: Any) -> pd.DataFrame:
    """Rows in the order of the declared columns, typed."""
    declared = TABLES[table].columns
    frame = pd.DataFrame(rows, columns=[column.name for column in declared])
    for column in declared:
        name = column.name
        if column.kind == "time":
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif column.kind == "date":
            frame[name] = pd.to_datetime(frame[name])
        elif column.kind == "number":
            frame[name] = frame[name].astype("float64")
        elif column.kind == "yes-no":
            frame[name] = frame[name].astype("boolean")
        else:
            frame[name] = frame[name].fillna("").astype(str)
    return frame
