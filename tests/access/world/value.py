from seacliff.people.permissions import Role
from seacliff.review.tests import factories
from seacliff.value.ledger import actions
from seacliff.value.ledger.plans import Plan

from . import World


def plant(world: World) -> None:
    lead = factories.person("Vera Value", roles=(Role.LEAD,))
    made = actions.Proposal(
        "What does a decision do to what is reported later?", Plan("leniency", "reports_again", plausible=1.0)
    )
    found = actions.propose(lead, made)
    world.name("value:finding do", "ref", found.ref)
    world.names |= {"value:by-id.id": found.id, "api:value.ref": found.ref}
