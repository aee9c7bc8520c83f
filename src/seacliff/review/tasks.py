"""Desks of this room; importing them registers them."""

from seacliff.review import desks
from seacliff.review.routing.desk import route_waiting

__all__ = ["desks", "route_waiting"]
