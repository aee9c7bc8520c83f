"""The map as a drawing: T&S's people on an inner ring, functions on an outer one. The same map gives the same drawing."""

from dataclasses import dataclass
from math import atan2, cos, pi, sin

from seacliff.people.models import Function
from seacliff.relationships.people_map import Map

WIDTH, HEIGHT = 960, 640
OUTER, INNER = (360, 250), (180, 125)
PEOPLE_MOST = 24
WIDEST = 6.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A node in the drawing: `anchor` is how its name is set against it."""

    name: str
    x: float
    y: float
    anchor: str
    asks: int
    function: Function | None = None
    lonely: bool = False

    @property
    def label_x(self) -> float:
        return round(self.x + {"start": 14, "end": -14}.get(self.anchor, 0), 1)

    @property
    def label_y(self) -> float:
        return round(self.y + (5 if self.anchor != "middle" else 26 if self.y > HEIGHT / 2 else -16), 1)


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    said: str


@dataclass(frozen=True, slots=True)
class Drawing:
    functions: list[Spot]
    people: list[Spot]
    lines: list[Line]
    left_out: int = 0
    width: int = WIDTH
    height: int = HEIGHT


def draw(found: Map) -> Drawing:
    """Functions clockwise by name; people where the functions they work with pull them, evenly spread on their ring."""
    angles = {each.function.id: 2 * pi * n / max(1, len(found.known)) - pi / 2 for n, each in enumerate(found.known)}
    functions = {
        each.function.id: _spot(each.function.name, angles[each.function.id], OUTER, each.asks, each.function)
        for each in found.known
    }
    pulls: dict[str, list[float]] = {}
    for each in found.known:
        for name, asks in each.ours.items():
            x, y, total = pulls.get(name, [0.0, 0.0, 0.0])
            angle = angles[each.function.id]
            pulls[name] = [x + asks * cos(angle), y + asks * sin(angle), total + asks]
    busiest = sorted(pulls, key=lambda name: (-pulls[name][2], name))[:PEOPLE_MOST]
    around = sorted(busiest, key=lambda name: (_angle(*pulls[name][:2]), name))
    people = {
        name: _spot(name, 2 * pi * n / len(around) - pi / 2, INNER, int(pulls[name][2]))
        for n, name in enumerate(around)
    }
    most = max((asks for each in found.known for asks in each.ours.values()), default=1)
    lines = [
        _line(people[name], functions[each.function.id], asks, most)
        for each in found.known
        for name, asks in sorted(each.ours.items())
        if name in people
    ]
    return Drawing(list(functions.values()), list(people.values()), lines, len(pulls) - len(people))


def _angle(x: float, y: float) -> float:
    return (atan2(y, x) + pi / 2) % (2 * pi)


def _spot(name: str, angle: float, ring: tuple[int, int], asks: int, function: Function | None = None) -> Spot:
    x, y = WIDTH / 2 + ring[0] * cos(angle), HEIGHT / 2 + ring[1] * sin(angle)
    side = cos(angle)
    anchor = "middle" if abs(side) < 0.25 else "start" if side > 0 else "end"
    return Spot(name, round(x, 1), round(y, 1), anchor, asks, function, lonely=not asks)


def _line(person: Spot, function: Spot, asks: int, most: int) -> Line:
    said = f"{person.name} – {function.name}: {asks}"
    return Line(person.x, person.y, function.x, function.y, round(1 + (WIDEST - 1) * asks / most, 1), said)
