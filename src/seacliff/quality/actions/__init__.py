"""Everything that is done in this room. Pages, API and desks call these; nothing else writes."""

from seacliff.quality.actions.claiming import claim_next, give_back, renew, return_expired
from seacliff.quality.actions.judging import Found, answer
from seacliff.quality.actions.settling import correct_after, opine, settle

__all__ = [
    "Found",
    "answer",
    "claim_next",
    "correct_after",
    "give_back",
    "opine",
    "renew",
    "return_expired",
    "settle",
]
