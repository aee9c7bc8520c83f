"""What the work cost and how well it was done, read off the record: decisions, appeals, clocks, prevalence, asks."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from seacliff.appeals.queries import Rate
from seacliff.partners.access import OURS
from seacliff.partners.counted import counted
from seacliff.people.models import Function
from seacliff.value.assumptions import Costs, Stretch, costs, full_time, reviewers, stretches

YEAR = 365
FEWEST = 30  # cases by lot of a queue, below which its share is not told
SHORTEST = 28  # days of decisions on record, below which what one costs is not told

DECISIONS = """
SELECT count(*), count(*) FILTER (WHERE automated), count(DISTINCT reviewer_id), min(decided_at)
FROM review_decision WHERE decided_at >= %(since)s AND undone_at IS NULL AND corrects_id IS NULL
"""
# Against decisions of those days that people took, whenever they were lodged.
APPEALS = """
SELECT count(*) FILTER (WHERE a.state = 'decided'), count(*) FILTER (WHERE a.outcome = 'overturned'),
    count(*) FILTER (WHERE a.outcome = 'changed'),
    count(DISTINCT a.decision_id) FILTER (WHERE a.outcome IN ('overturned', 'changed'))
FROM appeals_appeal a JOIN review_decision d ON d.id = a.decision_id WHERE d.decided_at >= %(since)s AND NOT d.automated
"""
# A clock ran until it was stopped or paused. A pause comes to the aid of nobody who was late by then.
CLOCKS = """
SELECT subject_kind, name, count(*), count(*) FILTER (WHERE stopped_at IS NOT NULL AND ran_until <= due_at),
    count(*) FILTER (WHERE stopped_at IS NOT NULL AND ran_until > due_at), count(*) FILTER (WHERE stopped_at IS NULL)
FROM (SELECT *, least(stopped_at, paused_at, now()) AS ran_until FROM record_clock) AS clock
WHERE due_at >= %(since)s AND due_at < now() AND (stopped_at IS NOT NULL OR ran_until > due_at) AND subject_kind <> 'ask'
GROUP BY 1, 2 ORDER BY 1, 2
"""
BACKLOG = """
SELECT severity, count(*), count(*) FILTER (WHERE due_at < now()) FROM review_work GROUP BY 1 ORDER BY 1
"""
PREVALENCE = """
SELECT q.name, c.severity, count(*) AS cases, count(*) FILTER (WHERE d.assignment = 'random'),
    count(*) FILTER (WHERE d.assignment = 'random' AND d.finding = 'violation')
FROM review_case c JOIN review_queue q ON q.id = c.queue_id
LEFT JOIN review_decision d ON d.case_id = c.id AND d.undone_at IS NULL AND d.corrects_id IS NULL
WHERE c.opened_at >= %(since)s AND d.automated IS NOT TRUE GROUP BY 1, 2 ORDER BY 3 DESC
"""


def operations(since: datetime | None = None) -> dict[str, Any]:
    """Everything that the page for the board says of the work, since then (of the past year when left out). Seven queries."""
    since = since or timezone.now() - timedelta(days=YEAR)
    rows = {
        name: _rows(sql, since)
        for name, sql in (
            ("decisions", DECISIONS),
            ("appeals", APPEALS),
            ("clocks", CLOCKS),
            ("backlog", BACKLOG),
            ("prevalence", PREVALENCE),
        )
    }
    decided, automated, people, first = rows["decisions"][0]
    others, owed = asks(since)
    days = min(YEAR, (timezone.now() - first).days + 1) if first else 0
    return {
        "days": days, "decisions": decided, "automated": automated, "reviewers": people,
        "cost": cost(costs(), decided - automated, rows["appeals"][0], days, _stretches(days)),
        "service": [_service(*row) for row in rows["clocks"]] + owed,
        "backlog": [{"severity": s, "waiting": n, "late": late} for s, n, late in rows["backlog"]],
        "prevalence": prevalence(rows["prevalence"]),
        "asks": others,
    }  # fmt: skip


def asks(since: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What T&S asked of each function, the most asked first; and what they asked of T&S, which is a duty like others. Both as the
    pages on the work with them count it. Two queries."""
    others = dict(Function.objects.exclude(slug=OURS).values_list("id", "name"))
    told = ("asked", "in_time", "late", "helped", "nothing")
    pairs = counted(since, timezone.now())
    rows = [
        {"function": others[to]} | {name: row[name] for name in told}
        for (_asker, to), row in pairs.items()
        if to in others
    ]
    of_us = [row for (_asker, to), row in pairs.items() if to not in others]
    answered, met, late = (sum(row[name] for row in of_us) for name in ("answered", "in_time", "late"))
    owed = [_service("ask", "our answer", answered + late, met, answered - met, late)] if answered + late else []
    return sorted(rows, key=lambda row: (-row["asked"], row["function"])), owed


