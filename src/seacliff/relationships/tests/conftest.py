from seacliff.partners.tests.conftest import comms
from seacliff.review.tests.conftest import alice, rules

__all__ = ["alice", "comms", "rules"]
