"""Everything that is done to a case. Pages, API and desks call these; nothing else writes."""

from seacliff.review.actions.claiming import claim, claim_next, look, release, return_expired, skip
from seacliff.review.actions.deciding import decide, undo
from seacliff.review.actions.looking import look_into
from seacliff.review.actions.moving import assign, escalate, hold, note, resume, return_held
from seacliff.review.actions.settling import settle
from seacliff.review.actions.together import Outcome, bulk_decide
from seacliff.review.verdicts import Ordered, Verdict

__all__ = [
    "Ordered",
    "Outcome",
    "Verdict",
    "assign",
    "bulk_decide",
    "claim",
    "claim_next",
    "decide",
    "escalate",
    "hold",
    "look",
    "look_into",
    "note",
    "release",
    "resume",
    "return_expired",
    "return_held",
    "settle",
    "skip",
    "undo",
]
