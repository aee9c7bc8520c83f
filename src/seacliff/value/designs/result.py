"""What every design returns, and the rules that grade it: docs/value/designs.md tells them to the reader.

Grades: A randomised; B design-based, every diagnostic passed; C adjusted observational, robustness shown; D survey or
benchmark; X a diagnostic failed. A refusal has no grade and no estimate: it says how much data would do.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from math import ceil, isfinite, nan
from statistics import NormalDist
from typing import Any

CONFIDENCE, POWER = 0.95, 0.80
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
DETECTABLE = Z + NormalDist().inv_cdf(POWER)  # an effect of so many standard errors is found four times in five
ALPHA = 0.05


class DesignError(ValueError):
    """Why a design can't be run on these data, and what would be needed."""


class Grade(StrEnum):
    RANDOMISED = "A"
    DESIGNED = "B"
    ADJUSTED = "C"
    SURVEY = "D"
    FAILED = "X"


@dataclass(frozen=True)
class Diagnostic:
    """One look at whether the design holds. `passed` is None where the figure informs and decides nothing."""

    name: str
    passed: bool | None
    figure: float
    says: str  # a sentence for the page
    rows: Sequence[Mapping[str, Any]] = ()  # what a plot or a table shows

    @property
    def failed(self) -> bool:
        return self.passed is False


@dataclass(frozen=True)
class Result:
    """An estimate with what it takes to judge it. `low` and `high` bound a 95% interval; they may be infinite.

    A refusal: `refusal` is a sentence, `estimate`, `se`, `low`, `high` are NaN, `needed` the observations that would do.
    """

    design: str
    estimate: float
    se: float
    low: float
    high: float
    n: int
    grade: Grade | None
    diagnostics: tuple[Diagnostic, ...] = ()
    interval: str = "normal"  # how the interval was made
    smallest_detectable: float = nan
    refusal: str = ""
    needed: int | None = None
    explanation: str = ""
    warnings: tuple[str, ...] = ()  # what no figure can show
    figures: Mapping[str, Any] = field(default_factory=dict)  # the design's own: weights, series, other estimators

    @property
    def significant(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def worst(self) -> Diagnostic | None:
        """The diagnostic that the ledger shows: a failed one, else the first."""
        failed = [one for one in self.diagnostics if one.failed]
        return next(iter((*failed, *self.diagnostics)), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, where NaN and infinity are null."""
        return plain(asdict(self))


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value


def graded(best: Grade, diagnostics: Collection[Diagnostic], needed: Collection[str] = ()) -> Grade:
    """X where a diagnostic failed; C at best where one of those `needed`, by name, is absent or had nothing to look at."""
    if any(one.failed for one in diagnostics):
        return Grade.FAILED
    passed = {one.name for one in diagnostics if one.passed}
    return max(best, Grade.ADJUSTED) if set(needed) - passed else best


def around(estimate: float, se: float, quantile: float = Z) -> tuple[float, float]:
    return estimate - quantile * se, estimate + quantile * se


def detectable(se: float) -> float:
    """The smallest effect found with 80% power by a two-sided test at 5%, when the estimate has this standard error."""
    return DETECTABLE * se


def unseen(design: str, n: int, smallest: float, plausible: float | None, unit: str = "observations") -> Result | None:
    """A refusal where only an implausibly large effect could be seen; asked before the outcome is compared."""
    if plausible is None or smallest <= abs(plausible):
        return None
    if not plausible:
        raise DesignError("The largest plausible effect must not be nought: nothing could detect it.")
    needed = ceil(n * (smallest / plausible) ** 2) if isfinite(smallest) else None
    much = f"about {needed:,} {unit} would do" if needed else "no amount of data of this kind would do"
    return refused(
        design, n,
        f"With {n:,} {unit} only effects of {smallest:.3g} or more would be seen; {abs(plausible):.3g} is the largest "
        f"that is plausible. A figure from these data would be luck; {much}.",
        smallest=smallest, needed=needed,
    )  # fmt: skip


def refused(design: str, n: int, why: str, smallest: float = nan, needed: int | None = None) -> Result:
    return Result(
        design, nan, nan, nan, nan, n, None, smallest_detectable=smallest, refusal=why, needed=needed, explanation=why
    )


def explained(result: Result, text: str) -> Result:
    return replace(result, explanation=text)


def told(result: Result, unit: str = "") -> str:
    """The interval in words, and what it allows to be said."""
    if not (isfinite(result.low) and isfinite(result.high)):
        return f"The data do not bound the effect: the interval is {range_of(result, unit)}."
    best = f"The best guess is {result.estimate:.3g}{unit}, the" if isfinite(result.estimate) else "The"
    verdict = (
        "an effect of nought is outside it"
        if result.significant
        else "nought is inside it, so no effect has been shown, nor has it been shown that there is none beyond it"
    )
    return f"{best} 95% interval is {range_of(result, unit)}; {verdict}."


def range_of(result: Result, unit: str = "") -> str:
    ends = [f"{end:.3g}{unit}" if isfinite(end) else "without bound" for end in (result.low, result.high)]
    return " to ".join(ends)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected, running = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = running
    return corrected
