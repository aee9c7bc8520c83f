"""Desks of this room; importing them registers them."""

from seacliff.quality import sampling
from seacliff.quality.actions import return_expired
from seacliff.quality.actions.keeping import follow_the_rules
from seacliff.record.desks import desk


@desk("sample-decisions", every=5.0)
def sample_decisions() -> int:
    """Which of the decisions that have become final are looked at again."""
    return sampling.sample_some()


@desk("sample-minimum", every=3600.0)
def sample_minimum() -> int:
    """Each reviewer's minimum of the weeks that are over."""
    return sampling.fill_up()


@desk("checks-come-back", every=5.0)
def checks_come_back() -> int:
    """Second looks whose holder's time ran out."""
    return return_expired()


@desk("golden-follow", every=60.0)
def golden_follow() -> int:
    """Golden cases whose rule has a new wording are retired."""
    return follow_the_rules()
