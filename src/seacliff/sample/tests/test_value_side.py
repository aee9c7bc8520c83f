"""The sample company's truth against its ledger: what is there is found and covered, what is not there is not."""

import msgspec
import pytest

from seacliff.people.permissions import Role
from seacliff.record.desks import clear
from seacliff.review.tests import factories
from seacliff.sample import value_side, value_truth
from seacliff.sample.company import ADDRESS
from seacliff.value.ledger import actions, offers, telling
from seacliff.value.ledger.plans import plan_of
from seacliff.value.ledger.queries import standing
from seacliff.value.models import Finding, Reading
from seacliff.value.tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger():
    lead = factories.person("Ruth Adler", roles=(Role.LEAD,))
    type(lead).objects.filter(id=lead.id).update(email=f"ruth@{ADDRESS}")
    world.decided(80, again=0.5)  # for what its own half year would bring
    value_side.begin()
    clear("value-ledger")
    lead.refresh_from_db()
    return lead, {found.plan.get("launch", "leniency"): found for found in Finding.objects.select_related("current")}


def test_the_ledger_covers_the_truth_and_finds_nothing_where_there_is_nothing(ledger):
    lead, found = ledger
    room, badge, limits = (found[name].current for name in ("waiting-room", "safety-badge", "invitation-limits"))
    assert room.grade == "A" and room.low > 0
    assert room.low < value_side.TRUTH["waiting-room"] < room.high
    assert badge.grade == "A" and badge.low < 0 < badge.high
    assert limits.grade == "B", limits.result["diagnostics"]
    assert limits.low < value_side.TRUTH["invitation-limits"] < limits.high and limits.low > 0
    assert found["leniency"].current.refusal
    told = standing(lead)
    assert [one.ref for one in told.nulls] == [found["safety-badge"].ref]
    assert [one.ref for one in told.refused] == [found["leniency"].ref]
    assert len(told.in_it) == 3 and told.headline.low > 0


def test_finance_has_signed_one_and_is_asked_about_another(ledger):
    lead, found = ledger
    standing_now = standing(lead)
    assert telling.signed(found["waiting-room"]) == "signed" and telling.signed(found["safety-badge"]) == "asked"
    assert [one.ref for one in standing_now.signed] == [found["waiting-room"].ref] and not standing_now.left_out


def test_what_shipped_early_offers_a_finding_that_can_be_estimated(ledger):
    lead, _found = ledger
    assert offers.offer_all() == 1
    [offered] = Finding.objects.filter(state="offered")
    assert offered.plan["launch"] == "mute-on-entry"
    plan = msgspec.structs.replace(plan_of(offered.plan), planned=0.5, plausible=8.0)
    actions.propose(lead, actions.Proposal(offered.question, plan, at_once=True), of=offered)
    clear("value-ledger")
    run = Finding.objects.get(id=offered.id).current
    assert run.grade == "A" and run.low < 0 < run.high


def test_over_seeds_the_truth_is_covered_and_the_page_tells_how_often(tmp_path):
    """Twelve companies: nineteen in twenty intervals cover, so a sound ledger covers fewer than ten once in fifty times."""
    companies = [value_truth.told(seed) for seed in range(1, 13)]
    for name, truth in value_side.TRUTH.items():
        counted = [company[name] for company in companies if company[name].counted]
        assert len(counted) >= 9, name
        assert sum(one.covers(truth) for one in counted) >= len(counted) - 2, name
    assert sum(company["safety-badge"].found for company in companies) <= 2
    row = value_truth.lines([{name: value_truth.Told("A", 1.0, 5.0) for name in value_side.TRUTH}] * 2, companies[0])[0]
    assert row.startswith("| waiting-room | 3.36 | 100% | 0% | 0% | 100% | 100% |")


def test_the_page_for_the_board_shows_all_of_it(ledger, client):
    lead, found = ledger
    clear("value-readings")
    assert not Reading.objects.exclude(kind="staffing").exclude(error="")
    client.force_login(lead)
    text = client.get("/value").content.decode()
    assert all(one.ref in text for one in found.values()) and "joint 95% interval" in text
    assert client.get("/value/board.pdf").content.startswith(b"%PDF")
