"""The verbs of intake. Nothing else in the room writes."""

from seacliff.intake.actions.messages import keep_message
from seacliff.intake.actions.reports import Entry, Sender, take, take_reports

__all__ = ["Entry", "Sender", "keep_message", "take", "take_reports"]
