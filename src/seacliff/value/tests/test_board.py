"""The page for the board: what it reckons, what it shows, its PDF; the staffing what-if."""

import time

import pytest

from seacliff.people.problems import NotAllowed
from seacliff.record.desks import clear
from seacliff.review.tests import factories
from seacliff.value import assumptions
from seacliff.value.assumptions import Costs
from seacliff.value.board import charts, operations, teamwork
from seacliff.value.models import Reading
from seacliff.value.tests import world
from seacliff.value.tests.test_ledger import estimated, past  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
MONEY = Costs(loaded_cost=60_000.0, overhead=40_000.0, reviewers=5.0, fines_realised=0.0, fines_cap=1e6)


def test_cost_of_a_decision_and_of_a_correct_one():
    found = operations.cost(MONEY, 1000, (50, 4, 1, 5), 365)
    assert found["spend"] == 340_000 and found["per_decision"] == 340.0
    assert found["per_correct"] == pytest.approx(340_000 / 995)
    assert found["per_correct_low"] < found["per_correct"] < found["per_correct_high"]
    assert found["overturned"] == 0.1


def test_without_costs_nothing_is_reckoned():
    found = operations.cost(Costs(), 1000, (0, 0, 0, 0), 365)
    assert not found["told"] and found["per_decision"] is None and found["overturned"] is None


def test_what_is_still_open_past_its_time_is_a_miss():
    assert operations._service("case", "first decision", 10, 6, 1, 3)["share"] == 0.6


def test_prevalence_weighs_queues_and_refuses_without_a_sample():
    found = operations.prevalence([("big", 900, 90, 9), ("small", 100, 50, 40)])
    assert found["share"] == pytest.approx(0.9 * 0.1 + 0.1 * 0.8)
    assert found["low"] < found["share"] < found["high"]
    refused = operations.prevalence([("big", 900, 90, 9), ("small", 100, 3, 1)])
    assert "small" in refused["refusal"] and "share" not in refused
    tiny = operations.prevalence([("big", 990, 90, 9), ("small", 10, 3, 1)])
    assert tiny["share"] == pytest.approx(0.1)


@pytest.mark.parametrize("sampled", [40, 400])
def test_prevalence_covers_the_truth(sampled):
    import numpy as np

    random = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        found = operations.prevalence([("a", 5000, sampled, int(random.binomial(sampled, 0.2))),
                                       ("b", 1000, sampled, int(random.binomial(sampled, 0.6)))])  # fmt: skip
        covered += found["low"] <= (5 * 0.2 + 0.6) / 6 <= found["high"]
    assert covered / 300 > 0.9


def test_costs_are_versions_with_their_word(lead, alice):
    assumptions.publish(lead, MONEY, "Finance, budget 2026")
    assert assumptions.publish(lead, MONEY, "Finance, corrected").number == 2
    assert assumptions.costs() == MONEY
    with pytest.raises(NotAllowed):
        assumptions.publish(alice, MONEY, "I say so")


def test_the_page_shows_cost_evidence_bridge_duties_and_nulls(client, lead, past, django_assert_max_num_queries):  # noqa: F811
    client.force_login(lead)
    assert "reading the record" in client.get("/value").content.decode()
    assumptions.publish(lead, MONEY, "Finance")
    world.store(world.account_days(accounts=400, effect=0.2))
    from seacliff.value.ledger.plans import Plan

    found = estimated(lead, plan=Plan("trial", "active_days", launch="lobby", horizon_days=14, plausible=7.0), worth=100.0,
                      worth_basis="2,000 accounts × 0.05 euro", overlap="kept")  # fmt: skip
    refused = estimated(lead, plan=Plan("launch", "active_days", launch="none"))
    clear("value-readings")
    reading = Reading.objects.get(kind="operations")
    assert not reading.error and reading.content["charts"]["bridge"].startswith("<svg")
    with django_assert_max_num_queries(10):
        text = client.get("/value").content.decode()
    for words in (found.ref, refused.ref, "A correct decision", "joint 95% interval", "2,000 accounts", "data:image/svg+xml",
                  "Child safety", "We ask to keep the team"):  # fmt: skip
        assert words in text, words


