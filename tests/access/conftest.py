"""The world and the walk through it, made once for every test here: what each request got is looked at from all sides."""

import pytest

from .walk import Walk, walk
from .world import World, build


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker) -> World:
    """Made once and taken back at the end: the walk takes back what each request wrote."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            yield build()
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


@pytest.fixture(scope="package")
def walked(world, django_db_blocker) -> Walk:
    with django_db_blocker.unblock():
        return walk(world)
