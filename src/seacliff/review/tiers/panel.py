"""The panel: people from across the company, none of whom decided before; they vote, the majority decides, and its
reasons and the dissent are written down. What it decides binds."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission, Role
from seacliff.record.actions import Actor, happened
from seacliff.record.models import Event
from seacliff.review.access import NotPermitted, NotValid, Refused, must, person
from seacliff.review.models import Case, Decision, Deliberation, Precedent, Seat, Vote
from seacliff.review.tiers.ballots import key_of, leading
from seacliff.review.tiers.beginning import subject_of
from seacliff.review.tiers.deliberating import cast, close, must_vote_soundly, seat
from seacliff.review.tiers.precedents import memorialise
from seacliff.review.verdicts import Verdict

Stage = Deliberation.Stage
MOST_SEATS = 15


def decided_before(case: Case) -> set[UUID]:
    """Everybody who had a hand in the case: decided, voted, escalated. They sit on no panel about it."""
    deciders = Decision.objects.filter(case=case).values_list("reviewer_id", flat=True)
    voters = Vote.objects.filter(deliberation__case=case).values_list("user_id", flat=True)
    raised = Event.objects.filter(story_id=case.id, verb="case.escalated", actor_kind=Event.ActorKind.PERSON)
    return {id for id in (*deciders, *voters, *raised.values_list("actor_id", flat=True)) if id}


def candidates(deliberation: Deliberation) -> list[User]:
    """Who may sit, those first who have sat longest ago; functions in turn, so that the first ones make a mixed roster."""
    able = Q(roles__contains=[Role.PANELLIST]) | Q(
        tier__gte=deliberation.tier, roles__overlap=[Role.REVIEWER, Role.LEAD]
    )
    others = (
        User.objects.filter(able, is_active=True)
        .exclude(id__in=decided_before(deliberation.case))
        .exclude(seats__deliberation=deliberation)
        .annotate(sat=Max("seats__declared_at"))
        .prefetch_related("memberships__function")
        .order_by("sat", "name")
        .distinct()
    )
    by_function: dict[str, list[User]] = defaultdict(list)
    for user in sorted(others, key=lambda user: (user.sat is not None, str(user.sat or ""), user.name)):
        membership = next(iter(user.memberships.all()), None)
        by_function[membership.function.name if membership else ""].append(user)
    mixed = []
    while any(by_function.values()):
        for group in by_function.values():
            if group:
                mixed.append(group.pop(0))
    return mixed


def convene(
    user: User, deliberation: Deliberation, members: Iterable[User], chair: User, *, actor: Actor | None = None
) -> None:
    """Name the panel, or add to it somebody for a member who has a conflict of interest."""
    must(user, Permission.PANEL_CONVENE)
    with transaction.atomic():
        deliberation = _locked(deliberation, Stage.ROSTER, Stage.PANEL)
        named = list(members)
        _must_be_free(deliberation, named)
        for member in named:
            seat(deliberation, member, Seat.State.INVITED)
        sitting = deliberation.seats.exclude(state=Seat.State.CONFLICTED)
        if not deliberation.voters <= sitting.count() <= MOST_SEATS:
            raise NotValid(
                _("The panel needs between %(least)s and %(most)s members; this makes %(now)s.")
                % {"least": deliberation.voters, "most": MOST_SEATS, "now": sitting.count()},
                "members",
            )
        if not sitting.filter(user=chair).exists():
            raise NotValid(_("The chair must be one of the members."), "chair")
        deliberation.chair, deliberation.stage = chair, Stage.PANEL
        deliberation.save(update_fields=["chair", "stage"])
        data = {"members": [str(member) for member in named], "chair": str(chair)}
        happened("panel.convened", subject_of(deliberation), actor or person(user), story=deliberation.case_id,
                 data=data)  # fmt: skip


def _must_be_free(deliberation: Deliberation, members: list[User]) -> None:
    barred = decided_before(deliberation.case)
    for member in members:
        if member.id in barred:
            raise NotValid(_("%s had a hand in this case before and can't sit on its panel.") % member, "members")
        if not (member.is_active and member.may(Permission.PANEL_SIT)):
            raise NotValid(_("%s is not somebody who may sit on panels.") % member, "members")


def declare(user: User, deliberation: Deliberation, conflict: str = "", *, actor: Actor | None = None) -> Seat:
    """Say that one has no conflict of interest, or which; with one, somebody else takes the seat."""
    with transaction.atomic():
        deliberation = _locked(deliberation, Stage.PANEL, Stage.SECOND)
        mine = _seat_of(user, deliberation)
        if deliberation.votes.filter(user=user).exists():
            raise Refused(_("You have voted: the declaration stands."), "voted-already")
        mine.state = Seat.State.CONFLICTED if conflict.strip() else Seat.State.SEATED
        mine.conflict, mine.declared_at = conflict.strip(), timezone.now()
        mine.save(update_fields=["state", "conflict", "declared_at"])
        if mine.state == Seat.State.CONFLICTED and deliberation.chair_id == user.id:
            first = deliberation.seats.exclude(state=Seat.State.CONFLICTED).first()
            deliberation.chair = first.user if first else None
            deliberation.save(update_fields=["chair"])
        happened("panel.declared", subject_of(deliberation), actor or person(user), story=deliberation.case_id,
                 data={"conflict": bool(mine.conflict)})  # fmt: skip
        if mine.state == Seat.State.CONFLICTED:
            _back_to_roster_if_short(deliberation)
    return mine


def _back_to_roster_if_short(deliberation: Deliberation) -> None:
    if deliberation.seats.exclude(state=Seat.State.CONFLICTED).count() < deliberation.voters:
        deliberation.stage = Stage.ROSTER
        deliberation.save(update_fields=["stage"])


def vote(user: User, deliberation: Deliberation, verdict: Verdict, *, actor: Actor | None = None) -> Deliberation:
    """A member's ballot, with reasons; the last one of a round is followed by the count."""
    must_vote_soundly(deliberation.case, verdict, deliberation.corrects)
    with transaction.atomic():
        deliberation = _locked(deliberation, Stage.PANEL, Stage.SECOND)
        if _seat_of(user, deliberation).state != Seat.State.SEATED:
            raise Refused(_("Declare first whether you have a conflict of interest."), "not-declared")
        actor = actor or person(user)
        cast(deliberation, user, verdict, actor)
        count(deliberation, actor, everybody=True)
    return deliberation