def test_the_pdf_is_the_same_bytes_and_takes_texts_as_data(client, lead, past):  # noqa: F811
    client.force_login(lead)
    client.post("/value/texts/ask", {"text": '#panic("no") $x$ \\ *bold* "quoted" <tag>'})
    estimated(lead)
    clear("value-readings")
    first, second = (client.get("/value/board.pdf").content for _ in range(2))
    assert first.startswith(b"%PDF") and first == second and len(first) > 5_000


def test_a_text_is_edited_and_filled_again_when_emptied(client, lead, db):
    client.force_login(lead)
    assert "If a tenth has to go" in client.get("/value/texts/cut").content.decode()
    client.post("/value/texts/cut", {"text": "Cut nothing."})
    assert "Cut nothing." in client.get("/value").content.decode()
    client.post("/value/texts/cut", {"text": " "})
    assert "If a tenth has to go" in client.get("/value").content.decode()


def test_costs_are_changed_on_their_page(client, lead, db):
    client.force_login(lead)
    import msgspec

    said = msgspec.to_builtins(MONEY)
    assert client.post("/value/costs", said).status_code == 422
    assert client.post("/value/costs", said | {"change": "Finance"}).status_code == 302
    assert assumptions.costs() == MONEY and "Finance" in client.get("/value/costs").content.decode()


def lately(count=400):
    """Decisions of the past weeks, so that there is something to calibrate on."""
    from datetime import timedelta

    from django.utils import timezone

    from seacliff.intake.models import Report
    from seacliff.record.ids import uuid7
    from seacliff.review.models import CaseReport

    made = world.decided(40)
    now = timezone.now()
    for number in range(count):
        at = now - timedelta(days=10 + number % 60, hours=number % 9)
        report = Report.objects.create(id=uuid7(at), product_id=made[0].case.product_id, channel="form", category="spam",
                                       target_kind="event", target_ref="e", received_at=at)  # fmt: skip
        CaseReport.objects.create(report_id=report.id, case=made[number % 40].case)


def test_the_slider_answers_in_under_a_second(client, lead, db):
    client.force_login(lead)
    assert "not read yet" in client.get("/value/staffing").content.decode()
    lately()
    clear("value-readings")
    reading = Reading.objects.get(kind="staffing")
    assert not reading.error, reading.error
    text = client.get("/value/staffing").content.decode()
    assert "A tenth of the team fewer" in text and 'type="range"' in text and "reports a week" in text
    [group] = teamwork.world_of(reading.content).groups
    client.get("/value/staffing/answer", {f"group.{group}": 3})
    began = time.process_time()
    text = client.get("/value/staffing/answer", {f"group.{group}": 3, "volume": 120}).content.decode()
    assert time.process_time() - began < 1.0
    assert "With this team" in text and "95% interval" in text
    assert "number" in client.get("/value/staffing/answer", {f"group.{group}": "x"}).content.decode()
    assert "out of its range" in client.get("/value/staffing/answer", {f"group.{group}": -1}).content.decode()


def test_without_the_compiler_the_page_says_what_to_install(client, lead, db, monkeypatch):
    from seacliff.value.staffing import compiled

    monkeypatch.setattr(compiled, "numba", None)
    client.force_login(lead)
    lately(60)
    clear("value-readings")
    assert "seacliff[value]" in client.get("/value/staffing").content.decode()


def test_nobody_to_simulate_is_told(client, lead, db):
    clear("value-readings")
    client.force_login(lead)
    assert "nothing to calibrate on" in client.get("/value/staffing").content.decode()


def test_no_plot_without_rows():
    assert charts.service([]) is None and charts.drawn(None) == ""


def test_the_page_is_not_for_reviewers(client, db):
    client.force_login(factories.person("Rita Reviewer"))
    for url in ("/value", "/value/board.pdf", "/value/costs", "/value/staffing", "/value/data", "/value/ledger"):
        assert client.get(url).status_code == 403, url
