"""Vega-Lite specifications of the plots, as plain dictionaries: the page and the PDF draw the same ones.

Light: pages import it, so the simulation is not.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seacliff.value.staffing.simulate import Scope
    from seacliff.value.staffing.whatif import Comparison

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
Spec = dict[str, Any]
TITLES = {
    "action_p50": "hours to a decision, median", "action_p90": "hours to a decision, nine in ten",
    "breach_share": "share not decided within the target", "breaches": "reports a year that miss their target",
    "harm_hours": "severity-weighted hours waited, a year", "cost": "cost a year",
    "utilisation": "share of hours on duty spent reviewing",
}  # fmt: skip


def scenarios(comparisons: Sequence["Comparison"], measure: str = "breaches", scope: "Scope" = ("all", "")) -> Spec:
    """How much each scenario changes a measure, with its interval and a line at no change."""
    values = [
        {"scenario": one.scenario.name, **vars(one.difference(measure, scope))} for one in comparisons
    ]  # fmt: skip
    y = {"field": "scenario", "type": "nominal", "title": None, "sort": None}
    title = f"change in {TITLES.get(measure, measure)}"
    return {
        "$schema": SCHEMA,
        "description": f"{title[0].upper()}{title[1:]} by scenario, with 95% intervals.",
        "data": {"values": values},
        "layer": [
            {"mark": "rule", "encoding": {"x": {"datum": 0}}},
            {"mark": "rule", "encoding": {"y": y, "x": {"field": "low", "type": "quantitative", "title": title},
                                          "x2": {"field": "high"}}},
            {"mark": {"type": "point", "filled": True},
             "encoding": {"y": y, "x": {"field": "mean", "type": "quantitative", "title": title}}},
        ],
    }  # fmt: skip


def held_out(rows: Sequence[dict[str, Any]], measure: str) -> Spec:
    """What weeks that the calibration did not see brought, over the interval that was foretold."""
    chosen = [row for row in rows if row["measure"] == measure and row["scope"] == "category"]
    x = {"field": "week", "type": "ordinal", "title": "week held out"}
    title = TITLES.get(measure, measure)
    return {
        "$schema": SCHEMA,
        "description": f"{title[0].upper()}{title[1:]}: foretold interval and what came, by category.",
        "data": {"values": chosen},
        "title": title, "columns": 4,
        "facet": {"field": "name", "type": "nominal", "title": None},
        "spec": {
            "width": 110, "height": 80,
            "layer": [
                {"mark": {"type": "bar", "opacity": 0.35},
                 "encoding": {"x": x, "y": {"field": "low", "type": "quantitative", "title": None},
                              "y2": {"field": "high"}}},
                {"mark": {"type": "point", "filled": True},
                 "encoding": {"x": x, "y": {"field": "observed", "type": "quantitative", "title": None},
                              "shape": {"field": "covered", "type": "nominal", "title": "inside"}}},
            ]
        },
    }  # fmt: skip
