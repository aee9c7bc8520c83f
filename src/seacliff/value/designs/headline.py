"""What may be added up. A headline is the sum of findings of grade A and B, nulls among them, one for each overlap group.

Findings that measure the same thing twice (the same accounts kept, the same work saved) share an overlap group; of each group
the best grade counts, then the narrowest interval, whatever its sign. The joint interval is by the method of variance estimates
recovery (Zou and Donner 2008, Statistics in Medicine 27), which takes lopsided intervals as they are; `independent=False` adds
half-widths instead, as if one error lay behind all. Revenue at risk is never a part of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum, hypot, inf, isfinite

from seacliff.value.designs.result import Grade, Result

COUNTED = (Grade.RANDOMISED, Grade.DESIGNED)


@dataclass(frozen=True)
class Item:
    """A finding in the headline's unit (money, or accounts): per unit of the estimate `worth` of it."""

    name: str
    result: Result
    overlap: str  # the group; a finding that overlaps none has one of its own
    worth: float = 1.0

    @property
    def ends(self) -> tuple[float, float, float]:
        """Low, point, high."""
        low, high = sorted((self.result.low * self.worth, self.result.high * self.worth))
        return low, self.result.estimate * self.worth, high


@dataclass(frozen=True)
class Headline:
    low: float
    point: float
    high: float
    counted: tuple[str, ...]
    left_out: Mapping[str, str]  # name: why


def headline(items: Iterable[Item], independent: bool = True) -> Headline:
    """The sum with its joint interval, what is in it and why the rest is not."""
    left_out: dict[str, str] = {}
    groups: dict[str, list[Item]] = {}
    for item in items:
        if why := _not_counted(item):
            left_out[item.name] = why
        else:
            groups.setdefault(item.overlap, []).append(item)
    counted = []
    for members in groups.values():
        best, *rest = sorted(members, key=lambda item: (str(item.result.grade), item.ends[2] - item.ends[0], item.name))
        counted.append(best)
        left_out |= {item.name: f"overlaps with {best.name}" for item in rest}
    ends = [item.ends for item in counted]
    point = fsum(middle for _low, middle, _high in ends)
    add: Callable[[list[float]], float] = (lambda halves: hypot(*halves)) if independent else fsum
    return Headline(
        point - add([middle - low for low, middle, _high in ends]), point,
        point + add([high - middle for _low, middle, high in ends]), tuple(item.name for item in counted), left_out,
    )  # fmt: skip


def _not_counted(item: Item) -> str:
    result = item.result
    if result.refusal:
        return "refused: " + result.refusal
    if result.grade == Grade.FAILED:
        return f"a diagnostic failed: {result.worst.name if result.worst else ''}"
    if result.grade not in COUNTED:
        return f"grade {result.grade}: an association or a survey, no effect"
    if not isfinite(result.estimate) or inf in map(abs, item.ends):
        return "the data do not bound it"
    return ""
