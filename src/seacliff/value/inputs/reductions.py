"""The sums over account days that the designs need, each one expression: worked out where the rows are."""

from datetime import date
from typing import Any

import ibis
import pandas as pd

from seacliff.value.inputs.schema import TABLES
from seacliff.value.inputs.source import Source

MOMENTS = {"key": "string", "account_id": "string", "at": "date"}
MEASURES = ("active_days", "revenue", "left")


def around(source: Source, moments: pd.DataFrame, days: int) -> pd.DataFrame:
    """For each moment (key, account_id, at): active days, revenue and whether the account left, in as many days before the
    moment and after it, the day itself left out. A row for each key whose account is known at all.

    Columns: key, seen_before, seen_after (days with a row), active_days_before, active_days_after, revenue_before,
    revenue_after, left_after.
    """
    own = source.upload("value_moments", moments, MOMENTS)
    day = source.table("account_days")
    span = ibis.interval(days=days)
    near = own.join(
        day,
        [own.account_id == day.account_id, day.date >= own["at"] - span, day.date <= own["at"] + span],
    ).select(own.key, own["at"], day.date, day.revenue, day.active, day.churned_at)
    before, after = near.date < near["at"], near.date > near["at"]
    left = (near.churned_at > near["at"]) & (near.churned_at <= near["at"] + span)
    found = near.group_by("key").agg(
        seen_before=count(before), seen_after=count(after),
        active_days_before=count(before & near.active), active_days_after=count(after & near.active),
        revenue_before=total(before, near.revenue), revenue_after=total(after, near.revenue),
        left_after=ibis.cases((left, 1.0), else_=0.0).max(),
    )  # fmt: skip
    return source.fetch(found).sort_values("key", ignore_index=True)


def drawn(source: Source, launch: str, days: int) -> pd.DataFrame:
    """For each account that the lot of a launch names: what `around` gives of the day it shipped.

    Columns: account_id, assigned, and those of `around` without the key.
    """
    lot, change = source.table("lots"), source.table("launches")
    own = lot.filter(lot.launch_id == launch).select("account_id", "assigned")
    shipped = change.filter(change.id == launch).agg(at=change.shipped_at.min())
    found = source.fetch(own.cross_join(shipped))
    if found.empty or found["at"].isna().all():
        return pd.DataFrame()
    moments = pd.DataFrame({"key": found.account_id, "account_id": found.account_id, "at": found["at"]})
    return found[["account_id", "assigned"]].merge(
        around(source, moments, days).rename(columns={"key": "account_id"}), on="account_id", how="left"
    ).sort_values("account_id", ignore_index=True)  # fmt: skip


def by_market(source: Source, period_days: int = 7) -> pd.DataFrame:
    """Per market and period, counted in whole periods from Monday 1970-01-05: accounts seen, active days and revenue an
    account, share that left. Columns: market, period, accounts, active_days, revenue, left."""
    day = source.table("account_days")
    number = day.date.delta(ibis.date("1970-01-05"), unit="day") // period_days
    leaves = day.churned_at.delta(ibis.date("1970-01-05"), unit="day") // period_days == number
    counted = day.mutate(period=number.cast("int64"), leaves=leaves.fill_null(False))
    found = counted.group_by("market", "period").agg(
        accounts=counted.account_id.nunique().cast("float64"),
        active=count(counted.active),
        money=counted.revenue.sum().cast("float64"),
        leaving=counted.account_id.nunique(where=counted.leaves).cast("float64"),
    )
    frame = source.fetch(found.order_by("market", "period"))
    if frame.empty:
        return pd.DataFrame(columns=["market", "period", "accounts", *MEASURES])
    frame = frame.astype({"period": int, "accounts": float, "active": float, "money": float, "leaving": float})
    return pd.DataFrame({
        "market": frame.market, "period": frame.period, "accounts": frame.accounts,
        "active_days": frame.active / frame.accounts, "revenue": frame.money / frame.accounts,
        "left": frame.leaving / frame.accounts,
    }).sort_values(["market", "period"], ignore_index=True)  # fmt: skip


def lives(source: Source) -> pd.DataFrame:
    """Per account: first and last day seen, when it left. Columns: account_id, market, plan, first, last, churned_at."""
    day = source.table("account_days")
    found = day.group_by("account_id").agg(
        market=day.market.max(), plan=day.plan.max(), first=day.date.min(), last=day.date.max(),
        churned_at=day.churned_at.max(),
    )  # fmt: skip
    return source.fetch(found.order_by("account_id"))


def early(source: Source, days: int) -> pd.DataFrame:
    """Of each account's first days, so many of them: its plan, and on how many it was active. Columns: account_id, early_plan,
    early_active."""
    day = source.table("account_days")
    begun = day.group_by("account_id").agg(began=day.date.min()).rename(own="account_id")
    seen = day.join(begun, day.account_id == begun.own)
    first = seen.filter(seen.date < seen.began + ibis.interval(days=days))
    found = first.group_by("account_id").agg(early_plan=first.plan.max(), early_active=count(first.active))
    return source.fetch(found.order_by("account_id"))


def launches(source: Source) -> pd.DataFrame:
    """Every row of what shipped: one for each unit, so they are few. A text that is not there is empty, as files may have it."""
    declared = TABLES["launches"].columns
    found = source.fetch(source.table("launches"))[[column.name for column in declared]]
    return found.fillna({column.name: "" for column in declared if column.kind == "text"})


def shipped_on(source: Source, launch: str) -> date | None:
    """The first day on which it shipped anywhere; none where nobody says so."""
    change = source.table("launches")
    return _day(source.fetch(change.filter(change.id == launch).agg(day=change.shipped_at.min())))


def last_day(source: Source) -> date | None:
    """The last day that any account has."""
    return _day(source.fetch(source.table("account_days").agg(day=source.table("account_days").date.max())))


def first_day(source: Source) -> date | None:
    """The first day that any account has."""
    return _day(source.fetch(source.table("account_days").agg(day=source.table("account_days").date.min())))


def _day(found: pd.DataFrame) -> date | None:
    at = found["day"].iloc[0]
    return None if pd.isna(at) else pd.Timestamp(at).date()


def launches_by_lot(source: Source) -> set[str]:
    """The launches that have a lot. A lot may name as many accounts as there are, so only the launches are fetched."""
    found = source.fetch(source.table("lots").select("launch_id").distinct())
    return {str(id) for id in found["launch_id"].dropna()}


def lots(source: Source) -> dict[str, int]:
    """Lots counted where they are: rows, those that lack a needed column, accounts that one launch names twice."""
    lot = source.table("lots")
    absent = {"launch_id": lot.launch_id.isnull() | (lot.launch_id == ""),
              "account_id": lot.account_id.isnull() | (lot.account_id == ""), "assigned": lot.assigned.isnull()}  # fmt: skip
    counted = {name: count(condition) for name, condition in absent.items()}
    pairs = lot.group_by("launch_id", "account_id").agg(rows=lot.count())
    whole = source.fetch(lot.agg(rows=lot.count().cast("float64"), **counted)).iloc[0]
    apart = source.fetch(pairs.agg(pairs=pairs.count().cast("float64"))).iloc[0]
    return {name: int(whole[name] or 0) for name in ("rows", *counted)} | {"twice": int(whole["rows"] - apart["pairs"])}


def count(condition: Any) -> Any:
    """How many rows fulfil it: a sum, for backends differ in counting by a condition."""
    return ibis.cases((condition, 1.0), else_=0.0).sum().cast("float64")


def total(condition: Any, values: Any) -> Any:
    return ibis.cases((condition, values), else_=0.0).sum().cast("float64")
