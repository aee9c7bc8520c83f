"""What is done with an appeal: lodged from outside; claimed, decided, referred to the panel, given back inside."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.appeals import telling
from seacliff.appeals.access import Standing, must_be_waiting, must_decide, must_hold, why_not
from seacliff.appeals.models import Appeal
from seacliff.enforcement.models import Action
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record import clocks
from seacliff.record.actions import PUBLIC, SYSTEM, Actor, Subject, happened
from seacliff.review.access import NotValid, Refused, must, person
from seacliff.review.actions.correcting import correct
from seacliff.review.models import Case, Decision, Deliberation
from seacliff.review.telling import affected_by
from seacliff.review.tiers.beginning import begin
from seacliff.review.tiers.plan import plan_in_force
from seacliff.review.verdicts import Verdict

SHORTEST, LONGEST = 10, 10_000
LOWEST_TIER = 2


def lodge(standing: Standing, statement: str) -> Appeal:
    """Take an appeal from outside; its receipt goes out with it. Raises NotValid, Refused with a sentence for them."""
    statement = statement.strip()
    if not SHORTEST <= len(statement) <= LONGEST:
        raise NotValid(
            _("Say in a few words why the decision is wrong (at most %s characters).") % LONGEST, "statement"
        )
    with transaction.atomic():
        decision = standing.decision
        if decision is not None:
            Case.objects.select_for_update(of=["self"]).get(id=decision.case_id)
        if problem := why_not(standing):
            raise Refused(problem, "no-appeal")
        assert decision is not None
        now = timezone.now()
        appeal = Appeal.objects.create(
            decision=decision,
            case=decision.case,
            side=standing.side,
            report_id=standing.report_id,
            target=affected_by([decision.case])[decision.case_id] if standing.side == Appeal.Side.AFFECTED else None,
            language=standing.language,
            address=standing.address,
            statement=statement,
            tier=max(LOWEST_TIER, decision.tier),
            received_at=now,
            due_at=now + target_time(),
            policy_version=decision.policy_version,
            category=decision.category,
            reviewer=decision.reviewer,
            first_tier=decision.tier,
            automated=decision.automated,
        )
        appeal.refresh_from_db(fields=["number"])
        clocks.start(subject_of(appeal), Appeal.CLOCK, "elapsed", target_time(), at=now)
        telling.confirm(appeal)
        data = {"side": appeal.side, "language": appeal.language, "decision": str(decision.id)}
        happened("appeal.lodged", subject_of(appeal), PUBLIC, story=appeal.case_id, data=data)
    return appeal


def target_time() -> timedelta:
    return timedelta(hours=settings.APPEAL_HOURS)


CLAIM = """
UPDATE appeals_appeal SET holder_id = %(user)s, lease_until = %(until)s WHERE id = (
    SELECT a.id FROM appeals_appeal a
    WHERE a.state = 'waiting' AND a.tier <= %(tier)s AND (a.holder_id IS NULL OR a.lease_until < now())
        AND NOT EXISTS (SELECT FROM review_decision d WHERE d.case_id = a.case_id AND d.reviewer_id = %(user)s)
        AND NOT EXISTS (SELECT FROM review_vote v JOIN review_deliberation r ON r.id = v.deliberation_id
                        WHERE r.case_id = a.case_id AND v.user_id = %(user)s)
        AND NOT EXISTS (SELECT FROM record_event e WHERE e.story_id = a.case_id AND e.verb = 'case.escalated'
                        AND e.actor_id = %(user)s)
    ORDER BY a.due_at, a.id LIMIT 1 FOR UPDATE OF a SKIP LOCKED
) RETURNING id
"""


def claim_next(user: User, *, actor: Actor | None = None) -> Appeal | None:
    """The appeal that is due first among those this person may decide, now theirs; None when there is none."""
    must(user, Permission.APPEAL_DECIDE)
    values: dict[str, Any] = {"user": user.id, "tier": user.tier, "until": timezone.now() + _lease()}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, values)
            row = cursor.fetchone()
        if row is None:
            return None
        appeal = Appeal.objects.get(id=row[0])
        happened("appeal.claimed", subject_of(appeal), actor or person(user), story=appeal.case_id)
    return appeal


def claim(user: User, appeal: Appeal, *, actor: Actor | None = None) -> Appeal:
    with transaction.atomic():
        appeal = _locked(appeal)
        must_be_waiting(appeal)
        must_decide(user, appeal)
        if appeal.is_held(timezone.now()) and appeal.holder_id != user.id:
            raise Refused(_("%(appeal)s was taken by %(name)s.") % {"appeal": appeal, "name": appeal.holder}, "taken")
        appeal.holder, appeal.lease_until = user, timezone.now() + _lease()
        appeal.save(update_fields=["holder", "lease_until"])
        happened("appeal.claimed", subject_of(appeal), actor or person(user), story=appeal.case_id)
    return appeal


def release(user: User, appeal: Appeal, *, actor: Actor | None = None) -> None:
    with transaction.atomic():
        appeal = _locked(appeal)
        must_hold(user, appeal)
        appeal.holder = appeal.lease_until = None
        appeal.save(update_fields=["holder", "lease_until"])
        happened("appeal.released", subject_of(appeal), actor or person(user), story=appeal.case_id)


def uphold(user: User, appeal: Appeal, *, reasons: str, answer: str = "", actor: Actor | None = None) -> Appeal:
    """The decision stands."""
    if not reasons.strip():
        raise NotValid(_("Give your reasons: an auditor will read them."), "rationale")
    with transaction.atomic():
        appeal = _locked(appeal)
        must_hold(user, appeal)
        must_decide(user, appeal)
        _settle(appeal, Appeal.Outcome.UPHELD, None, user, reasons, answer, actor or person(user))
    return appeal


def decide(user: User, appeal: Appeal, verdict: Verdict, *, answer: str = "", actor: Actor | None = None) -> Appeal:
    """Put another verdict in the place of the one appealed against: what fell away is taken back in the product."""
    if not verdict.rationale.strip():
        raise NotValid(_("Give your reasons: an auditor will read them."), "rationale")
    actor = actor or person(user)
    with transaction.atomic():
        appeal = _locked(appeal)
        must_hold(user, appeal)
        must_decide(user, appeal)
        outcome = outcome_of(appeal.decision, verdict)
        if outcome == Appeal.Outcome.UPHELD:
            raise NotValid(_("This verdict is the one that was appealed: uphold it, or change something."), "finding")
        new = correct(appeal.decision, verdict, user, actor=actor, tier=user.tier)
        _settle(appeal, outcome, new, user, verdict.rationale, answer, actor)
    return appeal


def outcome_of(before: Decision, after: Verdict | Decision) -> Appeal.Outcome:
    """Upheld when finding and actions are the same, overturned when the finding is another, else changed."""
    if before.finding != after.finding:
        return Appeal.Outcome.OVERTURNED
    old = {(action["kind"], action["target_id"], repr(action["parameters"])) for action in before.actions}
    actions = after.actions if isinstance(after, Decision) else [
        {"kind": str(a.kind), "target_id": str(a.target.id), "parameters": a.parameters} for a in after.actions
    ]  # fmt: skip
    new = {(action["kind"], action["target_id"], repr(action["parameters"])) for action in actions}
    return Appeal.Outcome.UPHELD if old == new and before.category == after.category else Appeal.Outcome.CHANGED


def refer(user: User, appeal: Appeal, reason: str, *, actor: Actor | None = None) -> Deliberation:
    """Give it to the panel, whose outcome binds."""
    if not reason.strip():
        raise NotValid(_("Say why the panel should decide it."), "reason")
    plan = plan_in_force()
    top = plan.tiers[-1]
    if top.way != "panel":
        raise Refused(_("The tiers have no panel. Decide the appeal, or change the tiers."), "no-panel")
    with transaction.atomic():
        appeal = _locked(appeal)
        must_hold(user, appeal)
        case = Case.objects.select_for_update(of=["self"]).get(id=appeal.case_id)
        if Deliberation.objects.filter(case=case, closed_at=None).exists():
            raise Refused(_("A panel is looking at %s already.") % case.ref, "with-panel")
        opened = begin(case, top, plan, corrects=appeal.decision)
        Appeal.objects.filter(decision=appeal.decision, state=Appeal.State.WAITING).update(
            state=Appeal.State.PANEL, deliberation=opened, holder=None, lease_until=None
        )
        happened("appeal.referred", subject_of(appeal), actor or person(user), story=case.id, reason=reason)
    return opened


def settle_panels() -> int:
    """The desk: appeals whose panel has issued its outcome. How many."""
    with transaction.atomic():
        done = list(
            Appeal.objects.filter(state=Appeal.State.PANEL, deliberation__decision__isnull=False)
            .select_related("deliberation__decision__reviewer", "decision", "case__target", "policy_version")
            .select_for_update(skip_locked=True, of=["self"])
            .order_by("id")[:20]
        )
        for appeal in done:
            assert appeal.deliberation is not None
            new = appeal.deliberation.decision
            assert new is not None and new.reviewer is not None
            if appeal.state == Appeal.State.PANEL:
                _settle(appeal, outcome_of(appeal.decision, new), new, new.reviewer, new.rationale, "", SYSTEM)
    return len(done)


def _settle(
    appeal: Appeal,
    outcome: Appeal.Outcome,
    new: Decision | None,
    user: User,
    reasons: str,
    answer: str,
    actor: Actor,
) -> None:
    """Write the outcome for this appeal and for every other of its side that waits against the same decision; tell."""
    now = timezone.now()
    others = Appeal.objects.filter(decision=appeal.decision, side=appeal.side).exclude(id=appeal.id)
    alike = [appeal, *others.exclude(state=Appeal.State.DECIDED).select_for_update(of=["self"]).select_related(
        "decision", "case__target", "policy_version")]  # fmt: skip
    for each in alike:
        each.state, each.outcome, each.new_decision = Appeal.State.DECIDED, outcome, new
        each.decided_by, each.decided_at = user, now
        each.reasons, each.answer = reasons.strip(), answer.strip()
        each.holder = each.lease_until = None
        each.save()
        clocks.stop(subject_of(each), Appeal.CLOCK, now)
        data = {"outcome": outcome, "side": each.side, "decision": str(new.id) if new else str(appeal.decision_id)}
        happened("appeal.decided", subject_of(each), actor, story=each.case_id, reason=reasons, data=data)
    telling.tell(alike, _taken_back(appeal, new) if new else [])


def _taken_back(appeal: Appeal, new: Decision) -> list[Action]:
    """What the correction reversed: the decision's own actions, and what its strikes had triggered in other cases."""
    own = Q(case_id=appeal.case_id)
    by_strikes = Q(parameters__because="strikes", target__in=[a["target_id"] for a in appeal.decision.actions])
    return list(Action.objects.filter(own | by_strikes, reversed_by__not_before__gte=new.decided_at).order_by("id"))


def _locked(appeal: Appeal) -> Appeal:
    wanted = Appeal.objects.select_related(
        "decision__reviewer", "decision__policy_version", "case__target", "holder", "decided_by", "policy_version"
    )
    return wanted.select_for_update(of=["self"]).get(id=appeal.id)


def _lease() -> timedelta:
    return timedelta(minutes=max(60, settings.LEASE_MINUTES))


def subject_of(appeal: Appeal) -> Subject:
    return Subject("appeal", appeal.id)
