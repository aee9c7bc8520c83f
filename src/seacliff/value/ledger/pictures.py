"""The plots of a finding, from what its result holds: how far its units ran alike before, the event study, placebos, whatever
was estimated in several ways. Drawn by the worker with the estimate, and kept with it."""

from collections.abc import Sequence
from typing import Any

from seacliff.value.board.charts import CONFIG, INK
from seacliff.value.staffing.charts import SCHEMA, Spec

Row = dict[str, Any]
MOST = 24  # lines of one plot that can still be read
REAL = "#d97706"


def pictures(result: dict[str, Any]) -> dict[str, Spec]:
    """Name of a diagnostic, or "path", to its plot."""
    figures, estimate = result.get("figures") or {}, result.get("estimate")
    found = {str(one["name"]): _of(one["rows"], estimate) for one in result.get("diagnostics") or []}
    path = figures.get("path")
    if path:
        found["path"] = _path(path, len(figures.get("period weights") or ()))
    return {name: spec for name, spec in found.items() if spec}


def _of(rows: Sequence[Row], estimate: float | None) -> Spec | None:
    """By what its rows hold."""
    if not rows:
        return None
    keys, name = rows[0].keys(), next((key for key, value in rows[0].items() if isinstance(value, str)), "")
    if "periods since" in keys:
        return _event_study(rows)
    if "estimate" in keys and len(rows) > MOST:
        title = "estimate without one of them" if "without" in keys else "estimate where nothing shipped"
        return _spread([row["estimate"] for row in rows], estimate, title)
    if not name:
        return None
    if {"estimate", "low", "high"} <= keys:
        return _intervals(rows, name)
    if len(rows) > 1 and "in deviations" in keys:
        return _dots(rows, name, "in deviations", "difference before, in standard deviations", None)
    if len(rows) > 1 and "estimate" in keys:
        return _dots(rows, name, "estimate", "estimate", estimate)
    return None


def _frame(values: Sequence[Row], *layers: Spec, height: Any = 180) -> Spec:
    return {"$schema": SCHEMA, "width": 460, "height": height, "config": CONFIG, "data": {"values": list(values)},
            "layer": list(layers)}  # fmt: skip


def _rule(axis: str, at: float, color: str = INK) -> Spec:
    return {"mark": {"type": "rule", "strokeDash": [4, 3], "color": color}, "encoding": {axis: {"datum": at}}}


def _path(path: Sequence[float], before: int) -> Spec:
    values = [{"week": place - before, "gap": gap} for place, gap in enumerate(path)]
    x = {"field": "week", "type": "quantitative", "title": "weeks since the launch", "axis": {"tickMinStep": 1}}
    y = {"field": "gap", "type": "quantitative", "title": "difference to what it is compared with"}
    line = {"mark": {"type": "line", "point": True}, "encoding": {"x": x, "y": y}}
    return _frame(values, _rule("y", 0), _rule("x", -0.5), line)


def _event_study(rows: Sequence[Row]) -> Spec:
    x = {
        "field": "periods since",
        "type": "quantitative",
        "title": "periods since the change",
        "axis": {"tickMinStep": 1},
    }
    y = {"field": "low", "type": "quantitative", "title": "effect, with a band for all of them"}
    point = {
        "mark": {"type": "point", "filled": True},
        "encoding": {"x": x, "y": {"field": "estimate", "type": "quantitative"}},
    }
    return _frame(rows, _rule("y", 0), _rule("x", -0.5), {"mark": "rule", "encoding": {"x": x, "y": y, "y2": {"field": "high"}}},
                  point)  # fmt: skip


def _intervals(rows: Sequence[Row], name: str) -> Spec:
    y = {"field": name, "type": "nominal", "title": None, "sort": None}
    x = {"field": "low", "type": "quantitative", "title": "estimate, 95% interval"}
    point = {
        "mark": {"type": "point", "filled": True},
        "encoding": {"y": y, "x": {"field": "estimate", "type": "quantitative"}},
    }
    return _frame(rows, _rule("x", 0), {"mark": "rule", "encoding": {"y": y, "x": x, "x2": {"field": "high"}}}, point,
                  height={"step": 24})  # fmt: skip


def _dots(rows: Sequence[Row], name: str, field: str, title: str, real: float | None) -> Spec:
    y = {"field": name, "type": "nominal", "title": None, "sort": None}
    x = {"field": field, "type": "quantitative", "title": title, "scale": {"zero": real is None}}
    rule = _rule("x", 0) if real is None else _rule("x", real, REAL)
    return _frame(rows[:MOST], rule, {"mark": {"type": "point", "filled": True}, "encoding": {"y": y, "x": x}},
                  height={"step": 18})  # fmt: skip


def _spread(estimates: Sequence[float], real: float | None, title: str) -> Spec:
    """How often which estimate came out, and the real one."""
    x = {"field": "estimate", "type": "quantitative", "bin": {"maxbins": 20}, "title": title}
    bars = {
        "mark": "bar",
        "encoding": {"x": x, "y": {"aggregate": "count", "type": "quantitative", "title": "how many"}},
    }
    rules = [] if real is None else [_rule("x", real, REAL)]
    return _frame([{"estimate": one} for one in estimates], bars, *rules)
