"""Reviewer leniency: what a decision does to later behaviour, where chance decided who reviews.

Reviewers differ in how often they act. Within a cell (a queue and a shift) chance or the next free reviewer decides whose case
it is, so a case that met a stricter one is the same as its neighbour but for that. UJIVE (Kolesár 2013, "Estimation in an
instrumental variables model with treatment effect heterogeneity") instruments each case's decision by the reviewer's record
on all others, net of cells, so that a case never predicts itself. Plain JIVE does the same with cells as instruments' noise:
with thousands of cells its sign can turn.

Cases of one account resemble each other: none may predict another of its own, so the whole account is left out in place of the
one case (Frandsen, Leslie and McIntyre 2023, "Cluster Jackknife Instrumental Variables Estimation"), and errors are added up by
account and by a reviewer's day, each counted once (Cameron, Gelbach and Miller 2011, Journal of Business & Economic Statistics
29).

Standard errors hold where effects differ between cases (Evdokimov and Kolesár 2018); the interval inverts the same score at
each hypothetical effect (Anderson and Rubin 1949; Fieller 1954), so that it stays honest where reviewers barely differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from scipy.special import ndtr

from seacliff.value.designs.guards import ROUNDING, by_chance, known_before, numbers
from seacliff.value.designs.intervals import anderson_rubin
from seacliff.value.designs.result import (
    ALPHA,
    DesignError,
    Diagnostic,
    Grade,
    Result,
    around,
    detectable,
    explained,
    graded,
    holm,
    told,
    unseen,
)
from seacliff.value.designs.sensitivity import with_hidden
from seacliff.value.designs.spans import Array, Codes, Mask, Span, codes_of, matrix

DESIGN = "leniency"
BALANCE = "balance within cells"
WEAK = 10.0  # first-stage F below which only the Anderson-Rubin interval is shown
LEVERAGE_ONE = 1 - 1e-8  # a row that predicts itself: a reviewer's only case in no comparable cell
MOST_TOGETHER = 2000  # cases of one account, which are a block of a matrix
EXCLUSION = (
    "Reviewers are compared by whether they acted. If stricter reviewers also answer faster, write other notices or choose "
    "harsher actions, the figure holds their effects as well; nothing in the data can tell these apart."
)


@dataclass(frozen=True)
class Estimates:
    """UJIVE with both standard errors, beside the estimators that it is to be preferred to."""

    estimate: float
    se_textbook: float  # where one effect fits all
    se: float  # robust to effects that differ
    low: float
    high: float
    shape: str  # of the Anderson-Rubin set: interval, two rays, line
    first_stage_f: float
    n: int
    dropped: int  # rows of leverage one
    instruments: int
    controls: int
    others: Mapping[str, float]  # ols, tsls, jive, and the difference of leave-one-out predictions


class Leniency:
    """Decisions, reviewers and cells projected once; outcomes, covariates and subgroups are then cheap to put to them."""

    def __init__(
        self, treated: object, reviewer: object, cell: object, controls: object = None, interacted: bool = False,
        account: object = None, day: object = None,
    ) -> None:  # fmt: skip
        given = numbers(treated, "Decisions")
        if not len(given):
            raise DesignError("There are no decided cases to compare.")
        reviewers, cells = codes_of(reviewer), codes_of(cell)
        accounts = np.arange(len(given)) if account is None else codes_of(account)
        columns = numbers(matrix(controls, len(given)), "Controls")
        kept, self.wide, self.narrow = np.arange(len(given)), *_spans(reviewers, cells, columns, interacted)
        self.together, alone = _together(self.wide, self.narrow, accounts)
        if alone.any():
            kept = kept[~alone]
            if not len(kept):
                raise DesignError("No cell has two reviewers with cases of two accounts each: there is nothing to compare.")
            self.wide, self.narrow = _spans(codes_of(reviewers[kept]), codes_of(cells[kept]), columns[kept], interacted)
            self.together, _ = _together(self.wide, self.narrow, codes_of(accounts[kept]))
        self.kept, self.dropped, self.n = kept, len(given) - len(kept), len(kept)
        self.accounts = codes_of(accounts[kept])
        self.days = None if day is None else codes_of(np.asarray(day)[kept])
        self.treated = given[kept]
        self.instruments, self.controls = self.wide.rank - self.narrow.rank, self.narrow.rank
        if self.instruments < 1:
            raise DesignError("Within every cell one reviewer decided everything: who reviews is not left to chance.")
        self.within = self.narrow.residual(self.treated)
        if not np.abs(self.within).max() > ROUNDING * np.abs(self.treated).max():
            raise DesignError(
                f"Within every cell all cases were decided alike ({self.treated.mean():.0%} of {self.n:,} were acted on): there "
                "is nothing to compare."
            )
        self.left = self.wide.residual(self.treated)
        self.explained = self.within - self.left
        self.leniency = self.explained - self.together.of(self.left)
        self.strength = float(self.leniency @ self.treated)
        if not abs(self.strength) > ROUNDING * float(self.within @ self.within):
            raise DesignError("Reviewers act exactly as often as each other on like cases: there is nothing to compare.")

    @property
    def first_stage_f(self) -> float:
        """Of the reviewers, less by as much as decisions on one account or day resemble each other."""
        freedom = self.n - self.instruments - self.controls
        by_row = float((self.explained**2).sum() / (self.left**2).sum() * freedom / self.instruments)
        return by_row / self._repeated(self.leniency * self.left)

    def se_if_none(self, outcome: Array) -> float:
        """Standard error where the decision does nothing: it needs the outcome's spread alone, so it is known first."""
        rest = self.narrow.residual(outcome[self.kept])
        spread = (rest**2).sum() / (self.n - self.controls) * self._repeated(self.leniency * rest)
        return float(np.sqrt((self.leniency**2).sum() * spread) / abs(self.strength))

    def covariance(self, terms: Array) -> Array:
        """Of sums over the columns of terms (n, k): added up by account and by a reviewer's day, each pair of rows once."""
        by_account = _squares(terms, self.accounts)
        if self.days is None:
            return by_account
        both = by_account + _squares(terms, self.days) - _squares(terms, codes_of(self.accounts, self.days))
        values, vectors = np.linalg.eigh(both)
        return vectors @ (np.clip(values, 0.0, None)[:, None] * vectors.T)  # the difference need not be a covariance

    def _repeated(self, terms: Array) -> float:
        """How many times larger a sum's variance is than if rows did not resemble each other; never less than one."""
        alone = float(terms @ terms)
        return max(1.0, float(self.covariance(terms[:, None])[0, 0]) / alone) if alone else 1.0

    def moments(self, outcome: Array) -> tuple[float, Array, Array]:
        """The score at an effect b is s - b * strength, its terms a - b * c: (s, a, c)."""
        y = outcome[self.kept]
        parts = []
        for values, within in ((y, self.narrow.residual(y)), (self.treated, self.within)):
            back = within - self.wide.residual(values) - self.wide.residual(self.together.of(values, turned=True))
            parts.append(back * self.left + within * self.leniency)
        return float(self.leniency @ y), parts[0], parts[1]

    def effect(self, outcome: object) -> Estimates:
        """Effect of acting on an outcome (n,), given for every row handed in at first."""
        values = np.asarray(outcome, np.float64)
        score, own, by_effect = self.moments(values)
        estimate = score / self.strength
        covariance = self.covariance(np.column_stack([own, by_effect]))
        along = np.array([1.0, -estimate])
        se = float(np.sqrt(along @ covariance @ along) / abs(self.strength))
        y_within = self.narrow.residual(values[self.kept])
        textbook = np.sqrt((((y_within - self.within * estimate) * self.leniency) ** 2).sum()) / abs(self.strength)
        shape, low, high = anderson_rubin(score, self.strength, covariance)
        return Estimates(
            float(estimate), float(textbook), se, low, high, shape, self.first_stage_f, self.n, self.dropped,
            self.instruments, self.controls, self._others(values[self.kept], y_within),
        )  # fmt: skip

    def _others(self, y: Array, y_within: Array) -> dict[str, float]:
        wide, narrow = self.wide.leverage, self.narrow.leverage
        jive = self.within - self.narrow.residual(self.left / (1 - wide))
        difference = self.within / (1 - narrow) - self.left / (1 - wide)
        ratio = lambda predicted: float(predicted @ y / (predicted @ self.treated))  # noqa: E731
        return {
            "least squares": float(y_within @ self.within / (self.within @ self.within)),
            "two-stage least squares": ratio(self.explained),
            "jive": ratio(jive),
            "difference of leave-one-out predictions": ratio(difference),
        }

    def first_stage(self, chosen: Array) -> tuple[float, float]:
        """Slope of decisions on leniency among chosen rows (a mask over all rows handed in), and its standard error."""
        x, y = self.leniency * chosen[self.kept], self.within
        size = float(x @ x)
        if not size:
            return nan, nan
        slope = float(x @ y) / size
        return slope, float(np.sqrt(self.covariance((x * (y - slope * x))[:, None])[0, 0]) / size)


