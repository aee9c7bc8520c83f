"""What the worker does for the record by itself."""

from seacliff.record.clocks import notice_breaches
from seacliff.record.desks import desk

desk("breaches", every=5.0)(notice_breaches)