def _rows(sql: str, since: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"since": since})
        return cursor.fetchall()


def _stretches(days: int) -> list[Stretch]:
    tomorrow = timezone.now().date() + timedelta(days=1)
    return stretches(tomorrow - timedelta(days=days), tomorrow)


def cost(
    given: Costs, decided: int, appeals: tuple[int, int, int, int], days: int, over: Sequence[Stretch] = ()
) -> dict[str, Any]:
    """Loaded spend of the days, per decision that people took and per correct one of them.

    A decision counts as wrong when an appeal overturned or changed it. What nobody appealed counts as right, so the cost
    of a correct decision is a lower bound; its interval is that of the share overturned (Wilson), for those appealed.
    Spend is priced by the version of the costs that held on each day (`over`); without any, by `given` for all of them.
    """
    judged, overturned, changed, wrong = appeals
    rate = Rate("", judged, overturned, changed)
    low, high = rate.interval
    people = reviewers().count()
    headcount = full_time(given, people)
    priced = [_priced(one, people) for one in over]
    spend = sum(one["spend"] for one in priced) if priced else _year_of(given, people) * days / YEAR
    asked = bool(given.loaded_cost or given.overhead) and decided > 0
    told = asked and days >= SHORTEST  # a day of many decisions would make them look cheap
    right = decided - wrong
    return {
        "currency": given.currency, "told": told, "short": asked and not told, "headcount": headcount,
        "spend": spend, "priced": priced, "appeals": judged,
        "overturned": rate.share if judged else None, "overturned_low": low if judged else None,
        "overturned_high": high if judged else None, "per_decision": spend / decided if told else None,
        "per_correct": spend / right if told and right else None,
        "per_correct_low": spend / (decided - judged * low) if told else None,
        "per_correct_high": spend / (decided - judged * high) if told and decided > judged * high else None,
        "fines_realised": given.fines_realised, "fines_cap": given.fines_cap,
    }  # fmt: skip


def _year_of(given: Costs, people: int) -> float:
    return full_time(given, people) * given.loaded_cost + given.overhead


def _priced(one: Stretch, people: int) -> dict[str, Any]:
    year = _year_of(one.costs, people)
    return {"number": one.version.number, "since": f"{one.since}", "until": f"{one.until - timedelta(days=1)}", "days": one.days,
            "year": year, "spend": year * one.days / YEAR}  # fmt: skip


def _service(kind: str, name: str, total: int, met: int, late: int, open_late: int) -> dict[str, Any]:
    """In time, of all that was due: what is still open past its time is a miss, not left out."""
    return {"what": f"{kind}: {name}", "due": total, "met": met, "late": late, "open": open_late,
            "share": met / total if total else None}  # fmt: skip


def prevalence(rows: list[tuple[str, int, int, int, int]]) -> dict[str, Any]:
    """The share of reported cases that break a rule, of those that people decide: each queue, and together.

    Of each queue and severity (chance picks within one severity) the cases, those that chance handed out, and what was found.
    """
    from seacliff.value.designs import prevalence as sampled
    from seacliff.value.designs.result import DesignError

    parts = [sampled.Stratum(f"{queue}, severity {severity}", *counts) for queue, severity, *counts in rows]
    strata = []
    for queue in dict.fromkeys(row[0] for row in rows):
        own = [part for part, row in zip(parts, rows, strict=True) if row[0] == queue]
        drawn = sum(part.drawn for part in own)
        told: dict[str, Any] = {"queue": queue, "cases": sum(part.population for part in own), "sampled": drawn}
        with suppress(DesignError):
            told |= _share(sampled.prevalence(own)) if drawn >= FEWEST else {}
        strata.append({"share": None, "low": None, "high": None} | told)
    try:
        return {"strata": strata, "refusal": "", **_share(sampled.prevalence(parts))}
    except DesignError as reason:
        return {"strata": strata, "refusal": f"{reason} Give its queue a random share."}


def _share(found: Any) -> dict[str, float]:
    return {"share": found.share, "low": found.low, "high": found.high}
