"""Small helpers of this room's templates."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from seacliff.partners.answers import Field
from seacliff.partners.models import Ask
from seacliff.record.wording import place_of

register = template.Library()


@register.filter
def of(values: Mapping[str, Any], key: str) -> Any:
    """{{ values|of:key }}: what stands under the key, or nothing."""
    return values.get(key, "") if values else ""


@register.filter
def named(typed: Mapping[str, Any], key: str) -> Any:
    """What was typed for an input."""
    return typed.get(f"input.{key}", "") if typed else ""


@register.filter
def formed(typed: Mapping[str, Any], key: str) -> Any:
    """What was typed for a field of an answer."""
    return typed.get(f"form.{key}", "") if typed else ""


@register.filter
def needed_for_yes(field: Field) -> bool:
    return "yes" in field.needed_for


@register.filter
def ask_url(ask: Ask) -> str:
    """Where an ask is shown; empty while it is nowhere."""
    return place_of("ask", ask.id)


@register.filter
def span(length: timedelta) -> str:
    """{{ length|span }}: 2 d 3 h, 4 h 10 min, 12 min."""
    minutes = int(length.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours} if hours else _("%s d") % days
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes} if minutes else _("%s h") % hours
    return _("%s min") % minutes
