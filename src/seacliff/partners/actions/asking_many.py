"""Asking much at once, for the rooms above that ask by themselves: the rows of a batch in one statement a table."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from seacliff.partners import channels, reminders, taken
from seacliff.partners.access import OURS, By, our_function
from seacliff.partners.actions.asking import NewAsk, check, new_clock, new_row, story_of, subject_of
from seacliff.partners.charters.document import Charter, charter_of
from seacliff.partners.directory import charter_in_force
from seacliff.partners.models import Ask, CharterVersion, Dispatch
from seacliff.partners.sharing import let_wait
from seacliff.people.models import Function
from seacliff.people.problems import Problem
from seacliff.record.actions import event, happened, write
from seacliff.record.models import Clock


@transaction.atomic
def ask_many(wanted: Sequence[tuple[By, NewAsk]]) -> list[Ask | Problem]:
    """One ask for each, or the Problem it has; the ask there is already for a key asked before.

    Every NewAsk carries a `key` and its pieces frozen in `shared`; nothing is offered or redacted here. Where the record
    can't wait for one that says `wait`, it is asked all the same, and the record says why nothing waits.
    """
    known = {ask.key: ask for ask in Ask.objects.filter(key__in=[new.key for _by, new in wanted])}
    charters, ours = _Charters(), our_function()
    now = timezone.now()
    made: list[tuple[Ask, Clock, By]] = []
    found: list[Ask | Problem] = []
    waited_for: list[tuple[Ask, By]] = []
    for by, new in wanted:
        if new.key in known:
            found.append(known[new.key])
            continue
        try:
            ask, clock = _one(by, new, new.sender or ours, charters, now)
        except Problem as problem:
            found.append(problem)
            continue
        made.append((ask, clock, by))
        if new.wait and by.user is not None:
            waited_for.append((ask, by))
        found.append(ask)
    _store(made, charters, now)
    for ask, by in waited_for:
        _let_wait(by, ask)
    return found


def _let_wait(by: By, ask: Ask) -> None:
    assert by.user is not None
    try:
        with transaction.atomic():
            let_wait(by.user, ask)
    except Problem as problem:
        happened("ask.not-waited-for", subject_of(ask), by.actor, story=story_of(ask), reason=problem.detail)


class _Charters:
    """Charters in force, looked up and read once."""

    def __init__(self) -> None:
        self.found: dict[UUID, tuple[CharterVersion | None, Charter]] = {}

    def between(self, sender: Function, to: Function) -> tuple[CharterVersion | None, Charter]:
        other = to if sender.slug == OURS else sender
        if other.id not in self.found:
            version = charter_in_force(other)
            self.found[other.id] = version, charter_of(version)
        return self.found[other.id]


def _one(by: By, new: NewAsk, sender: Function, charters: _Charters, now: datetime) -> tuple[Ask, Clock]:
    check(new, sender)
    version, charter = charters.between(sender, new.to)
    ask = new_row(by, new, sender, version, new.about_label, list(new.shared))
    clock = new_clock(ask, new.due_at, charter, now)
    ask.due_at = clock.due_at
    taken.count_from(ask, now)
    return ask, clock


def _store(made: Sequence[tuple[Ask, Clock, By]], charters: _Charters, now: datetime) -> None:
    asks = [ask for ask, _clock, _by in made]
    Ask.objects.bulk_create(asks)
    Clock.objects.bulk_create([clock for _ask, clock, _by in made])
    reminders.plan_new([(ask, charters.between(ask.from_function, ask.to_function)[1]) for ask in asks], now)
    channels.to_all_asked(asks, Dispatch.Purpose.ASKED, "1")
    write([
        event("ask.made", subject_of(ask), by.actor, story=story_of(ask), data={
            "kind": ask.kind, "to": ask.to_function.name, "severity": ask.severity, "due_at": ask.due_at.isoformat(),
            "shared": [piece["label"] for piece in ask.shared]})
        for ask, _clock, by in made
    ])  # fmt: skip
