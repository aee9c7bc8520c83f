"""Tags and filters of every screen: {% load screens %}. Each escapes whatever it is given."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from seacliff.screens import messages, text, times
from seacliff.screens.icons import MARK, icon_svg

register = template.Library()

SEVERITIES = {
    1: (gettext_lazy("Imminent"), gettext_lazy("Severity 1: imminent harm to life or to a child")),
    2: (gettext_lazy("Continuing"), gettext_lazy("Severity 2: continuing harm to a person")),
    3: (gettext_lazy("Serious"), gettext_lazy("Severity 3: serious, nobody in immediate danger")),
    4: (gettext_lazy("Low"), gettext_lazy("Severity 4: low harm")),
}
ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII"}
TONES = {
    "blue": (
        "open",
        "new",
        "unread",
        "read",
        "sending",
        "claimed",
        "asked",
        "acknowledged",
        "leased",
        "in_review",
        "sent",
        "running",
        "shadow",
        "panel",
        "changed",
        "comparing",
        "scheduled",
        "invited",
    ),
    "amber": (
        "held",
        "waiting",
        "pending",
        "paused",
        "retrying",
        "escalated",
        "needs_human",
        "soon",
        "warning",
        "warn",
        "suspected",
        "clarifying",
        "partly",
        "proposed",
        "differs",
        "deciding",
    ),
    "green": (
        "settled",
        "decided",
        "delivered",
        "done",
        "met",
        "granted",
        "published",
        "active",
        "verified",
        "ready",
        "success",
        "answered",
        "yes",
        "helped",
        "agreed",
    ),
    "red": ("breached", "failed", "dead", "rejected", "suspended", "blocked", "error", "broken", "danger", "confirmed"),
    "slate": (
        "closed",
        "dismissed",
        "duplicate",
        "draft",
        "ended",
        "retired",
        "expired",
        "undone",
        "withdrawn",
        "unrouted",
        "debug",
        "no",
        "nothing",
    ),
    "accent": ("appealed", "info"),
}
TONE_OF = {state: tone for tone, states in TONES.items() for state in states}
TONE_ICONS = {"green": "check", "red": "alert", "amber": "alert", "blue": "info", "accent": "info", "slate": "info"}


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """{% icon "clock" %}: decoration. {% icon "lock" label=_("Restricted") %}: says it. size="large" for 24 px."""
    return icon_svg(name, str(label), size)


@register.simple_tag
def mark() -> SafeString:
    """{% mark %}: the cliff and the waves."""
    return MARK


@register.simple_tag
def company_name() -> str:
    """{% company_name %}: whose pages these are, from SEACLIFF_COMPANY_NAME."""
    return settings.COMPANY_NAME


@register.simple_tag
def severity(level: int | str | None, style: str = "") -> SafeString:
    """{% severity case.severity %}: shape, number, word. {% severity 2 "short" %}: shape and number, word as title."""
    if level in (None, ""):
        return format_html('<span class="faint">{}</span>', gettext("not rated"))
    number = int(level)
    word, meaning = SEVERITIES.get(number, (gettext("Unknown"), gettext("Unknown severity")))
    shape = icon_svg(f"severity-{min(max(number, 1), 4)}")
    if style == "short":
        word = format_html('<span class="visually-hidden">{}</span>', word)
    return format_html(
        '<span class="severity" data-level="{0}" title="{1}">{2}{0} {3}</span>', number, meaning, shape, word
    )


@register.simple_tag
def badge(words: Any, tone: str = "slate", icon: str = "") -> SafeString:
    """{% badge "Mass report" "amber" "people" %}: words in a tone (accent red orange amber green blue slate)."""
    return format_html(
        '<span class="badge" data-tone="{}">{}{}</span>', tone, icon_svg(icon) if icon else "", str(words)
    )


@register.simple_tag
def state(value: Any, label: Any = "") -> SafeString:
    """{% state case.state case.get_state_display %}: a badge whose tone follows from the state's name."""
    name = str(value).replace("-", "_")
    return badge(label or name.replace("_", " "), TONE_OF.get(name, "slate"))


@register.filter
def percent(share: float | None) -> str:
    """{{ rate|percent }}: 0.125 as 12.5 %."""
    return "–" if share is None else f"{share * 100:.1f} %".replace(".0 %", " %")


@register.simple_tag
def tier(number: int | str | None) -> SafeString:
    """{% tier 2 %}: Tier II."""
    shown = ROMAN.get(int(str(number)), str(number)) if str(number or "").isdigit() else str(number or "–")
    return format_html('<span class="badge tier" title="{}">{}</span>', gettext("Tier %s") % shown, shown)


@register.simple_tag
def clock(due_at: datetime | None, stopped_at: datetime | None = None, paused: bool = False) -> SafeString:
    """{% clock case.due_at case.stopped_at %}: due in 3 h, breached 20 min ago; kept up to date by console.js."""
    reading = times.read_clock(due_at, stopped_at, bool(paused))
    if due_at is None:
        return format_html('<span class="clock" data-state="none">{}{}</span>', icon_svg("clock"), reading.text)
    runs = (
        format_html(' data-clock="{}"', due_at.astimezone(UTC).isoformat())
        if reading.state in ("ok", "soon", "breached")
        else ""
    )
    return format_html(
        '<span class="clock" data-state="{}"{}>{}<time datetime="{}" title="{}">{}</time></span>',
        *(reading.state, runs, icon_svg(reading.icon), due_at.astimezone(UTC).isoformat(), times.exact(due_at)),
        reading.text,
    )


