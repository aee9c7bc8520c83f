"""The page for the board: what it reckons, what it shows, its PDF; the staffing what-if."""

import html
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from seacliff.appeals.models import Appeal
from seacliff.intake.models import Report
from seacliff.partners.access import by_user, our_function
from seacliff.partners.actions import answer
from seacliff.partners.models import Ask
from seacliff.partners.tests import factories as partners
from seacliff.people.problems import NotAllowed
from seacliff.record.desks import clear
from seacliff.record.ids import uuid7
from seacliff.record.models import Clock, Event
from seacliff.review.models import Case, CaseReport, Decision
from seacliff.review.routing.rules import HOURS_BY_SEVERITY
from seacliff.review.tests import factories
from seacliff.value import assumptions, readings
from seacliff.value.assumptions import Costs
from seacliff.value.board import charts, frontier, operations, teamwork
from seacliff.value.board.of_record import this_team
from seacliff.value.board.question import Question, world_of
from seacliff.value.models import Reading
from seacliff.value.staffing.scenario import Scenario
from seacliff.value.staffing.uncertain import Errors
from seacliff.value.tests import world
from seacliff.value.tests.test_ledger import estimated, past  # noqa: F401  a fixture
from seacliff.value.views import team

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


def test_few_days_of_many_decisions_do_not_make_them_cheap():
    few = operations.cost(MONEY, 1000, (0, 0, 0, 0), 27)
    assert not few["told"] and few["short"] and few["per_decision"] is None
    assert operations.cost(MONEY, 1000, (0, 0, 0, 0), 28)["told"]


def test_what_is_still_open_past_its_time_is_a_miss():
    assert operations._service("case", "first decision", 10, 6, 1, 3)["share"] == 0.6


def test_prevalence_weighs_queues_and_refuses_without_a_sample():
    found = operations.prevalence([("big", 2, 900, 90, 9), ("small", 3, 50, 25, 20), ("small", 4, 50, 25, 20)])
    assert found["share"] == pytest.approx(0.9 * 0.1 + 0.1 * 0.8)
    assert found["low"] < found["share"] < found["high"]
    assert [(one["queue"], one["sampled"]) for one in found["strata"]] == [("big", 90), ("small", 50)]
    refused = operations.prevalence([("big", 2, 700, 90, 9), ("small", 3, 300, 0, 0)])
    assert "small, severity 3: 30% of the whole" in refused["refusal"] and "share" not in refused
    assert [one["share"] for one in refused["strata"]] == [pytest.approx(0.1), None]
    assert operations.prevalence([("one", 2, 900, 0, 0)])["refusal"]


def test_a_hold_does_not_hide_who_was_late():
    now, made = timezone.now(), []
    for name, due, paused, stopped in (
        ("late, then held", 3, 2, None), ("held, then due", 2, 3, None), ("met while held", 2, 3, 1),
        ("late, then held, then done", 3, 2, 1), ("late", 3, None, 1), ("open", 3, None, None),
    ):  # fmt: skip
        ago = [None if hours is None else now - timedelta(hours=hours) for hours in (due, paused, stopped)]
        made.append(Clock(subject_kind="case", subject_id=uuid4(), name=name, rule="elapsed", amount=timedelta(hours=1),
                          started_at=now - timedelta(hours=5), due_at=ago[0], paused_at=ago[1], stopped_at=ago[2]))  # fmt: skip
    Clock.objects.bulk_create(made)
    found = {row["what"].removeprefix("case: "): (row["met"], row["late"], row["open"])
             for row in operations.operations()["service"]}  # fmt: skip
    assert found == {
        "late, then held": (0, 0, 1), "met while held": (1, 0, 0), "late, then held, then done": (0, 1, 0),
        "late": (0, 1, 0), "open": (0, 0, 1),
    }  # fmt: skip


