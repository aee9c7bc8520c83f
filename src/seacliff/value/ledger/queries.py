"""Reading the ledger: the list, one finding, the headline by rule."""

from dataclasses import dataclass
from math import inf, nan
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from seacliff.people.models import User
from seacliff.record.models import Event
from seacliff.value.access import findings_of
from seacliff.value.ledger import questions
from seacliff.value.ledger.telling import is_null, refused_by_finance, signed
from seacliff.value.models import Finding, Run

if TYPE_CHECKING:
    from seacliff.value.designs.headline import Headline
    from seacliff.value.designs.result import Result


WHOLE = ("current", "owner", "proposed_by", "ask", "superseded_by__current")


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
    """Findings sorted by what may be said of them, and the sum of those in money. A superseded one still stands while its
    successor has not taken its place (questions.takes_place)."""

    counted: list[Finding]  # grade A and B
    shown: list[Finding]  # C: associations
    told: list[Finding]  # D: surveys and benchmarks
    nulls: list[Finding]  # of those graded, whose interval holds nought
    failed: list[Finding]  # X
    refused: list[Finding]
    waiting: list[Finding]  # proposed, not estimated
    superseded: list[Finding]  # with a result, which stays to be read
    headline: "Headline"  # whatever the errors of its findings have in common
    if_independent: "Headline"  # if they had nothing in common
    names: dict[str, Finding]
    kept_out: dict[str, str]  # what would be in the headline and is not, and why

    @property
    def left_out(self) -> list[tuple[Finding, str]]:
        return [(self.names[name], why) for name, why in (*self.kept_out.items(), *self.headline.left_out.items())]

    @property
    def both(self) -> tuple[list[Finding], list[Finding]]:
        """What the page shows as evidence: counted, then shown."""
        return self.counted, self.shown

    @property
    def in_it(self) -> list[Finding]:
        return [self.names[name] for name in self.headline.counted]

    @property
    def signed(self) -> list[Finding]:
        """What Finance has signed of the headline."""
        return [one for one in self.in_it if signed(one).startswith("signed")]

    @property
    def of_it(self) -> list[tuple[Finding, list[Finding]]]:
        """What is in the headline, each with the other estimates of its question."""
        return [(one, [two for two in questions.others(one, self.names.values()) if two.current]) for one in self.in_it]


def standing(user: User) -> Standing:
    return standing_of(findings_of(user))


def standing_of(rows: QuerySet[Finding]) -> Standing:
    """One query, whatever the number of findings."""
    from seacliff.value.designs.headline import Item, headline

    whole = list(rows.filter(state=Finding.State.PROPOSED).select_related(*WHOLE).order_by("id"))
    found = [one for one in whole if one.superseded_by is None or not questions.takes_place(one, one.superseded_by)]
    done = [one for one in found if one.current is not None]
    of = lambda *grades: [one for one in done if one.current and one.current.grade in grades]  # noqa: E731
    money = [one for one in done if one.worth is not None]
    kept_out = {
        one.ref: f"Finance refused it: {one.ask.reason}" for one in money if one.ask and refused_by_finance(one)
    }
    group = questions.groups(money)
    items = [Item(one.ref, result_of(one.current), group[one.ref], one.worth)
             for one in money if one.current and one.worth is not None and one.ref not in kept_out]  # fmt: skip
    return Standing(
        of("A", "B"), of("C"), of("D"), [one for one in of("A", "B", "C") if one.current and is_null(one.current)],
        of("X"), [one for one in done if one.current and one.current.refusal], [one for one in found if one.current is None],
        [one for one in whole if one.superseded_by and one.current], headline(items, independent=False), headline(items),
        {one.ref: one for one in whole}, kept_out,
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
