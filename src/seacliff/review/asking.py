"""Asking other functions about a case: what of it may be shared, and how it waits for their answers."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from seacliff.intake.models import Report
from seacliff.partners.models import Ask
from seacliff.partners.queries import asks_about
from seacliff.partners.sharing import Offered, Piece
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, NotFound
from seacliff.policy.queries import category_choices, version_in_force
from seacliff.record import clocks
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.models import Attachment
from seacliff.review.access import Refused, must_hold, person
from seacliff.review.actions.moving import go_on, let_go, locked
from seacliff.review.models import AskWait, Case, CaseReport, Deliberation, Work
from seacliff.review.queries import tree_above
from seacliff.review.tiers.beginning import subject_of as deliberation_subject
from seacliff.targets.models import Target

REPORTS_OFFERED = 5
ASKS_SHOWN = 50
PATIENCE = timedelta(days=30)  # after the last ask was due, a case comes back without an answer
FRONT = -1000  # before everything of its severity
BATCH = 50


def offer_case(user: User, id: UUID) -> Offered:
    """What may be told of a case: never who reported, whom it concerns, nor any evidence."""
    case = Case.objects.select_related("target").filter(id=id).first() if user.may(Permission.CASE_VIEW) else None
    if case is None:
        raise NotFound("There is no such case.")
    reports = list(
        Report.objects.filter(id__in=CaseReport.objects.filter(case=case).values("report_id")).order_by("-id")[:50]
    )
    tree = [case.target, *tree_above(case.target)]
    version = version_in_force(case.category)
    pieces = [
        Piece("harm", _("Harm reported"), dict(category_choices()).get(case.category, case.category)),
        Piece("severity", _("Severity"), f"{case.severity} / 4"),
        Piece("what", _("What it concerns"), _what(case.target, tree)),
        Piece("reports", _("Reports"), _counts(case)),
        Piece("rule", _("Rule"), version.title if version else ""),
        Piece("rule-text", _("The rule in short"), version.summary_in("en") if version else "", usual=False),
        *_said(case, reports),
    ]
    return Offered(case.ref, pieces, _names(tree, reports))


def _what(target: Target, tree: list[Target]) -> str:
    plan = next((node.plan for node in tree if node.plan), "")
    country = next((node.country for node in tree if node.country), "")
    return ", ".join(part for part in (target.get_kind_display(), plan, country) if part)


def _counts(case: Case) -> str:
    reports = ngettext("%s report", "%s reports", case.report_count) % case.report_count
    reporters = ngettext("%s reporter", "%s reporters", case.reporter_count) % case.reporter_count
    said = _("%(reports)s by %(reporters)s since %(day)s") % {
        "reports": reports, "reporters": reporters, "day": case.opened_at.date()}  # fmt: skip
    return said + (_("; many at once") if case.mass_reported else "")


def _said(case: Case, reports: list[Report]) -> list[Piece]:
    """The reports' words, unless something restricted came with them: then not even those."""
    ids = [case.id, *(report.id for report in reports)]
    if Attachment.objects.filter(subject_id__in=ids, evidence__restricted=True).exists():
        return []
    return [
        Piece(f"report-{number}", _("Report %s, in its words") % number, report.text, usual=False)
        for number, report in enumerate(reports[:REPORTS_OFFERED], start=1)
    ]


def _names(tree: list[Target], reports: list[Report]) -> list[str]:
    """Whatever names somebody: it is taken out of every text."""
    found = [text for node in tree for text in (node.name, node.ref, node.email)]
    return found + [text for report in reports for text in (report.reporter_name, report.reporter_email)]


def asked_about(user: User, case: Case) -> list[Ask]:
    """The asks about a case with their waits, the newest first: for whoever sees asks."""
    return list(asks_about(user, case.id).select_related("case_wait")[:ASKS_SHOWN])


def asked_in(deliberation: Deliberation) -> list[Ask]:
    """The asks about a case, for those who deliberate on it: they need the answers, whatever else they may see."""
    asks = Ask.objects.filter(about_id=deliberation.case_id).select_related("from_function", "to_function", "case_wait")
    return list(asks.order_by("-id")[:ASKS_SHOWN])


def wait_for(user: User, ask: Ask) -> None:
    """Let the case wait for an ask, its clock standing still. Raises Conflict when this person can't let it wait: whoever
    holds it can, those who deliberate on it, and whoever it came back to while nobody holds it."""
    assert ask.about_id is not None
    case, work = locked(Case.objects.get(id=ask.about_id))
    deliberation = Deliberation.objects.select_for_update(of=["self"]).filter(case=case, closed_at=None).first()
    try:
        seated = deliberation is not None and deliberation.seats.filter(user=user).exists()
        if not (_waits(case) or seated or _came_back_to(user, case, work)):
            must_hold(user, case, work)
    except Refused as refused:
        raise Conflict(refused.sentence) from None
    AskWait.objects.create(ask=ask, case=case, waiter=user)
    if deliberation is not None:
        clocks.pause(deliberation_subject(deliberation), Deliberation.CLOCK)
    if work is not None and (work.held_until is None or case.state == Case.State.HELD):
        let_go(work)
        work.held_until = max(work.held_until or ask.due_at, ask.due_at + PATIENCE)
        work.assigned_to = work.assigned_to or user
        work.save()
        Case.objects.filter(id=case.id).update(state=Case.State.HELD)
        clocks.pause(Subject("case", case.id), Case.CLOCK)
    data = {"ask": ask.ref, "of": ask.to_function.name}
    happened("case.waits", Subject("case", case.id), person(user), story=case.id, data=data)


def _came_back_to(user: User, case: Case, work: Work | None) -> bool:
    """Whether it waited before and lies in the queue for this person: what goes on asking lets it wait again."""
    if work is None or work.held_until is not None or work.holder_id is not None or work.assigned_to_id != user.id:
        return False
    return AskWait.objects.filter(case=case, waiter=user).exists()


def _waits(case: Case) -> bool:
    return AskWait.objects.filter(case=case, done_at=None).exists()


def return_answered() -> int:
    """The desk: one batch of waits whose ask is closed. How many."""
    closed = AskWait.objects.filter(done_at=None, ask__closed_at__isnull=False).order_by("ask_id")
    found = list(closed.values_list("ask_id", "case_id")[:BATCH])
    for ask_id, case_id in found:
        with transaction.atomic():
            case, work = locked(Case.objects.get(id=case_id))
            if AskWait.objects.filter(ask_id=ask_id, done_at=None).update(done_at=timezone.now()) and not _waits(case):
                _return(case, work)
    return len(found)


def _return(case: Case, work: Work | None) -> None:
    if case.state == Case.State.HELD and work is not None:
        go_on(case, work, SYSTEM, _("Everything asked was answered"))
    if work is not None:
        Work.objects.filter(case=case).update(rank=FRONT)
    deliberation = Deliberation.objects.select_for_update(of=["self"]).filter(case=case, closed_at=None).first()
    if deliberation is None:
        return
    clock = clocks.resume(deliberation_subject(deliberation), Deliberation.CLOCK)
    if clock is not None:
        deliberation.due_at = clock.due_at
        deliberation.save(update_fields=["due_at"])
        Work.objects.filter(case=case, held_until__isnull=False).update(held_until=clock.due_at)