def test_asks_of_others_are_counted_as_on_the_pages_about_them(lead):
    from seacliff.relationships import numbers, periods

    legal, support, ours = partners.function("legal"), partners.function("support"), our_function()
    since, now = timezone.now() - timedelta(days=365), timezone.now()
    asked = [partners.made_ask(legal), partners.made_ask(legal), partners.made_ask(support)]
    theirs = partners.made_ask(ours, by=partners.partner(legal), sender=legal)
    Ask.objects.filter(id__in=[asked[0].id, theirs.id]).update(due_at=now - timedelta(hours=1))
    answer(by_user(partners.partner(support)), asked[2], "yes", "Done", {"advice": "Say it so"})
    of_others, owed = operations.asks(since)
    assert owed == [{"what": "ask: our answer", "due": 1, "met": 0, "late": 0, "open": 1, "share": 0.0}]
    told = {row["function"]: row for row in of_others}
    assert list(told) == [legal.name, support.name]
    assert told[legal.name] == {"function": legal.name, "asked": 2, "in_time": 0, "late": 1, "helped": 0, "nothing": 0}
    for both in numbers.overview([legal, support], periods.Period(since, timezone.now())):
        assert all(
            getattr(both.we_asked, name) == told[both.function.name][name] for name in ("asked", "in_time", "late")
        )


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

    plan = Plan("trial", "active_days", launch="lobby", planned=0.5, horizon_days=14, plausible=7.0)
    found = estimated(lead, plan=plan, worth=100.0, worth_basis="2,000 accounts × 0.05 euro", overlap="kept")
    refused = estimated(lead, plan=Plan("leniency", "reported_again", plausible=0.0001))
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


def lately(cases=120, reports=3, escalated=0, appealed=0):
    """Cases of the past weeks, each of several reports, so that there is something to calibrate on."""
    made = world.decided(cases)
    now = timezone.now()
    for number, decision in enumerate(made):
        opened = now - timedelta(days=10 + number % 60, hours=number % 9)
        Case.objects.filter(id=decision.case_id).update(opened_at=opened)
        Decision.objects.filter(id=decision.id).update(
            claimed_at=opened + timedelta(hours=2), decided_at=opened + timedelta(hours=2, minutes=6 + number % 5)
        )
        for _again in range(reports - 1):
            report = Report.objects.create(id=uuid7(opened), product_id=decision.case.product_id, channel="form", category="spam",
                                           target_kind="event", target_ref="e", received_at=opened)  # fmt: skip
            CaseReport.objects.create(report_id=report.id, case=decision.case)
        if number < escalated:
            Event.objects.create(id=uuid7(opened + timedelta(hours=1)), verb="case.escalated", actor_kind="system",
                                 subject_kind="case", subject_id=decision.case_id, data={"from": 1, "to": 2})  # fmt: skip
        if number < appealed:
            at = opened + timedelta(days=1)
            Appeal.objects.create(id=uuid7(at), decision=decision, case_id=decision.case_id, side="affected", language="en",
                                  target=decision.case.target, statement="No", tier=4, first_tier=1, received_at=at,
                                  due_at=now)  # fmt: skip


def parameters():
    reading = Reading.objects.get(kind="staffing")
    assert not reading.error, reading.error
    return reading.content, {(row["parameter"], row["tier"]): row for row in reading.content["table"]}


def test_the_slider_answers_in_under_a_second(client, lead, db):
    client.force_login(lead)
    assert "not read yet" in client.get("/value/staffing").content.decode()
    lately()
    clear("value-readings")
    reading = Reading.objects.get(kind="staffing")
    assert not reading.error, reading.error
    text = client.get("/value/staffing").content.decode()
    assert "One of six fewer (17%), in tier" in text and 'type="range"' in text and "arrivals a week" in text
    group = next(iter(world_of(reading.content).groups))
    asked(client, **{f"people.{group}": 3})
    began = time.process_time()
    text = asked(client, **{f"people.{group}": 3, "volume": 120})
    assert time.process_time() - began < 1.0
    assert f"With 3 in {group}; a volume of 120%" in text and "95% interval" in text


