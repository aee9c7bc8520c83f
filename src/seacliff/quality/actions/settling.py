"""When the two verdicts differ: who was right, and what becomes of a decision that was wrong."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.quality import telling
from seacliff.quality.access import must_be_apart
from seacliff.quality.actions.claiming import locked, subject_of
from seacliff.quality.models import Check, Opinion
from seacliff.quality.plan import plan_in_force
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.models import Event
from seacliff.review.access import NotPermitted, NotValid, Refused, must, person
from seacliff.review.actions.correcting import correct
from seacliff.review.models import Case
from seacliff.review.verdicts import Verdict

Right = Check.Right


def settle(
    user: User, check: Check, right: str, reason: str, verdict: Verdict | None = None, *, actor: Actor | None = None
) -> Check:
    """A lead says which of the two was right, and may put another verdict in the place of a decision that was not.

    Raises NotPermitted, NotValid, Refused.
    """
    must(user, Permission.QUALITY_LEAD)
    _must_say(right, reason)
    if verdict is not None and right == Right.FIRST:
        raise NotValid(_("If the first decision was right there is nothing to correct."), "right")
    actor = actor or person(user)
    with transaction.atomic():
        check = locked(check)
        _must_differ(check)
        must_be_apart(user, check)
        _settled(check, right, reason, user, actor)
        if verdict is not None:
            _correct(user, check, verdict, actor)
    return check


def correct_after(user: User, check: Check, verdict: Verdict, *, actor: Actor | None = None) -> Check:
    """Correct a decision that was found wrong before: by the several who settled it, or by a lead who left it then."""
    must(user, Permission.QUALITY_LEAD)
    with transaction.atomic():
        check = locked(check)
        must_be_apart(user, check)
        if check.state != Check.State.SETTLED or check.right == Right.FIRST or check.new_decision_id is not None:
            raise Refused(_("%s leaves nothing to correct.") % check, "nothing-to-correct")
        _correct(user, check, verdict, actor or person(user))
    return check


def opine(user: User, check: Check, right: str, reason: str, *, actor: Actor | None = None) -> Check:
    """Where several settle differences: one's view, before one knows the others'. The last one settles it if all say the
    same; otherwise a lead does."""
    plan = plan_in_force()
    _must_say(right, reason)
    with transaction.atomic():
        check = locked(check)
        _must_differ(check)
        must_opine(user, check)
        if check.opinions.filter(user=user).exists():
            raise Refused(_("You have said which was right; it stands."), "opined-already")
        if check.opinions.count() >= plan.settle.voters:
            raise Refused(_("Enough have spoken, and not alike: a lead settles %s.") % check, "for-the-lead")
        Opinion.objects.create(of=check, user=user, right=right, reason=reason.strip())
        happened("check.opined", subject_of(check), actor or person(user))
        said = list(check.opinions.all())
        if len(said) >= plan.settle.voters and len({opinion.right for opinion in said}) == 1:
            _settled(check, right, "\n".join(opinion.reason for opinion in said), None, SYSTEM)
    return check


def must_opine(user: User, check: Check) -> None:
    """Raise unless differences are settled by several, and this person can be one of them."""
    plan = plan_in_force()
    must(user, Permission.CHECK_DECIDE)
    if plan.settle.by != "consensus":
        raise Refused(_("Differences are settled by a lead."), "for-the-lead")
    if user.tier < plan.settle.tier:
        raise NotPermitted(
            _("Differences are settled by reviewers of tier %(tier)s; you review up to tier %(own)s.")
            % {"tier": plan.settle.tier, "own": user.tier},
            "tier-too-low",
        )
    must_be_apart(user, check)


def _must_say(right: str, reason: str) -> None:
    if right not in Right.values:
        raise NotValid(_("Say who was right: the first, the second, or neither."), "right")
    if not reason.strip():
        raise NotValid(_("Say why: both reviewers learn from it."), "reason")


def _must_differ(check: Check) -> None:
    if check.kind != Check.Kind.SAMPLE or check.state != Check.State.DIFFERS:
        raise Refused(_("%s is no difference that waits to be settled.") % check, "no-difference")


def _settled(check: Check, right: str, reason: str, user: User | None, actor: Actor) -> None:
    check.state, check.right, check.reason = Check.State.SETTLED, right, reason.strip()
    check.settled_by, check.settled_at = user, timezone.now()
    check.save(update_fields=["state", "right", "reason", "settled_by", "settled_at"])
    data = {"right": right, "check": check.ref, "decision": str(check.decision_id)}
    happened("decision.checked", subject_of(check), actor, story=check.case_id, reason=reason, data=data)


def _correct(user: User, check: Check, verdict: Verdict, actor: Actor) -> None:
    assert check.decision is not None
    if not verdict.rationale.strip():
        raise NotValid(_("Give your reasons: an auditor will read them."), "rationale", "rationale-missing")
    if problem := why_no_correction(check):
        raise Refused(problem, "no-correction")
    Case.objects.select_for_update(of=["self"]).get(id=check.case_id)
    new = correct(check.decision, verdict, user, actor=actor)
    check.new_decision = new
    check.save(update_fields=["new_decision"])
    data = {"check": check.ref, "decision": str(new.id)}
    happened("check.corrected", Subject("check", check.id), actor, story=check.case_id, data=data)
    telling.tell(check.decision, new)


def why_no_correction(check: Check) -> str:
    """Why the decision can't be corrected from here, as a sentence; empty when it can."""
    assert check.decision is not None
    if check.decision.superseded_at is not None:
        return _(
            "The decision was corrected meanwhile, after an appeal or by somebody else: nothing is left to correct."
        )
    if appeal_is_open(check):
        return _(
            "An appeal against this decision is being decided: that outcome stands, so leave the correction to it."
        )
    return ""


def appeal_is_open(check: Check) -> bool:
    """The room of appeals stands beside this one: what goes on there is read off the record."""
    verbs = list(
        Event.objects.filter(story_id=check.case_id, verb__in=["appeal.lodged", "appeal.decided"]).values_list(
            "verb", flat=True
        )
    )
    return verbs.count("appeal.lodged") > verbs.count("appeal.decided")
