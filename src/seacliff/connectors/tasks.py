"""Desks of this room; importing them registers them."""

from seacliff.connectors.incoming import read_incoming
from seacliff.connectors.tracker.looking import look_at_trackers

__all__ = ["look_at_trackers", "read_incoming"]
