from datetime import timedelta

import msgspec
from django.utils import timezone

from seacliff.quality import actions, plan
from seacliff.quality.actions import Found
from seacliff.quality.models import Check
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
    assert actions.claim_next(second) == check
    actions.answer(second, check, Found("no-violation", "spam", "They had asked for it."))
    world.name("quality:check live do", "ref", check.ref)
    world.names |= {
        "quality:by-id.id": check.id,
        "quality:plan-version.number": number,
        "api:quality.ref": check.ref,
    }
