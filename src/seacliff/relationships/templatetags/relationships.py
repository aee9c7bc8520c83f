"""Tags of this room's pages: a score with its formula."""

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from seacliff.relationships.scores import Score

register = template.Library()


@register.simple_tag(takes_context=True)
def score(context: Context, found: Score, name: str = "") -> SafeString:
    """{% score scores.median "Median" %}: the figure as a button; its formula opens on hover, focus and press."""
    number = (context.render_context.get("scores") or 0) + 1
    context.render_context["scores"] = number
    return format_html(
        '<button type="button" class="score{few}" popovertarget="score-{n}" aria-describedby="score-{n}">{value}</button>'
        '<span class="formula" id="score-{n}" popover role="tooltip">{name}{formula}</span>',
        few=" few" if found.few else "",
        n=number,
        value=found.value if found.value != "–" else format_html('–<span class="visually-hidden">{}</span>', _("none")),
        name=format_html("<strong>{}</strong> ", name) if name else "",
        formula=found.formula,
    )


@register.filter
def unlocalized(number: float) -> str:
    """A coordinate as SVG reads it, whatever the language."""
    return f"{number:g}"
