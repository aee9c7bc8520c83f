"""The plots of the page, as Vega-Lite specifications like those of the staffing simulation, drawn as SVG by the worker."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from seacliff.value.board.bridge import in_money
from seacliff.value.ledger.queries import Standing
from seacliff.value.staffing.charts import SCHEMA, Spec

INK = "#6b7280"  # readable on light and on dark
NARROW = 190  # of a plot for a phone, less its labels
CONFIG: Spec = {
    "background": None, "view": {"stroke": None}, "font": "sans-serif", "padding": 20,  # fonts elsewhere may be wider
    "axis": {"labelColor": INK, "titleColor": INK, "gridColor": "#9ca3af55", "domainColor": INK, "tickColor": INK},
    "header": {"labelColor": INK}, "legend": {"labelColor": INK, "titleColor": INK}, "title": {"color": INK, "fontSize": 11},
    "mark": {"color": "#3b82c4"}, "point": {"size": 70}, "rule": {"strokeWidth": 2, "color": "#3b82c4"},
}  # fmt: skip


def bridge(standing: Standing, width: int = 460) -> Spec | None:
    """Each counted finding in money with its interval, and the headline; none where nothing is counted."""
    values = [dict(zip(("low", "point", "high"), in_money(one), strict=True)) | {"name": f"{one.ref} ({one.current.grade})"}
              for one in standing.in_it if one.current]  # fmt: skip
    if not values:
        return None
    total = standing.headline
    values.append({"name": "Together", "low": total.low, "point": total.point, "high": total.high})
    y = {"field": "name", "type": "nominal", "title": None, "sort": None}
    return {
        "$schema": SCHEMA, "width": width, "height": {"step": 30}, "config": CONFIG,
        "description": "Measured effects in money a year with 95% intervals, and together.",
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [4, 3], "color": INK}, "encoding": {"x": {"datum": 0}}},
            {"mark": "rule", "encoding": {"y": y, "x": {"field": "low", "type": "quantitative", "title": "money a year"},
                                          "x2": {"field": "high"}}},
            {"mark": {"type": "point", "filled": True}, "encoding": {"y": y, "x": {"field": "point", "type": "quantitative"}}},
        ],
    }  # fmt: skip


def service(rows: Sequence[dict[str, Any]], width: int = 460) -> Spec | None:
    """What was due and done in time, late, or is still open past its time."""
    parts = (("met", "in time"), ("late", "late"), ("open", "open past its time"))
    values = [{"what": row["what"], "part": label, "count": row[name], "order": place}
              for row in rows for place, (name, label) in enumerate(parts)]  # fmt: skip
    if not values:
        return None
    return {
        "$schema": SCHEMA, "width": width, "height": {"step": 26}, "config": CONFIG,
        "description": "Duties of the past year: in time, late, open past their time.",
        "data": {"values": values}, "mark": "bar",
        "encoding": {
            "y": {"field": "what", "type": "nominal", "title": None, "sort": None},
            "x": {"field": "count", "type": "quantitative", "stack": "normalize", "title": "share", "axis": {"format": "%"}},
            "order": {"field": "order", "type": "quantitative"},
            "color": {"field": "part", "type": "nominal", "title": None, "sort": [label for _name, label in parts],
                      "scale": {"range": ["#3b82c4", "#d97706", "#b91c1c"]},
                      "legend": {"labelColor": INK, "orient": "top", "columns": 3 if width > NARROW else 1}},
        },
    }  # fmt: skip


def as_picture(svg: str) -> str:
    """An address of data for <img>: what is drawn there can't run anything. Empty for no plot."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}" if svg else ""


def drawn(spec: Spec | None) -> str:
    """The SVG; empty for no plot. Only the worker calls this: the engine is large."""
    if spec is None:
        return ""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))
