"""What a decision is told outside: its matter, without anybody who reported, and the reporters who hear of it."""

from collections.abc import Iterator
from itertools import batched

from django.db.models import Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from seacliff.enforcement.models import Notice
from seacliff.enforcement.notices import Matter, Told, compose
from seacliff.intake.models import Report
from seacliff.intake.receipts import status_url
from seacliff.policy.models import ActionKind, Category, NoticeText, PolicyVersion
from seacliff.review.models import Case, CaseReport, Decision
from seacliff.review.verdicts import Verdict, ancestry
from seacliff.targets.models import Product, Target

AT_ONCE = 500


def outcome_of(finding: str) -> NoticeText.Outcome:
    violation = finding == Decision.Finding.VIOLATION
    return NoticeText.Outcome.VIOLATION if violation else NoticeText.Outcome.NO_VIOLATION


def matter_of(
    case: Case, finding: str, category: str, version: PolicyVersion | None, facts: str, actions: list[tuple[str, dict]]
) -> Matter:
    """Everything the notices of a decision may speak of. Five queries."""
    found = Category.objects.filter(slug=category).first()
    names = found.names if found else {"en": category}
    affected = affected_by(case)
    first = CaseReport.objects.filter(case=case).order_by("report_id").values("report_id")[:1]
    received_at = Report.objects.filter(id=Subquery(first)).values_list("received_at", flat=True).first()
    return Matter(
        case_id=case.id,
        case_ref=case.ref,
        product=Product.objects.values_list("name", flat=True).get(id=case.product_id),
        harm=names,
        target=case.target,
        affected=affected,
        outcome=outcome_of(finding),
        version=version,
        facts=facts.strip() or _plain_facts(case, names, affected),
        actions=[(ActionKind(kind), parameters) for kind, parameters in actions if kind != ActionKind.DISMISS],
        received_at=received_at,
    )


def matter_of_decision(decision: Decision) -> Matter:
    actions = [(action["kind"], action["parameters"]) for action in decision.actions]
    return matter_of(
        decision.case, decision.finding, decision.category, decision.policy_version, decision.facts, actions
    )


def affected_by(case: Case) -> Target | None:
    """Who is told: the target itself, or the nearest above it that has an address."""
    target = case.target
    above = ancestry([target.id])[target.id]
    nodes = Target.objects.in_bulk(above)
    return next((node for node in (target, *(nodes[id] for id in above)) if node.email), None)


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
    ids = CaseReport.objects.filter(case=case, duplicate_of=None, set_aside=None).values("report_id")
    reports = Report.objects.filter(id__in=ids).order_by("id").only("id", "reporter_email", "language", "received_at")
    few = case.report_count <= AT_ONCE  # a cursor of its own costs more than all of them
    yield from map(_told, reports if few else reports.iterator(chunk_size=AT_ONCE))


def _told(report: Report) -> Told:
    url = status_url(report.id)
    return Told(report.id, report.reporter_email, report.language, report.received_at, url)


def preview_notices(case: Case, verdict: Verdict, version: PolicyVersion | None) -> tuple[list[Notice], int]:
    """What would be said: to the affected user, and to one reporter of each language; and to how many reporters."""
    actions = [(action.kind, action.parameters) for action in verdict.actions]
    matter = matter_of(case, verdict.finding, verdict.category, version, verdict.facts, actions)
    newest = CaseReport.objects.filter(case=case, duplicate_of=None).order_by("-report_id")
    ids = list(newest.values_list("report_id", flat=True)[:50])
    reports: dict[str, Report] = {}
    for report in Report.objects.filter(id__in=ids).only("id", "reporter_email", "language", "received_at"):
        reports.setdefault(report.language[:2], report)
    return compose(matter, [_told(report) for report in reports.values()]), case.reporter_count


def notices_of(decision: Decision) -> Iterator[list[Notice]]:
    """The notices of a decision that stands, some at a time: a wave can have ten thousand reporters."""
    matter = matter_of_decision(decision)
    yield compose(matter, [])
    for some in batched(told_of(decision.case), AT_ONCE):
        yield [notice for notice in compose(matter, list(some)) if notice.report_id is not None]
