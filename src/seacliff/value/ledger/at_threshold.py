"""A finding at a threshold: of a score that reports came with, or of strikes. Only the worker imports this."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from seacliff.value.designs.discontinuity import FEWEST_VALUES, discontinuity
from seacliff.value.designs.result import DesignError, Result
from seacliff.value.designs.steps import steps
from seacliff.value.inputs import record, reductions
from seacliff.value.inputs.source import Source
from seacliff.value.ledger.plans import Plan

KEPT = ["key", "account_id", "value", "acted", "outcome", "outcome_before", "reports_before", "hour"]


def scored(plan: Plan, source: Source) -> pd.DataFrame:
    """An account's first report with a score in the span: how far the score lies from the threshold, whether a decision on the
    report's case found a violation within the horizon, and the account before and after it."""
    found = record.read("reports", plan.since or record.OLDEST, _over(plan, source))
    found = found[found.score.notna() & (found.target_id != "")]
    found = found[found.category == plan.category] if plan.category else found
    found = found.drop_duplicates("target_id", keep="first").reset_index(drop=True)
    if found.empty:
        return found
    decisions = record.read("decisions", found.arrived_at.min().date())
    against = decisions[decisions.outcome == "violation"].groupby("case_id").decided_at.min()
    acted = found.case_id.map(against) <= found.arrived_at + timedelta(days=plan.horizon_days)
    return _followed(plan, source, pd.DataFrame({
        "key": found.report_id, "account_id": found.target_id, "at": found.arrived_at,
        "value": found.score - plan.threshold, "acted": acted.astype(float),
    }))  # fmt: skip


def struck(plan: Plan, source: Source) -> pd.DataFrame:
    """Strikes under a policy against accounts that were below its threshold: how far the account is from the threshold that held
    at that moment, whether the action at the threshold followed, and the account before and after it."""
    found = record.read("strikes", plan.since or record.OLDEST, _over(plan, source))
    found = found[(found.policy == plan.policy) & (found.target_id != "")]
    history = record.read("thresholds")
    history = history[history.policy == plan.policy].sort_values("valid_from")[["value", "valid_from", "valid_to"]]
    if found.empty or history.empty:
        return pd.DataFrame()
    found = pd.merge_asof(found, history, left_on="given_at", right_on="valid_from")
    held = found.value.notna() & (found.valid_to.isna() | (found.given_at < found.valid_to))
    found = found[held & (found["count"] - found.weight < found.value)].reset_index(drop=True)
    return _followed(plan, source, pd.DataFrame({
        "key": found.strike_id, "account_id": found.target_id, "at": found.given_at,
        "value": found["count"] - found.value, "acted": found.acted.astype(float),
    }))  # fmt: skip


def _over(plan: Plan, source: Source) -> date:
    """The day from which on horizons are not over by the plan's end, or in what is loaded."""
    ends = [plan.end]
    if plan.outcome != "reported_again":
        ends.append((reductions.last_day(source) or record.OLDEST) + timedelta(days=1))
    return max(record.OLDEST, min(ends) - timedelta(days=plan.horizon_days))


def _followed(plan: Plan, source: Source, found: pd.DataFrame) -> pd.DataFrame:
    """With what the account did before the moment and after it; who reported it before; the hour."""
    if found.empty:
        return found
    before, after = record.reports_near("target_id", found.account_id, found["at"], plan.horizon_days)
    found = found.assign(reports_before=before, hour=found["at"].dt.hour.astype(float))
    if plan.outcome == "reported_again":
        return found.assign(outcome=after, outcome_before=before)[KEPT]
    near = reductions.around(source, found[["key", "account_id"]].assign(at=found["at"].dt.date), plan.horizon_days)
    if near.empty:
        return near
    joined = found.merge(near, on="key")
    earlier = "active_days" if plan.outcome == "left" else plan.outcome
    return joined.assign(outcome=joined[f"{plan.outcome}_after"].astype(float),
                         outcome_before=joined[f"{earlier}_before"].astype(float))[KEPT]  # fmt: skip


def by_score(plan: Plan, frame: pd.DataFrame) -> Result:
    return discontinuity(frame.outcome, frame.value, 0.0, acted=_in_part(frame), covariates=_covariates(frame),
                         plausible=plan.plausible)  # fmt: skip


def by_strikes(plan: Plan, frame: pd.DataFrame) -> Result:
    """A fit on either side where strikes weigh differently enough for one, on an account's first strike of the span, whose rows
    no other account shares; else those one step short of the threshold beside those that reached it."""
    many = min(frame.value[side].nunique() for side in (frame.value < 0, frame.value >= 0)) >= FEWEST_VALUES
    if many:
        return by_score(plan, frame.drop_duplicates("account_id", keep="first"))
    return steps(frame.outcome, frame.value, 0.0, cluster=frame.account_id, acted=_in_part(frame),
                 covariates=_covariates(frame), plausible=plan.plausible)  # fmt: skip


def _in_part(frame: pd.DataFrame) -> pd.Series | None:
    """Who was acted on, where that is not all of those over the threshold and nobody else."""
    if not frame.acted.any():
        raise DesignError("Nobody was acted on, on either side of the threshold: there is no effect to look for.")
    return None if np.array_equal(frame.acted == 1, frame.value >= 0) else frame.acted


def _covariates(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """What was known before the moment; what is the same for all tells nothing."""
    given = {"the account before": frame.outcome_before, "reports before": frame.reports_before, "hour": frame.hour}
    if frame.outcome_before.equals(frame.reports_before):
        del given["the account before"]
    return {name: values for name, values in given.items() if values.nunique() > 1}
