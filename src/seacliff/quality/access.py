"""Who may look again at what, who settles differences, who sees whose scores."""

import re
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.quality.models import Check, Golden, QualityPlan, Session
from seacliff.quality.plan import Plan, plan_in_force
from seacliff.review.access import NotPermitted, Refused

REF = re.compile(r"(?:S-)?([1-9][0-9]{0,17})\Z", re.IGNORECASE)
State = Check.State
ANSWERED = (State.AGREED, State.DIFFERS, State.SETTLED, State.ANSWERED)


def check_of(user: User, ref: str) -> Check:
    """A check: for its holder while they judge; for whoever answered it; answered samples for leads. 404 for the rest:
    before it is answered nobody but its holder may know which case it is about."""
    found = REF.match(ref)
    check = None
    if found and user.may(Permission.QUALITY_VIEW):
        check = _wanted().filter(number=int(found[1])).first()
    if check is None or not may_see(user, check):
        raise Http404(_("There is no re-review %s that you may see.") % ref)
    return check


def _wanted() -> QuerySet[Check]:
    return Check.objects.select_related(
        "case__target", "decision__policy_version", "golden", "of_session__decision", "of_session__session",
        "policy_version", "first", "second", "holder", "settled_by", "new_decision",
    )  # fmt: skip


def may_see(user: User, check: Check) -> bool:
    if check.is_held_by(user, timezone.now()):
        return True
    if check.state not in ANSWERED:
        return False
    if check.second_id == user.id:
        return True
    if check.kind != Check.Kind.SAMPLE:
        return False
    if check.first_id == user.id and not may_lead(user):
        return check.state == State.SETTLED
    return may_lead(user) or (check.state == State.DIFFERS and may_opine(user, plan_in_force()))


def may_opine(user: User, plan: Plan) -> bool:
    """Whether this person is one of the several who settle differences, where the plan says so."""
    return plan.settle.by == "consensus" and user.tier >= plan.settle.tier and user.may(Permission.CHECK_DECIDE)


def may_lead(user: User) -> bool:
    return user.may(Permission.QUALITY_LEAD)


def must_hold(user: User, check: Check) -> None:
    if check.state != State.WAITING:
        raise Refused(_("%s has been decided; the verdict stands.") % check, "already-decided")
    if not check.is_held_by(user, timezone.now()):
        raise Refused(_("You do not hold %s any more: the time for it ran out.") % check, "not-held")


def must_be_apart(user: User, check: Check) -> None:
    """Whoever gave one of the two verdicts does not judge between them. Raises."""
    if user.id in (check.first_id, check.second_id):
        raise NotPermitted(
            _("You gave one of the two verdicts of %s: somebody else says which was right.") % check, "own-verdict"
        )


def score_for(user: User, whose: UUID | None) -> User:
    """Whose scores are shown: one's own, or for a lead anybody's. 404 otherwise."""
    if whose is None or whose == user.id:
        return user
    found = User.objects.filter(id=whose).first() if may_lead(user) else None
    if found is None:
        raise Http404(_("There is nobody whose scores you may see by that name."))
    return found


def golden_of(user: User, id: UUID) -> Golden:
    """The right verdict is for leads only: everybody else may be asked for it."""
    wanted = Golden.objects.select_related("policy_version", "added_by", "case")
    found = wanted.filter(id=id).first() if may_lead(user) else None
    if found is None:
        raise Http404(_("There is no such golden case."))
    return found


def session_of(user: User, id: UUID) -> Session:
    """A calibration, for its members and for leads."""
    found = Session.objects.select_related("opened_by").filter(id=id).first()
    if found is None or not (may_lead(user) or found.members.filter(id=user.id).exists()):
        raise Http404(_("There is no such calibration."))
    return found


def plan_to_read(number: int) -> QualityPlan:
    found = QualityPlan.objects.filter(number=number).first()
    if found is None:
        raise Http404(_("There is no such version."))
    return found
