"""The staffing simulation on this team's record: the world as it is, calibrated; whether it would have foretold the last weeks;
what fewer or more people would mean, and the best team of each size."""

import dataclasses
import math
from typing import Any

import msgspec

from seacliff.value.assumptions import costs
from seacliff.value.board.charts import CONFIG, drawn
from seacliff.value.staffing import charts
from seacliff.value.staffing.scenario import Scenario, World
from seacliff.value.staffing.simulate import Figure
from seacliff.value.staffing.uncertain import Errors
from seacliff.value.staffing.whatif import Comparison, Size, frontier, quick, rounded

HELD = 2  # weeks that the calibration is not shown, to see whether it foretells them
FORETOLD = {"arrived": "cases", "wait_p50": "hours until a review, median", "action_p50": "hours to a decision, median",
            "action_p90": "hours to a decision, nine in ten", "breach_share": "share that misses its target"}  # fmt: skip


def staffing() -> dict[str, Any]:
    """The calibrated world with its table, whether it foretold the weeks held back, and what the usual questions come to, side by
    side. Raises ScenarioError. Only the worker calls it."""
    from seacliff.value.board.of_record import WEEKS, this_team
    from seacliff.value.staffing.calibration import calibrate

    given, start = costs(), this_team(HELD)
    found = calibrate(start.record, start.world, (0, WEEKS))
    told: dict[str, Any] = {"world": msgspec.to_builtins(found.world, str_keys=True), "errors": kept(found.errors),
                            "table": found.table, "answers": [], "held_out": {}, "team": {
                                "people": start.team.people, "full_time": start.team.full_time, "share": start.team.share,
                                "loaded_cost": given.loaded_cost, "overhead": given.overhead, "currency": given.currency,
                            }}  # fmt: skip
    sizes = sizes_of(found.world, found.errors)
    answers = [{"name": one.scenario.name, "share": share, "two": _change(one) == -2, **figures(one, given.currency)}
               for share, one in asked(found.world, sizes, found.errors)]  # fmt: skip
    today = next(one for one in sizes if not one.found.scenario.headcount)
    return told | {"answers": answers, "held_out": _held_out(start.record, start.before, WEEKS),
                   "frontier": [one.row() for one in sizes], "today": figures(today.found, given.currency)["rows"]}  # fmt: skip


def _held_out(record: Any, start: World, weeks: int) -> dict[str, Any]:
    from seacliff.value.staffing.heldout import hold_out

    found = hold_out(record, start, (0, weeks), HELD)
    rows = [_told(row, weeks) for row in found.rows]
    seen = {row["measure"] for row in rows if row["scope"] == "category"}
    measure = next((name for name in ("action_p90", "action_p50", "breach_share", "arrived") if name in seen), None)
    spec = charts.held_out(rows, measure) | {"config": CONFIG} if measure else None
    return {"sentence": f"{found.sentence()} {_outside(rows)}".strip(), "noticed": _noticed(rows), "rows": rows,
            "chart": drawn(spec)}  # fmt: skip


def _told(row: dict[str, Any], weeks: int) -> dict[str, Any]:
    """With the words of the page. Weeks count back from the last."""
    name = {"all": "the whole team", "severity": f"severity {row['name']}"}.get(row["scope"], row["name"])
    measure = row["measure"]
    values = {key: of(row[value], measure) for key, value in
              (("came", "observed"), ("from", "low"), ("to", "high"))}  # fmt: skip
    values["off"] = f"{100 * row['notices']:.0f} points" if measure == "breach_share" else rounded(row["notices"])
    return row | values | {"label": FORETOLD[measure], "name": name, "week": row["week"] and row["week"] - weeks}


def _outside(rows: list[dict[str, Any]]) -> str:
    said = [f"{row['label']} ({row['came']} came, {row['from']} to {row['to']} foretold)" for row in rows
            if row["scope"] == "all" and not row["covered"]]  # fmt: skip
    return f"Outside, of the whole team: {'; '.join(said)}." if said else ""


def _noticed(rows: list[dict[str, Any]]) -> str:
    """What the check could have noticed, or the reader would take its verdict for more than it is."""
    team = {row["measure"]: row for row in rows if row["scope"] == "all"}
    single = [row for row in rows if row["scope"] == "category" and row["foretold"] > 0]
    if not team:
        return ""
    said = [f"{words} off by {team[measure]['off']} (foretold {of(team[measure]['foretold'], measure)})"
            for measure, words in (("arrived", "cases"), ("action_p50", "median hours to a decision"),
                                   ("breach_share", "the share that misses its target")) if measure in team]  # fmt: skip
    wide = sum(row["high"] - row["low"] > row["foretold"] for row in single)
    return (
        f"Of the whole team it would have noticed, four times in five, {', '.join(said)}; what is less far off passes. By "
        f"category it says little: of {len(single)} intervals {wide} are wider than the figure itself."
    )


STEPS = 3  # sizes of the frontier on each side of today


def sizes_of(world: World, errors: Errors) -> list[Size]:
    """Teams of other sizes, a tenth of today's at a time and at least one, each the best of its size."""
    there = [name for name, group in world.groups.items() if group.count]
    step = max(1, round(sum(group.count for group in world.groups.values()) / 10))
    return frontier(world, there, [-step] * STEPS + [step] * STEPS, errors)


