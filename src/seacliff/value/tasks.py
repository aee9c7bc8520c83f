"""Desks of this room; importing them registers them."""

from seacliff.record.desks import desk
from seacliff.value import readings
from seacliff.value.assumptions import CHANNEL
from seacliff.value.ledger import actions as ledger
from seacliff.value.promises import actions as promises


@desk("value-ledger", every=5.0, wake=ledger.CHANNEL, apart=ledger.waits)
def value_ledger() -> int:
    """The data of what was proposed are frozen, then estimates are made, one at a time."""
    from seacliff.value.ledger import running

    return running.freeze_one() or running.run_one()


@desk("value-readings", every=60.0, wake=CHANNEL, apart=readings.waits)
def value_readings() -> int:
    """What pages show of the inputs, made anew daily."""
    return readings.make_one()


@desk("value-promises", every=3600.0, apart=promises.waits)
def value_promises() -> int:
    """What was promised by a day that is over is held against the record."""
    return promises.review_due()
