"""Results in words, in templates as everywhere else: {% load value %}."""

from typing import Any

from django import template

from seacliff.value.ledger import telling
from seacliff.value.models import Finding, Run

register = template.Library()


@register.filter
def interval(run: Run) -> str:
    """{{ run|interval }}: 3.1 (1.2 to 5)."""
    return telling.interval_of(run)


@register.filter
def signed(finding: Finding) -> str:
    """{{ finding|signed }}: asked, signed, refused."""
    return telling.signed(finding)


@register.filter
def null(run: Run) -> bool:
    """{% if run|null %}: nought lies inside the interval."""
    return telling.is_null(run)


@register.filter
def design(finding: Finding) -> str:
    """{{ finding|design }}: what its design is called."""
    return telling.design_in_words(finding)


@register.filter
def words(name: str) -> str:
    """{{ run.result.interval|words }}: what a design calls something, for a reader."""
    return telling.in_words(name)


@register.filter
def question(finding: Finding) -> str:
    """{{ finding|question }}: what its group is."""
    return telling.question_in_words(finding)


@register.filter
def departs(run: Run) -> str:
    """{{ run|departs }}: other rows, other code; empty where it is as it was proposed."""
    return telling.departs(run)


@register.filter
def figure(value: Any) -> str:
    """{{ value|figure }}: three significant digits; words as they are."""
    if isinstance(value, bool) or value is None:
        return "–" if value is None else str(value)
    return telling.number_of(float(value)) if isinstance(value, (int, float)) else str(value)


@register.filter
def worst(run: Run) -> str:
    """{{ run|worst }}: the sentence of a diagnostic that failed, else of the first."""
    return telling.worst_of(run)


@register.filter
def at(rows: list[Any], place: int) -> Any:
    """{{ rows|at:2 }}: the third."""
    return rows[place]


@register.filter
def text(texts: dict[str, Any], name: str) -> Any:
    """{{ texts|text:"not-money" }}: for names that no template can spell."""
    return texts.get(name)
