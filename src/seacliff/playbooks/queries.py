"""Read models of the pages and the API, each with a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from seacliff.partners.charters.document import Charter, charter_of
from seacliff.partners.models import CharterVersion
from seacliff.playbooks import timeline
from seacliff.playbooks.document import USUAL_TASK, Step, span_of
from seacliff.playbooks.drawing import Timeline
from seacliff.playbooks.drawing import timeline as draw
from seacliff.playbooks.engine import steps_of
from seacliff.playbooks.library import all_in_force
from seacliff.playbooks.models import Playbook, PlaybookVersion, Run, RunStep
from seacliff.playbooks.timeline import Bar, Expected
from seacliff.record.models import Event
from seacliff.review.models import Case

EVENTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A playbook in the list."""

    playbook: Playbook
    version: PlaybookVersion | None
    draft: PlaybookVersion | None
    running: int
    late: int


def lines() -> list[Line]:
    """Every playbook, those in use first. Five queries."""
    in_force = {version.playbook_id: version for version in all_in_force()}
    drafts = {each.playbook_id: each for each in PlaybookVersion.objects.filter(state="draft").defer("content")}
    counts = Run.objects.filter(state="running").values("playbook").annotate(n=Count("id"))
    running = dict(counts.values_list("playbook", "n"))
    late = _late_runs()
    found = [
        Line(each, in_force.get(each.id), drafts.get(each.id), running.get(each.id, 0), late.get(each.id, 0))
        for each in Playbook.objects.order_by("name")
    ]
    return sorted(found, key=lambda line: (line.playbook.retired_at is not None, line.version is None))


def _late_runs() -> dict[UUID, int]:
    """Playbook to its runs in which something open is late."""
    late = RunStep.objects.filter(state="open", due_at__lt=timezone.now(), run__state="running")
    return dict(late.values("run__playbook").annotate(n=Count("run", distinct=True)).values_list("run__playbook", "n"))


def runs(state: str = "", playbook: str = "") -> QuerySet[Run]:
    """For page()."""
    found = Run.objects.select_related("playbook", "lead")
    if state:
        found = found.filter(state=state)
    if playbook:
        found = found.filter(playbook__slug=playbook)
    return found


@dataclass(frozen=True, slots=True)
class Open:
    """What a run in a list waits for."""

    done: int
    all: int
    open: list[RunStep]

    @property
    def late(self) -> list[RunStep]:
        return [step for step in self.open if step.is_late]


def progress(found: Sequence[Run]) -> dict[UUID, Open]:
    """How far they are, and on whom they wait. One query."""
    steps = steps_of(found)
    return {
        run.id: Open(
            sum(step.state in ("done", "skipped", "dropped") for step in steps[run.id]),
            len(steps[run.id]),
            [step for step in steps[run.id] if step.state == "open"],
        )
        for run in found
    }


def expected_by(severity: int, slugs: Sequence[str]) -> Expected:
    """How long each step may take: by its own words, by the charter of whoever is asked, a day for the team's tasks."""
    agreed = CharterVersion.objects.filter(state="agreed", function__slug__in=set(slugs)).select_related("function")
    charters = {version.function.slug: charter_of(version) for version in agreed}

    def expected(spec: Step) -> timedelta:
        span = span_of(spec.due) if spec.due else None
        if span is not None and not span.after:
            return span.length
        if not spec.asks:
            return timedelta() if spec.kind == "note" else USUAL_TASK
        charter = charters.get(spec.by) or Charter()
        return charter.target(spec.ask_kind, spec.severity or severity)[0]

    return expected


@dataclass(frozen=True, slots=True)
class Shown:
    """A run's page."""

    run: Run
    steps: list[RunStep]
    bars: list[Bar]
    drawn: Timeline
    events: list[Event]
    now: datetime

    @property
    def open(self) -> list[RunStep]:
        return sorted((step for step in self.steps if step.state == "open"), key=lambda step: step.due_at or self.now)

    @property
    def later(self) -> list[RunStep]:
        return [step for step in self.steps if step.state in ("waiting", "scheduled")]

    @property
    def answers(self) -> list[RunStep]:
        """What was answered, done or noted, the newest first."""
        done = [step for step in self.steps if step.state == "done"]
        return sorted(done, key=lambda step: step.done_at or self.now, reverse=True)

    @property
    def length(self) -> timedelta:
        return self.ends - self.run.started_at

    @property
    def late(self) -> list[Bar]:
        return [bar for bar in self.bars if bar.late_by is not None and not bar.sure]

    @property
    def settled(self) -> int:
        return sum(step.state in ("done", "skipped", "dropped") for step in self.steps)

    @property
    def ends(self) -> datetime:
        return self.drawn.ends

    @property
    def path(self) -> list[Bar]:
        """The chain that holds up the end, from the beginning."""
        return sorted((bar for bar in self.bars if bar.critical), key=lambda bar: bar.ends)


def page_of(run: Run) -> Shown:
    """Three queries beside the run's own."""
    steps = steps_of([run])[run.id]
    now = run.ended_at or timezone.now()
    expected = expected_by(run.severity, [step.function.slug for step in steps])
    bars = timeline.drawn(steps, run.started_at, now, expected)
    events = list(Event.objects.filter(subject_id=run.id).order_by("-id")[:EVENTS_SHOWN])
    return Shown(run, steps, bars, draw(bars, run.started_at, now), events, now)


@dataclass(frozen=True, slots=True)
class OfCase:
    """Playbooks beside a case: what runs on it, what could."""

    case: Case
    runs: list[Run]
    progress: dict[UUID, Open]
    offered: list[PlaybookVersion]
    others: list[PlaybookVersion]


def of_case(case: Case) -> OfCase:
    """Three queries."""
    found = list(Run.objects.filter(about_id=case.id).select_related("playbook").order_by("-id")[:20])
    versions = all_in_force()
    fitting = [each for each in versions if case.category in each.document.starts.categories]
    return OfCase(case, found, progress(found), fitting, [each for each in versions if each not in fitting])


def versions_of(playbook: Playbook) -> list[PlaybookVersion]:
    return list(playbook.versions.select_related("published_by").defer("content").order_by("-number"))


def runs_of(playbook: Playbook, limit: int = 10) -> list[Run]:
    return list(Run.objects.filter(playbook=playbook).select_related("lead").order_by("-id")[:limit])
