from io import BytesIO

import pytest
from PIL import Image

from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.record.actions import Subject
from seacliff.record.ids import uuid7


@pytest.fixture
def case():
    return Subject("case", uuid7())


@pytest.fixture
def rosa(db):
    return User.objects.create_user("rosa@example.org", "x", name="Rosa", roles=[Role.REVIEWER])


@pytest.fixture
def paul(db):
    """A partner, who may see no evidence."""
    return User.objects.create_user("paul@example.org", "x", name="Paul", roles=[Role.PARTNER])


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada@example.org", "x", name="Ada", roles=[Role.AUDITOR])


def picture(form="PNG", size=(64, 48), colour=(200, 30, 30), **options):
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, form, **options)
    return out.getvalue()