@dataclass(frozen=True)
class _Together:
    """A block-diagonal matrix with a block for each account: rows (blocks, m) and blocks (blocks, m, m) of each size m."""

    blocks: tuple[tuple[Codes, Array], ...]

    def of(self, values: Array, turned: bool = False) -> Array:
        found = np.empty_like(values)
        for rows, block in self.blocks:
            found[rows] = np.einsum("bji,bj->bi" if turned else "bij,bj->bi", block, values[rows])
        return found


def _together(wide: Span, narrow: Span, accounts: Codes) -> tuple[_Together, Mask]:
    """What takes an account's own rows out of its prediction, and which rows have no prediction without them."""
    order, sizes = np.argsort(accounts, kind="stable"), np.bincount(accounts)
    if sizes.max() > MOST_TOGETHER:
        raise DesignError(
            f"One account has {int(sizes.max()):,} of the cases; with more than {MOST_TOGETHER:,} it can't be left out of its "
            "own prediction. Narrow the plan so that it is not among them."
        )
    first, blocks, alone = np.cumsum(sizes) - sizes, [], np.zeros(len(accounts), bool)
    for size in np.unique(sizes):
        rows = order[first[sizes == size][:, None] + np.arange(size)]
        own = [_left(span, rows) for span in (narrow, wide)]
        lost = np.linalg.eigvalsh(own[1])[:, 0] < 1 - LEVERAGE_ONE
        alone[rows[lost].ravel()] = True
        own[1][lost] = np.eye(size)
        blocks.append((rows, own[0] @ np.linalg.inv(own[1]) - np.eye(size)))
    return _Together(tuple(blocks)), alone


