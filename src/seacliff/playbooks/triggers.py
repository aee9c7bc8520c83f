"""What starts runs by itself: a routing rule that wants one for a case, an event in the record, the calendar."""

from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from seacliff.people.problems import Problem
from seacliff.playbooks.library import all_in_force, in_force, next_start_of
from seacliff.playbooks.models import Heard, Playbook, PlaybookVersion, Run
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.desks import desk
from seacliff.record.models import Event
from seacliff.review.models import Case, WantedRun

log = structlog.get_logger("seacliff.playbooks")
BATCH = 200
REREAD = 1_000  # transactions that are read again rather than written down that they were read


@desk("playbook-wanted", every=2.0, wake="playbook-wanted")
def start_wanted() -> int:
    """Runs that routing rules want."""
    with transaction.atomic():
        waiting = WantedRun.objects.filter(trouble="").order_by("id").select_for_update(skip_locked=True, of=["self"])
        wanted = list(waiting.select_related("case")[:BATCH])
        versions = {version.playbook.slug: version for version in all_in_force()} if wanted else {}
        for each in wanted:
            _start_wanted(each, versions.get(each.playbook))
    return len(wanted)


def _start_wanted(wanted: WantedRun, version: PlaybookVersion | None) -> None:
    about = Subject("case", wanted.case.id)
    problem = f"There is no playbook {wanted.playbook} in force." if version is None else ""
    if version is not None:
        new = NewRun(version, "", about=about, about_label=wanted.case.ref, severity=wanted.case.severity,
                     lead=version.published_by, via=Run.Via.ROUTING, key=f"case:{wanted.case.id}:{wanted.playbook}")  # fmt: skip
        problem = _started(new)
    if not problem:
        wanted.delete()
        return
    wanted.trouble = problem
    wanted.save(update_fields=["trouble"])
    data = {"playbook": wanted.playbook, "rule": wanted.rule}
    happened("playbook.not-started", about, SYSTEM, story=wanted.case.id, reason=problem, data=data)


def _started(new: NewRun) -> str:
    """Start it; what was wrong, as a sentence."""
    try:
        with transaction.atomic():
            start(SYSTEM, new)
    except Problem as problem:
        return problem.detail
    return ""


HEARD = """
SELECT id FROM record_event
WHERE tx >= %(from)s AND tx < %(horizon)s AND verb = ANY(%(verbs)s) ORDER BY tx, seq
"""


@desk("playbook-events", every=2.0)
def hear_events() -> int:
    """Runs that events in the record start, in the order of commits: below the horizon nothing appears any more."""
    by_verb: dict[str, list[PlaybookVersion]] = {}
    for version in all_in_force():
        for verb in version.document.starts.events:
            by_verb.setdefault(verb, []).append(version)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT record_tx_horizon()")
        horizon = cursor.fetchone()[0]
        if not by_verb:
            Heard.objects.all().delete()
            return 0
        Heard.objects.bulk_create([Heard(id=1, tx=horizon)], ignore_conflicts=True)
        heard = Heard.objects.select_for_update(skip_locked=True).first()
        if heard is None or heard.tx >= horizon:
            return 0
        cursor.execute(HEARD, {"from": heard.tx, "horizon": horizon, "verbs": list(by_verb)})
        ids: list[UUID] = [row[0] for row in cursor.fetchall()]
        events = Event.objects.in_bulk(ids)
        for id in ids:
            for version in by_verb[events[id].verb]:
                _start_by_event(version, events[id])
        if ids or horizon - heard.tx > REREAD:
            Heard.objects.filter(id=1).update(tx=horizon)
    return len(ids)


def _start_by_event(version: PlaybookVersion, event: Event) -> None:
    about, label = _about(event)
    new = NewRun(version, f"{version.playbook}: {event.words}{f', {label}' if label else ''}", about=about,
                 about_label=label, lead=version.published_by, via=Run.Via.EVENT,
                 key=f"event:{event.id}:{version.playbook.slug}")  # fmt: skip
    if problem := _started(new):
        data = {"playbook": version.playbook.slug, "event": event.verb}
        happened("playbook.not-started", Subject("playbook", version.playbook_id), SYSTEM, reason=problem, data=data)


def _about(event: Event) -> tuple[Subject | None, str]:
    """The case whose story the event belongs to, else what it speaks of."""
    case = Case.objects.filter(id=event.story_id).first() if event.story_id else None
    if case is not None:
        return Subject("case", case.id), case.ref
    return Subject(event.subject_kind, event.subject_id), event.subject_kind


@desk("playbook-dates", every=1.0)
def start_due() -> int:
    """Runs that a playbook's calendar starts."""
    with transaction.atomic():
        due = Playbook.objects.filter(next_start_at__lte=timezone.now()).order_by("next_start_at")
        playbooks = list(due.select_for_update(skip_locked=True)[:BATCH])
        for playbook in playbooks:
            _start_by_date(playbook)
    return len(playbooks)


def _start_by_date(playbook: Playbook) -> None:
    moment, version, now = playbook.next_start_at, in_force(playbook), timezone.now()
    assert moment is not None
    playbook.next_start_at = next_start_of(playbook, now)
    playbook.save(update_fields=["next_start_at"])
    if version is None:
        return
    new = NewRun(version, f"{playbook}, {moment:%d %B %Y}", lead=version.published_by, via=Run.Via.DATE,
                 key=f"date:{playbook.id}:{moment.isoformat()}")  # fmt: skip
    if problem := _started(new):
        happened("playbook.not-started", Subject("playbook", playbook.id), SYSTEM, reason=problem,
                 data={"at": moment.isoformat()})  # fmt: skip
