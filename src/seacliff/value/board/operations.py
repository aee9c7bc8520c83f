"""What the work cost and how well it was done, read off the record: decisions, appeals, clocks, prevalence, asks."""

from datetime import timedelta
from math import sqrt
from typing import Any

from django.db import connection
from django.utils import timezone

from seacliff.appeals.queries import Rate
from seacliff.people.models import User
from seacliff.value.assumptions import Costs, costs
from seacliff.value.designs.result import Z

YEAR = 365
FEWEST = 30  # decisions by lot of a queue, below which its share is not told
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
FROM record_clock WHERE due_at >= %(since)s AND due_at < now() AND paused_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2
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
ASKS = """
SELECT f.name, count(*), count(*) FILTER (WHERE a.answered_at <= a.due_at),
    count(*) FILTER (WHERE a.answered_at > a.due_at OR a.answered_at IS NULL AND a.due_at < now() AND a.closed_at IS NULL),
    count(*) FILTER (WHERE a.outcome IN ('helped', 'partly')), count(*) FILTER (WHERE a.outcome = 'nothing')
FROM partners_ask a JOIN people_function f ON f.id = a.to_function_id
WHERE a.due_at >= %(since)s AND a.state <> 'withdrawn' GROUP BY 1 ORDER BY 2 DESC
"""


def operations() -> dict[str, Any]:
    """Everything that the page for the board says of the work, of the past year. Six queries."""
    since = timezone.now() - timedelta(days=YEAR)
    rows = {name: _rows(sql, since) for name, sql in (
        ("decisions", DECISIONS), ("appeals", APPEALS), ("clocks", CLOCKS), ("backlog", BACKLOG), ("prevalence", PREVALENCE),
        ("asks", ASKS))}  # fmt: skip
    decided, automated, people, first = rows["decisions"][0]
    days = min(YEAR, (timezone.now() - first).days + 1) if first else 0
    return {
        "days": days, "decisions": decided, "automated": automated, "reviewers": people,
        "cost": cost(costs(), decided, rows["appeals"][0], days), "service": [_service(*row) for row in rows["clocks"]],
        "backlog": [{"severity": s, "waiting": n, "late": late} for s, n, late in rows["backlog"]],
        "prevalence": prevalence(rows["prevalence"]),
        "asks": [{"function": name, "asked": n, "in_time": met, "late": late, "helped": helped, "nothing": nothing}
                 for name, n, met, late, helped, nothing in rows["asks"]],
    }  # fmt: skip


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
    told = bool(given.loaded_cost or given.overhead) and decided > 0
    right = decided - wrong
    return {
        "currency": given.currency, "told": told, "headcount": headcount, "spend": spend, "appeals": judged,
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
    """The share of reported cases that break a rule, from those that chance handed out, queue by queue, and together.

    Stratified by queue with weights of all cases (Cochran 1977, Sampling Techniques, chapter 5); without a queue's sample
    nothing is said of it, nor of the whole when it is a twentieth of it or more.
    """
    total = sum(cases for _name, cases, *_ in rows) or 1
    strata: list[dict[str, Any]] = []
    for name, cases, sampled, found in rows:
        low, high = Rate("", sampled, found, 0).interval
        enough = sampled >= FEWEST
        strata.append({"queue": name, "cases": cases, "sampled": sampled, "share": found / sampled if enough else None,
                       "low": low if enough else None, "high": high if enough else None})  # fmt: skip
    missing = [one["queue"] for one in strata if one["share"] is None and one["cases"] / total >= LARGE]
    if missing or not strata:
        why = (f"Fewer than {FEWEST} cases were handed out by chance in {', '.join(missing)}. Give those queues a random share."
               if missing else "There are no cases.")  # fmt: skip
        return {"strata": strata, "refusal": why}
    used = [one for one in strata if one["share"] is not None]
    weight = sum(one["cases"] for one in used)
    share = sum(one["cases"] * one["share"] for one in used) / weight
    variance = sum((one["cases"] / weight) ** 2 * one["share"] * (1 - one["share"]) / (one["sampled"] - 1)
                   * max(0.0, 1 - one["sampled"] / one["cases"]) for one in used)  # fmt: skip
    half = Z * sqrt(variance)
    return {
        "strata": strata,
        "refusal": "",
        "share": share,
        "low": max(0.0, share - half),
        "high": min(1.0, share + half),
    }
