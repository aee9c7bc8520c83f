from seacliff.review.tests.conftest import alice, rules

__all__ = ["alice", "rules"]
