import pytest

from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.policy.models import PolicyVersion
from seacliff.review.tests import factories


@pytest.fixture
def rules(db) -> PolicyVersion:
    """The policy on spam, in force."""
    return factories.policy()


@pytest.fixture
def alice(db) -> User:
    return factories.person("Alice Okafor")


@pytest.fixture
def bob(db) -> User:
    return factories.person("Bob Lindqvist")


@pytest.fixture
def lead(db) -> User:
    return factories.person("Lena Lead", tier=4, roles=(Role.LEAD,))
