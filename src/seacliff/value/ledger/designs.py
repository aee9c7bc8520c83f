"""The designs that a finding may choose: what each answers, what it needs, the rows it is made on, how it is run.

A frame is formed when the finding is proposed (its hash is kept) and again when it runs; `run` sees nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from seacliff.value.designs.leniency import leniency
from seacliff.value.designs.result import DesignError, Result, refused
from seacliff.value.inputs import record, reductions
from seacliff.value.inputs.source import Source
from seacliff.value.ledger.plans import Plan, PlanError

Frame = Callable[[Plan, Source], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Design:
    """`outcomes`: slug to (words, unit of the estimate). `needs`: fields of the plan that can't stay empty."""

    slug: str
    label: str
    answers: str
    outcomes: Mapping[str, tuple[str, str]]
    needs: Sequence[str]
    frame: Frame
    run: Callable[[Plan, pd.DataFrame], Result]
    best: str  # the best grade it can get


ACCOUNT = {
    "active_days": ("Days on which the account is active", "active days of an account in {days} days"),
    "revenue": ("Revenue of the account", "revenue of an account in {days} days"),
    "left": ("Whether the account leaves", "share of accounts that leave within {days} days"),
}


def estimated(design: Design, plan: Plan, frame: pd.DataFrame) -> Result:
    """Run it; what the data do not allow is a refusal in a sentence, like any other."""
    if frame.empty:
        return refused(design.slug, 0, "There are no rows to estimate on: see the plan and the page on the data.")
    try:
        return design.run(plan, frame)
    except DesignError as reason:
        return refused(design.slug, len(frame), str(reason))


def unit_of(plan: Plan) -> str:
    return DESIGNS[plan.design].outcomes[plan.outcome][1].format(days=plan.horizon_days)


# --- reviewer leniency ----------------------------------------------------------------------------------------------

LENIENCY_OUTCOMES = {
    "reports_again": ("Whether the reporter reports again", "share of reporters who report again within {days} days"),
    "reported_again": ("Reports against the account again", "reports against the account within {days} days"),
    **{f"target_{slug}": (f"Of the account reported: {words[0].lower()}", "account reported: " + words[1])
       for slug, words in ACCOUNT.items()},
    **{f"reporter_{slug}": (f"Of the reporter: {words[0].lower()}", "reporter: " + words[1])
       for slug, words in ACCOUNT.items()},
}  # fmt: skip


def decided(plan: Plan, source: Source) -> pd.DataFrame:
    """First decisions of reviewers whose horizon is over, with outcome and what was known before the assignment."""
    until = min(plan.until or date.max, (datetime.now(UTC) - timedelta(days=plan.horizon_days)).date())
    found = record.read("decisions", plan.since or record.OLDEST, max(until, record.OLDEST))
    found = found[(found.reviewer_id != "") & (found.outcome != "duplicate")]
    found = found.drop_duplicates("case_id", keep="first")
    for name, wanted in (("category", plan.category), ("queue", plan.queue)):
        found = found[found[name] == wanted] if wanted else found
    found = found[found.assignment_mode == "random"] if plan.only_random else found[found.assignment_mode.isin(
        ["random", "pull"])]  # fmt: skip
    if found.empty:
        return found
    with_outcome = _again if plan.outcome in ("reports_again", "reported_again") else _of_account
    return with_outcome(plan, source, found.reset_index(drop=True))


KEPT = ["decision_id", "acted", "reviewer_id", "queue", "shift", "severity", "reports", "opened_hour", "assignment_mode",
        "outcome_value"]  # fmt: skip


def _kept(found: pd.DataFrame) -> pd.DataFrame:
    hours = found.opened_at.dt.hour.astype(float)
    return found.assign(acted=(found.outcome == "violation").astype(float), opened_hour=hours)[KEPT]


def _again(plan: Plan, _source: Source, found: pd.DataFrame) -> pd.DataFrame:
    who = "reporter_id" if plan.outcome == "reports_again" else "target_id"
    found = found[found[who] != ""]
    reports = record.read("reports", plan.since or record.OLDEST)
    counts = []
    by_who = {key: np.sort(group.to_numpy()) for key, group in reports.groupby(who).arrived_at}
    span = np.timedelta64(plan.horizon_days, "D")
    for key, at in zip(found[who], found.decided_at.dt.tz_convert(None).to_numpy(), strict=True):
        times = by_who.get(key)
        times = np.array([], "datetime64[ns]") if times is None else times.astype("datetime64[ns]")
        counts.append(int(((times > at) & (times <= at + span)).sum()))
    values = np.array(counts, float)
    return _kept(found.assign(outcome_value=np.minimum(values, 1.0) if plan.outcome == "reports_again" else values))


def _of_account(plan: Plan, source: Source, found: pd.DataFrame) -> pd.DataFrame:
    who, _, outcome = plan.outcome.partition("_")
    ids = found[f"{who}_id"]
    moments = pd.DataFrame({"key": found.decision_id, "account_id": ids, "at": found.decided_at.dt.date})
    near = reductions.around(source, moments[ids != ""], plan.horizon_days)
    if near.empty:
        return near
    joined = found.merge(near, left_on="decision_id", right_on="key")
    return _kept(joined.assign(outcome_value=joined[f"{outcome}_after"].astype(float))).assign(
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
        randomised=bool((frame.assignment_mode == "random").all()),
    )  # fmt: skip


ALL = (
    Design(
        "leniency", "Reviewer leniency", "What acting on a case does to what its reporter or account does later",
        LENIENCY_OUTCOMES, ("plausible",), decided, by_leniency, "B",
    ),
)  # fmt: skip
DESIGNS: dict[str, Design] = {design.slug: design for design in ALL}


def design_of(slug: str) -> Design:
    if slug not in DESIGNS:
        raise PlanError(f"There is no design {slug}; there are {', '.join(DESIGNS)}.", "design")
    return DESIGNS[slug]