def asked(world: World, sizes: list[Size], errors: Errors) -> list[tuple[str, Comparison]]:
    """What every budget round asks: a tenth fewer and more, two fewer, a quarter more of everything."""
    today = sum(group.count for group in world.groups.values())
    smaller = [one for one in sizes if one.people < today][::-1]
    larger = [one for one in sizes if one.people > today]
    questions = [("-10%", one) for one in smaller[:1]] + [("+10%", one) for one in larger[:1]]
    if today > 2 and all(today - one.people != 2 for one in smaller[:1]):
        there = [name for name, group in world.groups.items() if group.count]
        two = [one for one in smaller if today - one.people == 2] or frontier(world, there, [-2], errors)[:1]
        questions += [("", one) for one in two if one.people < today]
    found = [(share, _named(world, one.found)) for share, one in questions]
    [more] = quick(world, [Scenario("A quarter more of everything", volume={"all": 1.25})], errors=errors)
    return [*found, ("", more)]


def _change(found: Comparison) -> int:
    before, after = (sum(group.count for group in one.world.groups.values()) for one in (found.before, found.after))
    return after - before


def _named(world: World, found: Comparison) -> Comparison:
    """One of six fewer (17%), in tier 3."""
    today = sum(group.count for group in world.groups.values())
    changed = {name: int(count) - world.groups[name].count for name, count in found.scenario.headcount.items()}
    change = sum(changed.values())
    where = " and ".join(name for name, count in changed.items() if count)
    name = (f"{spelt(-change).capitalize()} of {spelt(today)} fewer ({-change / today:.0%})" if change < 0
            else f"{spelt(change).capitalize()} more than {spelt(today)} ({change / today:.0%})")  # fmt: skip
    return dataclasses.replace(found, scenario=msgspec.structs.replace(found.scenario, name=f"{name}, in {where}"))


def spelt(number: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return words[number] if 0 <= number < len(words) else f"{number:,}"


MEASURES = (
    ("breach_share", "share that misses its target"),
    ("action_p50", "hours to a decision, median"),
    ("action_p90", "hours to a decision, nine in ten"),
    ("backlog", "cases waiting in the end"),
    ("breaches", "cases a year that miss their target"),
    ("harm_hours", "severity-weighted hours waited, a year"),
    ("wrong", "wrong decisions of a machine, a year"),
    ("cost", "cost of the reviewers, {currency} a year"),
)


def figures(found: Comparison, currency: str = "") -> dict[str, Any]:
    """The sentence, and each measure before, after and changed with its interval, in words."""
    rows = []
    for measure, label in MEASURES:
        before, after = found.level(measure)
        change = found.difference(measure)
        if measure == "wrong" and not (before.mean or after.mean):
            continue
        rows.append({"label": " ".join(label.format(currency=currency).split()), "before": of(before.mean, measure),
                     "after": of(after.mean, measure), "change": changed(change, measure),
                     "interval": between(change, measure)})  # fmt: skip
    return {"sentence": found.sentence("cases", currency), "rows": rows}


def of(value: float, measure: str) -> str:
    """A share in percent; of all else the label tells the unit."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.1%}" if measure == "breach_share" else rounded(value)


def changed(figure: Figure, measure: str) -> str:
    if not math.isfinite(figure.mean):
        return "–"
    if _is_sure(figure) and abs(figure.mean) < 1e-9:
        return "none"
    return f"{_signed(figure.mean, measure)}{' points' if measure == 'breach_share' else ''}"


def between(figure: Figure, measure: str) -> str:
    """The interval of a change; nothing where luck has no part in it."""
    if not math.isfinite(figure.low) or _is_sure(figure):
        return ""
    return f"{_signed(figure.low, measure)} to {_signed(figure.high, measure)}"


def _is_sure(figure: Figure) -> bool:
    return figure.high - figure.low < 1e-6 * abs(figure.mean) + 1e-9


def _signed(value: float, measure: str) -> str:
    told = f"{abs(100 * value):.1f}" if measure == "breach_share" else rounded(abs(value))
    sign = "" if told in ("0", "0.0") else "−" if value < 0 else "+"
    return f"{sign}{told}"


def answer(world: World, scenario: Scenario, errors: Errors) -> Comparison:
    """In under a second; what the record leaves open about the parameters is in the intervals."""
    return quick(world, [scenario], errors=errors)[0]


def size_of(found: Comparison) -> Size:
    """Where a scenario lies among the sizes of the frontier."""
    return Size(sum(group.count for group in found.after.world.groups.values()), found)


def kept(errors: Errors) -> dict[str, list[list[Any]]]:
    """For JSON, which has no keys of two parts."""
    return {name: [[*(key if isinstance(key, tuple) else (key,)), value] for key, value in getattr(errors, name).items()]
            for name in Errors.__dataclass_fields__}  # fmt: skip


def errors_of(content: dict[str, Any]) -> Errors:
    rows: dict[str, list[list[Any]]] = content.get("errors", {})
    by_name: dict[str, Any] = {name: {(key[0] if len(key) == 1 else tuple(key)): value for *key, value in given}
                               for name, given in rows.items()}  # fmt: skip
    return Errors(**by_name)
