"""The value case's designs at the size of published studies, against pyfixest and statsmodels in the same run."""

import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas
import statsmodels.api as sm

from bench.frame import Line, alternate
from seacliff.value.designs.churn import cox, spells
from seacliff.value.designs.leniency import Leniency
from seacliff.value.designs.staggered import staggered
from seacliff.value.designs.synthetic import launch

CASES = {"tiny": 20_000, "small": 331_971, "full": 331_971}  # Stevenson (2018): that many, 8 judges, 2,350 dates
PANEL = {"tiny": 20_000, "small": 240_000, "full": 240_000}
ACCOUNTS = {"tiny": 400, "small": 1_500, "full": 3_000}
RUNS = {"tiny": 1, "small": 5, "full": 5}


def seconds(work: Callable[[], object]) -> Callable[[], float]:
    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return once


def run(size: str) -> list[Line]:
    warnings.simplefilter("ignore")
    runs = RUNS[size]
    return [
        *_leniency(CASES[size], runs),
        *_synthetic(runs),
        *_staggered(PANEL[size], runs),
        *_cox(ACCOUNTS[size], runs),
    ]


def _leniency(rows: int, runs: int) -> list[Line]:
    import pyfixest

    draw = np.random.default_rng(1)
    judge, date = draw.integers(0, 8, rows), draw.integers(0, max(10, rows * 2350 // 331_971), rows)
    treated = (draw.uniform(size=rows) < 0.4 + 0.02 * judge).astype(float)
    outcome = 0.15 * treated + draw.normal(size=rows)
    controls = draw.integers(0, 2, (rows, 2)).astype(float)
    frame = pandas.DataFrame({"y": outcome, "d": treated, "judge": judge.astype(str), "date": date,
                              "a": controls[:, 0], "b": controls[:, 1]})  # fmt: skip
    found: dict[str, float] = {}

    def ours() -> None:
        design = Leniency(treated, judge, date, controls)
        found["two stages"] = design.effect(outcome).others["two-stage least squares"]

    def theirs() -> None:
        fitted = pyfixest.feols("y ~ a + b | date | d ~ C(judge)", data=frame, vcov="hetero")
        found["pyfixest"] = float(fitted.coef()["d"])

    mine, other = alternate(runs, seconds(ours), seconds(theirs))
    assert abs(found["two stages"] - found["pyfixest"]) < 1e-6, found  # the same two stages within it
    name = f"UJIVE, {rows:,} cases"
    return [
        Line(name, f"{mine:.2f} s", "limit 1.5 s", mine / 1.5, 1, at_most=True),
        Line(f"{name}, against two stages", f"{mine:.2f} s", f"pyfixest {other:.2f} s", other / mine, 1),
    ]


def _synthetic(runs: int) -> list[Line]:
    """Proposition 99's size: 39 states, 31 years, with every placebo and leave-one-out."""
    draw = np.random.default_rng(2)
    table = draw.normal(100, 20, (39, 1)) + np.cumsum(draw.normal(-1, 3, (39, 31)), axis=1)
    (mine,) = alternate(runs, seconds(lambda: launch(table, np.arange(39) == 38, 19)))
    return [
        Line(
            "SDID, 39 units x 31 periods, all diagnostics", f"{mine:.3f} s", "limit 0.5 s", mine / 0.5, 1, at_most=True
        )
    ]


def _staggered(rows: int, runs: int) -> list[Line]:
    import pyfixest

    draw = np.random.default_rng(3)
    periods = 5
    unit, period = np.divmod(np.arange(rows), periods)
    first = draw.choice([np.inf, 1, 3, 4], rows // periods, p=[0.6, 0.1, 0.1, 0.2])[unit]
    treated = (period >= first).astype(float)
    outcome = draw.normal(size=rows // periods)[unit] + 0.2 * period + 0.3 * treated + draw.normal(size=rows)
    frame = pandas.DataFrame(
        {"y": outcome, "unit": unit, "period": period, "g": np.where(np.isfinite(first), first, 0)}
    )
    found: dict[str, float] = {}

    def ours() -> None:
        found["ours"] = staggered(unit, period, outcome, first).estimate

    def theirs() -> None:
        fitted = pyfixest.event_study(
            data=frame,
            yname="y",
            idname="unit",
            tname="period",
            gname="g",
            att=False,
            estimator="saturated",
            cluster="unit",
        )
        found["theirs"] = float(fitted.aggregate()["Estimate"].iloc[-1])

    mine, other = alternate(runs, seconds(ours), seconds(theirs))
    assert abs(found["ours"] - 0.3) < 0.15 and abs(found["theirs"] - 0.3) < 0.15, found  # effects alike: both are right
    name = f"Callaway-Sant'Anna, {rows:,} rows"
    return [
        Line(name, f"{mine:.2f} s", "limit 1 s", mine, 1, at_most=True),
        Line(f"{name}, against a saturated regression", f"{mine:.2f} s", f"pyfixest {other:.2f} s", other / mine, 1),
    ]


def _cox(rows: int, runs: int) -> list[Line]:
    draw = np.random.default_rng(4)
    stayed, at = draw.exponential(25, rows), draw.exponential(15, rows)
    given = (np.minimum(stayed, 40), stayed < 40, np.where(at < np.minimum(stayed, 40), at, np.nan))
    busy = draw.standard_normal(rows)
    split = spells(*given)
    both = np.column_stack([split.exposed.astype(float), busy[split.account]])
    found: dict[str, float] = {}

    def ours() -> None:
        found["ours"] = cox(*given, controls={"busy": busy}).estimate

    def theirs() -> None:
        model = sm.PHReg(split.stop, both, status=split.left.astype(int), entry=split.start,
                         ties="efron")  # fmt: skip
        found["theirs"] = float(model.fit().params[0])

    mine, other = alternate(runs, seconds(ours), seconds(theirs))
    assert abs(found["ours"] - found["theirs"]) < 1e-4, found
    return [
        Line(
            f"Cox, exposure in time, {rows:,} accounts", f"{mine:.3f} s", f"statsmodels {other:.2f} s", other / mine, 5
        )
    ]
