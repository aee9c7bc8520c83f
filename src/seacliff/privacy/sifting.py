"""Which rows of a class would go, and which are kept and why: one statement for rules, requests and exports alike.

A class says what its rows are and what they hang on (record/personal.py); here cases, decisions, duties and holds are
joined to that. A row that hangs on several cases goes only if it may go for each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from seacliff.privacy.plan import Rule
from seacliff.record.personal import REGISTRY, DataClass

OPEN, HELD, APPEALABLE = "open", "hold", "appealable"
REASONS = {
    OPEN: "Its case is not decided",
    HELD: "A legal hold",
    APPEALABLE: "The decision can still be appealed (GDPR art. 17(3)(e))",
}
SAMPLE = 5

SIFT = """
SELECT id, min(ref) AS ref, max(at) AS at, bool_and(due) AS due, bool_or(theirs) AS theirs,
    CASE WHEN max(keep) IS NOT NULL THEN max(keep) WHEN bool_or(open) THEN 'open' {duties}
         WHEN bool_or(held) THEN 'hold' WHEN bool_or(appealable) THEN 'appealable' END AS why,
    array_agg(case_id) FILTER (WHERE case_id IS NOT NULL) AS cases
FROM (
    SELECT x.id, x.ref, x.keep, c.id AS case_id, coalesce(c.state IN ('open', 'held'), false) AS open,
        greatest(x.at, c.decided_at) AS at,
        coalesce(x.at IS NOT NULL AND greatest(x.at, c.decided_at) < %(now)s - {days} * interval '1 day', false) AS due,
        coalesce(c.id = ANY(%(held_cases)s::uuid[]), false)
            OR coalesce(coalesce(x.target_id, c.target_id) = ANY(%(held_targets)s::uuid[]), false)
            OR coalesce(coalesce(x.reporter_key, nullif(cr.reporter_key, '')) = ANY(%(held_reporters)s::text[]), false)
            AS held,
        %(bound)s AND coalesce(c.decided_at > %(appealable_from)s, false) AS appealable,
        coalesce((x.party IN ('reporter', 'both')
                AND coalesce(x.reporter_key, nullif(cr.reporter_key, '')) = %(reporter)s::text)
            OR (x.party IN ('affected', 'both') AND coalesce(x.target_id, c.target_id) = ANY(%(targets)s::uuid[])), false)
            AS theirs
    FROM ({rows}) x
    LEFT JOIN review_casereport cr ON cr.report_id = x.report_id
    LEFT JOIN review_case c ON c.id = coalesce(x.case_id, cr.case_id)
    LEFT JOIN review_decision d ON d.case_id = c.id AND d.undone_at IS NULL AND d.superseded_at IS NULL
    LEFT JOIN targets_product p ON p.id = c.product_id
    WHERE {only}
) each_tie GROUP BY id
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What holds and duties keep, as it is now."""

    cases: list[UUID] = field(default_factory=list)
    targets: list[UUID] = field(default_factory=list)
    reporters: list[str] = field(default_factory=list)
    duties: dict[str, list[UUID]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is: a reporter by key, or targets with what is below them."""

    reporter: str = ""
    targets: tuple[UUID, ...] = ()

    @property
    def party(self) -> str:
        return "reporter" if self.reporter else "affected"


@dataclass(frozen=True, slots=True)
class Line:
    """A class as a preview shows it."""

    slug: str
    total: int
    goes: int
    oldest: datetime | None
    sample: list[str]
    kept: dict[str, int]

    @property
    def share(self) -> float:
        return self.goes / self.total if self.total else 0.0


HOLDS = """
WITH RECURSIVE live AS (
    SELECT * FROM privacy_hold WHERE released_at IS NULL AND (until IS NULL OR until >= (now() AT TIME ZONE 'UTC')::date)
), held AS (
    SELECT target_id AS id FROM live WHERE "on" = 'tree'
    UNION SELECT t.id FROM targets_target t JOIN held ON t.parent_id = held.id
), targets AS (SELECT id FROM held UNION SELECT target_id FROM live WHERE "on" = 'target'),
cases AS (
    SELECT case_id AS id FROM live WHERE "on" = 'case'
    UNION SELECT s.case_id FROM live JOIN review_searchdocument s
        ON s.document @@ websearch_to_tsquery('simple', live.words) WHERE live."on" = 'words'
)
SELECT (SELECT coalesce(array_agg(id), '{}') FROM cases), (SELECT coalesce(array_agg(id), '{}') FROM targets),
    (SELECT coalesce(array_agg(p.key), '{}') FROM live JOIN intake_reporter p ON p.id = live.reporter_id)
"""


def held_now() -> Held:
    """One query for the holds and one for each duty."""
    duties = {}
    with connection.cursor() as cursor:
        cursor.execute(HOLDS)
        cases, targets, reporters = cursor.fetchone()
        for duty in REGISTRY.duties.values():
            cursor.execute(duty.cases)
            duties[duty.slug] = [row[0] for row in cursor.fetchall()]
    return Held(cases, targets, reporters, duties)


