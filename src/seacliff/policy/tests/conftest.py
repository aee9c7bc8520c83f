import pytest

from seacliff.people.access import actor_of_user
from seacliff.people.models import User
from seacliff.policy import actions
from seacliff.policy.models import PolicyVersion
from seacliff.record.actions import Actor


@pytest.fixture
def pia(db) -> User:
    """A policy manager."""
    return User.objects.create_user("pia@example.org", name="Pia", roles=["policy-manager"])


@pytest.fixture
def actor(pia) -> Actor:
    return actor_of_user(pia)


@pytest.fixture
def draft(actor) -> PolicyVersion:
    """A first draft that could be published."""
    version = actions.create_policy(actor, slug="spam", title="Spam")
    content = {"text": "No bulk mail.\n\nNot even a little.", "allowed_actions": ["warn", "suspend-account"]}
    return actions.save_draft(version, content | {"summaries": {"en": "No unsolicited bulk."}})
