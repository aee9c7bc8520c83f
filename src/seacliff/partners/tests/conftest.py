import pytest

from seacliff.partners.tests.factories import charter, function, partner, reviewer


@pytest.fixture
def comms(db):
    """Communications, with an agreed charter."""
    found = function("communications")
    charter(found)
    return found


@pytest.fixture
def dana(comms):
    """Somebody of Communications with an account."""
    return partner(comms, "Dana Press")


@pytest.fixture
def alice(db):
    """Somebody of Trust & Safety."""
    return reviewer("Alice Reviewer")
