"""What the work cost and how well it was done, read off the record: decisions, appeals, clocks, prevalence, asks."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from seacliff.appeals.queries import Rate
from seacliff.partners.access import OURS
from seacliff.partners.counted import counted
from seacliff.people.models import Function, User
from seacliff.value.assumptions import Costs, costs

YEAR = 365
FEWEST = 30  # decisions by lot of a queue, below which its share is not told
SHORTEST = 28  # days of decisions on record, below which what one costs is not told
LARGE = 0.05  # a queue of so many of all cases must be sampled, or nothing is said of the whole

DECISIONS = """
SELECT count(*), count(*) FILTER (WHERE automated), count(DISTINCT reviewer_id), min(decided_at)
FROM review_decision WHERE decided_at >= %(since)s AND undone_at IS NULL AND corrects_id IS NULL
"""
APPEALS = """
SELECT count(*) FILTER (WHERE state = 'decided'), count(*) FILTER (WHERE outcome = 'overturned'),
    count(*) FILTER (WHERE outcome = 'changed'), count(DISTINCT decision_id) FILTER (WHERE outcome IN ('overturned', 'changed'))
FROM appeals_appeal WHERE received_at >= %(since)s
"""
CLOCKS = """
SELECT subject_kind, name, count(*), count(*) FILTER (WHERE stopped_at <= due_at), count(*) FILTER (WHERE stopped_at > due_at),
    count(*) FILTER (WHERE stopped_at IS NULL)
FROM record_clock WHERE due_at >= %(since)s AND due_at < now() AND paused_at IS NULL AND subject_kind <> 'ask'
GROUP BY 1, 2 ORDER BY 1, 2
"""
BACKLOG = """
SELECT severity, count(*), count(*) FILTER (WHERE due_at < now()) FROM review_work GROUP BY 1 ORDER BY 1
"""
PREVALENCE = """
SELECT q.name, count(*) AS cases, count(*) FILTER (WHERE d.assignment = 'random'),
    count(*) FILTER (WHERE d.assignment = 'random' AND d.finding = 'violation')
FROM review_case c JOIN review_queue q ON q.id = c.queue_id
LEFT JOIN review_decision d ON d.case_id = c.id AND d.undone_at IS NULL AND d.corrects_id IS NULL
WHERE c.opened_at >= %(since)s GROUP BY 1 ORDER BY 2 DESC
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
        "cost": cost(costs(), decided, rows["appeals"][0], days), "service": [_service(*row) for row in rows["clocks"]] + owed,
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


def cost(given: Costs, decided: int, appeals: tuple[int, int, int, int], days: int) -> dict[str, Any]:
    """Loaded spend of the days, per decision and per correct one.

    A decision counts as wrong when an appeal overturned or changed it. What nobody appealed counts as right, so the cost
    of a correct decision is a lower bound; its interval is that of the share overturned (Wilson), for those appealed.
    """
    judged, overturned, changed, wrong = appeals
    rate = Rate("", judged, overturned, changed)
    low, high = rate.interval
    headcount = given.reviewers or User.objects.filter(is_active=True, roles__contains=["reviewer"]).count()
    spend = (headcount * given.loaded_cost + given.overhead) * days / YEAR
    asked = bool(given.loaded_cost or given.overhead) and decided > 0
    told = asked and days >= SHORTEST  # a day of many decisions would make them look cheap
    right = decided - wrong
    return {
        "currency": given.currency, "told": told, "short": asked and not told, "headcount": headcount,
        "spend": spend, "appeals": judged,
        "overturned": rate.share if judged else None, "overturned_low": low if judged else None,
        "overturned_high": high if judged else None, "per_decision": spend / decided if told else None,
        "per_correct": spend / right if told and right else None,
        "per_correct_low": spend / (decided - judged * low) if told else None,
        "per_correct_high": spend / (decided - judged * high) if told and decided > judged * high else None,
        "fines_realised": given.fines_realised, "fines_cap": given.fines_cap,
    }  # fmt: skip


def _service(kind: str, name: str, total: int, met: int, late: int, open_late: int) -> dict[str, Any]:
    """In time, of all that was due: what is still open past its time is a miss, not left out."""
    return {"what": f"{kind}: {name}", "due": total, "met": met, "late": late, "open": open_late,
            "share": met / total if total else None}  # fmt: skip


def prevalence(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """The share of reported cases that break a rule, from those that chance handed out: each queue, and together.

    Queues are strata with the weights of all their cases (designs.prevalence). Without enough of a sample nothing is said of a
    queue, nor of the whole where the queue is a twentieth of it or more.
    """
    from seacliff.value.designs import prevalence as sampled

    total = sum(cases for _name, cases, *_ in rows) or 1
    strata: list[dict[str, Any]] = []
    used: list[sampled.Stratum] = []
    for name, cases, drawn, found in rows:
        strata.append({"queue": name, "cases": cases, "sampled": drawn, "share": None, "low": None, "high": None})
        if drawn >= FEWEST:
            used.append(sampled.Stratum(name, cases, drawn, found))
            alone = sampled.prevalence(used[-1:])
            strata[-1] |= {"share": alone.share, "low": alone.low, "high": alone.high}
    missing = [one["queue"] for one in strata if one["share"] is None and one["cases"] / total >= LARGE]
    if missing or not strata:
        why = (f"Fewer than {FEWEST} cases were handed out by chance in {', '.join(missing)}. Give those queues a random share."
               if missing else "There are no cases.")  # fmt: skip
        return {"strata": strata, "refusal": why}
    whole = sampled.prevalence(used)
    return {"strata": strata, "refusal": "", "share": whole.share, "low": whole.low, "high": whole.high}
