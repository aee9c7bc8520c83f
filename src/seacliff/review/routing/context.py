"""What a routing rule can speak of: the typed context, and how it is filled for a batch of reports with a few queries.

The schema below is the contract with whoever writes rules: the editor shows it, validation checks names against it. Only
what the rules in use speak of is looked up.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from seacliff.intake.models import Report, Reporter
from seacliff.record.ids import first_id
from seacliff.review.reporters.queries import in_brigades, reputation
from seacliff.review.reporters.trust import Trusted, trusted_now
from seacliff.targets.models import Kind, Target

COUNTED_MOST = 1000
DAY_SECONDS = 86_400


class Field(NamedTuple):
    type: str
    says: str
    example: Any


SCHEMA: dict[str, dict[str, Field]] = {
    "report": {
        "category": Field("string", "The category the reporter chose", "phishing"),
        "channel": Field("string", "form, api, xarf, email or import", "form"),
        "language": Field("string", "Language of the text, ISO 639-1, or empty", "de"),
        "text": Field("string", "What the reporter wrote", "They asked for my password."),
        "subject": Field("string", "Subject line, if any", "Fake login page"),
        "target_kind": Field(
            "string", "organisation, account, user, event, content, url, ip, domain, email, phone, other", "event"
        ),
        "target_ref": Field("string", "The product's identifier of the target", "mtg-4711"),
        "url": Field("string", "Address of the content", "https://example.org/x"),
        "evidence_count": Field("int", "Pieces of evidence attached", 1),
        "hour": Field("int", "Hour of day it arrived, 0-23 UTC", 14),
        "extra": Field("map", "Whatever else the sender gave; test with has(report.extra.x) first", {}),
    },
    "target": {
        "kind": Field("string", "As report.target_kind", "event"),
        "name": Field("string", "Display name", "Biology 101"),
        "plan": Field("string", "Plan of the nearest level that has one", "education"),
        "country": Field("string", "ISO 3166 country, or empty", "DE"),
        "age_days": Field("int", "Days since it was made in the product; -1 when unknown", 400),
        "state": Field("string", "active, restricted, suspended or removed", "active"),
        "strikes": Field("int", "Strikes that count now", 0),
    },
    "tree": {
        "organisation": Field("string", "Identifier of the organisation above the target, or empty", "org-17"),
        "organisation_plan": Field("string", "Its plan", "education"),
        "admin": Field("string", "Identifier of the account (its admin) above the target, or empty", "acc-90"),
        "depth": Field("int", "Levels above the target", 2),
    },
    "reporter": {
        "kind": Field("string", "anonymous, person, user, organisation or trusted-flagger", "user"),
        "email_domain": Field("string", "Domain of the reporter's address, or empty", "example.org"),
        "trusted": Field("bool", "Whether this is a trusted flagger for the category they chose", False),
        "reports": Field("int", "Reports made so far, this one included", 3),
        "reports_90d": Field("int", f"Reports in the 90 days before (at most {COUNTED_MOST} are counted)", 2),
        "upheld_rate": Field("double", "Share of the decided reports that were upheld; 0.5 when none was", 0.5),
        "seldom_right": Field("bool", "Whether their reports are seldom upheld, over enough of them to say so", False),
        "in_brigade": Field("bool", "Whether they belong to a suspected or confirmed brigade", False),
    },
    "history": {
        "reports_30d": Field("int", f"Reports on the target in 30 days (at most {COUNTED_MOST} are counted)", 2),
        "reporters_30d": Field("int", "Different reporters among them", 2),
        "decisions_365d": Field("int", "Decisions on the target in a year", 1),
        "violations_365d": Field("int", "Of these, violations", 0),
        "open_case": Field("bool", "Whether the target already has an open case for this harm", False),
    },
}

EXAMPLE: dict[str, dict[str, Any]] = {
    variable: {name: field.example for name, field in fields.items()} for variable, fields in SCHEMA.items()
}


@dataclass(slots=True)
class Known:
    """What was looked up for a batch: targets by key, reporters by key, counts by target or reporter."""

    targets: dict[tuple[UUID, str, str], Target]
    reporters: dict[str, Reporter]
    evidence: dict[UUID, int] = field(default_factory=dict)
    reports_30d: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    reports_90d: dict[str, int] = field(default_factory=dict)
    decisions: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    open_cases: set[tuple[UUID, str]] = field(default_factory=set)
    trusted: Trusted = field(default_factory=Trusted)
    brigades: set[str] = field(default_factory=set)
    by_id: dict[UUID, Target] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {target.id: target for target in self.targets.values()}

    def target_of(self, report: Report) -> Target:
        return self.targets[key_of(report)]

    def above(self, target: Target) -> list[Target]:
        """The account tree above a target, nearest first."""
        levels: list[Target] = []
        parent = self.by_id.get(target.parent_id) if target.parent_id else None
        while parent is not None and parent not in levels:
            levels.append(parent)
            parent = self.by_id.get(parent.parent_id) if parent.parent_id else None
        return levels


def key_of(report: Report) -> tuple[UUID, str, str]:
    return report.product_id, report.target_kind, report.target_ref


def look_up(known: Known, reports: list[Report], fields: set[str]) -> None:
    """Fill the parts of `known` that the rules speak of; `fields` holds names such as "history.reports_30d"."""
    if "report.evidence_count" in fields:
        known.evidence = _evidence_counts([report.id for report in reports])
    if fields & {"history.reports_30d", "history.reporters_30d"}:
        known.reports_30d = _recent_reports({(report.target_kind, report.target_ref) for report in reports})
    if "reporter.reports_90d" in fields:
        known.reports_90d = _recent_of_reporters({report.reporter_key for report in reports if report.reporter_key})
    if fields & {"history.decisions_365d", "history.violations_365d"}:
        known.decisions = _decisions([target.id for target in known.targets.values()])
    look_up_reporters(known, {report.reporter_key for report in reports if report.reporter_key}, fields)


def look_up_reporters(known: Known, keys: set[str], fields: set[str]) -> None:
    """Who of them is trusted, who belongs to a brigade: as it is now, in a backtest too."""
    if "reporter.trusted" in fields:
        known.trusted = trusted_now()
    if "reporter.in_brigade" in fields and keys:
        known.brigades |= in_brigades(keys)


def build(report: Report, known: Known, fields: set[str]) -> dict[str, dict[str, Any]]:
    """The context of one report, with just the `fields` that the rules speak of."""
    target = known.target_of(report)
    above = known.above(target)
    context: dict[str, dict[str, Any]] = defaultdict(dict)
    for name in fields:
        variable, _, attribute = name.partition(".")
        context[variable][attribute] = _FILL[name](report, target, above, known)
    return context


def _nearest(target: Target, above: list[Target], attribute: str) -> str:
    return next((value for level in [target, *above] if (value := getattr(level, attribute))), "")


def _level(above: list[Target], kind: str, attribute: str) -> str:
    return next((getattr(level, attribute) for level in above if level.kind == kind), "")


def _reporter(report: Report, known: Known) -> Reporter | None:
    return known.reporters.get(report.reporter_key)


def _kind(reporter: Reporter | None) -> str:
    return reporter.kind if reporter else "anonymous"


def _upheld_rate(reporter: Reporter | None) -> float:
    decided = reporter.upheld + reporter.rejected if reporter else 0
    return reporter.upheld / decided if reporter and decided else 0.5


def _seldom_right(reporter: Reporter | None) -> bool:
    return reporter is not None and reputation(reporter).is_bad_faith


type Filling = Callable[[Report, Target, list[Target], Known], Any]


def _of_report(name: str) -> Filling:
    return lambda report, target, above, known: getattr(report, name)


def _of_target(name: str) -> Filling:
    return lambda report, target, above, known: getattr(target, name)


_FILL: dict[str, Filling] = {
    **{
        f"report.{name}": _of_report(name)
        for name in ("category", "channel", "language", "text", "subject", "target_kind", "target_ref", "url", "extra")
    },
    **{f"target.{name}": _of_target(name) for name in ("kind", "name", "state", "strikes")},
    "report.evidence_count": lambda report, target, above, known: known.evidence.get(report.id, 0),
    "report.hour": lambda report, target, above, known: report.received_at.astimezone(UTC).hour,
    "target.plan": lambda report, target, above, known: _nearest(target, above, "plan"),
    "target.country": lambda report, target, above, known: _nearest(target, above, "country"),
    "target.age_days": lambda report, target, above, known: (
        int((report.received_at - target.created_at).total_seconds() // DAY_SECONDS) if target.created_at else -1
    ),
    "tree.organisation": lambda report, target, above, known: _level(above, Kind.ORGANISATION, "ref"),
    "tree.organisation_plan": lambda report, target, above, known: _level(above, Kind.ORGANISATION, "plan"),
    "tree.admin": lambda report, target, above, known: _level(above, Kind.ACCOUNT, "ref"),
    "tree.depth": lambda report, target, above, known: len(above),
    "reporter.kind": lambda report, target, above, known: _kind(_reporter(report, known)),
    "reporter.email_domain": lambda report, target, above, known: report.reporter_email.rpartition("@")[2].lower(),
    "reporter.trusted": lambda report, target, above, known: known.trusted.covers(report.reporter_key, report.category),
    "reporter.seldom_right": lambda report, target, above, known: _seldom_right(_reporter(report, known)),
    "reporter.in_brigade": lambda report, target, above, known: report.reporter_key in known.brigades,
    "reporter.reports": lambda report, target, above, known: (
        reporter.reports if (reporter := _reporter(report, known)) else 0
    ),
    "reporter.reports_90d": lambda report, target, above, known: known.reports_90d.get(report.reporter_key, 0),
    "reporter.upheld_rate": lambda report, target, above, known: _upheld_rate(_reporter(report, known)),
    "history.reports_30d": lambda report, target, above, known: known.reports_30d.get(key_of(report)[1:], (0, 0))[0],
    "history.reporters_30d": lambda report, target, above, known: known.reports_30d.get(key_of(report)[1:], (0, 0))[1],
    "history.decisions_365d": lambda report, target, above, known: known.decisions.get(target.id, (0, 0))[0],
    "history.violations_365d": lambda report, target, above, known: known.decisions.get(target.id, (0, 0))[1],
    "history.open_case": lambda report, target, above, known: (target.id, report.category) in known.open_cases,
}


def _rows(sql: str, parameters: list[Any]) -> Iterable[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _evidence_counts(ids: list[UUID]) -> dict[UUID, int]:
    sql = "SELECT subject_id, count(*) FROM record_attachment WHERE subject_id = ANY(%s) GROUP BY 1"
    return dict(_rows(sql, [ids]))


def _recent_reports(targets: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    sql = """
        SELECT t.kind, t.ref, count(r.id), count(DISTINCT coalesce(nullif(r.reporter_key, ''), r.id::text))
        FROM unnest(%s::text[], %s::text[]) AS t (kind, ref)
        CROSS JOIN LATERAL (
            SELECT id, reporter_key FROM intake_report
            WHERE target_ref = t.ref AND target_kind = t.kind AND id >= %s ORDER BY id DESC LIMIT %s
        ) r GROUP BY 1, 2"""
    kinds, refs = zip(*sorted(targets), strict=True)
    rows = _rows(sql, [list(kinds), list(refs), _since(30), COUNTED_MOST])
    return {(kind, ref): (reports, reporters) for kind, ref, reports, reporters in rows}


def _recent_of_reporters(keys: set[str]) -> dict[str, int]:
    sql = """
        SELECT k.key, count(r.id) FROM unnest(%s::text[]) AS k (key)
        CROSS JOIN LATERAL (
            SELECT id FROM intake_report WHERE reporter_key = k.key AND reporter_key <> '' AND id >= %s
            ORDER BY id DESC LIMIT %s
        ) r GROUP BY 1"""
    return dict(_rows(sql, [sorted(keys), _since(90), COUNTED_MOST]))


def _decisions(targets: list[UUID]) -> dict[UUID, tuple[int, int]]:
    sql = """
        SELECT c.target_id, count(*), count(*) FILTER (WHERE d.finding = 'violation')
        FROM review_case c JOIN review_decision d ON d.case_id = c.id
        WHERE c.target_id = ANY(%s) AND d.undone_at IS NULL AND d.superseded_at IS NULL
            AND d.decided_at > now() - interval '365 days' GROUP BY 1"""
    return {target: (decisions, violations) for target, decisions, violations in _rows(sql, [targets])}


def _since(days: int) -> UUID:
    return first_id(timezone.now() - timedelta(days=days))
