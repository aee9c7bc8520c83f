from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.restricted import actions
from seacliff.review.tests import factories

from . import World


def plant(world: World) -> None:
    made = world.made
    made.handler = handler = factories.person("Hanna Handler", tier=4, roles=(Role.HANDLER, Role.REVIEWER))
    unlock = actions.ask(handler, made.secret, "To refer it")
    referral = actions.draft_referral(
        handler, made.case, incident="Child Sex Tourism", incident_at=timezone.now(), urgent="", said="", files=[]
    )
    emergency = actions.declare(handler, factories.case(), "He said he would jump")
    world.name("restricted:answer file", "id", unlock.id)
    world.name("restricted:referral approve", "id", referral.id)
    world.names |= {"restricted:emergency.id": emergency.id, "restricted:ask.attachment_id": made.secret.id}
