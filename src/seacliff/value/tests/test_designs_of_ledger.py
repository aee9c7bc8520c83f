"""Each design a finding may choose, from rows in the inputs to a graded estimate; the headline; what offers itself."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from django.db import connection
from django.utils import timezone

from seacliff.intake.models import Report
from seacliff.people.problems import Invalid
from seacliff.record.desks import clear
from seacliff.record.ids import uuid7
from seacliff.review.models import Decision
from seacliff.review.tests import factories
from seacliff.value.designs.churn import discrete
from seacliff.value.designs.result import DesignError
from seacliff.value.inputs import quality, record
from seacliff.value.inputs.source import opened
from seacliff.value.ledger import designs as runs
from seacliff.value.ledger import offers, queries
from seacliff.value.ledger.designs import by_exposure, frame_of
from seacliff.value.ledger.launched import launches_known
from seacliff.value.ledger.plans import Plan, plan_of
from seacliff.value.models import AccountDay, Finding, Launch, Run
from seacliff.value.tests import world
from seacliff.value.tests.test_ledger import PLAN, estimated, proposed

pytestmark = pytest.mark.django_db
OTHER = Plan("leniency", "reported_again", plausible=5.0)
DAY = ("account_id", "date", "plan", "revenue", "active", "churned_at", "market")


def lot(effect, accounts=400):
    world.store(world.account_days(accounts=accounts, effect=effect))


def test_a_lot_finds_the_effect_that_is_there(lead):
    lot(0.2)
    run = estimated(
        lead, plan=Plan("trial", "active_days", launch="lobby", planned=0.5, horizon_days=14, plausible=7.0)
    ).current
    assert run.grade == "A" and run.low < 0.2 * 14 < run.high and run.low > 0


def test_a_lot_without_an_effect_is_a_null(lead):
    lot(0.0)
    run = estimated(
        lead, plan=Plan("trial", "active_days", launch="lobby", planned=0.5, horizon_days=14, plausible=7.0)
    ).current
    assert run.grade == "A" and run.low < 0 < run.high


def test_a_lot_too_small_for_a_plausible_effect_is_refused(lead):
    lot(0.2, accounts=20)
    run = estimated(
        lead, plan=Plan("trial", "active_days", launch="lobby", planned=0.5, horizon_days=14, plausible=0.1)
    ).current
    assert run.refusal and run.result["needed"] > 1000


def markets(effect, units=24, weeks=20, seed=5):
    """Accounts in many markets; a launch reaches three of them in week 12 and lowers leaving... raises active days."""
    random = np.random.default_rng(seed)
    rows, treated = [], [f"m{n}" for n in range(3)]
    for unit in range(units):
        level = 0.4 + 0.2 * random.uniform()
        for account in range(12):
            for day in range(weeks * 7):
                wave = 0.05 * np.sin(day / 20)
                chance = level + wave + (effect if f"m{unit}" in treated and day >= 12 * 7 else 0)
                rows.append((f"a{unit}-{account}", world.START + timedelta(days=day), "free", 1.0,
                             bool(random.uniform() < chance), None, f"m{unit}"))  # fmt: skip
    days = pd.DataFrame(rows, columns=["account_id", "date", "plan", "revenue", "active", "churned_at", "market"])
    shipped = world.START + timedelta(days=12 * 7)
    launches = pd.DataFrame([("limits", "Invitation limits", unit, shipped, "spam") for unit in treated],
                            columns=["id", "name", "unit", "shipped_at", "category"])  # fmt: skip
    world.store({"account_days": days, "launches": launches,
                 "lots": pd.DataFrame({"launch_id": [], "account_id": [], "assigned": []})})  # fmt: skip


@pytest.mark.parametrize("design", ["launch", "staggered"])
def test_a_launch_in_some_markets_is_compared_with_the_others(lead, design):
    markets(0.2)
    run = estimated(lead, plan=Plan(design, "active_days", launch="limits", plausible=7.0)).current
    assert run.refusal == "" and run.low < 1.4 < run.high and run.low > 0.3, run.result


@pytest.mark.parametrize(("design", "outcome"), [("launch", "left"), ("launch", "revenue"), ("staggered", "revenue")])
def test_an_outcome_that_never_varies_is_refused_in_a_sentence(lead, design, outcome):
    """Nobody left, and every account is worth the same each day."""
    markets(0.2)
    run = estimated(lead, plan=Plan(design, outcome, launch="limits", plausible=5.0)).current
    assert run.state == Run.State.DONE and "the outcome" in run.refusal.lower() and "varies" in run.refusal, run.error


def test_a_launch_that_nobody_knows_can_not_be_proposed(lead, settings):
    markets(0.0, units=4, weeks=3)
    for there in ("there are: limits", "none in the table of launches"):
        with pytest.raises(Invalid, match=there) as told:
            proposed(lead, plan=Plan("launch", "active_days", launch="nothing", plausible=1.0))
        assert told.value.errors[0]["pointer"] == "#/launch"
        Launch.objects.all().delete()


def test_the_launches_of_another_source_are_known_once_the_worker_has_read_them(lead, tmp_path, settings):
    settings.VALUE_SOURCE = str(tmp_path)
    world.write(world.account_days(accounts=3), tmp_path, "parquet")
    assert launches_known() is None
    clear("value-readings")
    assert launches_known() == {"lobby": "Waiting room (lobby), 2026-02-04, by lot"}


@pytest.mark.parametrize("design", ["launch", "staggered"])
def test_what_shipped_everywhere_has_nothing_to_be_compared_with(lead, design):
    markets(0.2, units=12)
    Launch.objects.all().delete()
    Launch.objects.create(id="limits", unit="", shipped_at=world.START + timedelta(days=84))
    found = proposed(lead, plan=Plan(design, "active_days", launch="limits", plausible=7.0))
    clear("value-ledger")
    found.refresh_from_db()
    assert "shipped everywhere" in found.trouble and not found.is_frozen


def test_accounts_without_a_market_are_left_out_and_counted(lead):
    markets(0.2)
    days = [(f"n{account}", world.START + timedelta(days=day), "", 1.0, True, None, "") for account in range(5)
            for day in range(140)]  # fmt: skip
    AccountDay.objects.bulk_create(AccountDay(**dict(zip(DAY, row, strict=True))) for row in days)
    plan = Plan("launch", "active_days", launch="limits", plausible=7.0)
    with opened("") as source:
        frame = frame_of(plan, source)
    assert frame.market.nunique() == 24 and "" not in set(frame.market)
    assert "5 accounts were left out because their market is not told." in runs.estimated(plan, frame).warnings


@pytest.mark.parametrize("planned", [0.1, 0.5])
def test_a_lot_is_held_against_the_share_that_was_planned(lead, planned):
    tables = world.account_days(accounts=400)
    tables["account_days"]["churned_at"] = None
    tables["lots"]["assigned"] = np.arange(400) % 10 == 7
    world.store(tables)
    plan = Plan("trial", "active_days", launch="lobby", planned=planned, horizon_days=14, plausible=7.0)
    run = estimated(lead, plan=plan).current
    assert run.grade == ("A" if planned == 0.1 else "X")
    assert f"{planned:.1%} were planned" in run.result["diagnostics"][0]["says"]


def test_a_series_is_read_off_the_reports(lead):
    world.decided(200)
    changed = (world.NOON + timedelta(days=2)).date()
    run = estimated(
        lead,
        plan=Plan(
            "series", "reports", category="spam", changed_at=changed, until=changed + timedelta(days=2), plausible=9.0
        ),
    ).current
    assert "periods before the change" in run.refusal


def test_exposure_and_leaving_is_an_association_at_best(lead):
    world.store(world.account_days(accounts=60))
    run = estimated(lead, plan=Plan("churn", "left", plausible=1.0)).current
    assert "left after an exposure" in run.refusal


def busy_accounts(count=500, days=150, seed=4):
    """Accounts active on a fifth to all of their days; the busier report abuse sooner and stay longer. Reports do nothing."""
    random = np.random.default_rng(seed)
    share = random.uniform(0.2, 1.0, count)
    more = np.exp(2.5 * (share - 0.6))
    gone, met = 28 + random.exponential(70, count) * more, 28 + random.exponential(50, count) / more
    rows = []
    for number in range(count):
        left = world.START + timedelta(days=int(gone[number])) if gone[number] < days else None
        active = random.uniform(size=days) < share[number]
        rows += [(f"b{number}", world.START + timedelta(days=day), "free", 1.0, bool(active[day]), left, "m")
                 for day in range(min(days, int(gone[number])))]  # fmt: skip
    AccountDay.objects.bulk_create(AccountDay(**dict(zip(DAY, row, strict=True))) for row in rows)
    product = factories.product()
    Report.objects.bulk_create(
        Report(id=uuid7(at), product_id=product.id, channel="form", category="spam", target_kind="event", target_ref="e",
               reporter_key=f"user:meetings:b{number}", received_at=at)
        for number in range(count) if met[number] < min(gone[number], days)
        for at in [world.NOON.replace(year=2026, month=1, day=5) + timedelta(days=int(met[number]))])  # fmt: skip


def test_those_who_report_are_compared_with_others_as_busy(lead):
    """Raw, reporting would seem to keep accounts."""
    busy_accounts()
    with opened("") as source:
        frame = frame_of(Plan("churn", "left"), source)
    raw = discrete(frame.stayed, frame.left == 1, frame.exposed_at, matched=frame.market, period=7.0)
    assert raw.high < -0.1
    run = estimated(lead, plan=Plan("churn", "left", plausible=2.0)).current
    assert run.grade == "C" and run.low < 0 < run.high, run.result
    assert [one["name"] for one in run.result["diagnostics"]][1:] == ["matched comparison", "E-value"]


def test_without_knowing_who_was_busy_it_is_refused(lead):
    busy_accounts(120)
    AccountDay.objects.update(active=True)
    frame = pd.DataFrame({"early_active": [28.0] * 4})
    with pytest.raises(DesignError, match="others as busy"):
        by_exposure(Plan("churn", "left"), frame)


def test_cases_of_one_account_are_added_up_together(lead):
    world.decided(120)
    with opened("") as source:
        frame = frame_of(Plan("leniency", "reports_again", plausible=9.0, horizon_days=1), source)
    assert frame.account_id.str.startswith("r").all() and frame.account_id.nunique() == len(frame)
    assert frame.reviewer_day.nunique() == 24  # six reviewers on four days


def fact(lead, grade, low, high, worth=1.0, overlap="", refusal="", plan=PLAN):
    """A finding whose result is as said. Without a plan it is of the one question that all of these have."""
    found = proposed(lead, worth=worth, overlap=overlap, plan=plan)
    Finding.objects.filter(id=found.id).update(data_hash="0" * 64, data_rows=9, frozen_at=timezone.now())
    run = Run.objects.create(finding=found)
    looks = [{"name": "placebo in time", "passed": grade != "X", "figure": 1.0, "says": "It says.", "rows": []}]
    Run.objects.filter(id=run.id).update(
        state="done", grade=grade, low=low, high=high, estimate=None if refusal else (low + high) / 2, n=9, refusal=refusal,
        data_hash="0" * 64, code_version=found.code_version, finished_at=timezone.now(), result={"diagnostics": looks},
    )  # fmt: skip
    Finding.objects.filter(id=found.id).update(current=run)
    found.refresh_from_db()
    return found


def test_the_headline_counts_a_and_b_one_of_each_overlap_group(lead):
    facts = [fact(lead, "A", 1, 3, worth=100.0, overlap="kept"), fact(lead, "B", 2, 8, worth=100.0, overlap="kept"),
             fact(lead, "B", -10, 10, worth=1.0, plan=OTHER), fact(lead, "C", 50, 60), fact(lead, "X", 50, 60)]  # fmt: skip
    found = queries.standing(lead)
    assert [one.ref for one in found.in_it] == [facts[0].ref, facts[2].ref]
    assert found.headline.point == 200.0
    assert found.headline.low == pytest.approx(200 - 100 - 10)  # whatever the errors have in common
    assert found.if_independent.low == pytest.approx(200 - (100**2 + 10**2) ** 0.5)
    why = {one.ref: said for one, said in found.left_out}
    assert (
        "overlaps" in why[facts[1].ref]
        and "association" in why[facts[3].ref]
        and why[facts[4].ref] == "a diagnostic failed: placebo in time"
    )
    assert [one.ref for one in found.nulls] == [facts[2].ref]


def reported(days_ago):
    factories.report(factories.case(), at=timezone.now() - timedelta(days=days_ago))


def test_what_shipped_long_enough_ago_offers_its_finding_once(lead):
    rules = factories.policy()
    factories.publish(rules.policy, 2, at=timezone.now() - timedelta(days=90))
    factories.publish(rules.policy, 3, at=timezone.now() - timedelta(days=5))
    reported(200)
    tables = world.account_days(accounts=3)
    tables["launches"]["shipped_at"] = (timezone.now() - timedelta(days=100)).date()
    world.store(tables)
    assert offers.offer_all() == 2
    assert offers.offer_all() == 0
    designs = set(Finding.objects.values_list("design", "state"))
    assert designs == {("series", "offered"), ("trial", "offered")}
    series = Finding.objects.get(design="series")
    assert "version 2" in series.question and plan_of(series.plan).category == "spam"


def test_where_nothing_is_known_from_before_nothing_is_offered(lead):
    """Reports begin when the version came into force, account days ten days before the launch."""
    rules = factories.policy()
    factories.publish(rules.policy, 2, at=timezone.now() - timedelta(days=90))
    reported(100)
    tables = world.account_days(accounts=3)
    tables["launches"]["shipped_at"] = day = (timezone.now() - timedelta(days=100)).date()
    tables["account_days"]["date"] += day - timedelta(days=10) - world.START
    tables["account_days"]["churned_at"] = None
    world.store(tables)
    assert offers.offer_all() == 0


def test_a_launch_without_a_day_keeps_no_other_from_being_offered(lead, tmp_path, settings):
    """Files may hold what our own table refuses."""
    settings.VALUE_SOURCE = str(tmp_path)
    tables = world.account_days(accounts=3)
    long_ago = (timezone.now() - timedelta(days=100)).date()
    tables["launches"] = pd.DataFrame([("lobby", "Waiting room", "", long_ago, "spam"), ("later", None, "m1", None, "spam")],
                                      columns=["id", "name", "unit", "shipped_at", "category"])  # fmt: skip
    world.write(tables, tmp_path, "parquet")
    assert offers.offer_all() == 1
    assert Finding.objects.get().origin == "launch:lobby"


def test_the_lots_of_every_launch_are_known_however_many_accounts_they_name(lead):
    """The lot of the first launch names more accounts than were once fetched; the second one's lot comes after them."""
    tables = world.account_days(accounts=3)
    long_ago = (timezone.now() - timedelta(days=100)).date()
    tables["launches"] = pd.DataFrame([(id, "", "", long_ago, "spam") for id in ("first", "second")],
                                      columns=["id", "name", "unit", "shipped_at", "category"])  # fmt: skip
    world.store(tables | {"lots": pd.DataFrame({"launch_id": [], "account_id": [], "assigned": []})})
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO value_lot (launch_id, account_id, assigned) SELECT 'first', n::text, true "
                       "FROM generate_series(1, 100001) n UNION ALL SELECT 'second', 'a1', true")  # fmt: skip
    assert offers.offer_all() == 2
    assert set(Finding.objects.values_list("design", flat=True)) == {"trial"}
    with opened("") as source:
        told = {table["name"]: table for table in quality.report(source)["tables"]}
    assert told["lots"]["rows"] == 100_002 and not told["lots"]["faults"]


