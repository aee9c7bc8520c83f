"""Desks of this room; importing them registers them."""

from seacliff.record.desks import desk
from seacliff.value.ledger import actions


@desk("value-ledger", every=5.0, wake=actions.CHANNEL)
def value_ledger() -> int:
    """The data of what was proposed are frozen, then estimates are made, one at a time."""
    return actions.freeze_one() or actions.run_one()
