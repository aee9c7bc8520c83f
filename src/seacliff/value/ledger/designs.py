"""How the designs of the `catalogue` are run: the rows each is made on, and the estimator that sees these and nothing else.

A frame is formed when the finding is proposed (its hash is kept) and again when it runs. Only the worker imports this.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from seacliff.value.designs.churn import discrete
from seacliff.value.designs.leniency import leniency
from seacliff.value.designs.result import DesignError, Result, refused
from seacliff.value.designs.series import interrupted
from seacliff.value.designs.staggered import staggered
from seacliff.value.designs.synthetic import launch
from seacliff.value.designs.trial import trial
from seacliff.value.inputs import record, reductions
from seacliff.value.inputs.source import Source
from seacliff.value.ledger.at_threshold import by_score, by_strikes, scored, struck
from seacliff.value.ledger.plans import Plan, PlanError


def estimated(plan: Plan, frame: pd.DataFrame) -> Result:
    """Run its design; what the data do not allow is a refusal in a sentence, like any other."""
    if frame.empty:
        return refused(plan.design, 0, "There are no rows to estimate on: see the plan and the page on the data.")
    try:
        result = RUNS[plan.design][1](plan, frame)
    except DesignError as reason:
        return refused(plan.design, len(frame), str(reason))
    notes = list(frame.attrs.get("notes", ()))
    if result.n < len(frame) and plan.design in FEWER:
        notes.append(f"Of {len(frame):,} rows {result.n:,} are estimated on: {FEWER[plan.design]}.")
    return replace(result, warnings=(*result.warnings, *notes))


FEWER = {
    "trial": "of the other accounts the outcome could not be seen",
    "leniency": "the others were decided in a queue and shift in which one reviewer decided alone",
    "threshold": "the others lie too far from the threshold",
    "strikes": "the others lie too far from the threshold, or are later strikes of the same account",
}


# --- reviewer leniency ----------------------------------------------------------------------------------------------


def decided(plan: Plan, source: Source) -> pd.DataFrame:
    """First decisions of reviewers whose horizon is over, with outcome and what was known before the assignment."""
    until = max(plan.end - timedelta(days=plan.horizon_days), record.OLDEST)
    found = record.read("decisions", plan.since or record.OLDEST, until)
    found = found[(found.reviewer_id != "") & (found.outcome != "duplicate")]
    found = found.drop_duplicates("case_id", keep="first")
    for name, wanted in (
        ("routed", plan.category),
        ("queue", plan.queue),
    ):  # as found, the category is the reviewer's own
        found = found[found[name] == wanted] if wanted else found
    found = found[found.assignment_mode == "random"] if plan.only_random else found[found.assignment_mode.isin(
        ["random", "pull"])]  # fmt: skip
    if found.empty:
        return found
    with_outcome = _again if plan.outcome in ("reports_again", "reported_again") else _of_account
    return with_outcome(plan, source, found.reset_index(drop=True))


KEPT = ["decision_id", "acted", "reviewer_id", "queue", "shift", "severity", "reports", "opened_hour", "assignment_mode",
        "account_id", "reviewer_day", "outcome_value"]  # fmt: skip


def _kept(found: pd.DataFrame, who: str) -> pd.DataFrame:
    hours, day = found.opened_at.dt.hour.astype(float), found.decided_at.dt.date.astype(str)
    return found.assign(acted=(found.outcome == "violation").astype(float), opened_hour=hours, account_id=found[who],
                        reviewer_day=found.reviewer_id + " " + day)[KEPT]  # fmt: skip


def _again(plan: Plan, _source: Source, found: pd.DataFrame) -> pd.DataFrame:
    who: Literal["reporter_id", "target_id"] = "reporter_id" if plan.outcome == "reports_again" else "target_id"
    found = found[found[who] != ""]
    _before, values = record.reports_near(who, found[who], found.decided_at, plan.horizon_days)
    return _kept(found.assign(outcome_value=np.minimum(values, 1.0) if plan.outcome == "reports_again" else values), who)


def _of_account(plan: Plan, source: Source, found: pd.DataFrame) -> pd.DataFrame:
    who, _, outcome = plan.outcome.partition("_")
    last = reductions.last_day(source) or date.min
    known = (
        found.decided_at.dt.date <= last - timedelta(days=plan.horizon_days)
        if last > date.min
        else found.decided_at.isna()
    )
    found = found[known].reset_index(drop=True)  # of the others the horizon is not over in what is loaded
    ids = found[f"{who}_id"]
    moments = pd.DataFrame({"key": found.decision_id, "account_id": ids, "at": found.decided_at.dt.date})
    near = reductions.around(source, moments[ids != ""], plan.horizon_days)
    if near.empty:
        return near
    joined = found.merge(near, left_on="decision_id", right_on="key")
    return _kept(joined.assign(outcome_value=joined[f"{outcome}_after"].astype(float)), f"{who}_id").assign(
        outcome_before=joined[f"{outcome}_before"].astype(float) if outcome != "left" else 0.0
    )


def by_leniency(plan: Plan, frame: pd.DataFrame) -> Result:
    balance = {
        "severity": frame.severity,
        "reports in the case": frame.reports,
        "hour it was opened": frame.opened_hour,
    }
    if "outcome_before" in frame:
        balance["outcome before"] = frame.outcome_before
    return leniency(
        frame.outcome_value, frame.acted, frame.reviewer_id, frame.queue + " " + frame["shift"], balance=balance,
        subgroups={"severity": frame.severity}, plausible=plan.plausible,
        randomised=bool((frame.assignment_mode == "random").all()), account=frame.account_id, day=frame.reviewer_day,
    )  # fmt: skip


# --- what chance assigned --------------------------------------------------------------------------------------------


def assigned(plan: Plan, source: Source) -> pd.DataFrame:
    """Accounts that a launch's lot names, with what they did before it shipped and after. PlanError until the horizon is over."""
    shipped = reductions.shipped_on(source, plan.launch)
    if shipped is None:
        return pd.DataFrame()
    _must_be_over(plan, source, shipped)
    found = reductions.drawn(source, plan.launch, plan.horizon_days)
    if found.empty:
        return found
    if doubled := int(found.account_id.duplicated().sum()):
        raise PlanError(
            f"The lot of {plan.launch} names {doubled} accounts twice: which arm is theirs can't be told.", "launch"
        )
    seen = found.seen_after > 0
    before = found[f"{plan.outcome}_before"] if plan.outcome != "left" else found.active_days_before
    return pd.DataFrame({
        "account_id": found.account_id, "assigned": found.assigned.astype(float),
        "outcome": found[f"{plan.outcome}_after"].astype(float).where(seen | (found.left_after > 0)),
        "before": before.astype(float).fillna(0.0), "days_seen_before": found.seen_before.astype(float).fillna(0.0),
    })  # fmt: skip


