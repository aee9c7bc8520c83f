"""Everything that is done in this room. Pages, API and desks call these; nothing else writes."""

from seacliff.quality.actions.calibrating import agree, close, compare, open_session, write_note
from seacliff.quality.actions.claiming import claim_next, give_back, renew, return_expired
from seacliff.quality.actions.judging import Found, answer
from seacliff.quality.actions.keeping import decision_to_copy, keep, retire
from seacliff.quality.actions.settling import correct_after, opine, settle

__all__ = [
    "Found",
    "agree",
    "answer",
    "claim_next",
    "close",
    "compare",
    "correct_after",
    "decision_to_copy",
    "give_back",
    "keep",
    "open_session",
    "opine",
    "renew",
    "retire",
    "return_expired",
    "settle",
    "write_note",
]
