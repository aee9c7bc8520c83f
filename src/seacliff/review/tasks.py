"""Desks of this room; importing them registers them."""

from seacliff.review.desks import fold_tally, index_cases, returns, settle_decisions
from seacliff.review.routing.desk import route_waiting

__all__ = ["fold_tally", "index_cases", "returns", "route_waiting", "settle_decisions"]