def test_a_market_whose_day_is_not_told_is_no_comparison(lead, tmp_path, settings):
    settings.VALUE_SOURCE = str(tmp_path)
    tables = world.account_days(accounts=8)
    tables["launches"] = pd.DataFrame([("limits", "", "m0", world.START, "spam"), ("limits", "", "m1", None, "spam")],
                                      columns=["id", "name", "unit", "shipped_at", "category"])  # fmt: skip
    world.write(tables, tmp_path, "parquet")
    found = proposed(lead, plan=Plan("launch", "active_days", launch="limits", plausible=1.0))
    clear("value-ledger")
    found.refresh_from_db()
    assert "does not say when limits shipped to m1" in found.trouble


@pytest.mark.parametrize(("shipped", "days", "said"), [(10, 60, "are not over by"), (40, 15, "are known until")])
def test_a_lot_is_not_looked_at_before_its_horizon_is_over(lead, shipped, days, said):
    """Shipped so many days ago; the account days reach so many days past it."""
    tables = world.account_days(accounts=30)
    day = timezone.now().date() - timedelta(days=shipped)
    tables["launches"]["shipped_at"] = day
    moved = day + timedelta(days=days) - max(tables["account_days"].date)
    tables["account_days"]["date"] += moved
    tables["account_days"]["churned_at"] = None
    world.store(tables)
    found = proposed(
        lead, plan=Plan("trial", "active_days", launch="lobby", planned=0.5, horizon_days=28, plausible=7.0)
    )
    clear("value-ledger")
    found.refresh_from_db()
    assert said in found.trouble and f"is over on {day + timedelta(days=28)}" in found.trouble and not found.is_frozen


