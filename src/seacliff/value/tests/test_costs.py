"""What money is reckoned with: versions that hold from a day, each with its figures."""

import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
import time_machine
from django.utils import timezone

from seacliff.people.problems import Invalid
from seacliff.review.tests import factories
from seacliff.value import assumptions
from seacliff.value.assumptions import Costs, stretches
from seacliff.value.board import operations
from seacliff.value.board.page import page_of
from seacliff.value.board.printed import told
from seacliff.value.models import Reading
from seacliff.value.tests import world

pytestmark = pytest.mark.django_db
FIRST = Costs(loaded_cost=36_500.0, reviewers=2.0, fines_cap=4e6)
SECOND = msgspec.structs.replace(FIRST, loaded_cost=73_000.0)
TODAY = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime(2026, 6, 30, 12, tzinfo=UTC), tick=False):
        yield


def held(since: date, until: date) -> list[tuple[int, int]]:
    return [(one.version.number, one.days) for one in stretches(since, until)]


def test_days_before_a_version_stay_priced_as_they_were(lead):
    assumptions.publish(lead, FIRST, "Finance, budget 2026")
    assumptions.publish(lead, SECOND, "Finance, from June", date(2026, 6, 1))
    since, until = date(2026, 5, 2), date(2026, 7, 1)
    assert held(since, until) == [(1, 30), (2, 30)]
    found = operations.cost(SECOND, 100, (0, 0, 0, 0), 60, stretches(since, until))
    assert found["spend"] == pytest.approx(2 * (100 * 30 + 200 * 30))
    assert found["per_decision"] == pytest.approx(found["spend"] / 100)
    days = [(one["since"], one["until"]) for one in found["priced"]]
    assert days == [("2026-05-02", "2026-05-31"), ("2026-06-01", "2026-06-30")]


def test_a_version_without_a_day_corrects_all_that_was_told(lead):
    assumptions.publish(lead, FIRST, "Finance")
    assumptions.publish(lead, SECOND, "Finance, from June", date(2026, 6, 1))
    assumptions.publish(lead, FIRST, "Finance: it was never more")
    assert held(date(2026, 5, 2), date(2026, 7, 1)) == [(3, 60)]


def test_a_version_may_begin_before_one_that_was_told_earlier(lead):
    assumptions.publish(lead, FIRST, "Finance", date(2026, 6, 10))
    assumptions.publish(lead, SECOND, "Finance, sooner", date(2026, 6, 5))
    assert held(date(2026, 6, 1), date(2026, 6, 15)) == [(2, 14)]  # nobody told of the days before
    assert held(date(2026, 6, 1), date(2026, 6, 1)) == []


def test_without_a_version_no_day_is_priced(db):
    assert held(date(2026, 5, 1), TODAY) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fines_realised": 9e6}, "fines_realised"),
        ({"loaded_cost": 1e308}, "loaded_cost"),
        ({"overhead": -1.0}, "overhead"),
        ({"currency": "USD"}, "currency"),
        ({"holds_from": date(2026, 7, 1)}, "holds_from"),
        ({"change": " "}, "change"),
    ],
)
def test_costs_that_can_not_be_are_refused_on_their_field(client, lead, change, field):
    assumptions.publish(lead, FIRST, "Finance")
    said = msgspec.to_builtins(FIRST) | {"change": "Finance", "holds_from": TODAY} | change
    with pytest.raises(Invalid) as refused:
        costs = {name: value for name, value in said.items() if name not in ("change", "holds_from")}
        assumptions.publish(lead, Costs(**costs), said["change"], said["holds_from"])
    assert [one["pointer"] for one in refused.value.errors] == [f"#/{field}"]
    client.force_login(lead)
    answer = client.post("/value/costs", said)
    assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.content.decode()
    assert assumptions.costs() == FIRST


def test_another_currency_may_tell_all_anew(lead):
    assumptions.publish(lead, FIRST, "Finance")
    assumptions.publish(lead, msgspec.structs.replace(FIRST, currency="USD"), "Finance, in dollars")
    assert held(date(2026, 6, 1), TODAY) == [(2, 29)]


def test_the_page_of_the_costs_shows_every_figure_of_every_version(client, lead):
    client.force_login(lead)
    said = msgspec.to_builtins(FIRST) | {"change": "Finance, budget"}
    assert 'name="holds_from"' in client.get("/value/costs").content.decode()
    client.post("/value/costs", said)
    client.post("/value/costs", said | {"loaded_cost": 73_000.0, "change": "Finance, June", "holds_from": "2026-06-01"})
    text = client.get("/value/costs").content.decode()
    table = text[text.index("<table") :]
    for figure in ("36,500", "<strong>73,000</strong>", "4,000,000", "Finance, budget", "2026-06-01", "the beginning", "Lena"):
        assert figure in table, figure
    assert table.count("4,000,000") == 2 and "<strong>4,000,000" not in table
    assert re.search(r'name="holds_from" value="2026-06-30"', text)


def test_the_board_says_by_which_versions_it_is_priced(client, lead):
    with time_machine.travel(datetime(2026, 4, 15, 12, tzinfo=UTC), tick=False):
        world.decided(40)
    assumptions.publish(lead, FIRST, "Finance")
    assumptions.publish(lead, SECOND, "Finance, from June", date(2026, 6, 1))
    content = operations.operations()
    Reading.objects.update_or_create(kind="operations", defaults={"content": content, "made_at": timezone.now()})
    page = page_of(lead)
    first = timezone.now().date() - timedelta(days=content["days"] - 1)
    assert f"{first} to 2026-05-31 by version 1, 73,000 EUR a year" in page.priced
    assert "2026-06-01 to 2026-06-30 by version 2, 146,000 EUR a year: 12,000 EUR" in page.priced
    client.force_login(lead)
    assert page.priced in client.get("/value").content.decode() and told(page)["priced"] == page.priced


def test_a_version_that_told_no_number_of_reviewers_counts_their_accounts(lead):
    for name in ("Rita Reviewer", "Ravi Reviewer", "Rosa Reviewer"):
        factories.person(name, roles=("reviewer",))
    assumptions.publish(lead, msgspec.structs.replace(FIRST, reviewers=0.0), "Finance")
    assumptions.publish(lead, FIRST, "Finance, two of them full-time", date(2026, 6, 21))
    found = operations.cost(FIRST, 100, (0, 0, 0, 0), 30, stretches(date(2026, 6, 1), date(2026, 7, 1)))
    assert [one["year"] for one in found["priced"]] == [3 * 36_500.0, 2 * 36_500.0]
