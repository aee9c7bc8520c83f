"""The frontier of team sizes as a drawing: the share in time over the number of reviewers, today and a scenario marked.

Drawn here and not as a Vega-Lite specification, for it is drawn anew with every move of a slider, where the engine would take
longer than the simulation; and in the page, so that it has the colours of the theme.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 440, 230, 46, 14, 14, 46


class _Scale:
    def __init__(self, people: Sequence[float], shares: Sequence[float]) -> None:
        self.first, self.last = min(people) - 0.4, max(people) + 0.4
        low, high = min(shares), max(shares)
        room = max(0.01, (high - low) * 0.08)
        self.low, self.high = max(0.0, low - room), min(1.0, high + room)

    def x(self, people: float) -> float:
        return round(LEFT + (people - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, share: float) -> float:
        return round(TOP + (self.high - share) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM), 1)


def picture(rows: Sequence[dict[str, float]], today: int, scenario: dict[str, float] | None = None) -> SafeString:
    """`rows`: people, cost, breach_share with its _low and _high, as Size.row has them; `scenario` likewise."""
    if len(rows) < 2:
        return SafeString("")
    points = [_point(row) for row in rows]
    marked = _point(scenario) if scenario else None
    every = [*points, *([marked] if marked else [])]
    scale = _Scale([one["people"] for one in every], [one[name] for one in every for name in ("low", "high")])
    here = next((one for one in points if one["people"] == today), None)
    band = " ".join(
        f"{scale.x(one['people'])},{scale.y(one[end])}"
        for end, order in (("high", points), ("low", points[::-1])) for one in order
    )  # fmt: skip
    line = " ".join(f"{scale.x(one['people'])},{scale.y(one['share'])}" for one in points)
    return format_html(
        '<svg class="frontier" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}<polygon class="band" points="{}"/>'
        '<polyline class="line" points="{}"/>{}{}{}</svg>',
        WIDTH, HEIGHT, _in_words(points, today, marked), _shares(scale), _people(scale, points), band, line,
        format_html_join("", '<circle class="dot" cx="{}" cy="{}" r="2.5"/>',
                         ((scale.x(one["people"]), scale.y(one["share"])) for one in points)),
        _mark(scale, here, "today") if here else "", _mark(scale, marked, "scenario") if marked else "",
    )  # fmt: skip


def _point(row: dict[str, float]) -> dict[str, float]:
    """In time is what does not miss its target."""
    return {"people": row["people"], "cost": row["cost"], "share": 1 - row["breach_share"],
            "low": max(0.0, 1 - row["breach_share_high"]), "high": min(1.0, 1 - row["breach_share_low"])}  # fmt: skip


def _mark(scale: _Scale, one: dict[str, float], kind: str) -> SafeString:
    x, radius = scale.x(one["people"]), 5 if kind == "today" else 8
    return format_html('<g class="{}"><line x1="{}" x2="{}" y1="{}" y2="{}"/><circle cx="{}" cy="{}" r="{}"/></g>', kind, x, x,
                       scale.y(one["low"]), scale.y(one["high"]), x, scale.y(one["share"]), radius)  # fmt: skip


def _shares(scale: _Scale) -> SafeString:
    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.25) if (scale.high - scale.low) / step <= 5 or step == 0.25)
    first = int(scale.low / step) + 1
    ticks = [n * step for n in range(first, int(scale.high / step + 1e-9) + 1)]
    return format_html_join(
        "", '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        ((LEFT, WIDTH - RIGHT, scale.y(t), scale.y(t), LEFT - 6, scale.y(t) + 4, f"{t:.1%}" if step < 0.01 else f"{t:.0%}")
         for t in ticks),
    )  # fmt: skip


def _people(scale: _Scale, points: Sequence[dict[str, float]]) -> SafeString:
    return format_html(
        '{}<text x="{}" y="{}" text-anchor="end">{}</text>',
        format_html_join("", '<text x="{}" y="{}" text-anchor="middle">{}</text><text class="cost" x="{}" y="{}" '
                         'text-anchor="middle">{}</text>',
                         ((scale.x(one["people"]), HEIGHT - 30, f"{one['people']:g}", scale.x(one["people"]), HEIGHT - 17,
                           f"{one['cost'] / 1000:,.0f}k" if one["cost"] else "") for one in points)),
        WIDTH - RIGHT, HEIGHT - 3,
        _("reviewers, and their cost a year") if points[0]["cost"] else _("reviewers"),
    )  # fmt: skip


def _in_words(points: Sequence[dict[str, float]], today: int, marked: dict[str, Any] | None) -> str:
    said = "; ".join(f"{one['people']:g}: {one['share']:.1%}" for one in points)
    text = _("Share decided in time by number of reviewers. %(said)s. Today %(today)s.") % {"said": said, "today": today}
    if marked:
        text += " " + _("This scenario: %(people)s reviewers, %(share)s.") % {
            "people": f"{marked['people']:g}", "share": f"{marked['share']:.1%}"}  # fmt: skip
    return text
