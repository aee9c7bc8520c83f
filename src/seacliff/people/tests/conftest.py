import pytest

from seacliff.people import access
from seacliff.people.models import User


@pytest.fixture(autouse=True)
def _no_token_remembered() -> None:
    access.forget_tokens()


@pytest.fixture
def ann(db) -> User:
    """An admin."""
    return User.objects.create_user("ann@example.org", "correct horse battery", name="Ann", roles=["admin"])


@pytest.fixture
def rob(db) -> User:
    """A reviewer."""
    return User.objects.create_user("rob@example.org", "staple battery horse", name="Rob", roles=["reviewer"])
