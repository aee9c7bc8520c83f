"""Where the boxes of a playbook's graph and the bars of a run's timeline stand. Units are SVG user units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from seacliff.playbooks.document import Playbook, Step, in_order
from seacliff.playbooks.timeline import Bar

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 210, 48, 52, 18, 6
SHOWN, SHOWN_SMALL = 27, 35


@dataclass(frozen=True, slots=True)
class Box:
    step: Step
    x: int
    y: int

    @property
    def label(self) -> str:
        return _cut(self.step.title, SHOWN)

    @property
    def under(self) -> str:
        """Who does it, by when."""
        step = self.step
        when = step.due.replace(" after start", "") or (f"from {step.opens}" if step.opens else "")
        parts = ["if" if step.when else "", step.by if step.asks else step.kind, when]
        return _cut(" · ".join(part for part in parts if part), SHOWN_SMALL)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


@dataclass(frozen=True, slots=True)
class Graph:
    boxes: list[Box]
    arrows: list[str]
    width: int
    height: int


def graph(book: Playbook) -> Graph:
    """Steps in columns: each stands right of everything it waits for, the arrows as SVG paths."""
    column: dict[str, int] = {}
    boxes: dict[str, Box] = {}
    filled: dict[int, int] = {}
    for step in in_order(book.steps):
        at = column[step.key] = max((column[name] + 1 for name in step.after), default=0)
        row = filled.get(at, 0)
        filled[at] = row + 1
        boxes[step.key] = Box(step, EDGE + at * (WIDTH + ACROSS), EDGE + row * (HEIGHT + DOWN))
    arrows = [_arrow(boxes[name], box) for box in boxes.values() for name in _needed(box.step, boxes) if name in boxes]
    width = max((box.x + WIDTH + EDGE for box in boxes.values()), default=0)
    return Graph(list(boxes.values()), arrows, width, max((box.y + HEIGHT + EDGE for box in boxes.values()), default=0))


def _needed(step: Step, boxes: dict[str, Box]) -> list[str]:
    """What it waits for, without what that waits for anyway."""
    further = {above for name in step.after if name in boxes for above in _above(boxes[name].step, boxes)}
    return [name for name in step.after if name not in further]


def _above(step: Step, boxes: dict[str, Box]) -> set[str]:
    found: set[str] = set()
    todo = list(step.after)
    while todo:
        name = todo.pop()
        if name in boxes and name not in found:
            found.add(name)
            todo += boxes[name].step.after
    return found


def _arrow(one: Box, other: Box) -> str:
    x1, y1, x2, y2 = one.x + WIDTH, one.y + HEIGHT // 2, other.x, other.y + HEIGHT // 2
    bend = (x2 - x1) // 2
    return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 6} {y2}"


SCALE = 1000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in thousandths of the whole time shown; `due`: where its due time is, when that is within."""

    bar: Bar
    x: float
    width: float
    due: float | None


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: list[Drawn]
    now: float | None
    begins: datetime
    ends: datetime


def timeline(bars: Sequence[Bar], started_at: datetime, now: datetime, until: datetime | None = None) -> Timeline:
    """The bars on one scale, from the start to the last end."""
    shown = [bar for bar in bars if bar.place.state not in ("skipped", "dropped")]
    last = max([bar.ends for bar in shown] + ([until] if until else []), default=started_at)
    whole = max((last - started_at).total_seconds(), 1.0)

    def at(moment: datetime) -> float:
        return round(min(max((moment - started_at).total_seconds() / whole, 0.0), 1.0) * SCALE, 1)

    drawn = [Drawn(bar, at(bar.begins), max(at(bar.ends) - at(bar.begins), 6.0), _due(bar, at, last)) for bar in bars]
    return Timeline(drawn, at(now) if started_at <= now <= last else None, started_at, last)


def _due(bar: Bar, at: Callable[[datetime], float], last: datetime) -> float | None:
    due = bar.place.due_at
    return at(due) if due is not None and due <= last else None