def test_decisions_whose_horizon_is_not_over_in_what_is_loaded_are_left_out(lead):
    """Decisions of four days; the account days end 28 days after the second of them."""
    world.decided(200)
    ids = set(record.read("decisions").target_id)
    last = world.NOON.date() + timedelta(days=1 + 28)
    days = [(id, last - timedelta(days=back), "", 1.0, True, None, "") for id in ids for back in range(60)]
    AccountDay.objects.bulk_create(AccountDay(**dict(zip(DAY, row, strict=True))) for row in days)
    with opened("") as source:
        frame = frame_of(Plan("leniency", "target_revenue", plausible=9.0), source)
    assert len(frame) == 100 and set(frame.outcome_value) == {28.0}


def test_a_market_that_came_late_costs_itself_and_not_the_past_of_the_others(lead):
    markets(0.0, units=6, weeks=20)
    AccountDay.objects.filter(market="m5", date__lt=world.START + timedelta(weeks=14)).delete()
    with opened("") as source:
        frame = frame_of(Plan("launch", "active_days", launch="limits"), source)
    assert sorted(set(frame.market)) == [f"m{n}" for n in range(5)] and frame.period.nunique() == 18


@pytest.mark.parametrize("design", ["launch", "staggered"])
def test_a_launch_is_looked_at_in_the_weeks_that_lie_whole_in_its_span(lead, design):
    markets(0.0, units=6, weeks=20)
    wednesday = world.START + timedelta(days=7 * 4 + 2)
    span = Plan(design, "active_days", launch="limits", since=wednesday, until=wednesday + timedelta(days=7 * 10))
    with opened("") as source:
        frame = frame_of(span, source)
        whole = frame_of(Plan(design, "active_days", launch="limits"), source)
    begin = (world.START - pd.Timestamp("1970-01-05").date()).days // 7
    assert sorted(set(frame.period)) == list(range(begin + 5, begin + 14)) and frame.market.nunique() == 6
    assert whole.period.nunique() == 18


