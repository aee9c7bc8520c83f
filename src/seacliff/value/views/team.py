"""The staffing what-if: another team beside today's, answered by a run."""

import threading
import time
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.permissions import Permission
from seacliff.value import readings
from seacliff.value.board import frontier
from seacliff.value.board.charts import as_picture
from seacliff.value.board.question import Question, world_of
from seacliff.value.models import Reading
from seacliff.value.staffing.scenario import WEIGHTS, ScenarioError


@require_safe
@needs(Permission.VALUE_VIEW)
def staffing(request: Request) -> HttpResponse:
    return _page(request)


def _page(request: Request) -> HttpResponse:
    """With its answer where something is asked, so that it can be linked to and works without scripts."""
    reading = readings.reading(Reading.Kind.STAFFING)
    content = reading.content if reading else {}
    held = content.get("held_out", {})
    context: dict[str, Any] = {
        "reading": reading, "content": content, "may": request.user.may(Permission.VALUE_PROPOSE),
        "table": content.get("table", []), "held": held, "picture": as_picture(held.get("chart", "")),
    }  # fmt: skip
    if content.get("world"):
        question = Question(world_of(content), request.GET)
        asked = question.changed or question.trouble
        if not asked:
            threading.Thread(target=ready, daemon=True).start()
        fewer = next((one["sentence"] for one in content.get("answers", []) if one.get("two")), "")
        context |= {"question": question, "two_fewer": fewer, **(_answered(content, question) if asked else _today(content))}
    return render(request, "value/staffing.html", context)


@require_safe
@needs(Permission.VALUE_VIEW)
def answer(request: Request) -> HttpResponse:
    """What the sliders come to, as a part of the page; the whole page for whoever opens it alone."""
    if "HX-Request" not in request.headers:
        return _page(request)
    reading = readings.reading(Reading.Kind.STAFFING)
    if reading is None or not reading.content.get("world"):
        return render(request, "value/answer.html", {"trouble": _("The worker has not read the record yet.")})
    question = Question(world_of(reading.content), request.GET)
    response = render(request, "value/answer.html", _answered(reading.content, question))
    response["HX-Replace-Url"] = reverse("value:staffing") + question.link
    return response


def _answered(content: dict[str, Any], question: Question) -> dict[str, Any]:
    from seacliff.value.board import teamwork  # only an answer needs the simulation, which is large

    began = time.perf_counter()
    try:
        scenario = question.scenario()
        if not question.changed:
            return _today(content)
        found = teamwork.answer(question.world, scenario, teamwork.errors_of(content))
    except ScenarioError as reason:
        return {"trouble": str(reason)}
    told = teamwork.figures(found, content.get("team", {}).get("currency", ""))
    return told | {"asked": True, "weights": _weights(), "seconds": time.perf_counter() - began,
                   "frontier": _frontier(content, teamwork.size_of(found).row())}  # fmt: skip


def _today(content: dict[str, Any]) -> dict[str, Any]:
    """As it is, read off what the worker found: the same run as in every answer."""
    return {"rows": content.get("today", []), "weights": _weights(), "frontier": _frontier(content)}


def _frontier(content: dict[str, Any], scenario: dict[str, float] | None = None) -> str:
    return frontier.picture(content.get("frontier", []), content.get("team", {}).get("people", 0), scenario)


def _weights() -> str:
    return ", ".join(f"{weight:g} ({_('severity %(n)s') % {'n': severity}})" for severity, weight in WEIGHTS.items())


@cache
def ready() -> None:
    """Load the simulation while the page is read: the first answer of a process would wait for it for seconds."""
    from seacliff.value.staffing import scenario, simulate

    always = scenario.Shift(list(scenario.DAYS), "00:00", 24)
    category = scenario.Category(10.0, {1: scenario.Handling(5.0)}, appealed=0.1)
    groups = {"anybody": scenario.Group(1, [1], "always", appeals=True)}
    simulate.simulate([scenario.World({"anything": category}, groups, {"always": always}, weeks=1)], 1, 1)
