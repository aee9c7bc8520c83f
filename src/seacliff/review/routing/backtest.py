"""A backtest: what a draft would have done with past reports, beside what the live rules do with them.

Every report is seen as it was on its day: what "history" and "reporter" speak of is counted from the reports and decisions
before it, not from what is known today. What isn't kept by day (a target's plan, country, state, strikes) is today's.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from seacliff.intake.models import Report, Reporter
from seacliff.policy.models import Category
from seacliff.record.ids import first_id
from seacliff.review.models import STANDS, Decision, RuleSet
from seacliff.review.routing.context import Known, build, key_of, look_up_reporters
from seacliff.review.routing.desk import GENERAL_QUEUE
from seacliff.review.routing.rules import Route, RuleBook
from seacliff.targets.models import Target

CHUNK = 5000
SAMPLE = 40
MONTH, QUARTER, YEAR = timedelta(days=30), timedelta(days=90), timedelta(days=365)
# Only what the rules speak of is read from the wide table.
LIGHT = (
    "id", "product_id", "channel", "category", "target_kind", "target_ref", "reporter_key", "reporter_email", "language",
    "subject", "url", "received_at",
)  # fmt: skip


@dataclass(slots=True)
class Result:
    """Counts and a sample of what would have moved."""

    reports: int = 0
    moved: int = 0
    queues: Counter[tuple[str, str]] = field(default_factory=Counter)
    severities: Counter[tuple[int, int]] = field(default_factory=Counter)
    tiers: Counter[tuple[int, int]] = field(default_factory=Counter)
    faster: int = 0
    slower: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    sample: list[dict[str, Any]] = field(default_factory=list)

    def count(self, report: Report, live: Route, draft: Route) -> None:
        self.reports += 1
        self.rules.update(draft.matched)
        if live.place == draft.place:
            return
        self.moved += 1
        self.faster += draft.hours < live.hours
        self.slower += draft.hours > live.hours
        changed: tuple[tuple[Counter[Any], Any, Any], ...] = (
            (self.queues, live.queue, draft.queue),
            (self.severities, live.severity, draft.severity),
            (self.tiers, live.tier, draft.tier),
        )
        for changes, old, new in changed:
            if old != new:
                changes[old, new] += 1
        # Every 2^k-th move once the sample is full keeps it spread over the whole time.
        if len(self.sample) < SAMPLE or self.moved & (self.moved - 1) == 0:
            self.sample = [*self.sample[-SAMPLE + 1 :], _shown(report, live, draft)]

    def as_json(self) -> dict[str, Any]:
        def pairs(counter: Counter) -> list[list[Any]]:
            return [[*pair, count] for pair, count in counter.most_common(50)]

        return {
            "reports": self.reports,
            "moved": self.moved,
            "queues": pairs(self.queues),
            "severities": pairs(self.severities),
            "tiers": pairs(self.tiers),
            "faster": self.faster,
            "slower": self.slower,
            "rules": dict(self.rules),
            "sample": self.sample,
        }


def run(draft: RuleSet, since: datetime, until: datetime, progress: Callable[[int], None] | None = None) -> Result:
    """Route every report of [since, until) by the draft and by the live rules. Memory grows with the targets, not the reports."""
    walk = Walk(draft.rules, since)
    for reports in _chunks(since, until, walk.fields):
        walk.over(reports)
        if progress:
            progress(walk.result.reports)
    return walk.result


def compare_recent(rows: list[dict[str, Any]], reports: list[Report]) -> Result:
    """The live test of the editor: rows not yet saved, on a handful of reports. Raises RuleError."""
    oldest = min((report.received_at for report in reports), default=timezone.now())
    walk = Walk(rows, oldest)
    walk.over(sorted(reports, key=lambda report: report.id))
    return walk.result


class Walk:
    """Two rule books going through the same reports in order of arrival."""

    def __init__(self, rows: list[dict[str, Any]], since: datetime) -> None:
        live = RuleSet.objects.filter(state=RuleSet.State.LIVE).first()
        self.books = RuleBook.of(live.rules if live else []), RuleBook.of(rows)
        self.fields = self.books[0].fields | self.books[1].fields
        self.severities = dict(Category.objects.values_list("slug", "severity"))
        self.past = Past(since, self.fields)
        self.result = Result()

    def over(self, reports: list[Report]) -> None:
        known = self.past.known(reports)
        for report in reports:
            self.past.advance(report, known)
            context = build(report, known, self.fields)
            severity = self.severities.get(report.category, 3)
            live, draft = (book.route(context, severity, GENERAL_QUEUE) for book in self.books)
            self.result.count(report, live, draft)


class Past:
    """What was known at each moment, kept up while the reports are walked through in order."""

    def __init__(self, since: datetime, fields: set[str]) -> None:
        self.fields = fields
        self._known = Known(targets={}, reporters={})
        self._wants_targets = any(
            name.startswith(("target.", "tree.", "history.decisions", "history.violations")) and name != "target.kind"
            for name in fields
        )
        self._wants_reporters = any(name.startswith("reporter.") for name in fields)
        self.by_target: dict[tuple[str, str], deque[tuple[datetime, str]]] = defaultdict(deque)
        self.by_reporter: dict[str, deque[datetime]] = defaultdict(deque)
        self.decisions: dict[UUID, deque[tuple[datetime, bool]]] = defaultdict(deque)
        if self._speak_of("history.decisions_365d", "history.violations_365d"):
            rows = Decision.objects.filter(STANDS, decided_at__gte=since - YEAR).order_by("decided_at")
            for target, decided_at, finding in rows.values_list("case__target_id", "decided_at", "finding").iterator(
                5000
            ):
                self.decisions[target].append((decided_at, finding == Decision.Finding.VIOLATION))
        self._warm_up(since)

    def _speak_of(self, *names: str) -> bool:
        return bool(self.fields & set(names))

    def _warm_up(self, since: datetime) -> None:
        """Reports before the first one count in its history."""
        if not self._speak_of("history.reports_30d", "history.reporters_30d", "reporter.reports_90d"):
            return
        rows = Report.objects.filter(id__gte=first_id(since - QUARTER), id__lt=first_id(since)).order_by("id")
        for report in rows.only("id", "target_kind", "target_ref", "reporter_key", "received_at").iterator(5000):
            self._remember(report)

    def known(self, reports: list[Report]) -> Known:
        """What the rules ask of the targets and reporters; each is looked up once in a whole backtest."""
        keys = {key_of(report) for report in reports} - self._known.targets.keys()
        if keys and self._wants_targets:
            found = Target.objects.filter(ref__in={ref for _product, _kind, ref in keys})
            for target in found.select_related("parent__parent__parent"):
                self._remember_target(target)
        for product, kind, ref in keys - self._known.targets.keys():
            self._known.targets[product, kind, ref] = Target(product_id=product, kind=kind, ref=ref)
        if self._wants_reporters:
            names = {report.reporter_key for report in reports if report.reporter_key} - self._known.reporters.keys()
            self._known.reporters |= {reporter.key: reporter for reporter in Reporter.objects.filter(key__in=names)}
            look_up_reporters(self._known, names, self.fields)
        return self._known

    def _remember_target(self, target: Target) -> None:
        level: Target | None = target
        while level is not None:
            self._known.targets.setdefault((level.product_id, level.kind, level.ref), level)
            self._known.by_id.setdefault(level.id, level)
            level = level.parent if "parent" in level._state.fields_cache else None

    def advance(self, report: Report, known: Known) -> None:
        """Take the report into the past and set what the context reads for this very report."""
        self._remember(report)
        target, now = (report.target_kind, report.target_ref), report.received_at
        if self._speak_of("history.reports_30d", "history.reporters_30d"):
            recent = self.by_target[target]
            while recent and recent[0][0] < now - MONTH:
                recent.popleft()
            known.reports_30d[target] = len(recent), len({who for _at, who in recent})
        if report.reporter_key and self._speak_of("reporter.reports_90d"):
            mine = self.by_reporter[report.reporter_key]
            while mine and mine[0] < now - QUARTER:
                mine.popleft()
            known.reports_90d[report.reporter_key] = len(mine)
        if self.decisions:
            made = self.decisions.get(known.target_of(report).id, ())
            before = [violation for at, violation in made if now - YEAR < at < now]
            known.decisions[known.target_of(report).id] = len(before), sum(before)

    def _remember(self, report: Report) -> None:
        if self._speak_of("history.reports_30d", "history.reporters_30d"):
            who = report.reporter_key or str(report.id)
            self.by_target[report.target_kind, report.target_ref].append((report.received_at, who))
        if report.reporter_key and self._speak_of("reporter.reports_90d"):
            self.by_reporter[report.reporter_key].append(report.received_at)


def _chunks(since: datetime, until: datetime, fields: set[str]) -> Iterator[list[Report]]:
    """Reports in order of arrival, by key, a chunk at a time."""
    columns = [*LIGHT, *(name for name in ("text", "extra") if f"report.{name}" in fields)]
    after, end = first_id(since), first_id(until)
    while True:
        rows = Report.objects.filter(id__gt=after, id__lt=end).order_by("id")
        chunk: list[Any] = list(rows.values_list(*columns, named=True)[:CHUNK])  # a row costs a tenth of a model
        if not chunk:
            return
        yield chunk
        after = chunk[-1].id


def _shown(report: Report, live: Route, draft: Route) -> dict[str, Any]:
    return {
        "report_id": str(report.id),
        "category": report.category,
        "target": f"{report.target_kind} {report.target_ref}",
        "received_at": report.received_at.isoformat(),
        "live": live.place,
        "draft": draft.place,
        "matched": list(draft.matched),
    }
