"""What evil people write: in every text of every row of the world stands markup, and no page lets it be markup. One person
who may do everything opens each page once; what they get is read as a browser reads it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

import pgtrigger
import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Left
from django.test import Client

from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.models import Event

from .walk import Undone, routes, table, whole
from .world import World

pytestmark = pytest.mark.django_db
EVIL = "\"'><img src=x onerror=alert(7)><script>alert(7)</script>"
WAY = "javascript:alert(7)//"
LEADING = {"href", "src", "action", "formaction", "data", "srcdoc", "hx-get", "hx-post", "xlink:href"}


# Columns that programs read: a key, a kind, a rule's source. What people may write there is checked when it comes in.
READ_BY_PROGRAMS = re.compile(
    r"pgh_|.*(_kind|_type|_id|_via|_key|_hash|_version|email|secret|address|key|category)$|(kind|type|key|verb|state|format|"
    r"channel|password|time_zone|subdivision|source|via|step|assignment|finding|design|facts|playbook|rule|measure|id)$"
)


def texts() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every column that holds what somebody may have written."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if model.__module__.startswith("seacliff.") and isinstance(field, models.CharField | models.TextField):
                free = not (field.choices or field.unique or field.primary_key or READ_BY_PROGRAMS.match(field.name))
                if free and (field.max_length or 999) >= 100:
                    yield model, field


def plant(world: World) -> None:
    """Append it to every text; an address of a page becomes one of a script. Events can't be changed: one more is written."""
    with pgtrigger.ignore():
        for model, field in texts():
            room = (field.max_length or 10_000) - len(EVIL)
            evil = Value(WAY + EVIL) if field.name == "url" else Concat(Left(F(field.name), room), Value(EVIL))
            if model is not Event:
                model._base_manager.exclude(**{field.name: ""}).update(**{field.name: evil})
    evil_person = Actor(Event.ActorKind.PUBLIC, name=EVIL)
    happened(
        "case.looked-into", Subject("case", world.made.case.id), evil_person, story=world.made.case.id, reason=EVIL
    )


class Faults(HTMLParser):
    """What a page must not have: script or style of its own, and addresses that are scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "style" or (tag == "script" and not given.get("src") and given.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            way = re.sub(r"[\s\x00]", "", value or "").lower() if name in LEADING else ""
            if name == "style" or name.startswith("on") or way.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append(f'<{tag} {name}="{value}">')


class Page(NamedTuple):
    kind: str
    policy: str
    text: str


@pytest.fixture(scope="module")
def pages(world, django_db_blocker) -> dict[str, Page]:
    """Every page there is, as somebody with every role gets it."""
    found = {}
    with django_db_blocker.unblock():
        point = transaction.atomic()
        point.__enter__()
        try:
            plant(world)
            user = User.objects.get(id=world.people[Role.ADMIN].id)
            user.roles, user.tier = [role.value for role in Role], 9
            user.save()
            client = Client(raise_request_exception=False)
            client.force_login(user)
            there = table()
            for route in routes():
                if route.method == "GET" and route.key in there and not route.path.startswith("api/v1/"):
                    found[route.key[0]] = opened(client, route.url(world))
        finally:
            transaction.set_rollback(True)
            point.__exit__(None, None, None)
    return found


def opened(client: Client, url: str) -> Page:
    page = Page("", "", "")
    try:
        with transaction.atomic():  # whatever looking at it wrote is taken back
            answer = client.get(url)
            headers = answer.headers
            text = whole(answer).decode("utf-8", "replace")
            page = Page(
                headers.get("Content-Type", "").partition(";")[0], headers.get("Content-Security-Policy", ""), text
            )
            assert answer.status_code < 500, url
            raise Undone
    except Undone:
        return page


def test_no_page_lets_what_somebody_wrote_be_markup(pages):
    faults = {
        name: found for name, page in pages.items() if page.kind == "text/html" and (found := Faults(page.text).found)
    }
    assert not faults
    shown = {name for name, page in pages.items() if "&lt;img src=x onerror" in page.text}
    assert len(shown) > 90, "else it would be looked for where nobody writes"


def test_what_is_no_page_is_never_read_as_one(pages):
    """No kind that a browser would run, and none that it would have to guess."""
    others = {name: page.kind for name, page in pages.items() if page.kind != "text/html"}
    assert not {
        name for name, kind in others.items() if not kind or "xml" in kind or "html" in kind or "script" in kind
    }


def test_no_page_may_run_script_or_take_style_of_its_own(pages):
    """CSP, level 3: what 'self' leaves out is not let in by another word."""
    for name, page in pages.items():
        rules = dict(rule.strip().partition(" ")[::2] for rule in page.policy.split(";"))
        assert "unsafe" not in page.policy and "*" not in page.policy, name
        if "sandbox" not in rules:
            for what in ("script-src", "style-src", "default-src"):
                assert rules.get(what) == "'self'", (name, what)
            assert (rules["object-src"], rules["base-uri"], rules["frame-ancestors"]) == ("'none'",) * 3, name


def test_the_faults_of_a_page_would_be_found():
    for fault in ('<p style="color: red">', "<a href=' java\nscript:x'>", "<img src=x onerror=y>", "<script>x</script>",
                  "<style>", '<form action="data:text/html,x">'):  # fmt: skip
        assert Faults(fault).found, fault
    assert not Faults(
        '<script src="/x.js"></script><script type="application/json">{}</script><input value="javascript:">'
    ).found
