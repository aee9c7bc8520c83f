"""Desks of this room; importing them registers them."""

from seacliff.intake.desks import look_into_mailbox, read_messages

__all__ = ["look_into_mailbox", "read_messages"]
