"""The page as a PDF, by typst: everything that the page says. Texts go in as data, never as typst's markup (Markdown as its
tree); the same page gives the same bytes."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from seacliff.screens.text import markdown_tree
from seacliff.value.board.bridge import between, lasting
from seacliff.value.board.drafts import Text, money
from seacliff.value.board.page import Page
from seacliff.value.ledger.telling import (
    design_in_words,
    interval_of,
    number_of,
    question_in_words,
    result_in_words,
    signed,
    worst_of,
)
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
        "day": f"{_as_of(page):%Y-%m-%d}", "company": page.company, "by": page.reader,
        "printed": f"Printed by {page.reader}" if page.reader else "", "trouble": page.trouble,
        "texts": {kind: _text(text) for kind, text in page.texts.items()},
        "believed": str(page.team.get("held_out", {}).get("sentence", "")), "charts": page.work.get("charts", {}),
        "cost": _cost(cost, page.work) if cost.get("told") else [],
        "untold": _untold(cost, page.work),
        "ledger": [_row(one) for one in (*found.counted, *found.shown)],
        "told": [f"{one.ref}: {one.question} {interval_of(one.current)} {one.unit}. {one.current.result.get('explanation', '')}"
                 for one in found.told if one.current],
        "headline": f"{between(found.headline.low, found.headline.point, found.headline.high, currency)} a year, joint 95% "
        "interval" if found.headline.counted else "",
        "joint": page.joint, "lasts": lasting(page.bridge),
        "bridge": [[one.finding.ref, one.effect, one.unit, one.year, one.finding.worth_basis] for one in page.bridge],
        "counted": ", ".join(found.headline.counted), "others": [_others(one, rest) for one, rest in found.of_it if rest],
        "signed": f"Signed by Finance: {', '.join(one.ref for one in found.signed)}." if found.signed
        else "Finance has signed none of these.", "left_out": [f"{one.ref}: {why}" for one, why in found.left_out],
        "service": [[one["what"], str(one["due"]), _percent(one["share"]), str(one["late"]), str(one["open"])]
                    for one in page.work.get("service", [])],
        "fines": f"Fines paid in the past year: {money(cost.get('fines_realised'), currency)}; the highest that the law allows: "
        f"{money(cost.get('fines_cap'), currency)}." if cost.get("fines_cap") else "",
        "backlog": [[f"{row['severity']}", f"{row['waiting']}", f"{row['late']}"] for row in page.work.get("backlog", [])],
        "asks": [[row["function"], *(f"{row[name]}" for name in ("asked", "in_time", "late", "helped"))]
                 for row in page.work.get("asks", [])],
        "prevalence": prevalence_in_words(page.work.get("prevalence") or {}),
        "strata": [_stratum(row) for row in (page.work.get("prevalence") or {}).get("strata", [])],
        "nulls": [f"{one.ref}: {one.question} {interval_of(one.current)} {one.unit}" for one in found.nulls if one.current],
        "failed": [f"{one.ref}: {one.question} {worst_of(one.current)}" for one in found.failed if one.current],
        "refused": [f"{one.ref}: {one.question} {one.current.refusal}" for one in found.refused if one.current],
        "superseded": [f"{one.ref}: {one.question} {result_in_words(one.current)} Superseded by {one.superseded_by}: "
                       f"{one.superseded_because}" for one in found.superseded if one.current],
        "waiting": [f"{one.ref}: {one.question}" for one in found.waiting],
        "promises": [[one.promise.asked, str(one.label), f"{one.promised}, {one.promise.due:%Y-%m-%d}", one.found,
                      f"{one.state}. {one.mark}" if one.mark else one.state]
                     for one in page.promises],
        "promises-say": page.promises_say, "priced": page.priced,
        "appendix": [_appendix(one) for one in (*found.counted, *found.shown, *found.failed) if one.current],
    }  # fmt: skip


def _untold(cost: dict[str, Any], work: dict[str, Any]) -> str:
    if not work:
        return "The record was not read yet."
    if cost.get("short"):
        return f"Days of decisions on record: {work['days']}. What one costs is told after four weeks."
    return "Costs were not told. Set them, and this section reckons with them."


def _text(text: Text) -> dict[str, Any]:
    return {"tree": markdown_tree(text.text), "written": text.written}


def _others(one: Finding, rest: list[Finding]) -> str:
    """The other estimates of the same question, beside the one that is counted."""
    return f"{one.ref}, of the same question: " + "; ".join(
        f"{other.ref} {result_in_words(other.current)}" for other in rest if other.current
    )


def _cost(cost: dict[str, Any], work: dict[str, Any]) -> list[list[str]]:
    currency = cost["currency"]
    bounds = (
        f" ({number_of(cost['per_correct_low'])} to {number_of(cost['per_correct_high'])})" if cost["appeals"] else ""
    )
    overturned = (
        f"{_percent(cost['overturned'])} of {cost['appeals']} appeals" if cost["appeals"] else "no appeal was decided"
    )
    over = f"{work['days']} days, {number_of(cost.get('headcount'))} reviewers"
    return [["Loaded spend", f"{money(cost['spend'], currency)} in {over}"],
            ["Decisions", f"{work['decisions']:,}"], ["A decision", money(cost["per_decision"], currency)],
            ["A correct decision", money(cost["per_correct"], currency) + bounds],
            ["Overturned or changed", overturned]]  # fmt: skip


def prevalence_in_words(given: dict[str, Any]) -> str:
    if given.get("share") is None:
        return str(given.get("refusal", ""))
    return f"{_percent(given['share'])} of reported cases break a rule ({_percent(given['low'])} to {_percent(given['high'])})."


def _stratum(row: dict[str, Any]) -> list[str]:
    told = row["share"] is not None
    share = (
        f"{_percent(row['share'])} ({_percent(row['low'])} to {_percent(row['high'])})" if told else "too few to tell"
    )
    return [row["queue"], f"{row['cases']:,}", f"{row['sampled']:,}", share]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _row(one: Finding) -> list[str]:
    run = one.current
    assert run is not None
    return [one.ref, one.question, f"{interval_of(run)} {one.unit}", run.grade, design_in_words(one), f"{run.n:,}", worst_of(run),
            ", ".join(filter(None, (question_in_words(one), one.overlap))), str(one.owner or "–"),
            signed(one) or "–"]  # fmt: skip


def _appendix(one: Finding) -> dict[str, Any]:
    run = one.current
    assert run is not None
    return {
        "ref": one.ref, "question": one.question, "explanation": str(run.result.get("explanation") or ""),
        "fixed": f"Fixed {one.proposed_at:%Y-%m-%d}: {one.data_rows:,} rows, data {one.data_hash[:16]}, code {one.code_version}",
        "diagnostics": [[str(line["name"]), {True: "held", False: "failed"}.get(line["passed"], "informs"), str(line["says"])]
                        for line in run.result.get("diagnostics", [])],
    }  # fmt: skip
