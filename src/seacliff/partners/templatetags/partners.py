"""Tags of the answer form: what was typed, and its fields in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from seacliff.partners.answers import Field, worded
from seacliff.partners.models import Ask

register = template.Library()
register.filter(worded)


@register.filter
def form_value(typed: Mapping[str, Any] | None, key: str) -> str:
    """{{ typed|form_value:field.key }}: what was typed into a field of the answer."""
    return str((typed or {}).get(f"form.{key}", ""))


@register.filter
def needed(field: Field) -> str:
    """{{ field|needed }}: the answers that can't be given without it."""
    names = {Ask.Answer.YES: _("Yes"), Ask.Answer.PARTLY: _("Partly"), Ask.Answer.NO: _("No")}
    said = ", ".join(f"“{names[Ask.Answer(answer)]}”" for answer in field.needed_for)
    return _("Needed for %s.") % said


@register.filter
def named(names: Mapping[str, str], slug: str) -> str:
    """{{ names|named:right.decides }}: the function's name, its short name when it is not known here."""
    return names.get(slug, slug)
