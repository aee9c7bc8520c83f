from datetime import date

from seacliff.people.permissions import Role
from seacliff.review.tests import factories
from seacliff.value.ledger import actions
from seacliff.value.ledger.plans import Plan
from seacliff.value.promises import actions as promises

from . import World


def plant(world: World) -> None:
    lead = factories.person("Vera Value", roles=(Role.LEAD,))
    made = actions.Proposal(
        "What does a decision do to what is reported later?", Plan("leniency", "reports_again", plausible=1.0)
    )
    found = actions.propose(lead, made)
    promise = promises.make(lead, promises.NewPromise("One more reviewer", "in-time", 0.9, date(2100, 1, 1)))
    world.name("value:promise-do", "id", promise.id)
    world.name("value:finding do", "ref", found.ref)
    world.names |= {"value:by-id.id": found.id, "api:value.ref": found.ref}
