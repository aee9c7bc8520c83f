"""The verbs of asks: each one transaction that locks, checks, writes and tells the record, and orders the news."""

from seacliff.partners.actions.answering import answer, record_outcome, reopen
from seacliff.partners.actions.asking import NewAsk, ask, withdraw
from seacliff.partners.actions.asking_many import ask_many
from seacliff.partners.actions.talking import ask_back, revoke_link, say
from seacliff.partners.actions.timing import acknowledge, hand_on, pause, remind_now, reschedule, resume

__all__ = [
    "NewAsk",
    "acknowledge",
    "answer",
    "ask",
    "ask_back",
    "ask_many",
    "hand_on",
    "pause",
    "record_outcome",
    "remind_now",
    "reopen",
    "reschedule",
    "resume",
    "revoke_link",
    "say",
    "withdraw",
]