BELOW = """
WITH RECURSIVE below AS (
    SELECT id FROM targets_target WHERE id = %s
    UNION SELECT t.id FROM targets_target t JOIN below ON t.parent_id = below.id
) SELECT id FROM below
"""


def below(target: UUID) -> tuple[UUID, ...]:
    """A target with everything under it in its account tree."""
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [target])
        return tuple(row[0] for row in cursor.fetchall())


def reason_of(why: str) -> str:
    """In a sentence, why rows are kept."""
    if why.startswith("duty:"):
        duty = REGISTRY.duties.get(why.removeprefix("duty:"))
        return duty.reason if duty else why
    return REASONS.get(why, why)


def _statement(
    one: DataClass, held: Held, *, rules: Sequence[Rule] = (), subject: Subject | None = None,
    only: Sequence[str] | None = None,
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    now = timezone.now()
    values: dict[str, Any] = {
        "now": now, "held_cases": held.cases, "held_targets": held.targets, "held_reporters": held.reporters,
        "appealable_from": now - timedelta(days=settings.APPEAL_DAYS),
        "bound": subject is not None and one.of_a_case,
        "reporter": subject.reporter or None if subject else None,
        "targets": list(subject.targets) if subject else [],
        "only": list(only or []),
    }  # fmt: skip
    duties = []
    for number, (slug, cases) in enumerate(held.duties.items()):
        duties.append(f"WHEN bool_or(coalesce(case_id = ANY(%(duty{number})s::uuid[]), false)) THEN 'duty:{slug}'")
        values[f"duty{number}"] = cases
    query = SIFT.format(
        duties=" ".join(duties),
        days=_days(rules, values),
        rows=one.rows,
        only="true" if only is None else f"x.id = ANY(%(only)s::{one.key}[])",
    )
    return query, values


def _days(rules: Sequence[Rule], values: dict[str, Any]) -> str:
    """The days of the first rule that fits, as SQL; NULL, which nothing is older than, when none does."""
    branches = []
    for number, rule in enumerate(rules):
        tests = ["true"]
        for column, value in (("p.slug", rule.product), ("coalesce(d.category, c.category)", rule.category),
                              ("d.finding", rule.outcome)):  # fmt: skip
            if value:
                name = f"rule{number}{len(tests)}"
                tests.append(f"{column} = %({name})s")
                values[name] = value
        values[f"days{number}"] = rule.days
        branches.append(f"WHEN {' AND '.join(tests)} THEN %(days{number})s::int")
    return f"CASE {' '.join(branches)} END" if branches else "NULL::int"


def show(one: DataClass, held: Held, run: UUID, *, rules: Sequence[Rule] = (), subject: Subject | None = None) -> Line:
    """Write down which rows of this class the run would forget; what it comes to."""
    query, values = _statement(one, held, rules=rules, subject=subject)
    wanted = "theirs" if subject else "due"
    among = "theirs" if subject else "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH sifted AS MATERIALIZED ({query}),
            listed AS (
                INSERT INTO privacy_doomed (run_id, data_class, row)
                SELECT %(run)s, %(slug)s, id::text FROM sifted WHERE {wanted} AND why IS NULL ORDER BY at, id)
            SELECT why, count(*), count(*) FILTER (WHERE {wanted}), min(at) FILTER (WHERE {wanted}),
                (array_agg(ref ORDER BY at) FILTER (WHERE {wanted}))[1:{SAMPLE}]
            FROM sifted WHERE {among} GROUP BY why
            """,  # noqa: S608  the rooms' own words
            {**values, "run": run, "slug": one.slug},
        )
        groups = {why: rest for why, *rest in cursor.fetchall()}
    goes = groups.get(None, (0, 0, None, None))
    kept = {why: found[1] for why, found in groups.items() if why is not None and found[1]}
    return Line(one.slug, sum(found[0] for found in groups.values()), goes[1], goes[2], goes[3] or [], kept)


def still(
    one: DataClass, held: Held, rows: Sequence[str], *, rules: Sequence[Rule] = (), subject: Subject | None = None
) -> tuple[list[Any], list[UUID]]:
    """Of the rows that were shown, those that may go at this moment; and the cases they belong to."""
    query, values = _statement(one, held, rules=rules, subject=subject, only=rows)
    wanted = "theirs" if subject else "due"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, cases FROM ({query}) sifted WHERE {wanted} AND why IS NULL", values)  # noqa: S608
        found = cursor.fetchall()
    return [id for id, _cases in found], sorted({case for _id, cases in found for case in cases or []})


def theirs(one: DataClass, subject: Subject) -> list[Any]:
    """The rows of this class that are about somebody, kept or not."""
    query, values = _statement(one, Held(), subject=subject)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({query}) sifted WHERE theirs ORDER BY at, id", values)  # noqa: S608
        return [row[0] for row in cursor.fetchall()]
