"""Desks of this room; importing them registers them."""

from seacliff.relationships.digests import send_due

__all__ = ["send_due"]
