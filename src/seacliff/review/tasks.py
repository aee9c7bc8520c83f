"""Desks of this room; importing them registers them."""

from seacliff.review.routing.desk import route_waiting

__all__ = ["route_waiting"]
