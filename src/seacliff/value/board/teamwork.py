"""The staffing simulation on this team's record: the world as it is, calibrated; whether it would have foretold the last weeks;
what a tenth fewer or more would mean."""

from typing import Any

import msgspec

from seacliff.value.board.charts import CONFIG, drawn
from seacliff.value.staffing import charts
from seacliff.value.staffing.layout import YEAR_WEEKS
from seacliff.value.staffing.scenario import Scenario, World
from seacliff.value.staffing.uncertain import Errors
from seacliff.value.staffing.whatif import YEARLY, Comparison, quick

HELD = 2  # weeks that the calibration is not shown, to see whether it foretells them
FORETOLD = {"arrived": "cases", "wait_p50": "hours until a review, median", "action_p50": "hours to a decision, median",
            "action_p90": "hours to a decision, nine in ten", "breach_share": "share that misses its target"}  # fmt: skip


def staffing() -> dict[str, Any]:
    """The calibrated world with its table, whether it foretold the weeks held back, and what the usual questions come to, side by
    side. Raises ScenarioError. Only the worker calls it."""
    from seacliff.value.board.of_record import WEEKS, this_team
    from seacliff.value.staffing.calibration import calibrate

    start, record = this_team()
    found = calibrate(record, start, (0, WEEKS))
    told: dict[str, Any] = {"world": msgspec.to_builtins(found.world, str_keys=True), "errors": kept(found.errors),
                            "table": found.table}  # fmt: skip
    answers = [{"name": one.name, "share": share, **figures(answer(found.world, one, found.errors))}
               for share, one in usual(found.world)]  # fmt: skip
    return told | {"answers": answers, "held_out": _held_out(record, start, WEEKS)}


def _held_out(record: Any, start: World, weeks: int) -> dict[str, Any]:
    from seacliff.value.staffing.heldout import hold_out

    found = hold_out(record, start, (0, weeks), HELD)
    rows = [row | {"label": FORETOLD[row["measure"]], "week": row["week"] - weeks} for row in found.rows]
    seen = {row["measure"] for row in rows}
    measure = next((name for name in ("action_p90", "action_p50", "breach_share", "arrived") if name in seen), None)
    spec = charts.held_out(rows, measure) | {"config": CONFIG} if measure else None
    return {"sentence": found.sentence(), "rows": rows, "chart": drawn(spec)}


def usual(world: World) -> list[tuple[str, Scenario]]:
    """What every budget round asks."""
    largest = max(world.groups, key=lambda name: world.groups[name].count)
    fewer = min(2, world.groups[largest].count - 1)
    questions = [("-10%", Scenario("A tenth of the team fewer", headcount=_tenth(world, -1))),
                 ("+10%", Scenario("A tenth of the team more", headcount=_tenth(world, 1))),
                 ("", Scenario("A quarter more of everything", volume={"all": 1.25}))]  # fmt: skip
    if fewer > 0 and _tenth(world, -1) != {largest: world.groups[largest].count - fewer}:
        questions.append(("", Scenario(f"{fewer} fewer in {largest}", headcount={largest: f"-{fewer}"})))
    return questions


def _tenth(world: World, sign: int) -> dict[str, int | str]:
    """A tenth of all, at least one, taken from or put to the largest group."""
    largest = max(world.groups, key=lambda name: world.groups[name].count)
    team = sum(group.count for group in world.groups.values())
    count = world.groups[largest].count + sign * max(1, round(team / 10))
    return {largest: max(0, count)}


MEASURES = (
    ("action_p50", "hours to a decision, median"),
    ("action_p90", "hours to a decision, nine in ten"),
    ("breaches", "reports a year that miss their target"),
    ("harm_hours", "severity-weighted hours waited, a year"),
    ("cost", "cost a year"),
)


def figures(found: Comparison) -> dict[str, Any]:
    """The sentence, and each measure before, after and changed with its interval."""
    rows = []
    for measure, label in MEASURES:
        change = found.difference(measure)
        yearly = YEAR_WEEKS / found.before.world.weeks if measure in YEARLY else 1.0
        rows.append({"label": label, "before": found.before.figure(measure).mean * yearly,
                     "after": found.after.figure(measure).mean * yearly, "change": change.mean, "low": change.low,
                     "high": change.high})  # fmt: skip
    return {"sentence": found.sentence(), "rows": rows}


def answer(world: World, scenario: Scenario, errors: Errors) -> Comparison:
    """In under a second; what the record leaves open about the parameters is in the intervals."""
    return quick(world, scenario, errors=errors)


def world_of(content: dict[str, Any]) -> World:
    return msgspec.convert(content["world"], World, strict=False, str_keys=True)


def kept(errors: Errors) -> dict[str, list[list[Any]]]:
    """For JSON, which has no keys of two parts."""
    return {name: [[*(key if isinstance(key, tuple) else (key,)), value] for key, value in getattr(errors, name).items()]
            for name in Errors.__dataclass_fields__}  # fmt: skip


def errors_of(content: dict[str, Any]) -> Errors:
    rows: dict[str, list[list[Any]]] = content.get("errors", {})
    by_name: dict[str, Any] = {name: {(key[0] if len(key) == 1 else tuple(key)): value for *key, value in given}
                               for name, given in rows.items()}  # fmt: skip
    return Errors(**by_name)
