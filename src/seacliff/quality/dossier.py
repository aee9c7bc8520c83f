"""The matter of a check, as it stood when it was first decided, and nothing that was found about it.

A second reviewer sees reports, evidence, the account tree and its history up to that moment. Who reported is left out, and so
is everything the decision did: states, strikes, notes, the story. A golden case is the same page from a frozen copy with
invented names, so that nobody can tell one from the other.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from seacliff.enforcement.models import Strike
from seacliff.intake.models import Report, Reporter
from seacliff.partners.sharing import redacted
from seacliff.quality.models import Check
from seacliff.record import evidence
from seacliff.record.evidence import Shown
from seacliff.record.ids import first_id
from seacliff.review.models import Case, CaseReport, Decision, Precedent
from seacliff.review.queries import tree_above
from seacliff.targets.models import Kind, Target

REPORTS_SHOWN = 20
EARLIER_SHOWN = 10
PRECEDENTS_SHOWN = 5
PERSONS = frozenset({Kind.USER, Kind.ACCOUNT, Kind.EMAIL, Kind.PHONE, Kind.IP})
INVENTED = (
    "Robin Hale",
    "Sasha Winter",
    "Kim Arden",
    "Alex Marlow",
    "Jo Fenwick",
    "Charlie Voss",
    "Sam Ellery",
    "Toni Brandt",
)
STAND_INS = {"[e-mail]": "robin.hale@example.org", "[telephone]": "+1 202 555 0143", "[IP address]": "203.0.113.7"}


@dataclass(slots=True)
class Dossier:
    """What is judged. Plain values but for `evidence`, one list for each of `said`: so it can be frozen."""

    category: str
    severity: int
    language: str
    reports: int
    reporters: int
    said: list[dict[str, Any]]
    tree: list[dict[str, str]]
    strikes: list[str]
    earlier: list[dict[str, str]]
    evidence: list[list[Shown]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PLAIN}


PLAIN = ("category", "severity", "language", "reports", "reporters", "said", "tree", "strikes", "earlier")


def of_check(check: Check) -> Dossier:
    """The matter of a check; the number of queries does not grow with it."""
    if check.golden is not None:
        return Dossier(**check.golden.copy, evidence=[[] for _each in check.golden.copy["said"]])
    decision = check.decision or (check.of_session.decision if check.of_session else None)
    assert decision is not None
    return of_case(check.case, decision.decided_at)


def of_case(case: Case, as_of: datetime) -> Dossier:
    """A case as it stood at a moment."""
    rows = list(CaseReport.objects.filter(case=case, set_aside=None).order_by("report_id")[: REPORTS_SHOWN * 2])
    found = Report.objects.filter(received_at__lte=as_of).in_bulk([row.report_id for row in rows])
    rows = [row for row in rows if row.report_id in found]
    trusted = set(Reporter.objects.filter(key__in={row.reporter_key for row in rows}, kind="trusted-flagger")
                  .values_list("key", flat=True))  # fmt: skip
    shown = rows[:REPORTS_SHOWN]
    attached = evidence.of_many([row.report_id for row in shown])
    nodes = [case.target, *tree_above(case.target)]
    return Dossier(
        category=case.category,
        severity=case.severity,
        language=case.language,
        reports=len(rows),
        reporters=len({row.reporter_key or str(row.report_id) for row in rows}),
        said=[_said(found[row.report_id], row, row.reporter_key in trusted) for row in shown],
        tree=[_node(node) for node in reversed(nodes)],
        strikes=_strikes(case, nodes, as_of),
        earlier=_earlier(case, nodes, as_of),
        evidence=[evidence.shown(attached[row.report_id], case.id) for row in shown],
    )


def _said(report: Report, row: CaseReport, trusted: bool) -> dict[str, Any]:
    """A report without the person who made it."""
    names = [name for name in (report.reporter_name, report.reporter_email) if name]
    text = {name: _without(getattr(report, name), names) for name in ("subject", "text", "url")}
    return text | {
        "language": report.language,
        "channel": report.get_channel_display(),
        "repeat": row.duplicate_of is not None,
        "trusted": trusted,
    }


def _without(text: str, names: list[str]) -> str:
    for name in names:
        text = re.sub(re.escape(name), "…", text, flags=re.IGNORECASE)
    return text


def _node(node: Target) -> dict[str, str]:
    since = f"{node.created_at:%Y-%m-%d}" if node.created_at else ""
    return {
        "kind": node.get_kind_display(),
        "name": str(node),
        "plan": node.plan,
        "country": node.country,
        "since": since,
    }


def _strikes(case: Case, nodes: list[Target], as_of: datetime) -> list[str]:
    counted = Strike.objects.filter(target__in=nodes, given_at__lt=as_of, expires_at__gt=as_of).filter(
        Q(taken_back_at=None) | Q(taken_back_at__gt=as_of)
    )
    counted = counted.exclude(action__case_id=case.id).select_related("policy_version").order_by("given_at")
    return [f"{strike.policy_version.title} × {strike.weight}" for strike in counted[:EARLIER_SHOWN]]


def _earlier(case: Case, nodes: list[Target], as_of: datetime) -> list[dict[str, str]]:
    """What had been decided in the account tree before. Of two decisions made together neither tells of the other."""
    rows = Decision.objects.filter(case__target__in=nodes, decided_at__lt=as_of, undone_at=None)
    rows = rows.exclude(case=case).exclude(superseded_at__lt=as_of).order_by("-id")
    return [
        {"category": row.category, "finding": row.finding, "day": f"{row.decided_at:%Y-%m-%d}"}
        for row in rows[:EARLIER_SHOWN]
    ]


def precedents_of(check: Check) -> list[Precedent]:
    """Precedents that were there to be followed: kept before the decision, and not from this case."""
    at = check.golden.added_at if check.golden else check.decision.decided_at if check.decision else None
    if at is None and check.of_session is not None:
        at = check.of_session.decision.decided_at
    assert at is not None
    known = Precedent.objects.filter(category=check.category, id__lt=first_id(at)).exclude(case=check.case_id)
    return list(known.filter(Q(retired_at=None) | Q(retired_at__gt=at)).order_by("-id")[:PRECEDENTS_SHOWN])


def frozen(case: Case, as_of: datetime) -> dict[str, Any]:
    """A copy with invented names for a golden case. Evidence can't be made nameless, so it stays out."""
    found = of_case(case, as_of)
    copy = found.plain()
    stand_ins = _stand_ins(case)
    for text in copy["said"]:
        for name in ("subject", "text", "url"):
            text[name] = _invented(text[name], stand_ins)
    for node in copy["tree"]:
        node["name"] = _invented(node["name"], stand_ins)
    return copy


def _stand_ins(case: Case) -> dict[str, str]:
    """Every name and identifier in the account tree to an invented one; the longest are replaced first."""
    nodes = [case.target, *tree_above(case.target)]
    found: dict[str, str] = {}
    for place, node in enumerate(nodes):
        invented = INVENTED[place % len(INVENTED)]
        for name in (node.name, node.ref):
            if len(name) > 2 and (node.kind in PERSONS or name == node.ref):
                found[name] = invented if name == node.name else f"{node.kind}-{1000 + place}"
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _invented(text: str, stand_ins: dict[str, str]) -> str:
    for name, invented in stand_ins.items():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", invented, text, flags=re.IGNORECASE)
    text = redacted(text)
    for mark, invented in STAND_INS.items():
        text = text.replace(mark, invented)
    return text


def evidence_of(case: Case, as_of: datetime) -> int:
    """How many files the reports of a case carry: such a case can't be copied without losing what it turns on."""
    return sum(len(items) for items in of_case(case, as_of).evidence)
