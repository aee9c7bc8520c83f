"""The staffing what-if: scenarios side by side, and a slider that is answered by a run."""

import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.value import readings
from seacliff.value.board.charts import as_picture
from seacliff.value.models import Reading

if TYPE_CHECKING:
    from seacliff.value.staffing.scenario import Scenario, World


@require_safe
@needs(Permission.VALUE_VIEW)
def staffing(request: Request) -> HttpResponse:
    reading = readings.reading(Reading.Kind.STAFFING)
    content = reading.content if reading else {}
    groups = content.get("world", {}).get("groups", {})
    held = content.get("held_out", {})
    if groups:
        threading.Thread(target=ready, daemon=True).start()
    context = {"reading": reading, "content": content, "sliders": _sliders(groups) if groups else [],
               "may": request.user.may(Permission.VALUE_PROPOSE), "table": content.get("table", []),
               "held": held, "picture": as_picture(held.get("chart", ""))}  # fmt: skip
    return render(request, "value/staffing.html", context)


@cache
def ready() -> None:
    """Load the simulation while the page is read: the first answer of a process would wait for it for seconds."""
    from seacliff.value.staffing import scenario, simulate

    always = scenario.Shift(list(scenario.DAYS), "00:00", 24)
    category = scenario.Category(10.0, {1: scenario.Handling(5.0)}, appealed=0.1)
    groups = {"anybody": scenario.Group(1, [1], "always", appeals=True)}
    simulate.simulate([scenario.World({"anything": category}, groups, {"always": always}, weeks=1)], 1, 1)


@require_safe
@needs(Permission.VALUE_VIEW)
def answer(request: Request) -> HttpResponse:
    """What the sliders come to, as a part of the page."""
    from seacliff.value.board import teamwork  # only an answer needs the simulation, which is large
    from seacliff.value.staffing.scenario import ScenarioError

    reading = readings.reading(Reading.Kind.STAFFING)
    if reading is None or not reading.content.get("world"):
        return render(request, "value/answer.html", {"trouble": _("The worker has not read the record yet.")})
    began = time.perf_counter()
    try:
        world = teamwork.world_of(reading.content)
        found: dict[str, Any] = teamwork.figures(
            teamwork.answer(world, scenario_of(world, request.GET), teamwork.errors_of(reading.content))
        )
    except ScenarioError as reason:
        found = {"trouble": str(reason)}
    return render(request, "value/answer.html", found | {"seconds": time.perf_counter() - began})


def _sliders(groups: dict[str, Any]) -> list[dict[str, Any]]:
    counts = [{"name": f"group.{name}", "label": name, "value": group["count"], "least": 0,
               "most": max(4, 2 * group["count"]), "step": 1, "unit": _("reviewers")}
              for name, group in groups.items()]  # fmt: skip
    volume = {"name": "volume", "label": _("reports, percent of today"), "value": 100, "least": 50, "most": 200, "step": 5,
              "unit": "%"}  # fmt: skip
    return [*counts, volume]


def scenario_of(world: "World", asked: Any) -> "Scenario":
    """Raises ScenarioError for what is no number."""
    from seacliff.value.staffing.scenario import Scenario, ScenarioError

    try:
        headcount: dict[str, int | str] = {
            name: int(asked[f"group.{name}"]) for name in world.groups if f"group.{name}" in asked
        }
        volume = float(asked.get("volume", 100)) / 100
    except ValueError:
        raise ScenarioError("A slider's value is a number.") from None
    if not 0 <= volume <= 2 or any(not 0 <= int(count) <= 500 for count in headcount.values()):
        raise ScenarioError("A slider's value is out of its range.")
    return Scenario(_("With this team"), headcount=headcount, volume={"all": volume})
