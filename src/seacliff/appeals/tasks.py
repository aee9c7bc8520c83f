"""Desks of this room; importing them registers them."""

from seacliff.appeals.actions import settle_panels
from seacliff.record.desks import desk


@desk("settle-appeals", every=2.0)
def settle_appeals() -> int:
    """Appeals that a panel has decided: both sides are told."""
    return settle_panels()
