"""What the worker does for charters by itself."""

from seacliff.partners.actions.asking import CLOSED
from seacliff.partners.charters.actions import follow_answers, remind_of_reviews
from seacliff.record.desks import desk


@desk("charter-answers", every=10.0, wake=CLOSED)
def charter_answers() -> int:
    """A proposed charter that was answered is in force, or a draft again."""
    return follow_answers()


@desk("charter-reviews", every=3600.0)
def charter_reviews() -> int:
    """Both sides hear of charters that are due to be looked at again."""
    return remind_of_reviews()