@register.simple_tag
def relative_time(moment: datetime | None) -> SafeString:
    """{% relative_time report.created_at %}: 20 min ago, with the UTC time as its title; a dash for None."""
    if moment is None:
        return format_html('<span class="faint">{}</span>', "–")
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        *(moment.astimezone(UTC).isoformat(), times.exact(moment), times.since(moment)),
    )


@register.simple_tag
def kbd(keys: str) -> SafeString:
    """{% kbd "g q" %}: the keys to press, for the eye only; put data-key on the control itself."""
    caps = format_html_join("", "<kbd>{}</kbd>", ((key,) for key in str(keys).split()))
    return format_html('<span class="keys" aria-hidden="true">{}</span>', caps)


@register.simple_tag
def sparkline(values: Sequence[float], label: str = "") -> SafeString:
    """{% sparkline counts label=_("Reports a day") %}: a line with its area; said aloud as last, lowest, highest."""
    points = [float(value) for value in values]
    if not points:
        return SafeString("")
    if len(points) == 1:
        points *= 2
    low, high = min(points), max(points)
    reach = (high - min(low, 0)) or 1.0
    step = 100 / (len(points) - 1)
    line = " ".join(f"{n * step:.2f},{27 - 25 * (value - min(low, 0)) / reach:.2f}" for n, value in enumerate(points))
    said = gettext("%(label)s: last %(last)g, lowest %(low)g, highest %(high)g") % {
        "label": label or gettext("Trend"),
        "last": points[-1],
        "low": low,
        "high": high,
    }
    return format_html(
        '<svg class="sparkline" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label="{0}">'
        '<polygon class="area" points="0,28 {1} 100,28"/><polyline class="line" points="{1}"/></svg>',
        *(said, line),
    )


@register.simple_tag
def screen_words() -> str:
    """The phrases console.js and keys.js need, as JSON for one attribute."""
    return json.dumps(
        times.words()
        | {
            "copied": gettext("Copied"),
            "close": gettext("Close"),
            "unsaved": gettext("You have not saved what you typed."),
            "shortcuts": gettext("Keyboard"),
            "shortcutsOn": gettext("One-key commands are on"),
            "shortcutsHelp": gettext("Turn them off if you use speech input, or press keys by accident."),
            "everywhere": gettext("Everywhere"),
            "lists": gettext("Lists"),
            "thisPage": gettext("This page"),
            "next": gettext("Next row"),
            "previous": gettext("Previous row"),
            "open": gettext("Open row"),
            "select": gettext("Select row"),
            "search": gettext("Search"),
            "leave": gettext("Leave a field, close a menu"),
            "help": gettext("Show the keys"),
            "show": gettext("Show"),
            "hide": gettext("Hide"),
            "stale": gettext("Not up to date: the server does not answer. Trying again."),
        },
        ensure_ascii=False,
    )


@register.inclusion_tag("screens/parts/diff.html")
def diff(old: str, new: str, old_label: str = "", new_label: str = "") -> dict[str, Any]:
    """{% diff version.previous_text version.text "Version 3" "Version 4" %}: side by side, changed words marked."""
    return {
        "rows": text.diff_rows(old or "", new or ""),
        "old_label": old_label or gettext("Before"),
        "new_label": new_label or gettext("After"),
    }


@register.filter
def markdown(source: str | None) -> SafeString:
    """{{ policy.text|markdown }} inside <div class="prose">: CommonMark, cleaned; raw HTML stays text."""
    return text.render_markdown(source or "")


@register.filter
def json_pretty(value: Any) -> str:
    """{{ payload|json_pretty }} inside <pre class="code">: indented JSON, hidden characters spelled out."""
    return text.show_hidden(text.pretty_json(value))


@register.filter
def inert(value: Any) -> str:
    """{{ mail.body|inert }}: text in which controls and direction marks are spelled out, so it shows what it is."""
    return text.show_hidden(str(value if value is not None else ""))


@register.filter
def initials(name: Any) -> str:
    """{{ user|initials }}: at most two letters for an avatar."""
    parts = [part for part in str(name).replace("@", " ").replace(".", " ").split() if part[0].isalnum()]
    return "".join(part[0] for part in parts[:2]).upper() or "?"


@register.filter
def tone(level_tag: str | None) -> str:
    """{{ message.level_tag|tone }}: the tone for a state or a Django message level."""
    return TONE_OF.get(level_tag or "", "slate")


@register.filter
def tone_icon(name: str) -> str:
    """{{ "red"|tone_icon }}: the icon that says the same as the tone, for those who don't see it."""
    return TONE_ICONS.get(name, "info")


@register.filter
def undo(message: Message) -> messages.Undo | None:
    """{{ message|undo }}: the act a message offers to take back, if any."""
    return messages.undo_of(message)
