"""Deciding by consensus: independent votes, a discussion, final votes; then one decision or the next tier."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.policy.queries import version_in_force
from seacliff.record import clocks
from seacliff.record.actions import SYSTEM, Actor, happened
from seacliff.record.models import Note
from seacliff.review.access import NotPermitted, NotValid, Refused, must_hold, must_review, person
from seacliff.review.actions.correcting import correct, judged_by
from seacliff.review.actions.deciding import carry_out
from seacliff.review.actions.moving import locked, raise_to
from seacliff.review.models import AskWait, Case, Decision, Deliberation, Seat, Vote, Work
from seacliff.review.tiers.ballots import ballot_of, key_of, verdict_from
from seacliff.review.tiers.beginning import begin_where_due, set_aside, subject_of
from seacliff.review.tiers.plan import plan_in_force
from seacliff.review.tiers.precedents import memorialise
from seacliff.review.verdicts import Verdict, must_fit

Stage = Deliberation.Stage
BATCH = 50


def vote(user: User, case: Case, verdict: Verdict, *, actor: Actor | None = None) -> Deliberation:
    """Cast an independent vote on a case that this reviewer holds, or a final one in its discussion.

    Nobody sees it before the round is over. The last vote of a round decides what becomes of the case.
    """
    must_review(user, case)
    must_vote_soundly(case, verdict)
    actor = actor or person(user)
    with transaction.atomic():
        case, work = locked(case)
        begin_where_due([case])
        deliberation = _of(case)
        if deliberation.stage == Stage.VOTES:
            must_hold(user, case, work)
            seat(deliberation, user, Seat.State.SEATED)
        elif not deliberation.seats.filter(user=user).exists():
            raise NotPermitted(_("Only those who voted first take part in the discussion of %s.") % case.ref)
        cast(deliberation, user, verdict, actor)
        if deliberation.stage == Stage.VOTES:
            _after_first_vote(deliberation, case, user, actor)
        else:
            _after_final_vote(deliberation, case, user, actor)
    return deliberation


def must_vote_soundly(case: Case, verdict: Verdict, corrects: Decision | None = None) -> None:
    """A vote is a verdict with reasons. Raises NotValid."""
    if verdict.finding == Decision.Finding.DUPLICATE:
        raise NotValid(_("Vote on the matter itself: a repetition is decided by one person, before it comes here."),
                       "finding")  # fmt: skip
    if not verdict.rationale.strip():
        raise NotValid(_("Give your reasons: the others answer to them."), "rationale", "rationale-missing")
    must_fit(case, verdict, judged_by(corrects, verdict.category))


def _of(case: Case) -> Deliberation:
    found = Deliberation.objects.filter(case=case, closed_at=None).select_for_update(of=["self"]).first()
    if found is None or found.way != Deliberation.Way.CONSENSUS:
        raise Refused(_("%s is not decided by consensus.") % case.ref, "no-consensus-here")
    return found


def seat(deliberation: Deliberation, user: User, state: Seat.State) -> Seat:
    """A seat for somebody, with the part of the company they come from."""
    membership = user.memberships.select_related("function").first()
    found, _made = Seat.objects.get_or_create(
        deliberation=deliberation,
        user=user,
        defaults={
            "state": state,
            "function": membership.function.name if membership else "",
            "declared_at": timezone.now() if state == Seat.State.SEATED else None,
        },
    )
    return found


def cast(deliberation: Deliberation, user: User, verdict: Verdict, actor: Actor) -> Vote:
    """One ballot of the present round. The record says that it was cast, not what it says: others are still to vote."""
    if deliberation.votes.filter(user=user, round=deliberation.round).exists():
        raise Refused(_("You have voted in this round; the vote stands."), "voted-already")
    written = Vote.objects.create(
        deliberation=deliberation,
        user=user,
        round=deliberation.round,
        ballot=ballot_of(verdict),
        reasons=verdict.rationale.strip(),
    )
    data = {"round": deliberation.round, "vote": str(written.id)}
    happened("vote.cast", subject_of(deliberation), actor, story=deliberation.case_id, data=data)
    return written


def _after_first_vote(deliberation: Deliberation, case: Case, user: User, actor: Actor) -> None:
    votes = list(deliberation.votes.filter(round=1))
    Work.objects.filter(case=case).update(
        holder=None, lease_until=None, claimed_at=None, assigned_to=None, barred=[each.user_id for each in votes]
    )
    if len(votes) < deliberation.voters:
        return
    if len({key_of(each.ballot) for each in votes}) == 1:
        _conclude(deliberation, case, votes, user, actor)
        return
    deliberation.stage = Stage.DISCUSSION
    deliberation.save(update_fields=["stage"])
    set_aside(deliberation)
    happened("deliberation.split", subject_of(deliberation), actor, story=case.id, data={"votes": _counts(votes)})


def _after_final_vote(deliberation: Deliberation, case: Case, user: User, actor: Actor) -> None:
    votes = list(deliberation.votes.filter(round=2))
    if len(votes) < deliberation.seats.count():
        return
    if len({key_of(each.ballot) for each in votes}) == 1:
        _conclude(deliberation, case, votes, user, actor)
    else:
        _pass_on(deliberation, case, actor, _("The final votes are split: %s.") % _counts(votes))


def _counts(votes: list[Vote]) -> str:
    violations = sum(each.ballot["finding"] == Decision.Finding.VIOLATION for each in votes)
    return _("%(violation)s for a violation, %(none)s for none") % {
        "violation": violations, "none": len(votes) - violations}  # fmt: skip


def _conclude(deliberation: Deliberation, case: Case, votes: list[Vote], user: User, actor: Actor) -> None:
    said = "\n\n".join(f"{each.user}: {each.reasons}" for each in votes)
    reasons = _("By consensus of %(names)s.") % {"names": ", ".join(str(each.user) for each in votes)} + "\n\n" + said
    close(deliberation, case, user, votes[0].ballot, reasons, actor)
    memorialise(deliberation, opinion=reasons)


def close(
    deliberation: Deliberation, case: Case, user: User, ballot: dict, reasons: str, actor: Actor, facts: str = ""
) -> Decision:
    """Make the outcome the case's decision: a first one, or one that corrects what was appealed."""
    verdict = verdict_from(ballot, reasons, facts)
    now = timezone.now()
    if deliberation.corrects is not None:
        decision = correct(deliberation.corrects, verdict, user, actor=actor, tier=deliberation.tier)
    else:
        Work.objects.filter(case=case).update(
            holder=user, lease_until=now + timedelta(minutes=settings.LEASE_MINUTES), held_until=None, assigned_to=None
        )
        in_force = version_in_force(verdict.category)
        must_fit(case, verdict, in_force)
        decision = carry_out(user, case, verdict, in_force, actor, tier=max(deliberation.tier, case.tier))
    deliberation.stage, deliberation.closed_at = Stage.DECIDED, now
    deliberation.decision, deliberation.outcome = decision, ballot
    deliberation.save(update_fields=["stage", "closed_at", "decision", "outcome"])
    clocks.stop(subject_of(deliberation), Deliberation.CLOCK, now)
    data = {"decision": str(decision.id), "finding": ballot["finding"], "way": deliberation.way}
    happened("deliberation.decided", subject_of(deliberation), actor, story=case.id, data=data)
    return decision


