"""How results are put into words, the same on pages, in the PDF, in asks and in the API."""

from math import isfinite
from typing import Any

from seacliff.value.models import Finding, Run


def number_of(value: float | None) -> str:
    """Three significant digits with separators; an empty one is no bound. Beyond a quadrillion as a power of ten."""
    if value is None or not isfinite(value):
        return "–"
    if abs(value) >= 1e15:
        return f"{value:.3g}"
    if abs(value) >= 1000:
        digits = len(f"{abs(value):.0f}")
        return f"{round(value, 3 - digits):,.0f}"
    return f"{value:.3g}"


def interval_of(run: Run) -> str:
    """The point with its interval, or the interval alone where the data give no point."""
    low = number_of(run.low) if run.low is not None else "no lower bound"
    high = number_of(run.high) if run.high is not None else "no upper bound"
    if run.estimate is None:
        return f"{low} to {high}"
    return f"{number_of(run.estimate)} ({low} to {high})"


def worst_of(run: Run) -> str:
    """The sentence of a diagnostic that failed, else of the first."""
    found: list[dict[str, Any]] = run.result.get("diagnostics") or []
    failed = [one for one in found if one.get("passed") is False]
    return next((str(one["says"]) for one in (*failed, *found)), "")


def is_null(run: Run) -> bool:
    """Whether the interval holds nought: shown as a null, not hidden."""
    return bool(run.grade) and not ((run.low is not None and run.low > 0) or (run.high is not None and run.high < 0))


def sign_off_key(found: Finding) -> str:
    """Finance signs one estimate, not whatever the finding says later: the key of the ask names it."""
    return f"finding:{found.id}:{found.current_id}"


def signed(found: Finding) -> str:
    """Where Finance's sign-off stands; of an estimate that is no longer the current one it says so."""
    if found.ask is None:
        return ""
    if found.ask.answer:
        stands = {"yes": "signed", "partly": "signed with conditions", "no": "refused"}[found.ask.answer]
    else:
        stands = "withdrawn" if found.ask.closed_at else "asked"
    return stands if found.ask.key == sign_off_key(found) else f"an earlier estimate: {stands}"
