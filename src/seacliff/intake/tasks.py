"""Desks of this room; importing them registers them."""

from seacliff.intake.desks import read_messages

__all__ = ["read_messages"]