def _must_be_over(plan: Plan, source: Source, shipped: date) -> None:
    """What is looked at before all of it has happened would count what is still to come as nothing."""
    end = shipped + timedelta(days=plan.horizon_days)
    horizon = f"The {plan.horizon_days} days after {plan.launch} shipped on {shipped}"
    if end >= plan.end:
        raise PlanError(
            f"{horizon} are not over by {plan.end}, until when it looks: its horizon is over on {end}. Propose it again then.",
            "horizon_days",
        )
    last = reductions.last_day(source)
    if last is not None and last < end:
        raise PlanError(f"{horizon} are known until {last} alone: its horizon is over on {end}. Load the account days up to "
                        "it, then read the data again.", "horizon_days")  # fmt: skip


def by_lot(plan: Plan, frame: pd.DataFrame) -> Result:
    return trial(
        frame.outcome, frame.assigned, planned=plan.planned,
        balance={"the same before": frame.before, "days seen before": frame.days_seen_before},
        adjust=frame[["before"]].to_numpy(), plausible=plan.plausible,
    )  # fmt: skip


# --- where and when it shipped ---------------------------------------------------------------------------------------


MONDAY = pd.Timestamp("1970-01-05")


def markets(plan: Plan, source: Source) -> pd.DataFrame:
    """Markets by whole weeks of the span, and the first whole week that each had the launch (empty: never)."""
    found = reductions.by_market(source)
    launches = reductions.launches(source)
    own = launches[launches["id"] == plan.launch] if len(launches) else launches
    if found.empty or own.empty:
        return pd.DataFrame()
    if own.shipped_at.isna().any():
        units = ", ".join(sorted(own.unit[own.shipped_at.isna()].fillna("").astype(str)))
        raise PlanError(f"The table of launches does not say when {plan.launch} shipped to {units or 'all'}: a market that "
                        "may have had it can't be compared with.", "launch")  # fmt: skip
    if (own.unit == "").any():
        raise PlanError(f"{plan.launch} shipped everywhere, for it names no market: there is none without it to compare with.",
                        "launch")  # fmt: skip
    nowhere = found[found.market.fillna("") == ""]
    found = found.drop(nowhere.index)
    shipped = {unit: _week_from(pd.Timestamp(at))
               for unit, at in zip(own.unit, own.shipped_at, strict=True)}  # fmt: skip
    first, last = _block(found, *_weeks(plan))
    inside = found[found.period.between(first, last)]
    whole = inside.groupby("market").period.transform("count") == last - first + 1
    kept = inside[whole].reset_index(drop=True)
    frame = pd.DataFrame({"market": kept.market, "period": kept.period, "outcome": kept[plan.outcome].astype(float),
                          "shipped": kept.market.map(shipped).astype("float64")})  # fmt: skip
    if len(nowhere):
        frame.attrs["notes"] = [
            f"{int(nowhere.accounts.max()):,} accounts were left out because their market is not told."
        ]
    return frame


