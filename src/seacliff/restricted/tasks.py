"""Desks of this room; importing them registers them."""

from seacliff.restricted.alerting import alert_some
from seacliff.restricted.hotline import send_due

__all__ = ["alert_some", "send_due"]
