"""Who may appeal, who may look at an appeal, who may decide it."""

import re
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.appeals.models import Appeal
from seacliff.enforcement.access import notice_of
from seacliff.intake.models import Report
from seacliff.intake.receipts import report_of
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.models import Event
from seacliff.review.access import NotPermitted, Refused
from seacliff.review.models import CaseReport, Decision, Deliberation, Vote

REF = re.compile(r"(?:A-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)


class Standing(NamedTuple):
    """Somebody outside with a link: which decision it lets them appeal, as whom, and where they are told."""

    decision: Decision | None
    side: Appeal.Side
    report_id: UUID | None
    language: str
    address: str


def by_notice(token: str) -> Standing:
    """The affected user, by the link in their notice. Http404 for what is no such link."""
    notice = notice_of(token)
    decision = None
    if notice.decision_id:
        decision = _standing_decision(Decision.objects.filter(id=notice.decision_id).first())
    elif notice.case_id:
        decision = Decision.objects.filter(case=notice.case_id, undone_at=None, superseded_at=None).first()
    return Standing(decision, Appeal.Side.AFFECTED, None, notice.language, notice.address)


def by_status(token: str) -> Standing:
    """A reporter, by the link of their status page. Http404 for what is no such link."""
    report_id = report_of(token)
    report = Report.objects.filter(id=report_id).first() if report_id else None
    if report is None:
        raise Http404(_("There is no such report."))
    joined = CaseReport.objects.filter(report_id=report.id).first()
    decision = (
        Decision.objects.filter(case=joined.case_id, undone_at=None, superseded_at=None).first() if joined else None
    )
    first = (joined.duplicate_of if joined else None) or report.id
    return Standing(decision, Appeal.Side.REPORTER, first, report.language or "en", report.reporter_email)


def _standing_decision(decision: Decision | None) -> Decision | None:
    """The decision that stands now in the place of the one a notice spoke of."""
    while decision is not None and decision.superseded_at is not None:
        decision = getattr(decision, "corrected_by", None)
    return decision


def why_not(standing: Standing) -> str:
    """Why this decision can't be appealed by this side, as a sentence for the person; empty when it can."""
    decision = standing.decision
    if decision is None or decision.undone_at is not None or decision.undo_until > timezone.now():
        return _("There is no decision yet that could be appealed.")
    if decision.finding == Decision.Finding.DUPLICATE:
        return _("Your report was joined with another one; there is no decision of its own to appeal.")
    if already := of_side(standing):
        if already.state == Appeal.State.DECIDED:
            return _("You have appealed this decision; it was looked at again and that outcome stands.")
        return _("Your appeal has arrived and will be decided by somebody who did not take the decision.")
    if Deliberation.objects.filter(decision=decision, way=Deliberation.Way.PANEL).exists():
        return _("A panel took this decision; it is final here. You may turn to an out-of-court body or to a court.")
    if decision.decided_at + window() < timezone.now():
        return _("The time for an appeal is over: it ended %(days)s days after the decision.") % {
            "days": settings.APPEAL_DAYS}  # fmt: skip
    if standing.side == Appeal.Side.AFFECTED and decision.finding != Decision.Finding.VIOLATION:
        return _("Nothing was decided against you.")
    return ""


def of_side(standing: Standing) -> Appeal | None:
    """The appeal that this side has made in the matter, against this decision or one that it corrected."""
    if standing.decision is None:
        return None
    made = Appeal.objects.filter(case=standing.decision.case_id, side=standing.side)
    if standing.report_id is not None:
        made = made.filter(report_id=standing.report_id)
    return made.order_by("-id").first()


def window() -> timedelta:
    return timedelta(days=settings.APPEAL_DAYS)


def appeal_of(user: User, ref: str) -> Appeal:
    """404 when there is none that this person may see."""
    found = REF.match(ref)
    wanted = Appeal.objects.select_related(
        "case__target", "case__queue", "decision__reviewer", "decision__policy_version", "holder", "decided_by",
        "new_decision", "deliberation",
    )  # fmt: skip
    appeal = wanted.filter(number=int(found[1])).first() if found and user.may(Permission.APPEAL_VIEW) else None
    if appeal is None:
        raise Http404(_("There is no appeal %s.") % ref)
    return appeal


def had_a_hand(decision: Decision) -> set[UUID]:
    """Who took this decision or any before it in its case, alone or with others, or sent it up."""
    deciders = Decision.objects.filter(case=decision.case_id).values_list("reviewer_id", flat=True)
    voters = Vote.objects.filter(deliberation__case=decision.case_id).values_list("user_id", flat=True)
    raised = Event.objects.filter(story_id=decision.case_id, verb="case.escalated", actor_kind=Event.ActorKind.PERSON)
    return {id for id in (*deciders, *voters, *raised.values_list("actor_id", flat=True)) if id}


def must_decide(user: User, appeal: Appeal) -> None:
    """An appeal is decided by somebody who had no hand in what it is against, of a tier no lower. Raises."""
    if not user.may(Permission.APPEAL_DECIDE):
        raise NotPermitted(_("You may not do this: none of your roles gives the permission %s.")
                           % Permission.APPEAL_DECIDE)  # fmt: skip
    if user.tier < appeal.tier:
        raise NotPermitted(
            _("%(appeal)s is for tier %(tier)s and above; you review up to tier %(own)s.")
            % {"appeal": appeal, "tier": appeal.tier, "own": user.tier},
            "tier-too-low",
        )
    if user.id in had_a_hand(appeal.decision):
        raise NotPermitted(
            _("You had a hand in the decision that %s is against: somebody else must look at it.") % appeal,
            "own-decision",
        )


def must_be_waiting(appeal: Appeal) -> None:
    if appeal.state == Appeal.State.DECIDED:
        raise Refused(_("%(appeal)s was decided by %(name)s.") % {"appeal": appeal, "name": appeal.decided_by},
                      "already-decided")  # fmt: skip
    if appeal.state == Appeal.State.PANEL:
        raise Refused(_("%s is with the panel.") % appeal, "with-panel")


def must_hold(user: User, appeal: Appeal) -> None:
    must_be_waiting(appeal)
    if appeal.holder_id != user.id:
        raise Refused(_("You do not hold %s. Claim it to decide it.") % appeal, "not-held")
