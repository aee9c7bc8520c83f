"""Desks of this room; importing them registers them."""

from seacliff.connectors.incoming import read_incoming
from seacliff.connectors.looking import look_at_threads

__all__ = ["look_at_threads", "read_incoming"]
