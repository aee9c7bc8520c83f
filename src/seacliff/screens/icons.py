"""The icons, drawn on a 16 x 16 grid with a 1.5 stroke. They are put in line: a sprite file would flash at each page.

Shapes marked class="fill" are filled with the text's colour; everything else is an outline.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SHAPES: dict[str, str] = {
    "alert": '<path d="M8 2.5 14.5 13.5H1.5z"/><path d="M8 6.5v3.2M8 11.6v.1"/>',
    "arrow-down": '<path d="M8 3v10M4 9l4 4 4-4"/>',
    "arrow-left": '<path d="M13 8H3M7 4 3 8l4 4"/>',
    "arrow-right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "arrow-up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "bell": '<path d="M4 11V7.5a4 4 0 0 1 8 0V11l1.2 1.5H2.8zM6.7 14.2h2.6"/>',
    "bolt": '<path d="M9 1.8 3.5 9H8l-1 5.2L12.5 7H8z"/>',
    "book": '<path d="M3 2.5h8a2 2 0 0 1 2 2v9H5a2 2 0 0 1-2-2zM3 11.5a2 2 0 0 1 2-2h8"/>',
    "building": '<path d="M3.5 14V2.5h6V14M9.5 6.5h3V14M2 14h12M5.7 5h1.6M5.7 7.7h1.6M5.7 10.4h1.6"/>',
    "calendar": '<rect x="2.5" y="3.5" width="11" height="10" rx="1.5"/><path d="M2.5 6.8h11M5.5 2v3M10.5 2v3"/>',
    "case": '<path d="M2.5 5.5h11v7.5h-11zM5.5 5.5V3.8A1.3 1.3 0 0 1 6.8 2.5h2.4a1.3 1.3 0 0 1 1.3 1.3v1.7M2.5 9h11"/>',
    "chart": '<path d="M2.5 2.5v11h11M5.5 11V8.5M8.5 11V5.5M11.5 11V7"/>',
    "chat": '<path d="M2.5 3.5h11v7.5H8l-3 2.7V11H2.5z"/>',
    "check": '<path d="m3 8.5 3.3 3.3L13 4.8"/>',
    "chevron-down": '<path d="m4 6 4 4 4-4"/>',
    "chevron-left": '<path d="m10 4-4 4 4 4"/>',
    "chevron-right": '<path d="m6 4 4 4-4 4"/>',
    "clock": '<circle cx="8" cy="8" r="5.75"/><path d="M8 4.8V8l2.2 1.6"/>',
    "code": '<path d="m5.5 4.5-3.5 3.5 3.5 3.5M10.5 4.5 14 8l-3.5 3.5"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M3.5 10.5h-1v-8h8v1"/>',
    "download": '<path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11"/>',
    "edit": '<path d="M10.5 3 13 5.5 6 12.5l-3.2.7.7-3.2z"/>',
    "eye": '<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/>',
    "eye-off": '<path d="M3.2 5.6A10 10 0 0 0 1.5 8S4 12.2 8 12.2c1 0 1.9-.2 2.7-.6M6.3 4a7 7 0 0 1 1.7-.2c4 0 '
    "6.5 4.2 6.5 4.2"
    'a11 11 0 0 1-1.7 2.1M2.5 2.5l11 11"/>',
    "file": '<path d="M4 2h5l3.5 3.5V14H4zM9 2v3.5h3.5"/>',
    "filter": '<path d="M2.5 4.5h11M4.5 8h7M6.5 11.5h3"/>',
    "flag": '<path d="M3.5 14V2.5M3.5 3.2c3-1.6 5.5 1.6 9 0v6c-3.5 1.6-6-1.6-9 0"/>',
    "gavel": '<path d="m9.2 1.8 5 5-3 3-5-5zM8.2 7.3l-6 6M9 14h5"/>',
    "settings": '<path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6"/><circle cx="10.2" cy="4.5" r="1.7"/>'
    '<circle cx="5.8" cy="11.5" r="1.7"/>',
    "globe": '<circle cx="8" cy="8" r="5.75"/><path d="M2.3 8h11.4M8 2.3c2 1.6 2.6 3.6 2.6 5.7S10 12.1 8 13.7'
    'C6 12.1 5.4 10.1 5.4 8S6 3.9 8 2.3z"/>',
    "history": '<path d="M2.8 6A5.6 5.6 0 1 1 2.4 9M2.5 3v3.2h3.2M8 5v3.2l2 1.3"/>',
    "home": '<path d="M2.5 7.5 8 2.8l5.5 4.7M4 6.5v7h8v-7"/>',
    "image": '<rect x="2.5" y="2.5" width="11" height="11" rx="1.5"/><circle cx="5.8" cy="5.8" r="1"/>'
    '<path d="m2.8 11.5 3.4-3 2.3 2 2-1.8 2.8 2.6"/>',
    "inbox": '<path d="M2.5 9 4.3 3h7.4l1.8 6v4.5h-11zM2.5 9H6l.8 1.7h2.4L10 9h3.5"/>',
    "info": '<circle cx="8" cy="8" r="5.75"/><path d="M8 7.3v3.4M8 5.1v.1"/>',
    "key": '<circle cx="5.2" cy="10.8" r="2.7"/><path d="m7.2 8.8 6-6M10.5 5.5 12.5 7.5"/>',
    "keyboard": '<rect x="1.5" y="4" width="13" height="8" rx="1.5"/><path d="M4 6.8h.1M6.6 6.8h.1M9.3 '
    '6.8h.1M11.9 6.8h.1M5 9.4h6"/>',
    "link": '<path d="m6.5 9.5 3-3M7.2 4.7l1.4-1.4a2.9 2.9 0 0 1 4.1 4.1l-1.4 1.4M8.8 11.3l-1.4 1.4a2.9 2.9 0 0 '
    '1-4.1-4.1l1.4-1.4"/>',
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "lock": '<rect x="3.5" y="7" width="9" height="6.5" rx="1.2"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
    "log": '<path d="M3.5 2.5v11"/><circle class="fill" cx="3.5" cy="4" r="1.5"/><circle class="fill" cx="3.5" '
    'cy="8" r="1.5"/>'
    '<circle class="fill" cx="3.5" cy="12" r="1.5"/><path d="M7.5 4h6M7.5 8h4.5M7.5 12h5.5"/>',
    "logout": '<path d="M9.5 2.5h-6v11h6M6.5 8h7M11 5.5 13.5 8 11 10.5"/>',
    "mail": '<rect x="2" y="3.5" width="12" height="9" rx="1.2"/><path d="m2.5 4.5 5.5 4.3 5.5-4.3"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "minus": '<path d="M3 8h10"/>',
    "monitor": '<rect x="2" y="3" width="12" height="8" rx="1.2"/><path d="M6 13.5h4M8 11v2.5"/>',
    "moon": '<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z"/>',
    "more": '<circle class="fill" cx="3.5" cy="8" r="1.2"/><circle class="fill" cx="8" cy="8" r="1.2"/>'
    '<circle class="fill" cx="12.5" cy="8" r="1.2"/>',
    "muted": '<path d="M2.5 6h2.3L8.5 3v10L4.8 10H2.5zM11 6.2l3.2 3.6M14.2 6.2 11 9.8"/>',
    "partners": '<circle cx="4.5" cy="8" r="2.5"/><circle cx="11.5" cy="8" r="2.5"/><path d="M7 8h2"/>',
    "pause": '<path d="M5.5 3.5v9M10.5 3.5v9"/>',
    "play": '<path d="m4.5 3 8 5-8 5z"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "queue": '<path d="M2.5 3h11M2.5 6.5h11"/><rect x="2.5" y="10" width="11" height="3.5" rx="1"/>',
    "refresh": '<path d="M13 6.5A5.3 5.3 0 0 0 3.6 5M3 9.5a5.3 5.3 0 0 0 9.4 1.5M13.2 3v3.5H9.7M2.8 13V9.5h3.5"/>',
    "route": '<circle cx="3.7" cy="12.3" r="1.7"/><circle cx="12.3" cy="3.7" r="1.7"/>'
    '<path d="M5.4 12.3h4.1a2.1 2.1 0 0 0 0-4.3h-3a2.1 2.1 0 0 1 0-4.3h4.1"/>',
    "scale": '<path d="M8 2.5v11M4.5 13.5h7M3 4.5l5-1 5 1M3 4.5 1.3 9a1.8 1.8 0 0 0 3.4 0zM13 4.5 11.3 9a1.8 '
    '1.8 0 0 0 3.4 0z"/>',
    "search": '<circle cx="7" cy="7" r="4.25"/><path d="m10.3 10.3 3.2 3.2"/>',
    "send": '<path d="M14 2 7.2 8.8M14 2 9.6 14 7.2 8.8 2 6.4z"/>',
    "shield": '<path d="M8 1.8 13 3.6v4.2c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4V3.6z"/>',
    "skip": '<path d="m3.5 3.5 6.5 4.5-6.5 4.5zM12.5 3.5v9"/>',
    "sound": '<path d="M2.5 6h2.3L8.5 3v10L4.8 10H2.5zM11 5.8a3.2 3.2 0 0 1 0 4.4M12.8 4a5.7 5.7 0 0 1 0 8"/>',
    "stop": '<circle cx="8" cy="8" r="5.75"/><path d="m4 4 8 8"/>',
    "sun": '<circle cx="8" cy="8" r="2.7"/><path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 '
    "3.4l.9.9M11.7 11.7l.9.9"
    'M3.4 12.6l.9-.9M11.7 4.3l.9-.9"/>',
    "tag": '<path d="M2.5 2.5h5L13.8 8.8 8.8 13.8 2.5 7.5z"/><path d="M5.2 5.2h.1"/>',
    "target": '<circle cx="8" cy="8" r="5.75"/><circle cx="8" cy="8" r="2.2"/><path d="M8 .8v3M8 12.2v3M.8 '
    '8h3M12.2 8h3"/>',
    "trash": '<path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4"/>',
    "tree": '<rect x="2" y="2" width="5" height="3.4" rx=".8"/><rect x="9" y="6.4" width="5" height="3.4" rx=".8"/>'
    '<rect x="9" y="11" width="5" height="3.4" rx=".8"/><path d="M4.5 5.4v7.3H9M4.5 8.1H9"/>',
    "undo": '<path d="M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M6 3.5l-3 3 3 3"/>',
    "upload": '<path d="M8 10.5V3M4.8 5.8 8 2.6l3.2 3.2M2.5 13.5h11"/>',
    "user": '<circle cx="8" cy="5.3" r="2.8"/><path d="M2.8 13.7c.5-2.8 2.5-4.2 5.2-4.2s4.7 1.4 5.2 4.2"/>',
    "people": '<circle cx="6" cy="5.5" r="2.5"/><path d="M1.5 13.3c.4-2.5 2.1-3.8 4.5-3.8s4.1 1.3 4.5 3.8M10.5 '
    "3.2a2.5 2.5 0 0 1 0 4.6"
    'M12 9.8c1.4.5 2.3 1.7 2.5 3.5"/>',
    "x": '<path d="m4 4 8 8M12 4l-8 8"/>',
    # severity: a solid octagon, a solid triangle, a half-filled circle, a ring. They differ in shape and in weight.
    "severity-1": '<path class="fill" d="M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2z"/>',
    "severity-2": '<path class="fill" d="M8 1.8 15 14H1z"/>',
    "severity-3": '<circle cx="8" cy="8" r="5.75"/><path class="fill" d="M8 2.25a5.75 5.75 0 0 1 0 11.5z"/>',
    "severity-4": '<circle cx="8" cy="8" r="5.75"/>',
}

MARK = mark_safe(
    '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">'
    '<rect width="32" height="32" rx="7.5" fill="#1b6a74"/>'
    '<path fill="#f1f8f8" d="M0 9.5 9.5 6l6.5 2.5-1 6 3 6.5H0z"/>'
    '<path fill="none" stroke="#9ad7d9" stroke-width="2.6" stroke-linecap="round"'
    ' d="M4 26c2.2-2.4 4.4-2.4 6.6 0s4.4 2.4 6.6 0 4.4-2.4 6.6 0 3 1.7 4.2 1"/>'
    '<path fill="none" stroke="#9ad7d9" stroke-width="2.6" stroke-linecap="round" d="M21.5 19.5c2-1.9 4.2-1.7 6.5.5"/>'
    "</svg>"
)


def icon_svg(name: str, label: str = "", size: str = "") -> SafeString:
    """The icon `name` as inline SVG, hidden from screen readers unless it has a `label`. KeyError if there is none."""
    css = f"icon {size}".strip()
    shape = mark_safe(SHAPES[name])
    if not label:
        return format_html('<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', css, shape)
    return format_html('<svg class="{}" viewBox="0 0 16 16" role="img" aria-label="{}">{}</svg>', css, label, shape)
