"""Desks of this room; importing them registers them."""

from seacliff.playbooks.engine import attend_due, notice_answers
from seacliff.playbooks.triggers import hear_events, start_due, start_wanted

__all__ = ["attend_due", "hear_events", "notice_answers", "start_due", "start_wanted"]
