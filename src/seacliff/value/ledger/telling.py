"""How results are put into words, the same on pages, in the PDF, in asks and in the API."""

import re
from math import isfinite
from typing import Any

from seacliff.value.ledger.catalogue import DESIGNS
from seacliff.value.ledger.plans import plan_of
from seacliff.value.ledger.questions import question_of
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


def result_in_words(run: Run) -> str:
    """Interval and grade, or that it was refused, as a sentence."""
    return f"Refused: {run.refusal}" if run.refusal else f"{interval_of(run)}, {run.grade}."


LOOKS_AT_CHANCE = {
    *("shares as planned", "missing alike", "balance of the arms", "balance within cells", "monotonicity by subgroup"),
    *(
        "density at the threshold",
        "covariates at the threshold",
        "placebo cutoffs",
        "pre-trends",
        "proportional hazards",
    ),
    *("no pattern left", "placebo in time"),
}  # diagnostics that hold or fail by a p-value
P = re.compile(r"\bp (?:= )?([0-9.]*[0-9])")


def worst_of(run: Run) -> str:
    """The sentence of a diagnostic that failed; else of the one that came closest by its p-value; else of one that decides."""
    found: list[dict[str, Any]] = run.result.get("diagnostics") or []
    failed = [one for one in found if one.get("passed") is False]
    decide = [one for one in found if one.get("passed") is not None]
    by_chance = sorted((one for one in decide if one["name"] in LOOKS_AT_CHANCE), key=_chance)
    return next((str(one["says"]) for one in (*failed, *by_chance, *decide, *found)), "")


def _chance(look: dict[str, Any]) -> float:
    """Its p-value: what its sentence says, for a figure may be something else; else its figure."""
    said = P.search(str(look["says"]))
    return float(said[1]) if said else float(look["figure"] or 0.0)


def looks_of(run: Run) -> list[str]:
    """Every diagnostic in a line."""
    held = {True: "held", False: "failed"}
    return [
        f"{one['name']} ({held.get(one['passed'], 'informs')}): {one['says']}"
        for one in run.result.get("diagnostics") or []
    ]


NAMES = {
    "sdid": "synthetic difference-in-differences", "did": "difference-in-differences", "sc": "synthetic control",
    "method": "Method", "by sdid": "By synthetic difference-in-differences", "by did": "By difference-in-differences",
    "by sc": "By synthetic control", "aggregate": "Averaged", "simple": "Over all effects alike",
    "group": "By the date of the change", "dynamic": "By the time since the change", "simple se": "Its standard error, all alike",
    "group se": "Its standard error, by date", "dynamic se": "Its standard error, by time since",
    "UJIVE": "By the unbiased jackknife (UJIVE)", "se, textbook": "Standard error by the textbook",
}  # fmt: skip
INTERVALS = {
    "placebo": "from the spread of placebos", "rank among placebos": "by its rank among placebos",
    "Student": "Student's t", "Anderson-Rubin": "Anderson and Rubin's, which needs no strong first stage",
    "normal": "normal", "over all shares": "over all shares of drift that the data allow", "clustered": "clustered by account",
    "as told": "as its source gives it",
}  # fmt: skip


def in_words(name: object) -> str:
    """What a design calls a figure or an interval, for a reader of the page."""
    text = str(name)
    return NAMES.get(text) or INTERVALS.get(text) or text[:1].upper() + text[1:]


def is_null(run: Run) -> bool:
    """Whether the interval holds nought: shown as a null, not hidden."""
    return bool(run.grade) and not ((run.low is not None and run.low > 0) or (run.high is not None and run.high < 0))


def question_in_words(found: Finding) -> str:
    """What its group is: what was done, and of what the outcome tells."""
    return ", ".join(question_of(plan_of(found.plan)))


def departs(run: Run) -> str:
    """In what a run is not as it was proposed."""
    return " and ".join(
        words for words, changed in (("other rows", run.data_changed), ("other code", run.code_changed)) if changed
    )


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


def refused_by_finance(found: Finding) -> bool:
    """Whether Finance does not stand behind the estimate that counts."""
    return found.ask is not None and found.ask.answer == "no" and found.ask.key == sign_off_key(found)


def design_in_words(found: Finding) -> str:
    design = DESIGNS.get(found.design)
    return design.label if design else "A survey or a benchmark"
