"""What the worker does for intake by itself."""

from seacliff.intake.actions import read_waiting
from seacliff.record.desks import desk


@desk("reading", every=5.0, wake="intake_message")
def read_messages() -> int:
    """Kept messages become reports, or wait for a person."""
    return read_waiting()
