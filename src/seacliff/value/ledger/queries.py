"""Reading the ledger: the list, one finding, the headline by rule."""

from dataclasses import dataclass
from math import inf, nan
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from seacliff.people.models import User
from seacliff.record.models import Event
from seacliff.value.access import findings_of
from seacliff.value.ledger.telling import is_null
from seacliff.value.models import Finding, Run

if TYPE_CHECKING:
    from seacliff.value.designs.headline import Headline
    from seacliff.value.designs.result import Result


def listed(user: User, state: str = "", grade: str = "") -> QuerySet[Finding]:
    """`state`: offered, proposed, declined or superseded; `grade`: a letter, null, refused or none."""
    rows = findings_of(user)
    if state == "superseded":
        rows = rows.filter(superseded_by__isnull=False)
    elif state:
        rows = rows.filter(state=state, superseded_by=None)
    if grade == "refused":
        rows = rows.exclude(current__refusal="").filter(current__isnull=False)
    elif grade == "none":
        rows = rows.filter(current=None)
    elif grade:
        rows = rows.filter(current__grade=grade)
    return rows


@dataclass(frozen=True, slots=True)
class Standing:
    """Findings that stand, sorted by what may be said of them; and the sum of those in money."""

    counted: list[Finding]  # grade A and B
    shown: list[Finding]  # C and D: associations, surveys
    nulls: list[Finding]  # of those graded, whose interval holds nought
    failed: list[Finding]  # X
    refused: list[Finding]
    waiting: list[Finding]  # proposed, not estimated
    headline: "Headline"  # whatever the errors of its findings have in common
    if_independent: "Headline"  # if they had nothing in common
    names: dict[str, Finding]

    @property
    def left_out(self) -> list[tuple[Finding, str]]:
        return [(self.names[name], why) for name, why in self.headline.left_out.items()]

    @property
    def both(self) -> tuple[list[Finding], list[Finding]]:
        """What the page shows as evidence: counted, then shown."""
        return self.counted, self.shown

    @property
    def in_it(self) -> list[Finding]:
        return [self.names[name] for name in self.headline.counted]


def standing(user: User) -> Standing:
    return standing_of(findings_of(user))


def standing_of(rows: QuerySet[Finding]) -> Standing:
    """One query, whatever the number of findings."""
    from seacliff.value.designs.headline import Item, headline

    found = list(rows.filter(state=Finding.State.PROPOSED, superseded_by=None).order_by("id"))
    done = [one for one in found if one.current is not None]
    of = lambda *grades: [one for one in done if one.current and one.current.grade in grades]  # noqa: E731
    names = {one.ref: one for one in done}
    items = [Item(one.ref, result_of(one.current), one.overlap or one.ref, one.worth)
             for one in done if one.current and one.worth is not None]  # fmt: skip
    return Standing(
        of("A", "B"), of("C", "D"), [one for one in of("A", "B", "C", "D") if one.current and is_null(one.current)], of("X"),
        [one for one in done if one.current and one.current.refusal], [one for one in found if one.current is None],
        headline(items, independent=False), headline(items), names,
    )  # fmt: skip


def result_of(run: Run) -> "Result":
    """The row as the designs' own result, as far as the headline looks at it."""
    from seacliff.value.designs.result import Diagnostic, Grade, Result

    estimate = nan if run.estimate is None else run.estimate
    low, high = (-inf if run.low is None else run.low), (inf if run.high is None else run.high)
    looks = run.result.get("diagnostics") or []
    diagnostics = tuple(Diagnostic(str(one["name"]), one["passed"], nan, str(one["says"])) for one in looks)
    return Result(run.finding_id.hex, estimate, nan, low, high, run.n, Grade(run.grade) if run.grade else None, diagnostics,
                  refusal=run.refusal)  # fmt: skip


def history_of(found: Finding, limit: int = 50) -> list[Event]:
    return list(Event.objects.filter(subject_id=found.id).order_by("-id")[:limit])


def overlaps() -> list[str]:
    return sorted(set(Finding.objects.exclude(overlap="").values_list("overlap", flat=True)))
