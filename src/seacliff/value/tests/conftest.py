import pytest

from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.review.tests import factories


@pytest.fixture
def lead(db) -> User:
    return factories.person("Lena Lead", tier=4, roles=(Role.LEAD,))


@pytest.fixture
def alice(db) -> User:
    return factories.person("Alice Okafor")
