"""Where the dots and bars of the agreement chart stand; the template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

from seacliff.quality.agreement import Agreement, Estimate

WIDTH, LEFT, RIGHT, ROW, TOP = 720, 200, 90, 28, 10
LOWEST = -0.2
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    n: int
    y: int
    estimate: Estimate
    x: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Plot:
    bars: list[Bar]
    ticks: list[tuple[float, int]]
    height: int
    width: int = WIDTH


def alpha_plot(groups: Sequence[Agreement]) -> Plot | None:
    """Alpha with its interval, a row for each group where it can be told; None where it can be told of none."""
    told = [(group, group.alpha) for group in groups if group.alpha is not None]
    if not told:
        return None
    bars = [
        Bar(group.label, group.n, TOP + ROW * place + ROW // 2, alpha, _x(alpha.value), _x(alpha.low), _x(alpha.high))
        for place, (group, alpha) in enumerate(told)
    ]
    return Plot(bars, [(tick, _x(tick)) for tick in TICKS], TOP + ROW * len(bars) + 24)


def _x(value: float) -> int:
    inside = WIDTH - LEFT - RIGHT
    return round(LEFT + (max(LOWEST, min(1.0, value)) - LOWEST) / (1 - LOWEST) * inside)
