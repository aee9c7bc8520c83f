"""The page as a PDF, by typst. Texts go in as data, never as markup; the same page gives the same bytes."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from seacliff.value.board.drafts import money
from seacliff.value.board.page import Page
from seacliff.value.ledger.telling import interval_of, number_of, signed, worst_of
from seacliff.value.models import Finding

TEMPLATE = Path(__file__).with_name("board.typ")


def pdf(page: Page) -> bytes:
    return typst.compile(
        _template(), sys_inputs={"page": json.dumps(told(page))}, timestamp=int(_as_of(page).timestamp())
    )


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _as_of(page: Page) -> datetime:
    return page.made.made_at if page.made and page.made.made_at else datetime(2026, 1, 1, tzinfo=UTC)


def told(page: Page) -> dict[str, Any]:
    """Everything that is printed, in words."""
    cost, found = page.work.get("cost") or {}, page.standing
    currency = page.costs.currency
    return {
        "day": f"{_as_of(page):%Y-%m-%d}", "texts": page.texts,
        "believed": str(page.team.get("held_out", {}).get("sentence", "")), "charts": page.work.get("charts", {}),
        "cost": _cost(cost, page.work) if cost.get("told") else [],
        "untold": f"Days of decisions on record: {page.work['days']}. What one costs is told after four weeks."
        if cost.get("short") else "Costs were not told. Set them, and this section reckons with them.",
        "ledger": [_row(one) for one in (*found.counted, *found.shown)],
        "headline": f"{number_of(found.headline.point)} ({number_of(found.headline.low)} to {number_of(found.headline.high)}) "
        f"{currency} a year" if found.headline.counted else "",
        "counted": ", ".join(found.headline.counted), "left_out": [f"{one.ref}: {why}" for one, why in found.left_out],
        "service": [[one["what"], str(one["due"]), _percent(one["share"]), str(one["late"]), str(one["open"])]
                    for one in page.work.get("service", [])],
        "fines": f"Fines paid in the past year: {money(cost.get('fines_realised'), currency)}; the highest that the law allows: "
        f"{money(cost.get('fines_cap'), currency)}." if cost.get("fines_cap") else "",
        "prevalence": prevalence_in_words(page.work.get("prevalence") or {}),
        "nulls": [f"{one.ref}: {one.question} {interval_of(one.current)} {one.unit}" for one in found.nulls if one.current],
        "failed": [f"{one.ref}: {one.question} {worst_of(one.current)}" for one in found.failed if one.current],
        "refused": [f"{one.ref}: {one.question} {one.current.refusal}" for one in found.refused if one.current],
        "promises": [[one.promise.asked, str(one.label), f"{one.promised}, {one.promise.due:%Y-%m-%d}", one.found, one.state]
                     for one in page.promises],
        "appendix": [_appendix(one) for one in (*found.counted, *found.shown, *found.failed) if one.current],
    }  # fmt: skip


def _cost(cost: dict[str, Any], work: dict[str, Any]) -> list[list[str]]:
    currency = cost["currency"]
    bounds = (
        f" ({number_of(cost['per_correct_low'])} to {number_of(cost['per_correct_high'])})" if cost["appeals"] else ""
    )
    overturned = (
        f"{_percent(cost['overturned'])} of {cost['appeals']} appeals" if cost["appeals"] else "no appeal was decided"
    )
    return [["Loaded spend", f"{money(cost['spend'], currency)} in {work['days']} days"],
            ["Decisions", f"{work['decisions']:,}"], ["A decision", money(cost["per_decision"], currency)],
            ["A correct decision", money(cost["per_correct"], currency) + bounds],
            ["Overturned or changed", overturned]]  # fmt: skip


def prevalence_in_words(given: dict[str, Any]) -> str:
    if given.get("share") is None:
        return str(given.get("refusal", ""))
    return f"{_percent(given['share'])} of reported cases break a rule ({_percent(given['low'])} to {_percent(given['high'])})."


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _row(one: Finding) -> list[str]:
    run = one.current
    assert run is not None
    return [one.ref, one.question, f"{interval_of(run)} {one.unit}", run.grade, one.design, f"{run.n:,}", worst_of(run),
            one.overlap or "–", str(one.owner or "–"), signed(one) or "–"]  # fmt: skip


def _appendix(one: Finding) -> dict[str, Any]:
    run = one.current
    assert run is not None
    return {
        "ref": one.ref, "question": one.question, "explanation": str(run.result.get("explanation") or ""),
        "fixed": f"Fixed {one.proposed_at:%Y-%m-%d}: {one.data_rows:,} rows, data {one.data_hash[:16]}, code {one.code_version}",
        "diagnostics": [[str(line["name"]), {True: "held", False: "failed"}.get(line["passed"], "informs"), str(line["says"])]
                        for line in run.result.get("diagnostics", [])],
    }  # fmt: skip
