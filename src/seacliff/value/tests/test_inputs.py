"""The inputs: read from the record, and from wherever accounts are kept, with the same sums everywhere."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.conf import settings

from seacliff.intake.models import Report
from seacliff.review.models import Case, CaseReport
from seacliff.value.inputs import quality, record, reductions
from seacliff.value.inputs.schema import TABLES
from seacliff.value.inputs.source import SourceError, opened
from seacliff.value.tests import world

HAS_SPARK = importlib.util.find_spec("pyspark") is not None
MOMENTS = pd.DataFrame({
    "key": [f"k{n}" for n in range(12)], "account_id": [f"a{n * 3}" for n in range(12)],
    "at": [world.START.replace(day=5 + n) for n in range(12)],
})  # fmt: skip


def everything(source):
    """All that is read from a source, in one dictionary of frames."""
    return {
        "around": reductions.around(source, MOMENTS, 14),
        "drawn": reductions.drawn(source, "lobby", 20),
        "markets": reductions.by_market(source),
        "lives": reductions.lives(source).astype(str),
        "early": reductions.early(source, 14).fillna({"early_plan": ""}),
        "days": quality.days_of(source).assign(date=lambda f: f["date"].astype(str)),
        "launches": reductions.launches(source).astype(str),
        "lots": pd.DataFrame([reductions.lots(source)]),
        "ends": pd.DataFrame({"shipped": [reductions.shipped_on(source, "lobby")], "last": [reductions.last_day(source)],
                              "by lot": [str(reductions.launches_by_lot(source))]}),
    }  # fmt: skip


def agree(first, second):
    for name, frame in first.items():
        other = second[name][frame.columns]
        assert len(frame) == len(other) > 0, name
        for column in frame:
            if pd.api.types.is_float_dtype(frame[column]):
                assert (frame[column] - other[column].astype(float)).abs().max() < 1e-9, (name, column)
            else:
                assert frame[column].astype(str).tolist() == other[column].astype(str).tolist(), (name, column)


@pytest.fixture
def own(db):
    tables = world.account_days()
    world.store(tables)
    with opened("") as source:
        return tables, everything(source)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_and_our_own_tables_give_the_same_sums(own, tmp_path, ending):
    tables, ours = own
    world.write(tables, tmp_path, ending)
    with opened(str(tmp_path)) as source:
        agree(ours, everything(source))


@pytest.mark.spark
@pytest.mark.skipif(not HAS_SPARK, reason="pyspark is not installed: the extra [spark] was not tried here")
def test_spark_on_two_workers_gives_the_same_sums(own, tmp_path):
    tables, ours = own
    world.write(tables, tmp_path, "parquet")
    with opened(f"spark:local-cluster[2,1,1024]:{tmp_path}") as source:
        agree(ours, everything(source))


def test_sums_around_a_moment_are_those_counted_by_hand(own):
    tables, ours = own
    day = tables["account_days"]
    for _, moment in MOMENTS.iterrows():
        rows = day[day.account_id == moment.account_id]
        after = rows[(rows.date > moment["at"]) & (rows.date <= moment["at"] + pd.Timedelta(days=14))]
        found = ours["around"].set_index("key").loc[moment["key"]]
        assert float(found.active_days_after) == float(after.active.astype(int).sum())
        assert found.revenue_after == pytest.approx(after.revenue.sum())
        assert float(found.seen_after) == len(after)


def test_markets_by_week_are_those_counted_by_hand(own):
    tables, ours = own
    day = tables["account_days"]
    week = day[(day.market == "m1") & (day.date >= world.START) & (day.date < world.START + pd.Timedelta(days=7))]
    first = ours["markets"][ours["markets"].market == "m1"].iloc[0]
    assert first.accounts == week.account_id.nunique()
    assert first.active_days == pytest.approx(week.active.sum() / first.accounts)


def test_a_source_that_is_not_there_is_told_in_a_sentence(tmp_path):
    for address, said in (
        (str(tmp_path / "no"), "is not there"),
        (str(tmp_path), "holds none of"),
        ("nosuch://x", "can't be reached"),
    ):
        with pytest.raises(SourceError, match=said), opened(address):
            pass


def test_a_file_without_a_needed_column_is_told_by_name(tmp_path):
    tables = world.account_days(accounts=3)
    tables["account_days"] = tables["account_days"].drop(columns=["active"])
    world.write(tables, tmp_path)
    with opened(str(tmp_path)) as source, pytest.raises(SourceError, match="lacks active"):
        source.table("account_days")


@pytest.mark.parametrize("row", [0, 100])
def test_a_value_that_is_no_number_is_told_with_its_table_and_column(tmp_path, row):
    tables = world.account_days(accounts=3)
    tables["account_days"]["revenue"] = tables["account_days"].revenue.astype(object)
    tables["account_days"].loc[row, "revenue"] = "x"
    world.write(tables, tmp_path)
    with opened(str(tmp_path)) as source, pytest.raises(SourceError, match=r"column revenue of the table account_days .* 'x' is"):
        reductions.by_market(source)


def test_the_first_days_of_an_account_are_its_own(tmp_path):
    tables = world.account_days(accounts=3)
    world.write(tables, tmp_path)
    days = tables["account_days"]
    with opened(str(tmp_path)) as source:
        found = reductions.early(source, 10).set_index("account_id").early_active
    for id, own in days.groupby("account_id"):
        assert found[id] == own.sort_values("date").head(10).active.sum()


def test_a_column_that_may_be_absent_is_empty(tmp_path):
    tables = world.account_days(accounts=3)
    tables["account_days"] = tables["account_days"].drop(columns=["market", "churned_at"])
    world.write(tables, tmp_path)
    with opened(str(tmp_path)) as source:
        assert reductions.lives(source).churned_at.isna().all()
        assert (reductions.around(source, MOMENTS.head(1), 14).left_after == 0).all()


@pytest.mark.django_db
def test_every_table_of_the_record_reads_with_its_declared_columns():
    for name, table in TABLES.items():
        if table.where == "record":
            assert list(record.read(name)) == [column.name for column in table.columns]


@pytest.mark.django_db
def test_decisions_carry_mode_wait_handle_time_and_the_account_above():
    world.decided(8)
    found = record.read("decisions")
    assert len(found) == 8
    assert set(found.assignment_mode) == {"random"}
    assert set(found.wait_s) == {3000.0} and set(found.handle_s) == {600.0}
    assert found.target_id.str.startswith("org-").all()
    assert found.reporter_id.tolist() == [f"r{n}" for n in range(8)]
    reports = record.read("reports")
    assert (reports.target_id == found.target_id.iloc[0]).all()
    assert len(record.read("decisions", world.START, world.START)) == 0


@pytest.mark.django_db
def test_threshold_history_says_from_when_to_when_each_held():
    from datetime import timedelta

    from django.utils import timezone

    from seacliff.review.tests import factories

    rules = factories.policy()
    factories.publish(rules.policy, 2, at=timezone.now() - timedelta(days=3))
    found = record.read("thresholds")
    assert found.value.tolist() == [3.0, 3.0]
    assert found.valid_to.iloc[0] == found.valid_from.iloc[1] and pd.isna(found.valid_to.iloc[1])


@pytest.mark.django_db
def test_quality_counts_what_is_wrong_and_who_is_covered(django_assert_max_num_queries):
    made = world.decided(20)
    type(made[0]).objects.filter(id=made[3].id).update(claimed_at=made[3].decided_at + pd.Timedelta(hours=2))
    tables = world.account_days(accounts=6)
    tables["account_days"] = tables["account_days"][tables["account_days"].date != world.START.replace(day=20)]
    tables["account_days"].loc[0, "revenue"] = -4.0
    world.store(tables)
    with opened("") as source, django_assert_max_num_queries(14):
        told = quality.report(source)
    by_name = {table["name"]: table for table in told["tables"]}
    assert by_name["decisions"]["faults"] == [
        {"column": "handle_s", "rows": 1, "says": "lies outside 0 and more"},
        {"column": "decided_at", "rows": 1, "says": "decided_at lies before assigned_at"},
    ]
    assert by_name["account_days"]["gaps"] == [{"after": "2026-01-19", "days": 1}]
    assert by_name["account_days"]["faults"] == [{"column": "revenue", "rows": 1, "says": "is negative (a refund?)"}]
    assert {line["says"]: line["count"] for line in told["coverage"]}[
        "decisions whose assignment chance made (random)"] == 20  # fmt: skip


def test_the_documentation_lists_every_table_and_column():
    text = Path(settings.BASE_DIR.parent.parent / "docs/value/inputs.md").read_text()
    missing = [f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns
               if f"`{column.name}`" not in text.split(f"## {table.name}\n")[1].split("\n## ")[0]]  # fmt: skip
    assert not missing


@pytest.mark.django_db
def test_a_file_is_loaded_whole_or_not_at_all(tmp_path):
    from seacliff.value.inputs.loading import LoadError, load
    from seacliff.value.models import AccountDay

    tables = world.account_days(accounts=5)
    world.write(tables, tmp_path)
    assert load("account_days", tmp_path / "account_days.csv") == len(tables["account_days"])
    assert load("lots", tmp_path / "lots.csv") == 5
    with opened("") as source:
        ours = reductions.by_market(source)
    with opened(str(tmp_path)) as source:
        agree({"markets": ours}, {"markets": reductions.by_market(source)})
    rows = AccountDay.objects.count()
    for text, said in (
        ("account_id,date,active\na,2026-01-05,yes\nb,5.1.2026,yes\n", 'Line 3: date is "5.1.2026"'),
        ("account_id,date,active\n,2026-01-05,yes\n", 'Line 2: account_id is ""'),
        ("account_id,date,active\na,2026-01-05,perhaps\n", 'active is "perhaps"'),
        ("account_id,date\na,2026-01-05\n", "lacks the column active"),
        (
            "account_id,date,active\na,2026-01-05,yes\nb,2026-01-05,yes\na,2026-01-05,no\n",
            "Line 4: account_id, date is a, 2026-01-05, which came before",
        ),
    ):
        (tmp_path / "wrong.csv").write_text(text)
        with pytest.raises(LoadError, match=said):
            load("account_days", tmp_path / "wrong.csv")
    (tmp_path / "wrong.csv").write_text("launch_id,account_id,assigned\nlobby,a,yes\nlobby,a,no\n")
    with pytest.raises(LoadError, match="Line 3: launch_id, account_id is lobby, a, which came before"):
        load("lots", tmp_path / "wrong.csv")
    with pytest.raises(LoadError, match="no table secrets"):
        load("secrets", tmp_path / "lots.csv")
    assert AccountDay.objects.count() == rows


@pytest.mark.django_db
def test_the_line_of_a_doubled_row_is_of_the_file_and_not_of_the_chunk(tmp_path, monkeypatch):
    from seacliff.value.inputs import loading

    monkeypatch.setattr(loading, "CHUNK", 2)
    (tmp_path / "lots.csv").write_text(
        "launch_id,account_id,assigned\n" + "".join(f"l,{n},yes\n" for n in (1, 2, 3, 4, 1, 5))
    )
    with pytest.raises(loading.LoadError, match="Line 6:"):
        loading.load("lots", tmp_path / "lots.csv")


def test_what_files_hold_twice_is_counted(tmp_path):
    tables = world.account_days(accounts=4)
    tables["account_days"] = pd.concat([tables["account_days"], tables["account_days"].head(3)])
    tables["lots"] = pd.concat([tables["lots"], tables["lots"].head(2)])
    tables["lots"].iloc[0, 1] = None
    world.write(tables, tmp_path, "parquet")
    with opened(str(tmp_path)) as source:
        days = quality.days_of(source)
        assert days.twice.sum() == 3 and days.unnamed.sum() == 0
        assert reductions.lots(source) == {"rows": 6, "launch_id": 0, "account_id": 1, "assigned": 0, "twice": 1}


@pytest.mark.django_db
def test_reports_near_a_moment_are_those_counted_by_hand():
    """Reports on days 0, 1, 2 and 9 against one account; the report of the moment itself is on neither side."""
    world.accounts_reported(np.array([0.5, 0.6]), np.array([True, False]))
    case = Case.objects.get(target__ref="s0")
    for day in (1, 2, 9):
        report = Report.objects.create(product_id=case.product_id, channel="form", category="spam", target_kind="user",
                                       target_ref="s0", received_at=world.NOON + timedelta(days=day))  # fmt: skip
        CaseReport.objects.create(report_id=report.id, case=case)
    ids, days = pd.Series(["s0", "s0", "nobody"]), [1, 9, 1]
    at = pd.to_datetime(pd.Series([world.NOON + timedelta(days=day) for day in days]), utc=True)
    before, after = record.reports_near("target_id", ids, at, 7)
    assert list(before) == [1, 1, 0] and list(after) == [1, 0, 0]
    assert [len(side) for side in record.reports_near("target_id", ids[:0], at[:0], 7)] == [0, 0]


def test_no_ask_is_left_out_for_want_of_a_clock(lead):
    from seacliff.partners.access import our_function
    from seacliff.partners.tests import factories as partners
    from seacliff.record.models import Clock

    legal = partners.function("legal")
    asked = [partners.made_ask(legal), partners.made_ask(legal)]
    theirs = partners.made_ask(our_function(), by=partners.partner(legal), sender=legal)
    Clock.objects.filter(subject_id=asked[0].id).delete()
    found = record.read("asks")
    assert set(found.ask_id) == {str(one.id) for one in (*asked, theirs)}
    assert abs(found.set_index("ask_id").asked_at[str(asked[0].id)] - pd.Timestamp.now("UTC")) < pd.Timedelta(minutes=5)
    with opened("") as source:
        lines = {line["says"]: line for line in quality.report(source)["coverage"]}
    [told] = [line for says, line in lines.items() if says.startswith("asks made of other functions")]
    assert (told["count"], told["of"]) == (2, 3)


def test_thresholds_and_launches_tell_their_days_and_no_gaps(lead, own):
    from seacliff.review.tests import factories

    factories.policy()
    with opened("") as source:
        told = {table["name"]: table for table in quality.report(source)["tables"]}
    assert told["launches"]["first"] == told["launches"]["last"] == str(world.START + timedelta(days=30))
    assert told["thresholds"]["first"] and told["thresholds"]["gap_days"] == 0
    assert told["lots"]["first"] is None


def test_staffing_is_who_reviews_now_with_the_costs_in_force(lead):
    from seacliff.review.tests import factories
    from seacliff.value import assumptions
    from seacliff.value.assumptions import Costs

    person = factories.person("Rita Reviewer", tier=2)
    type(person).objects.filter(id=person.id).update(categories=["spam"], languages=["de"])
    factories.person("Gone Reviewer", tier=2).__class__.objects.filter(name="Gone Reviewer").update(is_active=False)
    assert record.read("staffing").loaded_cost.isna().all()
    assumptions.publish(lead, Costs(loaded_cost=60_000.0, severe_hours_a_day=4.0), "Finance")
    found = record.read("staffing")
    [row] = found[found.reviewer_id == str(person.id)].to_dict("records")
    assert (row["tier"], row["skills"], row["loaded_cost"], row["severe_cap"]) == (2.0, "spam, de", 60_000.0, 4.0)
    assert row["shift"] == "09:00, 8.0 h" and "Gone" not in str(found)
    assert len(found) == len(found.reviewer_id.unique()) == 1
