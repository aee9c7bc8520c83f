"""Desks of this room; importing them registers them."""

from seacliff.partners.channels import carry_due
from seacliff.partners.charters.desks import charter_answers, charter_reviews
from seacliff.partners.reminders import remind_due

__all__ = ["carry_due", "charter_answers", "charter_reviews", "remind_due"]
