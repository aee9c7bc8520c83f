"""When each step of a run begins and ends, as it was and as it is to be expected; and the chain that holds up the end.

The critical path method (Kelley and Walker, 1959): a step begins when the last one before it has ended; walking back from
the step that ends last over whatever it waited for gives the path. Hours lost on it are lost for the whole run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from seacliff.playbooks.document import Step, in_order, span_of
from seacliff.playbooks.flow import Place, after

Expected = Callable[[Step], timedelta]


@dataclass(slots=True)
class Bar:
    """A step on the timeline. `sure`: it has ended, so both moments are facts; `late_by`: past its due time, or None."""

    place: Place
    begins: datetime
    ends: datetime
    sure: bool
    late_by: timedelta | None
    critical: bool = False

    @property
    def spec(self) -> Step:
        return self.place.spec


def drawn(places: Sequence[Place], started_at: datetime, now: datetime, expected: Expected) -> list[Bar]:
    """The bars in an order in which each comes after what it waits for, the critical ones marked.

    expected: how long an answer takes that is not there yet (its target).
    """
    by_key = {place.spec.key: place for place in places}
    bars: dict[str, Bar] = {}
    for spec in in_order(tuple(_known_only(place.spec, by_key) for place in places)):
        bars[spec.key] = _bar(by_key[spec.key], by_key, bars, started_at, now, expected)
    _mark(bars)
    return list(bars.values())


def _known_only(spec: Step, by_key: Mapping[str, Place]) -> Step:
    """The step, waiting for nothing that isn't there."""
    if all(name in by_key for name in spec.after):
        return spec
    return msgspec.structs.replace(spec, after=tuple(name for name in spec.after if name in by_key))


def _bar(
    place: Place,
    by_key: Mapping[str, Place],
    bars: Mapping[str, Bar],
    started_at: datetime,
    now: datetime,
    expected: Expected,
) -> Bar:
    spec = place.spec
    ready = max((bars[name].ends for name in spec.after if name in bars), default=started_at)
    if place.state in ("done", "skipped", "dropped"):
        ends = place.done_at or ready
        begins = place.opened_at or ends
        late = ends - place.due_at if place.due_at and ends > place.due_at and place.opened_at else None
        return Bar(place, begins, ends, True, late)
    if place.state == "open":
        begins = place.opened_at or now
        due = place.due_at or begins + expected(spec)
        return Bar(place, begins, max(due, now), False, now - due if now > due else None)
    begins = max(ready, place.opens_at or _opens(spec, by_key, bars, started_at, ready), now)
    length = timedelta() if spec.kind == "note" else _length(spec, bars, started_at, begins, expected)
    return Bar(place, begins, begins + length, False, None)


def _opens(
    spec: Step, by_key: Mapping[str, Place], bars: Mapping[str, Bar], started_at: datetime, ready: datetime
) -> datetime:
    span = span_of(spec.opens) if spec.opens else None
    if span is not None and span.after in bars:
        return bars[span.after].ends + span.length
    return after(spec.opens, by_key, started_at, ready) or ready


def _length(
    spec: Step, bars: Mapping[str, Bar], started_at: datetime, begins: datetime, expected: Expected
) -> timedelta:
    span = span_of(spec.due) if spec.due else None
    if span is None:
        return expected(spec)
    since = bars[span.after].ends if span.after in bars else started_at if span.after else begins
    return max(since + span.length - begins, timedelta())


def _mark(bars: dict[str, Bar]) -> None:
    """Walk back from whatever ends last."""
    counted = {key: bar for key, bar in bars.items() if bar.place.state not in ("skipped", "dropped")}
    last_first = list(reversed(counted.values()))
    here = max(last_first, key=lambda bar: bar.ends, default=None)
    while here is not None:
        here.critical = True
        span = span_of(here.spec.opens) if here.spec.opens else None
        names = {*here.spec.after, span.after if span else ""}
        here = max((bar for bar in last_first if bar.spec.key in names), key=lambda bar: bar.ends, default=None)


def ends_at(bars: Sequence[Bar], started_at: datetime) -> datetime:
    return max((bar.ends for bar in bars if bar.place.state not in ("skipped", "dropped")), default=started_at)