def _left(span: Span, rows: Codes) -> Array:
    """Blocks (blocks, m, m) of what a span leaves, for rows (blocks, m)."""
    if rows.shape[1] == 1:  # most accounts have one case
        return 1 - span.leverage[rows][:, :, None]
    return np.eye(rows.shape[1]) - span.between(rows[:, :, None], rows[:, None, :])


def _squares(terms: Array, groups: Codes) -> Array:
    sums = np.column_stack([np.bincount(groups, column) for column in terms.T])
    return sums.T @ sums


def _spans(reviewers: Codes, cells: Codes, columns: Array, interacted: bool) -> tuple[Span, Span]:
    narrow = Span(cells, covariates=columns)
    if interacted:
        return Span(codes_of(cells, reviewers), covariates=columns), narrow
    return Span(cells, reviewers, columns), narrow


def leniency(
    outcome: object,
    treated: object,
    reviewer: object,
    cell: object,
    *,
    controls: object = None,
    balance: Mapping[str, object] | None = None,
    subgroups: Mapping[str, object] | None = None,
    plausible: float | None = None,
    interacted: bool = False,
    randomised: bool = False,
    account: object = None,
    day: object = None,
) -> Result:
    """The effect of acting on `outcome`, for cases on which reviewers would disagree.

    `treated` 0/1; `reviewer`, `cell` any values; `controls` (n, k) and `balance` {name: (n,)} known before assignment;
    `subgroups` {name: (n,) values}; `plausible` the largest effect worth believing in. `randomised` says that a random share
    was routed by lot, which leaves the grade at B: reviewers, not decisions, were drawn. `account` (n,) whose cases resemble each
    other, `day` (n,) a reviewer's day: errors are added up by both.
    """
    design = Leniency(treated, reviewer, cell, controls, interacted, account, day)
    y = numbers(outcome, "Outcomes")
    if_none = design.se_if_none(y)
    by_chance(if_none * abs(design.strength) / float(np.sqrt(design.within @ design.within)), y)
    smallest = detectable(if_none)
    weak = design.first_stage_f < WEAK
    if refusal := unseen(DESIGN, design.n, smallest, plausible, "decided cases"):
        return refusal
    found = design.effect(y)
    normal = around(found.estimate, found.se)
    diagnostics = (
        _strength(found),
        *([_balance(design, balance)] if balance else []),
        *([_monotone(design, subgroups)] if subgroups else []),
    )
    warnings = [EXCLUSION]
    if not balance:
        warnings.append("No covariates were given, so it was not looked at whether chance divided the cases evenly.")
    if randomised:
        warnings.append("Cases were routed by lot; decisions were not, so exclusion still has to be believed.")
    result = Result(
        DESIGN, nan if weak else found.estimate, nan if weak else found.se, found.low, found.high, found.n,
        graded(Grade.DESIGNED, diagnostics, [BALANCE]), diagnostics, "Anderson-Rubin", smallest,
        warnings=tuple(warnings),
        figures={"UJIVE": found.estimate, "normal interval": normal, "shape": found.shape, "se, textbook": found.se_textbook,
                 "reviewers' degrees of freedom": found.instruments, "rows dropped": found.dropped, **found.others},
    )  # fmt: skip
    result = with_hidden(result, y)
    return explained(result, explain(result))


