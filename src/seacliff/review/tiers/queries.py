"""Read models of the deliberation pages."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from seacliff.intake.models import Report
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import PolicyVersion
from seacliff.record.models import Note
from seacliff.review.actions.correcting import judged_by
from seacliff.review.models import CaseReport, Decision, Deliberation, Precedent, Seat, Vote
from seacliff.review.queries import Offer, offers, tree_above
from seacliff.review.tiers.access import votes_shown_to
from seacliff.review.tiers.ballots import key_of
from seacliff.review.tiers.panel import candidates, dissents_of
from seacliff.targets.models import Target

REPORTS_SHOWN = 20
ROWS = 50
Stage = Deliberation.Stage


@dataclass(slots=True)
class Page:
    """What a deliberation's page shows one person."""

    deliberation: Deliberation
    seats: list[Seat]
    mine: Seat | None
    votes: list[Vote]
    voted: set[UUID]
    own_vote: Vote | None
    texts: list[str]
    tree: list[Target]
    version: PolicyVersion | None
    offers: list[Offer]
    earlier: list[Decision]
    notes: list[Note]
    candidates: list[User]
    dissents: list[Vote]
    precedent: Precedent | None
    wins: str

    @property
    def may_vote(self) -> bool:
        seated = self.mine is not None and self.mine.state == Seat.State.SEATED
        stage = self.deliberation.stage in (Stage.DISCUSSION, Stage.PANEL, Stage.SECOND)
        return seated and stage and self.own_vote is None

    @property
    def may_read(self) -> bool:
        """A panel's member reads the case once they have declared that nothing conflicts."""
        return self.mine is None or self.mine.state == Seat.State.SEATED


def page_of(user: User, deliberation: Deliberation) -> Page:
    """A fixed number of queries, whatever was voted and written."""
    case = deliberation.case
    above = tree_above(case.target)
    seats = list(deliberation.seats.select_related("user"))
    present = list(deliberation.votes.filter(round=deliberation.round))
    version = judged_by(deliberation.corrects, case.category)
    convening = deliberation.stage in (Stage.ROSTER, Stage.PANEL) and user.may(Permission.PANEL_CONVENE)
    return Page(
        deliberation=deliberation,
        seats=seats,
        mine=next((seat for seat in seats if seat.user_id == user.id), None),
        votes=votes_shown_to(user, deliberation),
        voted={vote.user_id for vote in present},
        own_vote=next((vote for vote in present if vote.user_id == user.id), None),
        texts=_texts(deliberation),
        tree=[*reversed(above), case.target],
        version=version,
        offers=offers(case, version, above),
        earlier=list(
            Decision.objects.filter(case=case, undone_at=None).select_related("policy_version").order_by("id")
        ),
        notes=list(Note.objects.filter(subject_id=deliberation.id).order_by("id")[:200]),
        candidates=candidates(deliberation) if convening else [],
        dissents=dissents_of(deliberation),
        precedent=Precedent.objects.filter(decision=deliberation.decision_id).first()
        if deliberation.decision_id
        else None,
        wins=key_of(deliberation.outcome) if deliberation.outcome else "",
    )


def _texts(deliberation: Deliberation) -> list[str]:
    """What was reported, without who reported it."""
    joined = CaseReport.objects.filter(case=deliberation.case_id, duplicate_of=None).order_by("report_id")
    ids = list(joined.values_list("report_id", flat=True)[:REPORTS_SHOWN])
    found = Report.objects.filter(id__in=ids).order_by("id").only("id", "subject", "text")
    return ["\n".join(part for part in (report.subject, report.text) if part) for report in found]


def waiting_for(user: User) -> list[Deliberation]:
    """What this person has to do: declare, vote, write; and rosters to name for whoever convenes."""
    seated = Q(seats__user=user) & ~Q(seats__state=Seat.State.CONFLICTED)
    voting = seated & Q(stage__in=[Stage.DISCUSSION, Stage.PANEL, Stage.SECOND])
    writing = Q(stage=Stage.WRITING, chair=user)
    wanted = voting | writing
    if user.may(Permission.PANEL_CONVENE):
        wanted |= Q(stage=Stage.ROSTER)
    found = Deliberation.objects.filter(wanted, closed_at=None).select_related("case__target", "chair").distinct()
    rows = list(found.order_by("due_at")[:ROWS])
    cast = set(Vote.objects.filter(user=user, deliberation__in=rows).values_list("deliberation_id", "round"))
    return [row for row in rows if row.stage in (Stage.ROSTER, Stage.WRITING) or (row.id, row.round) not in cast]


def all_open() -> list[Deliberation]:
    found = Deliberation.objects.filter(closed_at=None).select_related("case__target", "chair")
    return list(found.order_by("due_at")[:ROWS])


def seats_of(user: User) -> list[Deliberation]:
    """Where this person sat, the newest first."""
    return list(
        Deliberation.objects.filter(seats__user=user, closed_at__isnull=False)
        .select_related("case__target")
        .order_by("-id")[:ROWS]
    )
