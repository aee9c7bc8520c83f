"""How long until, how long ago: the words of clock chips and times, the same on the server and in console.js."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

MINUTE, HOUR, DAY = 60, 3600, 86400
SOON = 2 * HOUR  # a clock with less left than this is shown as "soon"
RECENT = 30 * DAY  # an older moment is shown as its date


class Reading(NamedTuple):
    """What a clock chip says: its state (ok, soon, breached, met, late, paused, none), its icon and its words."""

    state: str
    icon: str
    text: str


def words() -> dict[str, str]:
    """The phrases console.js fills in when it refreshes times, in the reader's language."""
    return {
        "minutes": gettext("%(n)s min"),
        "hours": gettext("%(n)s h"),
        "days": gettext("%(n)s d"),
        "now": gettext("just now"),
        "ago": gettext("%(t)s ago"),
        "in": gettext("in %(t)s"),
        "due": gettext("due in %(t)s"),
        "breached": gettext("breached %(t)s ago"),
    }


def span(seconds: float) -> str:
    """A length of time in one unit, rounded down: minutes below 2 h, hours below 2 d, then days. At least 1 min."""
    seconds = abs(seconds)
    if seconds < 2 * HOUR:
        return gettext("%(n)s min") % {"n": max(1, int(seconds // MINUTE))}
    if seconds < 2 * DAY:
        return gettext("%(n)s h") % {"n": int(seconds // HOUR)}
    return gettext("%(n)s d") % {"n": int(seconds // DAY)}


def since(moment: datetime, now: datetime | None = None) -> str:
    """`moment` seen from now: "just now", "20 min ago", "in 3 h"; its date when more than 30 days away."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    if abs(seconds) >= RECENT:
        return date_format(moment, "DATE_FORMAT")
    if abs(seconds) < MINUTE:
        return gettext("just now")
    if seconds > 0:
        return gettext("%(t)s ago") % {"t": span(seconds)}
    return gettext("in %(t)s") % {"t": span(seconds)}


def read_clock(
    due_at: datetime | None, stopped_at: datetime | None = None, paused: bool = False, now: datetime | None = None
) -> Reading:
    """What to show for a clock that runs out at `due_at` and was stopped at `stopped_at`, if it was."""
    if due_at is None:
        return Reading("none", "clock", gettext("no deadline"))
    if stopped_at is not None:
        left = (due_at - stopped_at).total_seconds()
        if left >= 0:
            return Reading("met", "check", gettext("met, %(t)s left") % {"t": span(left)})
        return Reading("late", "alert", gettext("%(t)s late") % {"t": span(left)})
    if paused:
        return Reading("paused", "pause", gettext("paused"))
    left = (due_at - (now or timezone.now())).total_seconds()
    if left <= 0:
        return Reading("breached", "alert", gettext("breached %(t)s ago") % {"t": span(left)})
    return Reading("soon" if left < SOON else "ok", "clock", gettext("due in %(t)s") % {"t": span(left)})


def exact(moment: datetime) -> str:
    """The moment in UTC to the minute, for titles and print: 2026-03-05 14:07 UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
