from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from seacliff.policy.models import PolicyVersion
from seacliff.review.tests import factories
from seacliff.review.tests.conftest import alice, lead

__all__ = ["alice", "lead"]


@pytest.fixture
def rules(db) -> PolicyVersion:
    """The policy on spam, in force for ten years."""
    with time_machine.travel(timezone.now() - timedelta(days=3650)):
        return factories.policy()
