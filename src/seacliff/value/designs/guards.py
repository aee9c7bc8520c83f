"""What every design asks of its rows before it compares anything, and what it says where there was nothing to look at."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import numpy as np

from seacliff.value.designs.result import ALPHA, DesignError, Diagnostic, holm
from seacliff.value.designs.spans import Array

ROUNDING = 1e-9  # of a column's size: what differs by less differs by how a computer rounds


def numbers(values: object, what: str, missing: bool = False) -> Array:
    """A column of numbers. DesignError where it holds anything else; NaN may stand where `missing` is allowed, infinity never."""
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError) as reason:
        raise DesignError(f"{what} must be numbers, and some are not ({reason}).") from reason
    if endless := int(np.isinf(found).sum()):
        raise DesignError(f"{what}: {endless} rows are infinite. Mend or leave out what made them so.")
    if not missing and (gone := int(np.isnan(found).sum())):
        raise DesignError(f"{what}: {gone} rows must not be missing. Leaving rows out by hand can make a difference.")
    return found


def by_chance(se: float, outcome: Array) -> None:
    """DesignError where nothing of the outcome is left to chance: any difference would be rounding, and sure of itself."""
    seen = outcome[np.isfinite(outcome)]
    size = float(np.abs(seen).max(initial=0.0))
    if not len(seen) or np.ptp(seen) <= ROUNDING * size:
        raise DesignError("The outcome never varies: it is the same in every row, so there is nothing to compare.")
    if not se > ROUNDING * size / np.sqrt(len(seen)):
        raise DesignError(
            "What came before tells the outcome without fail, or too few rows of it vary: no chance is left in it by which an "
            "effect could be judged."
        )


def known_before(name: str, rows: Sequence[Mapping[str, Any]], off: str, alike: str) -> Diagnostic:
    """A look at what was known before: `rows` hold a covariate's name and its p; their number is corrected for (Holm). Where no
    covariate could be looked at, it has not passed. `off` and `alike` begin the sentence."""
    if not rows:
        return Diagnostic(name, None, nan, "No covariate varies, so nothing that was known before could be looked at.")
    corrected = holm([row["p"] for row in rows])
    told = [dict(row) | {"corrected p": p} for row, p in zip(rows, corrected, strict=True)]
    differ = ", ".join(str(row["covariate"]) for row in told if row["corrected p"] < ALPHA)
    least = min(corrected)
    says = f"{off}: {differ}." if differ else f"{alike} ({len(rows)} covariates, least p {least:.2f})."
    return Diagnostic(name, not differ, least, says, told)
