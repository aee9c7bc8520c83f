from seacliff.policy.actions import draft
from seacliff.record.actions import SYSTEM

from . import World

SPAM = "policy version withdraw draft edit notices notice publish discard retire category-new category"


def plant(world: World) -> None:
    draft(SYSTEM, world.made.rules.policy)
    world.name(f"policy:{SPAM}", "slug", "spam")
    world.names |= {
        "policy:by-id.id": world.made.rules.id,
        "policy:version-by-id.id": world.made.rules.id,
        "category": "spam",
        "audience": "reporter",
        "outcome": "received",
        "targets:product.slug": "meetings",
        "api:policies.slug": "spam",
        "api:products.slug": "meetings",
    }
