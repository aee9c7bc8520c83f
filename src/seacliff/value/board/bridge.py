"""The bridge from what was measured to money, step by step: effect, what a unit is worth, a year, over which time it was seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from seacliff.value.ledger.queries import Standing
from seacliff.value.ledger.telling import interval_of, number_of
from seacliff.value.models import Finding


@dataclass(frozen=True, slots=True)
class Step:
    """`low` to `high` a year in money; `seen` is a sentence."""

    finding: Finding
    effect: str
    unit: str
    low: float
    point: float
    high: float
    year: str
    seen: str
    others: list[Finding]  # the other estimates of its question


def steps(standing: Standing, currency: str) -> list[Step]:
    """Of every finding in the headline."""
    return [_step(one, others, currency) for one, others in standing.of_it]


def _step(one: Finding, others: list[Finding], currency: str) -> Step:
    low, point, high = in_money(one)
    return Step(one, f"{interval_of(one.current)} {one.unit}" if one.current else "", f"{number_of(one.worth)} {currency}", low,
                point, high, between(low, point, high, currency), f"{one.ref} {seen(one)}", others)  # fmt: skip


def in_money(one: Finding) -> tuple[float, float, float]:
    """Low, point and high a year of a finding with an estimate, a worth and bounds."""
    run, worth = one.current, one.worth or 0.0
    assert run is not None
    low, high = sorted(((run.low or 0.0) * worth, (run.high or 0.0) * worth))
    return low, (run.estimate or 0.0) * worth, high


def between(low: float, point: float, high: float, currency: str) -> str:
    return f"{number_of(point)} {currency} ({number_of(low)} to {number_of(high)})"


def seen(one: Finding) -> str:
    """Over which time the effect was seen, and what a year's worth of it therefore takes for granted."""
    span, from_there = _span(one.design, one.plan, one.current.result.get("figures") or {} if one.current else {})
    return _("was seen over %(span)s %(from_there)s: a year's worth assumes that it lasts.") % {
        "span": span, "from_there": from_there}  # fmt: skip


def _span(design: str, plan: dict[str, Any], figures: dict[str, Any]) -> tuple[str, str]:
    days = _("%s days") % plan.get("horizon_days", 28)
    if design == "trial":
        return days, _("after “%s” shipped") % plan.get("launch", "")
    if design == "launch" and (weeks := len(figures.get("path") or ()) - len(figures.get("period weights") or ())) > 0:
        return _("%s weeks") % weeks, _("after “%s” shipped") % plan.get("launch", "")
    if design in ("launch", "staggered"):
        return _("the weeks on record"), _("after “%s” shipped") % plan.get("launch", "")
    return days, _("after each decision")


def joint(standing: Standing, currency: str) -> str:
    """The assumption behind the joint interval, and what another one would make of it."""
    other = standing.if_independent
    if len(standing.headline.counted) < 2:
        return ""
    return _("The joint interval adds up half-widths, so it holds whatever the errors of the findings have in common (the same "
             "accounts, the same weeks). If they had nothing in common, it would be %(low)s to %(high)s %(currency)s.") % {
                 "low": number_of(other.low), "high": number_of(other.high), "currency": currency}  # fmt: skip


def lasting(rows: Iterable[Step]) -> list[str]:
    return [one.seen for one in rows]
