"""Charters and absences; asks and their reminders; what is said about an ask and how it is carried outside."""

from seacliff.partners.models.asks import Ask, Reminder
from seacliff.partners.models.charters import Absence, CharterVersion
from seacliff.partners.models.messages import AskLink, AskMessage, Dispatch

__all__ = ["Absence", "Ask", "AskLink", "AskMessage", "CharterVersion", "Dispatch", "Reminder"]
