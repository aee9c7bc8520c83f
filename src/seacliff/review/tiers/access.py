"""Who may see what several people decide. A panel's member sees the case they sit on, and no other."""

from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.review.models import Deliberation, Precedent, Seat, TierPlan, Vote


def deliberation_of(user: User, id: UUID) -> Deliberation:
    """404 for whoever may neither view cases nor sits on it; somebody with a conflict of interest sees it no more."""
    wanted = Deliberation.objects.select_related("case__target", "case__queue", "chair", "corrects__policy_version")
    found = wanted.filter(id=id).first()
    mine = Seat.objects.filter(deliberation=id, user=user).first() if found else None
    conflicted = mine is not None and mine.state == Seat.State.CONFLICTED
    if found is None or conflicted or not (user.may(Permission.CASE_VIEW) or (mine and user.may(Permission.PANEL_SIT))):
        raise Http404(_("There is no such deliberation."))
    return found


def votes_shown_to(user: User, deliberation: Deliberation) -> list[Vote]:
    """Votes of rounds that are over, and one's own: first votes are independent."""
    over = not deliberation.is_open or deliberation.stage == Deliberation.Stage.WRITING
    votes = deliberation.votes.select_related("user")
    return [vote for vote in votes if over or vote.round < deliberation.round or vote.user_id == user.id]


def precedent_of(user: User, number: int) -> Precedent:
    wanted = Precedent.objects.select_related("case", "policy_version__policy", "decision")
    found = wanted.filter(number=number).first() if user.may(Permission.PRECEDENT_VIEW) else None
    if found is None:
        raise Http404(_("There is no such precedent."))
    return found


def plan_to_read(user: User, number: int) -> TierPlan:
    found = TierPlan.objects.filter(number=number).first() if user.may(Permission.TIER_VIEW) else None
    if found is None:
        raise Http404(_("There is no such version."))
    return found
