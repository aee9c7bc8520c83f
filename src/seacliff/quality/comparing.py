"""The table of a calibration: cases down, people across; and how far everybody has come before it is shown."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from seacliff.people.models import User
from seacliff.quality.models import Check, Session, SessionCase
from seacliff.quality.reading import label_of
from seacliff.record.models import Note


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's verdict on one case. None of both: they had a hand in it. Without an answer: they gave none."""

    member: User
    check: Check | None

    @property
    def answered(self) -> bool:
        return self.check is not None and self.check.answered_at is not None

    @property
    def label(self) -> str | None:
        return label_of(self.check.finding, self.check.found) if self.answered and self.check else None


@dataclass(frozen=True, slots=True)
class Row:
    case: SessionCase
    cells: list[Cell]

    @property
    def verdicts(self) -> list[str]:
        return [cell.label for cell in self.cells if cell.label is not None]

    @property
    def alike(self) -> float | None:
        """The share of pairs of people who found the same; None when fewer than two judged."""
        pairs = list(combinations(self.verdicts, 2))
        return sum(a == b for a, b in pairs) / len(pairs) if pairs else None

    @property
    def most(self) -> str:
        """What most found, to begin with when a verdict is agreed on."""
        return Counter(self.verdicts).most_common(1)[0][0] if self.verdicts else ""


@dataclass(frozen=True, slots=True)
class Table:
    members: list[User]
    rows: list[Row]
    alpha: float | None
    notes: list[Note]


@dataclass(frozen=True, slots=True)
class Progress:
    member: User
    answered: int
    of: int


def table(session: Session) -> Table:
    """Four queries, however many judged however much."""
    from seacliff.quality.beyond_chance import alpha_of  # numpy, slow to load

    members, checks = _members(session), _checks(session)
    cases = session.cases.select_related("decision__case__target", "decision__reviewer", "golden").order_by("place")
    rows = [Row(case, [Cell(member, checks.get((case.id, member.id))) for member in members]) for case in cases]
    alpha = alpha_of([[cell.label for cell in row.cells] for row in rows])
    notes = list(Note.objects.filter(subject_kind="calibration", subject_id=session.id).order_by("id")[:200])
    return Table(members, rows, alpha, notes)


def progress(session: Session) -> list[Progress]:
    """How many cases each has decided, of those that are theirs to decide."""
    checks = _checks(session)
    return [
        Progress(
            member,
            sum(check.answered_at is not None for (_case, who), check in checks.items() if who == member.id),
            sum(who == member.id and check.state != Check.State.WITHDRAWN for (_case, who), check in checks.items()),
        )
        for member in _members(session)
    ]


def _members(session: Session) -> list[User]:
    return sorted(session.members.all(), key=str)


def _checks(session: Session) -> dict[tuple[UUID | None, UUID | None], Check]:
    found = Check.objects.filter(of_session__session=session)
    return {(check.of_session_id, check.for_user_id): check for check in found}
