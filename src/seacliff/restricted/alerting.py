"""Emergencies are told by mail: at once to every lead and handler, and again when half of the time is gone.

The mail says that there is one and where; what the threat is stays behind the sign-in.
"""

from datetime import UTC, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.desks import desk
from seacliff.restricted.models import Emergency

log = structlog.get_logger("seacliff.restricted")
REMIND_BEFORE = timedelta(minutes=30)


@desk("emergency-alerts", every=2.0)
def alert_some() -> int:
    """Tell of one emergency that nobody was told of, or that is half over and open. A mail that fails is tried again."""
    now = timezone.now()
    fresh = Q(alerted_at=None)
    late = Q(reminded_at=None, due_at__lte=now + REMIND_BEFORE, alerted_at__isnull=False)
    with transaction.atomic():
        waiting = Emergency.objects.filter(fresh | late, closed_at=None).select_related("case", "declared_by")
        found = waiting.order_by("due_at").select_for_update(skip_locked=True, of=["self"]).first()
        if found is None:
            return 0
        again = found.alerted_at is not None
        try:
            told = [user.email for user in whom() if _mail(user, found, again)]
        except OSError as error:  # the mail server's own errors are among these
            log.error("an emergency could not be told by mail", case=found.case.ref, error=str(error))
            return 0
        found.alerted_at, found.reminded_at = found.alerted_at or now, now if again else None
        found.save(update_fields=["alerted_at", "reminded_at"])
        verb = "emergency.reminded" if again else "emergency.alerted"
        happened(verb, Subject("emergency", found.id), SYSTEM, story=found.case_id, data={"people": len(told)})
    return 1


def whom() -> list[User]:
    """Leads and those who handle restricted material."""
    return list(User.objects.filter(is_active=True, roles__overlap=[Role.LEAD, Role.HANDLER]).order_by("id"))


def _mail(user: User, emergency: Emergency, again: bool) -> int:
    with translation.override(user.language or "en"):
        said = {
            "ref": emergency.case.ref,
            "who": emergency.declared_by,
            "due": emergency.due_at.astimezone(UTC).strftime("%H:%M UTC"),
            "url": settings.BASE_URL + reverse("restricted:emergency", args=[emergency.id]),
        }
        subject = _("Threat to life in %(ref)s") % said
        if again:
            subject = _("Still open: %s") % subject
        body = _(
            "%(who)s declared an emergency in %(ref)s. Whom to call and what is known:\n\n%(url)s\n\n"
            "Write down there by %(due)s who was told."
        )
        return EmailMessage(subject, body % said + "\n", to=[user.email]).send()