def asked(client, **changes):
    """The part of the page that a slider gets."""
    response = client.get("/value/staffing/answer", changes, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def calibrated(client, lead, db):
    """Six people of tier 1, sixty cases of spam."""
    client.force_login(lead)
    lately(60)
    clear("value-readings")
    reading = Reading.objects.get(kind="staffing")
    assert not reading.error, reading.error
    return reading.content


def test_what_can_not_be_is_said_where_the_answer_would_be(client, calibrated):
    [group] = [name for name, one in calibrated["world"]["groups"].items() if one["count"]]
    for changes, said in (
        ({f"people.{group}": 0}, "Nobody would decide anything"),
        ({"volume": 0}, "Nothing would come in"),
        ({f"people.{group}": "x"}, "that is no number"),
        ({f"people.{group}": "nan"}, "out of its range"),
        ({f"people.{group}": -1}, "out of its range"),
        ({"volume": 900}, "out of its range, 0 to 200"),
        ({"people.tier 9": 2}, "There is no group tier 9 any more"),
        ({"volume": 50, "volume_of": "weather"}, "There is no category weather"),
        ({f"category.{group}": ""}, "Nobody may review spam"),
        ({f"tier.{group}": "7"}, "There is no tier 7"),
        ({"machine.spam": 130}, "out of its range, 0 to 100"),
    ):
        text = asked(client, **changes)
        assert said in text and 'role="alert"' in text and "<table" not in text, (changes, text)
        whole = client.get("/value/staffing", changes).content.decode()
        assert said in whole and "<html" in whole, changes


def test_everything_that_issue_asks_for_can_be_changed_and_is_linked_to(client, calibrated):
    [group] = [name for name, one in calibrated["world"]["groups"].items() if one["count"]]
    for changes, said in (
        ({f"people.{group}": 2}, f"With 2 in {group}: "),
        ({f"people.{group}, evening": 2}, f"With 2 in {group}, evening: "),
        ({f"people.{group}, weekend": 1}, f"With 1 in {group}, weekend: "),
        ({"volume": 150, "volume_of": "spam"}, "With a volume of 150%: "),
        ({"target.3": 12}, "With severity 3 within 12 h: "),
        ({"machine.spam": 40, "right": 90}, "With a machine for 40% of spam: "),
        ({f"people.{group}": 2, f"people.{group}, evening": 2, "volume": 110, "target.3": 12}, "With 4 changes: "),
    ):
        response = client.get("/value/staffing/answer", changes, headers={"HX-Request": "true"})
        text = response.content.decode()
        assert said in text and "Difference, 95% interval" in text, (changes, text)
        link = response["HX-Replace-Url"]
        assert link.startswith("/value/staffing?") and said in client.get(link).content.decode()
    assert "wrong decisions of a machine" in asked(client, **{"machine.spam": 40, "right": 90})


def test_without_scripts_a_whole_page_has_the_answer_and_its_sliders_stand_where_they_were_put(client, calibrated):
    [group] = [name for name, one in calibrated["world"]["groups"].items() if one["count"]]
    page = client.get("/value/staffing").content.decode()
    assert '<form id="scenario" class="sliders" method="get" action="/value/staffing"' in page and "<noscript><button" in page
    for url in ("/value/staffing", "/value/staffing/answer"):
        text = client.get(url, {f"people.{group}": 3, "volume": 120}).content.decode()
        assert "<html" in text and "Difference, 95% interval" in text
        assert 'value="3.0"' in text and "today 6" in text and 'id="volume-value">120</output>' in text
        assert '<g class="scenario">' in text and '<g class="today">' in text


def test_today_is_what_the_worker_found_in_every_answer(client, calibrated):
    [group] = [name for name, one in calibrated["world"]["groups"].items() if one["count"]]
    today = [row["before"] for row in calibrated["today"]]
    for changes in ({f"people.{group}": 2}, {"volume": 200}, {"volume": 50}, {"target.3": 96}):
        asked_ = QueryDict(mutable=True)
        asked_.update({name: str(value) for name, value in changes.items()})
        question = Question(world_of(calibrated), asked_)
        found = teamwork.answer(question.world, question.scenario(), teamwork.errors_of(calibrated))
        assert [row["before"] for row in teamwork.figures(found, "EUR")["rows"]] == today, changes
    for one in calibrated["answers"]:
        assert [row["before"] for row in one["rows"]] == today


def test_a_world_that_was_kept_as_json_is_simulated_as_it_was(calibrated):
    """JSON in the database sorts names by length; luck goes by place."""
    backwards = {"world": calibrated["world"] | {"groups": dict(reversed(calibrated["world"]["groups"].items()))}}
    assert list(world_of(backwards).groups) == list(world_of(calibrated).groups)
    assert as_it_is(backwards).before.values == as_it_is(calibrated).before.values


def test_the_page_says_what_two_fewer_mean_and_what_an_hour_weighs(client, calibrated):
    text = client.get("/value/staffing").content.decode()
    [two] = [one for one in calibrated["answers"] if one["two"]]
    assert two["name"].startswith("Two of six fewer (33%), in tier ") and two["sentence"] in html.unescape(text)
    assert "27 (severity 1), 9 (severity 2), 3 (severity 3), 1 (severity 4)" in text
    assert "cases miss their target" in two["sentence"] and "reports" not in two["sentence"]


def test_numbers_are_rounded_to_what_can_be_read(calibrated):
    figure = teamwork.Figure(-28_700.0, -28_700.0, -28_700.0, 40)
    assert teamwork.changed(figure, "cost") == "−28,700" and teamwork.between(figure, "cost") == ""
    figure = teamwork.Figure(-0.0712, -0.0951, 0.0004, 40)
    assert teamwork.changed(figure, "breach_share") == "−7.1 points"
    assert teamwork.between(figure, "breach_share") == "−9.5 to 0.0"
    assert teamwork.between(teamwork.Figure(0.079, -0.065, 3.21, 40), "action_p50") == "−0.07 to +3.2"
    assert teamwork.changed(teamwork.Figure(0.0, 0.0, 0.0, 40), "cost") == "none"
    assert teamwork.of(float("nan"), "action_p50") == "–"


def test_the_frontier_marks_today_and_a_scenario_beyond_its_ends():
    rows = [{"people": n, "cost": 1000.0 * n, "breach_share": 0.5 - n / 20, "breach_share_low": 0.45 - n / 20,
             "breach_share_high": 0.55 - n / 20} for n in (4, 5, 6)]  # fmt: skip
    drawn = frontier.picture(rows, 5, rows[0] | {"people": 9})
    today, scenario = (float(part.split('x1="')[1].split('"')[0]) for part in drawn.split("<g class=")[1:])
    assert 46 < today < scenario < 426 and "Today 5." in drawn and "9 reviewers, 70.0%" in drawn
    assert frontier.picture(rows[:1], 5) == "" and '<g class="scenario">' not in frontier.picture(rows, 5)


def test_what_is_held_back_is_not_in_the_rates_either(lead, db):
    """A category that comes in the last weeks alone is nothing that the weeks before could have foretold."""
    lately(60)
    late = Case.objects.filter(opened_at__gte=timezone.now() - timedelta(days=20))
    assert late.exists()
    found = this_team(2)
    assert found.before.categories["spam"].per_week * 10 < found.world.categories["spam"].per_week * 12


def as_it_is(content):
    return teamwork.answer(world_of(content), Scenario("As it is"), Errors())


@pytest.mark.parametrize("full_time", [0.0, 1.5, 7.0])
def test_a_reviewer_costs_the_same_in_the_simulation_and_in_what_it_costs(lead, db, full_time):
    """As many as there are accounts; each half of full time or so; more of them than accounts."""
    assumptions.publish(lead, Costs(loaded_cost=60_000.0, reviewers=full_time, hours_a_day=7.5), "Finance")
    for name in ("Ada", "Bo"):
        factories.person(name, tier=1)
    lately(60)
    clear("value-readings")
    content, _table = parameters()
    told = operations.cost(assumptions.costs(), 60, (0, 0, 0, 0), operations.YEAR)
    assert as_it_is(content).level("cost")[0].mean == pytest.approx(told["spend"], rel=1e-9)
    team_ = content["team"]
    assert team_["full_time"] == told["headcount"] and team_["people"] * team_["share"] == pytest.approx(
        told["headcount"]
    )
    [away] = {group["absence"] for group in content["world"]["groups"].values()}
    assert away == pytest.approx(1 - 0.9 * min(1.0, team_["share"]))


def test_fewer_of_a_team_are_told_as_they_are_and_not_as_a_tenth(lead, db):
    for number in range(4):
        factories.person(f"Rita {number}", tier=1)
    lately(60)
    clear("value-readings")
    content, _table = parameters()
    people = content["team"]["people"]
    fewer = next(one for one in content["answers"] if one["share"] == "-10%")
    assert fewer["name"].startswith(f"One of {teamwork.spelt(people)} fewer ({1 / people:.0%}), in ")
    assert any(one["name"].startswith("Two of") for one in content["answers"])


def test_what_a_reviewer_may_take_is_their_group(lead, db):
    factories.person("Dora", tier=1, languages=["de"])
    factories.person("Emil", tier=1)
    lately(60)
    Case.objects.all().update(language="de")
    clear("value-readings")
    content, _table = parameters()
    groups = content["world"]["groups"]
    assert groups["tier 1 (de)"]["languages"] == ["de"] and groups["tier 1"]["languages"] is None
    assert groups["tier 1 (de), evening"]["count"] == 0
    assert content["world"]["categories"]["spam"]["languages"] == {"de": 60.0}


def test_the_simulation_counts_cases_and_what_became_of_them(lead, db):
    """120 cases of three reports each; a quarter of all reviews were handed up, a tenth of the cases appealed."""
    lately(escalated=40, appealed=12)
    clear("value-readings")
    content, table = parameters()
    assert table["arrivals a week", None]["observations"] == 120
    assert content["world"]["categories"]["spam"]["per_week"] == pytest.approx(10.0)
    assert content["world"]["categories"]["spam"]["target_hours"] == HOURS_BY_SEVERITY[3]
    assert table["share escalated", 1]["value"] == pytest.approx(40 / 160)
    assert table["share appealed", None]["value"] == pytest.approx(0.1)
    assert table["minutes a review", 1]["observations"] == 120  # a review that was handed up tells no time


def test_what_the_record_leaves_open_widens_the_answer(lead, db):
    lately()
    clear("value-readings")
    content, _table = parameters()
    errors = teamwork.errors_of(content)
    assert errors.rate["spam"] > 0 and errors.minutes["spam", 1] > 0 and teamwork.kept(errors) == content["errors"]
    now = world_of(content)
    more = Scenario("A quarter more", volume={"all": 1.25})
    known, left_open = (
        teamwork.answer(now, more, one).difference("harm_hours") for one in (Errors(), Errors({"spam": 0.6}))
    )
    assert left_open.high - left_open.low > 1.5 * (known.high - known.low)


def test_the_page_says_whether_the_last_weeks_came_out_as_foretold(client, lead, db):
    client.force_login(lead)
    lately()
    clear("value-readings")
    content, _table = parameters()
    held = content["held_out"]
    assert {row["week"] for row in held["rows"]} == {-2, -1, None} and "were held back" in held["sentence"]
    text = client.get("/value/staffing").content.decode()
    assert held["sentence"] in text and "data:image/svg+xml" in text and "hours to a decision, nine in ten" in text
    assert held["sentence"] in client.get("/value").content.decode()


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


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_the_worker_reads_and_who_asked_meanwhile_is_not_forgotten(monkeypatch):
    answered = []

    def asks_anew():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            assumptions.ask_anew("quality")
            answered.append(readings.make_one())  # another worker finds it taken, and the two others
        finally:
            connection.close()

    def slowly():
        thread = threading.Thread(target=asks_anew)
        thread.start()
        thread.join()
        return {}

    monkeypatch.setattr(readings, "MAKERS", {"quality": slowly})
    assert readings.make_one() == 1
    assert answered == [0]
    found = Reading.objects.get(kind="quality")
    assert found.asked_at and found.made_at
    monkeypatch.setattr(readings, "MAKERS", {"quality": lambda: {"n": 2}})
    assert readings.make_one() == 1
    found.refresh_from_db()
    assert found.asked_at is None and found.content == {"n": 2}


def test_the_run_that_loads_the_simulation_is_of_a_possible_world(monkeypatch):
    """A mistake in it would show as a slow first answer only."""
    from seacliff.value.staffing import simulate

    runs = []
    once = simulate.simulate
    monkeypatch.setattr(simulate, "simulate", lambda *given: runs.append(once(*given)))
    team.ready.__wrapped__()
    assert runs[0][0].of("decided")[0] > 0
