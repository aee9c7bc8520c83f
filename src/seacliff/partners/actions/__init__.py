"""The verbs of asks: each one transaction that locks, checks, writes and tells the record, and orders the news."""

from seacliff.partners.actions.answering import Answering, answer, answer_locked, record_outcome, reopen
from seacliff.partners.actions.asking import NewAsk, ask, locked, locked_many, withdraw
from seacliff.partners.actions.asking_many import ask_many
from seacliff.partners.actions.talking import Saying, ask_back, revoke_link, say, say_locked
from seacliff.partners.actions.timing import acknowledge, hand_on, pause, remind_now, reschedule, resume

__all__ = [
    "Answering",
    "NewAsk",
    "Saying",
    "acknowledge",
    "answer",
    "answer_locked",
    "ask",
    "ask_back",
    "ask_many",
    "hand_on",
    "locked",
    "locked_many",
    "pause",
    "record_outcome",
    "remind_now",
    "reopen",
    "reschedule",
    "resume",
    "revoke_link",
    "say",
    "say_locked",
    "withdraw",
]