def _pass_on(deliberation: Deliberation, case: Case, actor: Actor, why: str) -> None:
    """No consensus: the next tier takes the case, and nobody who voted takes part again."""
    now = timezone.now()
    deliberation.stage, deliberation.closed_at = Stage.PASSED_ON, now
    deliberation.save(update_fields=["stage", "closed_at"])
    clocks.stop(subject_of(deliberation), Deliberation.CLOCK, now)
    happened("deliberation.passed-on", subject_of(deliberation), actor, story=case.id, reason=why)
    above = plan_in_force().above(case.tier)
    work = Work.objects.select_for_update().get(case=case)
    work.barred = list(deliberation.seats.values_list("user_id", flat=True))
    if above is None:  # the plan was changed meanwhile: its highest tier decides
        work.held_until = None
        work.save()
        return
    raise_to(case, work, above.number, actor, reason=why, ground="no-consensus")


def write(user: User, deliberation: Deliberation, body: str) -> Note:
    """A word in the thread of a deliberation, for those who decide it."""
    body = body.strip()
    if not body:
        raise NotValid(_("The note is empty."), "body")
    if not deliberation.is_open:
        raise Refused(_("This deliberation is over."), "over")
    if deliberation.stage == Stage.VOTES or deliberation.stage == Stage.PANEL:
        raise Refused(_("The discussion begins when everybody has voted: first votes are independent."), "too-early")
    with transaction.atomic():
        note = Note.objects.create(
            subject_kind="deliberation", subject_id=deliberation.id, author_id=user.id, author_name=str(user), body=body
        )
        happened("note.written", subject_of(deliberation), person(user), story=deliberation.case_id)
    return note


def pass_on_overdue() -> int:
    """The desk: consensus that was not found within its clock goes up; panels that have a quorum are counted."""
    from seacliff.review.tiers.panel import count

    with transaction.atomic():
        waits = AskWait.objects.filter(case=OuterRef("case"), done_at=None)
        due = Deliberation.objects.filter(~Exists(waits), closed_at=None, due_at__lte=timezone.now()).order_by("due_at")
        found = list(
            due.exclude(stage__in=[Stage.ROSTER, Stage.WRITING])
            .select_for_update(skip_locked=True, of=["self"])
            .values_list("id", flat=True)[:BATCH]
        )
    done = 0
    for id in found:
        with transaction.atomic():
            case, _work = locked(Case.objects.get(deliberations=id))
            deliberation = Deliberation.objects.select_for_update(of=["self"]).get(id=id)
            if not deliberation.is_open:
                continue
            if deliberation.way == Deliberation.Way.CONSENSUS:
                _pass_on(deliberation, case, SYSTEM, _("No consensus was found in time."))
                done += 1
            else:
                done += count(deliberation, SYSTEM, everybody=False)
    return done
