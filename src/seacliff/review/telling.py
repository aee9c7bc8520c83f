"""What a decision is told outside: its matter, without anybody who reported, and the reporters who hear of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from seacliff.enforcement.models import Notice
from seacliff.enforcement.notices import Matter, Told, to_affected, to_reporter
from seacliff.intake.models import Report
from seacliff.intake.receipts import status_url
from seacliff.policy.models import ActionKind, Category, NoticeText, PolicyVersion
from seacliff.policy.queries import notice_text
from seacliff.review.models import Case, CaseReport, Decision
from seacliff.review.verdicts import Verdict, ancestry
from seacliff.targets.models import Product, Target

AT_ONCE = 500
FEW = 20  # reports of a case whose reporters are read together with those of other cases
OF_A_REPORT = ("id", "reporter_email", "language", "received_at")


def outcome_of(finding: str) -> NoticeText.Outcome:
    violation = finding == Decision.Finding.VIOLATION
    return NoticeText.Outcome.VIOLATION if violation else NoticeText.Outcome.NO_VIOLATION


@dataclass(frozen=True, slots=True)
class Finding:
    """What was, or would be, decided about a case."""

    case: Case
    finding: str
    category: str
    version: PolicyVersion | None
    facts: str
    actions: list[tuple[str, dict]]


def matters_of(findings: Sequence[Finding]) -> list[Matter]:
    """Everything the notices of decisions may speak of. Six queries, however many they are."""
    cases = [one.case for one in findings]
    categories = Category.objects.in_bulk({one.category for one in findings})
    products = Product.objects.in_bulk({case.product_id for case in cases})
    affected = affected_by(cases)
    firsts = CaseReport.objects.filter(case__in=cases).order_by("case_id", "report_id").distinct("case_id")
    first = dict(firsts.values_list("case_id", "report_id"))
    received = dict(Report.objects.filter(id__in=first.values()).values_list("id", "received_at"))
    since = {case: received[report] for case, report in first.items()}
    return [
        Matter(
            case_id=one.case.id,
            case_ref=one.case.ref,
            product=products[one.case.product_id].name,
            harm=(harm := categories[one.category].names if one.category in categories else {"en": one.category}),
            target=one.case.target,
            affected=(told := affected[one.case.id]),
            outcome=outcome_of(one.finding),
            version=one.version,
            facts=one.facts.strip() or _plain_facts(one.case, harm, told),
            actions=[(ActionKind(kind), values) for kind, values in one.actions if kind != ActionKind.DISMISS],
            received_at=since.get(one.case.id),
        )
        for one in findings
    ]


def matter_of_decision(decision: Decision) -> Matter:
    return matters_of([_found(decision)])[0]


def _found(decision: Decision) -> Finding:
    actions = [(action["kind"], action["parameters"]) for action in decision.actions]
    return Finding(
        decision.case, decision.finding, decision.category, decision.policy_version, decision.facts, actions
    )


def affected_by(cases: Sequence[Case]) -> dict[UUID, Target | None]:
    """Who is told, by case: the target itself, or the nearest above it that has an address."""
    above = ancestry({case.target_id for case in cases})
    nodes = Target.objects.in_bulk({id for ids in above.values() for id in ids})
    return {
        case.id: next((node for node in (case.target, *(nodes[id] for id in above[case.target_id])) if node.email), None)
        for case in cases
    }


def _plain_facts(case: Case, names: dict[str, str], affected: Target | None) -> str:
    language = ((affected.language if affected else "") or "en")[:2]
    with translation.override(language):
        return _("%(harm)s, concerning %(kind)s “%(name)s”, found in a review on the evidence we have.") % {
            "harm": names.get(language) or names.get("en", case.category),
            "kind": case.target.get_kind_display(),
            "name": case.target.name or case.target.ref,
        }


def told_of(case: Case) -> Iterator[Told]:
    """Everybody who reported, once each however often they did."""
    ids = _reported([case]).values("report_id")
    reports = Report.objects.filter(id__in=ids).order_by("id").only(*OF_A_REPORT)
    few = case.report_count <= AT_ONCE  # a cursor of its own costs more than all of them
    yield from map(_told, reports if few else reports.iterator(chunk_size=AT_ONCE))


def _told_of_few(cases: Sequence[Case]) -> dict[UUID, list[Told]]:
    """told_of() for cases that together are not many. Two queries."""
    case_of = dict(_reported(cases).order_by("report_id").values_list("report_id", "case_id"))
    reports = Report.objects.only(*OF_A_REPORT).in_bulk(case_of)
    told: dict[UUID, list[Told]] = {case.id: [] for case in cases}
    for report, case in case_of.items():
        told[case].append(_told(reports[report]))
    return told


def _reported(cases: Sequence[Case]) -> QuerySet[CaseReport]:
    return CaseReport.objects.filter(case__in=cases, duplicate_of=None, set_aside=None)


def _told(report: Report) -> Told:
    url = status_url(report.id)
    return Told(report.id, report.reporter_email, report.language, report.received_at, url)


def preview_notices(case: Case, verdict: Verdict, version: PolicyVersion | None) -> tuple[list[Notice], int]:
    """What would be said: to the affected user, and to one reporter of each language; and to how many reporters."""
    actions = [(action.kind, action.parameters) for action in verdict.actions]
    [matter] = matters_of([Finding(case, verdict.finding, verdict.category, version, verdict.facts, actions)])
    newest = CaseReport.objects.filter(case=case, duplicate_of=None).order_by("-report_id")
    ids = list(newest.values_list("report_id", flat=True)[:50])
    reports: dict[str, Report] = {}
    for report in Report.objects.filter(id__in=ids).only(*OF_A_REPORT):
        reports.setdefault(report.language[:2], report)
    to_reporters = [to_reporter(matter, _told(report)) for report in reports.values()]
    return [*to_affected(matter), *to_reporters], case.reporter_count


def notices_of(decisions: Sequence[Decision]) -> Iterator[Notice]:
    """The notices of decisions that stand, one after the other: a wave can have ten thousand reporters."""
    text = cache(notice_text)
    few = _told_of_few([one.case for one in decisions if one.case.report_count <= FEW])
    for decision, matter in zip(decisions, matters_of([_found(one) for one in decisions]), strict=True):
        told = few[decision.case_id] if decision.case_id in few else told_of(decision.case)
        for notice in chain(to_affected(matter, text), (to_reporter(matter, reporter, text) for reporter in told)):
            notice.decision_id = decision.id
            yield notice
