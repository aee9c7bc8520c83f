"""Desks of this room; importing them registers them."""

from seacliff.record.desks import desk
from seacliff.value import readings
from seacliff.value.ledger import actions, offers


@desk("value-ledger", every=5.0, wake=actions.CHANNEL)
def value_ledger() -> int:
    """The data of what was proposed are frozen, then estimates are made, one at a time."""
    return actions.freeze_one() or actions.run_one()


@desk("value-offers", every=3600.0)
def value_offers() -> int:
    """What shipped long enough ago offers its finding."""
    offers.offer_all()
    return 0


@desk("value-readings", every=60.0, wake=readings.CHANNEL)
def value_readings() -> int:
    """What pages show of the inputs, made anew daily."""
    return readings.make_one()