def count(deliberation: Deliberation, actor: Actor, *, everybody: bool) -> int:
    """Count a locked panel's round: once all have voted, or (when its time is over) with a quorum. Whether it was.

    More than half decides. Without a majority everybody votes again, seeing the first votes; then the chair's ballot
    decides among those that lead.
    """
    votes = list(deliberation.votes.filter(round=deliberation.round).select_related("user"))
    sitting = deliberation.seats.exclude(state=Seat.State.CONFLICTED).count()
    if len(votes) < (sitting if everybody else deliberation.voters):
        return 0
    keys, most, cast_ = leading(votes)
    if most * 2 > cast_:
        _prevails(deliberation, next(v for v in votes if key_of(v.ballot) == keys[0]), votes, actor)
    elif deliberation.stage == Stage.PANEL:
        deliberation.stage = Stage.SECOND
        deliberation.save(update_fields=["stage"])
        happened("panel.split", subject_of(deliberation), actor, story=deliberation.case_id, data={"votes": cast_})
    else:
        own = next((v for v in votes if v.user_id == deliberation.chair_id and key_of(v.ballot) in keys), None)
        deliberation.casting = True
        _prevails(deliberation, own or next(v for v in votes if key_of(v.ballot) in keys), votes, actor)
    return 1


def _prevails(deliberation: Deliberation, winning: Vote, votes: list[Vote], actor: Actor) -> None:
    deliberation.outcome, deliberation.stage = winning.ballot, Stage.WRITING
    if deliberation.chair is None:
        deliberation.chair = winning.user
    deliberation.save(update_fields=["outcome", "stage", "casting", "chair"])
    same = sum(key_of(vote.ballot) == key_of(winning.ballot) for vote in votes)
    data = {"finding": winning.ballot["finding"], "for": same, "against": len(votes) - same,
            "casting": deliberation.casting}  # fmt: skip
    happened("panel.voted", subject_of(deliberation), actor, story=deliberation.case_id, data=data)


def dissents_of(deliberation: Deliberation) -> list[Vote]:
    """The ballots of the last round that did not prevail."""
    if deliberation.outcome is None:
        return []
    last = deliberation.votes.aggregate(last=Max("round"))["last"] or 1
    votes = deliberation.votes.filter(round=last).select_related("user")
    return [vote for vote in votes if key_of(vote.ballot) != key_of(deliberation.outcome)]


def issue(
    user: User,
    deliberation: Deliberation,
    *,
    question: str,
    opinion: str,
    passage: str = "",
    facts: str = "",
    actor: Actor | None = None,
) -> Precedent:
    """The chair writes what was decided and why: it becomes the case's decision, and a precedent with its dissents."""
    if not question.strip():
        raise NotValid(_("Put the question that was decided in a sentence."), "question")
    if not opinion.strip():
        raise NotValid(_("Write the opinion: what was decided and why."), "opinion")
    with transaction.atomic():
        case = Case.objects.select_for_update(of=["self"]).select_related("target").get(id=deliberation.case_id)
        deliberation = _locked(deliberation, Stage.WRITING)
        if deliberation.chair_id != user.id:
            raise NotPermitted(_("%s chairs this panel and writes its outcome.") % deliberation.chair)
        assert deliberation.outcome is not None
        close(deliberation, case, user, deliberation.outcome, opinion.strip(), actor or person(user), facts.strip())
        dissents = [
            {"name": str(vote.user), "function": _function(deliberation, vote), "text": vote.reasons}
            for vote in dissents_of(deliberation)
        ]
        return memorialise(
            deliberation, opinion=opinion.strip(), question=question.strip(), passage=passage.strip(), dissents=dissents
        )


def _function(deliberation: Deliberation, vote: Vote) -> str:
    found = deliberation.seats.filter(user=vote.user_id).first()
    return found.function if found else ""


def _seat_of(user: User, deliberation: Deliberation) -> Seat:
    found = deliberation.seats.select_for_update().filter(user=user).exclude(state=Seat.State.CONFLICTED).first()
    if found is None or not user.may(Permission.PANEL_SIT):
        raise NotPermitted(_("You don't sit on this panel."))
    return found


def _locked(deliberation: Deliberation, *stages: Stage) -> Deliberation:
    fresh = (
        Deliberation.objects.select_for_update(of=["self"])
        .select_related("case__target", "chair", "corrects")
        .get(id=deliberation.id)
    )
    if fresh.way != Deliberation.Way.PANEL or fresh.stage not in stages:
        raise Refused(
            _("That can't be done now: %s. Load the page again.") % fresh.get_stage_display(), "another-stage"
        )
    return fresh
