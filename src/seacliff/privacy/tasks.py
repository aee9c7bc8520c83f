"""Desks of this room; importing them registers them."""

from seacliff.privacy import running
from seacliff.record.desks import desk


@desk("privacy-runs", every=10.0, wake=running.CHANNEL)
def privacy_runs() -> int:
    """Previews that wait to be made, then a batch of what was approved."""
    return running.show_one() or running.begin_unattended() or running.step()


@desk("retention-daily", every=600.0)
def retention_daily() -> int:
    """A fresh preview every day."""
    return running.preview_daily()
