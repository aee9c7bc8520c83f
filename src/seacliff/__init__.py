"""Seacliff: the operations platform of a trust & safety team."""

__version__ = "0.1.0"
