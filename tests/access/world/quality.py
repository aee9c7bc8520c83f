from datetime import timedelta

import msgspec
from django.utils import timezone

from seacliff.people.models import User
from seacliff.people.permissions import Permission, Role
from seacliff.quality import actions, plan
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, Session
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review.tests import factories

from . import World
from .scene import decided


def plant(world: World) -> None:
    """Under a plan that draws everything: a difference to be settled, and more that waits for a second look."""
    every = msgspec.structs.replace(plan.DEFAULT, share=1.0, rules=(), golden=0.0)
    number = plan.publish(every, "Everything", SYSTEM).number
    decision = decided(world.made.other, world.made.rules)
    clear("sample-decisions")
    check = Check.objects.get(decision=decision)
    Check.objects.exclude(id=check.id).update(due_at=timezone.now() + timedelta(days=30))
    second = factories.person("Sven Second", tier=4)
    lead = factories.person("Lotte Lead", tier=4, roles=(Role.LEAD,))
    assert actions.claim_next(second) == check
    actions.answer(second, check, Found("no-violation", "spam", "They had asked for it."))
    golden = actions.keep(lead, world.made.decision.case, Found("violation", "spam", "A bought list is bulk."))
    session = _session(world, lead, second)
    world.name("quality:check live do", "ref", check.ref)
    world.name("quality:golden-one golden-retire", "id", golden.id)
    world.name("quality:session session-next session-do", "id", session.id)
    world.names |= {
        "quality:by-id.id": check.id,
        "quality:plan-version.number": number,
        "quality:scores-of.user_id": second.id,
        "api:quality.ref": check.ref,
        "api:quality.id": session.id,
        "golden_id": golden.id,
    }


def _session(world: World, lead: User, second: User) -> Session:
    """A calibration that is being compared, of which everybody who judges cases is a member."""
    case = decided(world.made.other, world.made.rules).case
    members = [second, *(user for user in world.people.values() if user.may(Permission.CHECK_DECIDE))]
    session = actions.open_session(lead, "Bulk or not", [case], members, 7)
    check = actions.claim_next(second, session)
    assert check is not None
    actions.answer(second, check, Found("violation", "spam", "Bulk."))
    session = actions.compare(lead, session)
    actions.write_note(second, session, "Always bulk?")
    return session
