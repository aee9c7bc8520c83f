"""The sample company's truth against its ledger: what is there is found and covered, what is not there is not."""

import time

import pytest

from seacliff.people.permissions import Role
from seacliff.record.desks import clear
from seacliff.review.tests import factories
from seacliff.sample import value_side
from seacliff.sample.company import ADDRESS
from seacliff.value.ledger.queries import standing
from seacliff.value.models import Finding, Reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger():
    lead = factories.person("Ruth Adler", roles=(Role.LEAD,))
    type(lead).objects.filter(id=lead.id).update(email=f"ruth@{ADDRESS}")
    began = time.process_time()
    value_side.begin()
    assert time.process_time() - began < 2.0
    clear("value-ledger")
    lead.refresh_from_db()
    return lead, {found.plan.get("launch", "leniency"): found for found in Finding.objects.select_related("current")}


def test_the_ledger_covers_the_truth_and_finds_nothing_where_there_is_nothing(ledger):
    lead, found = ledger
    room, badge, limits = (found[name].current for name in ("waiting-room", "safety-badge", "invitation-limits"))
    assert room.grade == "A" and room.low > 0
    assert room.low < value_side.LOBBY * value_side.HORIZON < room.high
    assert badge.grade == "A" and badge.low < 0 < badge.high
    assert limits.grade == "B", limits.result["diagnostics"]
    assert limits.low < value_side.LIMITS * 7 < limits.high and limits.low > 0
    assert found["leniency"].current.refusal
    told = standing(lead)
    assert [one.ref for one in told.nulls] == [found["safety-badge"].ref]
    assert [one.ref for one in told.refused] == [found["leniency"].ref]
    assert len(told.in_it) == 3 and told.headline.low > 0


def test_the_page_for_the_board_shows_all_of_it(ledger, client):
    lead, found = ledger
    clear("value-readings")
    assert not Reading.objects.exclude(kind="staffing").exclude(error="")
    client.force_login(lead)
    text = client.get("/value").content.decode()
    assert all(one.ref in text for one in found.values()) and "joint 95% interval" in text
    assert client.get("/value/board.pdf").content.startswith(b"%PDF")
