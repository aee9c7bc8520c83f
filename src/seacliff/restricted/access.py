"""Who may come near restricted material: its own role, two people, one file, half an hour. An admin may not."""

from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.record.models import Attachment
from seacliff.restricted.models import Emergency, Referral, Unlock
from seacliff.review.access import NotPermitted, Refused


def must_handle(user: User) -> None:
    if not user.may(Permission.RESTRICTED_HANDLE):
        raise NotPermitted(_("Only those who handle restricted material may do this."))


def attachment_to_ask_for(user: User, id: UUID) -> Attachment:
    must_handle(user)
    found = Attachment.objects.select_related("evidence").filter(id=id, evidence__restricted=True).first()
    if found is None:
        raise Http404(_("There is no such restricted file."))
    return found


def unlock_to_answer(user: User, id: UUID) -> Unlock:
    """Somebody else's request that still waits."""
    must_handle(user)
    found = Unlock.objects.select_related("attachment", "asked_by").filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such request."))
    if found.asked_by_id == user.id:
        raise NotPermitted(_("You asked for this yourself: somebody else must agree."))
    if found.agreed is not None:
        raise Refused(_("This request was answered already."), "answered")
    return found


def unlocked(user: User, id: UUID) -> Unlock:
    """One's own request that was agreed to and has not run out. 404 otherwise, which tells nothing."""
    must_handle(user)
    mine = Unlock.objects.select_related("attachment__evidence").filter(
        id=id, asked_by=user, agreed=True, expires_at__gt=timezone.now()
    )
    found = mine.first()
    if found is None:
        raise Http404(_("There is no file here for you: nobody has agreed, or the time is over."))
    return found


def referral_of(user: User, id: UUID) -> Referral:
    must_handle(user)
    found = Referral.objects.select_related("case__target", "drafted_by", "approved_by").filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such referral."))
    return found


def emergency_of(user: User, id: UUID) -> Emergency:
    if not user.may(Permission.CASE_VIEW):
        raise Http404(_("There is no such emergency."))
    found = Emergency.objects.select_related("case__target", "declared_by", "closed_by").filter(id=id).first()
    if found is None:
        raise Http404(_("There is no such emergency."))
    return found
