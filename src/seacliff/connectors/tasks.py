"""Desks of this room; importing them registers them."""

from seacliff.connectors.incoming import read_incoming

__all__ = ["read_incoming"]
