"""Desks of this room; importing them registers them."""

from seacliff.restricted.hotline import send_due

__all__ = ["send_due"]
