"""How long an ask has waited for its answer, in the hours that its charter counts for it. It is kept with the ask and added
up whenever the clock comes to a stand: pauses cost nothing, and nobody has to read the history to tell."""

from datetime import datetime, timedelta

from seacliff.partners.access import OURS
from seacliff.partners.charters.document import charter_of
from seacliff.partners.models import Ask
from seacliff.record import business
from seacliff.record.models import Calendar


def count_from(ask: Ask, at: datetime) -> None:
    """Somebody is waited for from now on; whoever calls it saves the ask."""
    if ask.counting_since is None:
        ask.counting_since = at
        ask.taken = ask.taken or timedelta(0)


def count_until(ask: Ask, at: datetime) -> None:
    """Nobody is waited for any more; whoever calls it saves the ask."""
    if ask.counting_since is not None:
        ask.taken = (ask.taken or timedelta(0)) + _counted(ask, ask.counting_since, at)
        ask.counting_since = None


def _counted(ask: Ask, since: datetime, until: datetime) -> timedelta:
    """Working hours where the charter counts working hours for this kind and severity, hours of the day otherwise; a due
    time set by hand does not change which."""
    charter = charter_of(ask.charter)
    _amount, working = charter.target(ask.kind, ask.severity, of_us=ask.to_function.slug == OURS)
    calendar = Calendar.objects.filter(slug=charter.calendar).first() if working else None
    return business.between(calendar, since, until) if calendar else max(until - since, timedelta(0))