def test_exposure_follows_those_who_came_in_the_span_until_its_end(lead):
    """Accounts that came on days 0, 10 and 20; the second leaves on day 55, the third on day 70, the fourth too early."""
    for id, came, left in (("a0", 0, None), ("a1", 10, 55), ("a2", 20, 70), ("a3", 15, 30)):
        gone = world.START + timedelta(days=left) if left else None
        days = [(id, world.START + timedelta(days=day), "", 1.0, True, gone, "m") for day in range(came, left or 90)]
        AccountDay.objects.bulk_create(AccountDay(**dict(zip(DAY, row, strict=True))) for row in days)
    span = {"since": world.START + timedelta(days=5), "until": world.START + timedelta(days=60)}
    with opened("") as source:
        frame = frame_of(Plan("churn", "left", **span), source).set_index("account_id")
        whole = frame_of(Plan("churn", "left"), source)
    assert list(frame.index) == ["a1", "a2"] and len(whole) == 3
    assert list(frame.left) == [1, 0] and list(frame.stayed) == [18, 12]  # counted from the end of their first 28 days
    assert list(frame.early_active) == [28, 28] and list(frame.came) == [10, 20]


def test_a_decision_is_looked_at_as_it_was_when_the_case_was_handed_out(lead):
    """The category is as reported, not as the reviewer found it; harm and reports as they were then."""
    first, second = world.decided(2)
    Decision.objects.filter(id=first.id).update(category="phishing", work={"severity": 2, "category": "raids"})
    factories.report(first.case, reporter="user:meetings:late", at=first.decided_at + timedelta(hours=3))
    found = record.read("decisions").set_index("decision_id").loc[[str(first.id), str(second.id)]]
    assert list(found.category) == ["phishing", "spam"] and list(found.routed) == ["raids", "spam"]
    assert list(found.severity) == [2, 3] and list(found.reports) == [1, 1]
    with opened("") as source:
        frame = frame_of(Plan("leniency", "reports_again", category="raids"), source)
        none = frame_of(Plan("leniency", "reports_again", category="phishing"), source)
    assert list(frame.decision_id) == [str(first.id)] and none.empty
