"""A second look's verdict, given blindly and once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import ActionKind, Category
from seacliff.quality.access import must_hold
from seacliff.quality.actions.claiming import let_out, lock, locked, subject_of
from seacliff.quality.models import Check
from seacliff.quality.plan import plan_in_force
from seacliff.record import clocks
from seacliff.record.actions import Actor, happened
from seacliff.review.access import NotValid, must, person
from seacliff.review.models import Decision

Finding = Decision.Finding


@dataclass(frozen=True, slots=True)
class Found:
    """What a second reviewer found: the finding, the harm, the kinds of action they would have ordered, and why."""

    finding: str
    category: str
    rationale: str
    actions: Sequence[str] = ()


def answer(user: User, check: Check, found: Found, *, actor: Actor | None = None) -> Check:
    """Give the verdict; it stands. Raises NotValid, Refused."""
    must(user, Permission.CHECK_DECIDE)
    with transaction.atomic():
        lock(user)
        check = locked(check)
        must_hold(user, check)
        must_fit(check, found)
        check.second, check.answered_at = user, timezone.now()
        check.finding, check.found = found.finding, found.category
        violation = found.finding == Finding.VIOLATION
        check.actions = sorted(set(found.actions)) if violation else []
        check.rationale = found.rationale.strip()
        check.state, check.agrees = _compared(check)
        check.holder = check.lease_until = None
        check.save()
        if check.kind == Check.Kind.SAMPLE:
            clocks.stop(subject_of(check), Check.CLOCK, check.answered_at)
        let_out(user.id)
        # What was found is told when the difference is settled, and of golden cases to nobody but the two concerned.
        happened("check.answered", subject_of(check), actor or person(user))
    return check


def must_fit(check: Check, found: Found) -> None:
    """Raise NotValid unless the rule that the decision was made under allows this."""
    if found.finding not in (Finding.VIOLATION, Finding.NO_VIOLATION):
        raise NotValid(_("Say whether it breaks the rule or not."), "finding")
    if not Category.objects.filter(slug=found.category).exists():
        raise NotValid(_('There is no harm called "%s".') % found.category, "category")
    if not found.rationale.strip():
        raise NotValid(_("Give your reasons: somebody may have to choose between you and the first reviewer."),
                       "rationale", "rationale-missing")  # fmt: skip
    allowed = set(check.policy_version.allowed_actions if check.policy_version else ())
    same_rule = check.policy_version is not None and found.category == check.category
    known = allowed if same_rule else set(ActionKind.values)
    if wrong := set(found.actions) - known:
        raise NotValid(
            _("The rule does not allow this: %s.") % ", ".join(sorted(wrong)), "actions", "action-not-allowed"
        )


def _compared(check: Check) -> tuple[Check.State, bool | None]:
    if check.kind == Check.Kind.CALIBRATION:
        return Check.State.ANSWERED, None
    same = alike(check, plan_in_force().compare)
    if check.kind == Check.Kind.GOLDEN:
        return Check.State.ANSWERED, same
    return (Check.State.AGREED if same else Check.State.DIFFERS), same


def alike(check: Check, how: str) -> bool:
    """Whether both verdicts are the same by the plan: their finding; with the harm, if it breaks a rule; with the actions."""
    same = check.finding == check.first_finding
    if same and how != "finding" and check.finding == Finding.VIOLATION:
        same = check.found == check.first_found
        if how == "actions":
            same = same and sorted(check.actions) == sorted(set(check.first_actions) - {ActionKind.DISMISS})
    return same
