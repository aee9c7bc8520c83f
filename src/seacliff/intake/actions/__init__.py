"""The verbs of intake. Nothing else in the room writes."""

from seacliff.intake.actions.messages import NotWaiting, keep_message, read_again, report_by_hand, set_aside
from seacliff.intake.actions.reading import read_waiting
from seacliff.intake.actions.reports import Entry, Sender, take, take_reports

__all__ = [
    "Entry",
    "NotWaiting",
    "Sender",
    "keep_message",
    "read_again",
    "read_waiting",
    "report_by_hand",
    "set_aside",
    "take",
    "take_reports",
]
