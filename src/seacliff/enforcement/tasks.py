"""Desks and jobs of this room; importing them registers them."""

from procrastinate.contrib.django import app

from seacliff.enforcement.deliveries import deliver_due
from seacliff.enforcement.fan_out import fan_out
from seacliff.enforcement.notices import send_due
from seacliff.enforcement.release import release_due
from seacliff.enforcement.strikes import expire_strikes

__all__ = ["deliver_due", "fan_out", "recount_strikes", "release_due", "send_due"]


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="recount-strikes", pass_context=False)
def recount_strikes(timestamp: int) -> None:
    """Hourly: strikes that have expired leave the summaries."""
    expire_strikes()