def _strength(found: Estimates) -> Diagnostic:
    weak = found.first_stage_f < WEAK
    says = (
        f"Reviewers differ too little in how often they act (F = {found.first_stage_f:.1f}, below {WEAK:.0f}): only the "
        "Anderson-Rubin interval is shown."
        if weak
        else f"Reviewers differ in how often they act (F = {found.first_stage_f:.1f})."
    )
    return Diagnostic("first-stage F", None if weak else True, found.first_stage_f, says)


def _balance(design: Leniency, balance: Mapping[str, object]) -> Diagnostic:
    """What was known before assignment can't be an effect of it: each covariate as if it were the outcome."""
    rows: list[dict[str, Any]] = []
    for name, values in balance.items():
        column = numbers(values, f"The covariate {name}")
        if not design.narrow.residual(column[design.kept]).std() > ROUNDING * np.abs(column).max():
            continue
        found = design.effect(column)
        p = 2 * ndtr(-abs(found.estimate) / found.se)
        rows.append({"covariate": name, "difference": found.estimate, "se": found.se, "p": float(p)})
    return known_before(BALANCE, rows, "Within cells chance did not decide who reviews: stricter reviewers got other cases",
                        "Within cells, strict and lenient reviewers got alike cases")  # fmt: skip


def _monotone(design: Leniency, subgroups: Mapping[str, object]) -> Diagnostic:
    """A stricter reviewer must be stricter on every kind of case, or the estimate weighs some cases negatively."""
    rows: list[dict[str, Any]] = []
    for name, values in subgroups.items():
        column = np.asarray(values)
        for value in np.unique(column):
            slope, se = design.first_stage(column == value)
            if se > 0:
                rows.append({"subgroup": f"{name} = {value}", "slope": slope, "se": se, "p": float(ndtr(slope / se))})
    if not rows:
        return Diagnostic("monotonicity by subgroup", None, nan, "No kind of case could be looked at by itself.")
    corrected = holm([row["p"] for row in rows])
    wrong = [row["subgroup"] for row, p in zip(rows, corrected, strict=True) if p < ALPHA]
    least = min(row["slope"] for row in rows)
    says = (
        f"Reviewers who act more often overall act less often on {', '.join(wrong)}: the estimate would weigh these negatively."
        if wrong
        else f"Stricter reviewers are not laxer on any of {len(rows)} kinds of case (least slope {least:.2f})."
    )
    return Diagnostic("monotonicity by subgroup", not wrong, least, says, rows)


def explain(result: Result) -> str:
    """The design and its answer for the reader of the page."""
    return (
        "Reviewers differ in how readily they act, and within a queue and shift chance decides who gets which case. We compare "
        "cases that met a stricter reviewer with like cases that met a more lenient one. This tells the effect of acting on "
        f"the cases where reviewers would disagree, not on clear ones. {told(result)}"
    )
