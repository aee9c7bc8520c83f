from seacliff.review.tests.conftest import alice, lead, rules

__all__ = ["alice", "lead", "rules"]
