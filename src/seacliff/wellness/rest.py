"""Breaks: proposed after a stretch of work, never forced."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.wellness.models import Preference

PAUSE_SECONDS = 600  # as long as this without a case counts as a break
SINCE, LAST = "working_since", "worked_last"


def propose(session: Any, user: User) -> str:
    """A sentence when a break is due, once a stretch; empty otherwise. Called whenever the next case is asked for."""
    now = int(timezone.now().timestamp())
    if now - session.get(LAST, 0) > PAUSE_SECONDS:
        session[SINCE] = now
    session[LAST] = now
    minutes = Preference.objects.filter(user=user).values_list("break_minutes", flat=True).first() or 50
    worked = (now - session[SINCE]) // 60
    if worked < minutes:
        return ""
    session[SINCE] = now
    return _("You have worked for %s minutes without a break. Look at something green for ten.") % worked


def media_of(user: User) -> dict[str, bool]:
    """How media come up for somebody: blurred, grey and silent unless they chose otherwise."""
    row = Preference.objects.filter(user=user).first() or Preference()
    return {"show": not row.blurred, "colour": not row.greyscale, "sound": not row.muted}
