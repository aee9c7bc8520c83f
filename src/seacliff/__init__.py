"""Seacliff: the operations platform of a trust & safety team."""
