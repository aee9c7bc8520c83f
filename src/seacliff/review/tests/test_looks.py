"""A look into a case that is nobody's work leaves an event."""

import pytest

from seacliff.people.permissions import Role
from seacliff.record.models import Event

from . import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "told"), [(Role.ADMIN, 1), (Role.AUDITOR, 1), (Role.REVIEWER, 0), (Role.LEAD, 0)])
@pytest.mark.parametrize("address", ["/cases/{}", "/api/v1/cases/{}"])
def test_whoever_decides_nothing_and_opens_a_case_leaves_an_event(client, role, told, address):
    case, somebody = factories.case(), factories.person("Alex", roles=(role,))
    client.force_login(somebody)
    assert client.get(address.format(case.ref)).status_code == 200
    looks = Event.objects.filter(verb="case.looked-into", story_id=case.id)
    assert [look.actor_id for look in looks] == [somebody.id] * told
