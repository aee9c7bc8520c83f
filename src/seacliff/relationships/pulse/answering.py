"""What people answered, counted in rounds: only a round of several answers by several people is ever shown.

A round is closed with the answer that makes it large enough. The answers are added up in it and forgotten one by one: what
somebody said can neither be looked up nor reckoned from two looks at the sums.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import Function
from seacliff.people.problems import Conflict, Fault, Invalid
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.relationships.models import Pulse, PulseRound

FEWEST_ANSWERS, FEWEST_PEOPLE = 5, 3
GRADES = (1, 2, 3, 4, 5)


def answer(pulse: Pulse, easy: str, worth: str) -> Pulse:
    """Keep both answers. Raises Invalid naming what is missing, Conflict when they were given or their time is over."""
    faults: list[Fault] = [
        {"pointer": f"#/{name}", "detail": _("Choose a number from 1 to 5.")}
        for name, said in (("easy", easy), ("worth", worth))
        if said not in map(str, GRADES)
    ]
    if faults:
        raise Invalid(_("Choose a number from 1 to 5 for both questions."), errors=faults)
    with transaction.atomic():
        function = Function.objects.select_for_update().get(id=pulse.function_id)  # one round at a time
        locked = Pulse.objects.select_for_update().get(id=pulse.id)
        if not locked.is_open:
            raise Conflict(_("These questions were answered already, or their time is over."))
        locked.easy, locked.worth, locked.answered_at = int(easy), int(worth), timezone.now()
        locked.save(update_fields=["easy", "worth", "answered_at"])
        happened("pulse.answered", Subject("function", function.id), SYSTEM)  # by whom and what, nobody is told
        _close_round(function)
    return locked


def _close_round(function: Function) -> None:
    """Add up what is not added up yet, if it is enough."""
    fresh = list(Pulse.objects.filter(function=function, easy__isnull=False))
    people = {pulse.email for pulse in fresh}
    if len(fresh) < FEWEST_ANSWERS or len(people) < FEWEST_PEOPLE:
        return
    PulseRound.objects.create(
        function=function,
        people=len(people),
        easy=[sum(pulse.easy == grade for pulse in fresh) for grade in GRADES],
        worth=[sum(pulse.worth == grade for pulse in fresh) for grade in GRADES],
    )
    Pulse.objects.filter(id__in=[pulse.id for pulse in fresh]).update(easy=None, worth=None)
