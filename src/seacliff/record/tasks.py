"""What the worker does for the record by itself."""

from seacliff.record import partitions, seals
from seacliff.record.clocks import notice_breaches
from seacliff.record.desks import desk

desk("breaches", every=5.0)(notice_breaches)


@desk("sealing", every=60.0)
def seal() -> int:
    """Seal the events that are final, apart from the work that wrote them; what is left waits for the next round."""
    seals.seal_all()
    return 0


@desk("partitions", every=3600.0)
def prepare_partitions() -> int:
    """Months to come have their tables before their first row does."""
    partitions.prepare_ahead()
    return 0
