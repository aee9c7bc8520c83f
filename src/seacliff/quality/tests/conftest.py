import pytest

from seacliff.people.models import User
from seacliff.review.tests import factories
from seacliff.review.tests.conftest import alice, bob, lead, rules

__all__ = ["alice", "bob", "lead", "rules"]


@pytest.fixture
def carol(db) -> User:
    return factories.person("Carol Sandoval", tier=3)
