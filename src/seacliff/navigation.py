"""The console's menu. Composition: it may know every room."""

from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from seacliff.people.permissions import Permission

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Item(NamedTuple):
    label: "str | StrPromise"
    url_name: str
    key: str
    icon: str
    permission: Permission


SECTIONS: "list[tuple[str | StrPromise, list[Item]]]" = [
    (
        _("Work"),
        [
            Item(_("Queues"), "review:queues", "q", "queue", Permission.CASE_VIEW),
            Item(_("Deliberations"), "review:deliberations", "d", "gavel", Permission.PANEL_SIT),
            Item(_("Appeals"), "appeals:list", "b", "undo", Permission.APPEAL_VIEW),
            Item(_("Asks"), "partners:asks", "k", "partners", Permission.ASK_VIEW),
            Item(_("Quality"), "quality:overview", "l", "scale", Permission.QUALITY_VIEW),
            Item(_("Playbooks"), "playbooks:list", "z", "route", Permission.PLAYBOOK_VIEW),
            Item(_("Needs a human"), "intake:unread", "h", "inbox", Permission.INTAKE_TRIAGE),
            Item(_("Replies"), "connectors:incoming", "y", "mail", Permission.REPLY_TRIAGE),
            Item(_("Restricted"), "restricted:overview", "x", "lock", Permission.RESTRICTED_HANDLE),
            Item(_("My day"), "wellness:mine", "w", "sun", Permission.CASE_DECIDE),
        ],
    ),
    (
        _("Partners"),
        [
            Item(_("Relationships"), "relationships:overview", "j", "partners", Permission.RELATIONSHIP_VIEW),
        ],
    ),
    (
        _("Look up"),
        [
            Item(_("Search"), "review:search", "s", "search", Permission.CASE_VIEW),
            Item(_("Targets"), "targets:list", "t", "tree", Permission.CASE_VIEW),
            Item(_("Reporters"), "review:reporters", "o", "flag", Permission.REPORT_VIEW),
            Item(_("Actions"), "enforcement:actions", "a", "send", Permission.ACTION_VIEW),
            Item(_("Precedents"), "review:precedents", "c", "book", Permission.PRECEDENT_VIEW),
            Item(_("Record"), "record:events", "e", "log", Permission.RECORD_VIEW),
        ],
    ),
    (
        _("Rules"),
        [
            Item(_("Policies"), "policy:list", "p", "book", Permission.POLICY_VIEW),
            Item(_("Tiers"), "review:tiers", "i", "arrow-up", Permission.TIER_VIEW),
            Item(_("Charters"), "partners:functions", "f", "scale", Permission.CHARTER_VIEW),
            Item(_("Routing"), "review:routing", "r", "route", Permission.ROUTING_VIEW),
            Item(_("Privacy"), "privacy:overview", "v", "shield", Permission.PRIVACY_VIEW),
        ],
    ),
    (
        _("Look back"),
        [
            Item(_("Value case"), "value:board", "n", "chart", Permission.VALUE_VIEW),
        ],
    ),
    (
        _("Team"),
        [
            Item(_("People"), "people:list", "m", "people", Permission.PEOPLE_MANAGE),
            Item(_("Settings"), "people:settings", ",", "settings", Permission.CONSOLE_USE),
        ],
    ),
]


def url_of(item: Item) -> str | None:
    """None while the room has no such page."""
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return None


def navigation(request: HttpRequest) -> dict[str, object]:
    """The sections with what this person may open; active is the one whose address reaches furthest into the present path."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    sections = [
        (heading, {item: url for item in items if user.may(item.permission) and (url := url_of(item))})
        for heading, items in SECTIONS
    ]
    urls = [url for _heading, items in sections for url in items.values()]
    here = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    return {
        "navigation": [
            {
                "heading": heading,
                "items": [
                    {"label": item.label, "url": url, "key": f"g {item.key}", "icon": item.icon, "active": url == here}
                    for item, url in items.items()
                ],
            }
            for heading, items in sections
            if items
        ]
    }