def _weeks(plan: Plan) -> tuple[int, int]:
    """First and last week that lie in the plan's span with all their days."""
    last = (pd.Timestamp(plan.end) - MONDAY).days // 7 - 1
    return _week_from(pd.Timestamp(plan.since or record.OLDEST)), last


def _week_from(day: pd.Timestamp) -> int:
    """The first whole week from a day on, counted as `reductions.by_market` does."""
    return int(-((MONDAY - day).days // 7))


def _block(found: pd.DataFrame, earliest: int, latest: int) -> tuple[int, int]:
    """First and last week of the largest block, markets times weeks, in which markets are whole; a week at either end of a
    market may be cut short. So a market that came late costs itself, and not the past of all others."""
    seen = found.groupby("market").period.agg(["min", "max"])
    begins, ends = (seen["min"] + 1).clip(lower=earliest), (seen["max"] - 1).clip(upper=latest)
    blocks = [(int(((begins <= first) & (ends >= last)).sum()) * (last - first + 1), first, last)
              for first in sorted(set(begins)) for last in sorted(set(ends)) if first <= last]  # fmt: skip
    _size, first, last = max(blocks, default=(0, 0, -1))
    return int(first), int(last)


def by_launch(plan: Plan, frame: pd.DataFrame) -> Result:
    had = frame.groupby("market").shipped.first().notna()
    dates = frame.shipped.dropna().unique()
    if not len(dates):
        raise DesignError(
            "No market that it reached has been seen for as long as the others: there is nothing to compare."
        )
    if len(dates) != 1:
        raise DesignError(
            f"The launch reached markets in {len(dates)} different weeks: choose the design for several dates."
        )
    table = frame.pivot(index="market", columns="period", values="outcome")
    before = int((table.columns < dates[0]).sum())
    return launch(table.to_numpy(), had.reindex(table.index).to_numpy(), before, units=list(table.index),
                  plausible=plan.plausible)  # fmt: skip


def by_dates(plan: Plan, frame: pd.DataFrame) -> Result:
    return staggered(frame.market, frame.period, frame.outcome, frame.shipped, plausible=plan.plausible)


# --- one series ------------------------------------------------------------------------------------------------------


def by_day(plan: Plan, _source: Source) -> pd.DataFrame:
    """Reports of a category, day by day, and whether the day lies after the change."""
    changed = plan.changed_at or date.max
    since = plan.since or changed - timedelta(days=6 * plan.horizon_days)
    until = plan.end
    found = record.read("reports", since, until)
    found = found[found.category == plan.category]
    if found.empty or since >= until:
        return pd.DataFrame()
    days = pd.date_range(max(since, found.arrived_at.min().date()), until, freq="D", inclusive="left")
    counts = found.arrived_at.dt.tz_convert(None).dt.normalize().value_counts()
    return pd.DataFrame({"day": days, "reports": counts.reindex(days, fill_value=0).to_numpy(float),
                         "after": (days >= pd.Timestamp(changed)).astype(float)})  # fmt: skip


def by_series(plan: Plan, frame: pd.DataFrame) -> Result:
    ordered = frame.sort_values("day")
    return interrupted(ordered.reports, int((ordered.after == 0).sum()), season=7, plausible=plan.plausible)


# --- exposure and leaving --------------------------------------------------------------------------------------------


EARLY = 28  # an account's first days, from which it is told how busy it was before anything was compared


def exposed(plan: Plan, source: Source) -> pd.DataFrame:
    """Accounts first seen in the span, from the end of their first days until they left, the last one or the span's end, and when
    they first reported abuse (empty: never). Who left or reported within the first days is left out: what is known of an account
    must come before both (a design of new users: Ray 2003, American Journal of Epidemiology 158)."""
    found = reductions.lives(source)
    begin, end = pd.Timestamp(plan.since or record.OLDEST), pd.Timestamp(plan.end)
    earliest = pd.to_datetime(found["first"]).min()
    found = found.merge(reductions.early(source, EARLY), on="account_id") if len(found) else found
    found = found[pd.to_datetime(found["first"]).between(begin, end, inclusive="left")].reset_index(drop=True)
    if found.empty:
        return found
    first, last = (pd.to_datetime(found[name]) for name in ("first", "last"))
    last, start = last.clip(upper=end - pd.Timedelta(days=1)), first + pd.Timedelta(days=EARLY)
    gone = pd.to_datetime(found.churned_at)
    gone = gone.where(gone < end)
    reports = record.read("reports", until=plan.end)
    reports = reports[reports.category == plan.category] if plan.category else reports
    since = reports.groupby("reporter_id").arrived_at.min().dt.tz_convert(None).to_dict()
    met = pd.to_datetime(found.account_id.map(since))
    met = met.where(met < end)
    until = gone.where(gone.notna(), last)
    rows = pd.DataFrame({
        "account_id": found.account_id, "market": found.market.fillna(""), "plan": found.early_plan.fillna(""),
        "early_active": found.early_active.astype(float), "came": (first - earliest).dt.days.astype(float),
        "left": gone.notna().astype(float), "stayed": ((until - start).dt.days + 1).astype(float),
        "exposed_at": (met - start).dt.days.astype(float),
    })  # fmt: skip
    return rows[(until >= start) & ~(met < start)].reset_index(drop=True)


def by_exposure(plan: Plan, frame: pd.DataFrame) -> Result:
    """Beside accounts as busy, on the same plan and as long with us: who reports most is who uses most, and stays."""
    if frame.early_active.nunique() < 2:
        raise DesignError(
            f"On how many of its first {EARLY} days an account was active is the same for all, so those that met abuse can't be "
            "compared with others as busy; a raw comparison would mislead. Load account days that say who was active."
        )
    fifth, came = (_parts(frame[name], parts) for name, parts in (("early_active", 5), ("came", 4)))
    controls = pd.concat([frame.early_active / EARLY, *(_dummies(one) for one in (fifth, came, frame.plan))], axis=1)
    strata = frame.market + " " + frame.plan + " " + fifth.astype(str) + " " + came.astype(str)
    return discrete(frame.stayed, frame.left == 1, frame.exposed_at, controls=controls.to_numpy(float), matched=strata,
                    period=7.0, plausible=plan.plausible)  # fmt: skip


def _parts(values: pd.Series, parts: int) -> pd.Series:
    """As many parts of like size, fewer where values are the same."""
    return pd.qcut(values, parts, labels=False, duplicates="drop").fillna(0).astype(int)


def _dummies(values: pd.Series) -> pd.DataFrame:
    return pd.get_dummies(values.astype(str), drop_first=True, dtype=float)


Frame = Callable[[Plan, Source], pd.DataFrame]
Run = Callable[[Plan, pd.DataFrame], Result]
RUNS: dict[str, tuple[Frame, Run]] = {
    "trial": (assigned, by_lot), "leniency": (decided, by_leniency), "threshold": (scored, by_score),
    "strikes": (struck, by_strikes), "launch": (markets, by_launch), "staggered": (markets, by_dates),
    "series": (by_day, by_series), "churn": (exposed, by_exposure),
}  # fmt: skip


def frame_of(plan: Plan, source: Source) -> pd.DataFrame:
    """The rows that the plan is estimated on."""
    return RUNS[plan.design][0](plan, source)


def fingerprint(frame: pd.DataFrame) -> str:
    """SHA-256 of the rows and their columns' names, whatever the order of the rows."""
    text = frame.reindex(sorted(frame.columns), axis=1).astype(str)
    hashes = pd.util.hash_pandas_object(text, index=False).sort_values().to_numpy()
    return hashlib.sha256(",".join(text.columns).encode() + hashes.tobytes()).hexdigest()
