"""Pages and templates as a whole: errors, sign-in, the content security policy, the style guide."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string

from seacliff import screens
from seacliff.screens.messages import undo_of

ROOMS = Path(screens.__file__).parent.parent


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_comes_up_without_request_database_or_manifest(code):
    html = render_to_string(f"{code}.html")
    assert "/static/screens/seacliff.css" in html
    assert "<h1>" in html
    assert code[:3] in html


def test_an_error_page_names_the_request_when_it_is_known():
    assert "01JABC" in render_to_string("500.html", {"request_id": "01JABC"})


def test_the_style_guide_is_shown_while_developing_only(client, settings):
    assert client.get("/screens").status_code == 404
    settings.DEBUG = True
    assert client.get("/screens").status_code == 200
    assert client.get("/screens/public").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_sign_in_pages_are_ours(client, path):
    html = client.get(path).content.decode()
    assert "screens/seacliff.css" in html
    assert "Menu:" not in html


def test_no_template_of_any_room_breaks_the_content_security_policy():
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOMS)}: {hit.group()}"
        for path in ROOMS.glob("**/templates/**/*.html")
        # mail readers drop style sheets: what is sent by mail carries its style in each element, and no page shows it
        if path.parent.name != "mail" and (hit := inline.search(path.read_text()))
    ]
    assert found == []


def test_a_message_can_offer_to_take_an_act_back_until_its_time_is_over():
    later = datetime.now(UTC) + timedelta(seconds=30)
    offered = undo_of(Message(25, "Done", extra_tags=f"undo {later.timestamp():.0f} /cases/1/undo"))
    assert offered.url == "/cases/1/undo"
    assert abs((offered.until - later).total_seconds()) <= 1
    assert undo_of(Message(25, "Done", extra_tags="undo 1000 /cases/1/undo")) is None
    assert undo_of(Message(25, "Done")) is None


def test_every_icon_named_in_a_template_exists():
    from seacliff.screens.icons import SHAPES

    named = {
        name
        for path in ROOMS.glob("**/templates/**/*.html")
        for name in re.findall(r"{% icon [\"']([\w-]+)[\"']", path.read_text())
    }
    assert named
    assert named <= set(SHAPES)


def test_every_tag_filter_and_part_is_in_the_docs():
    from seacliff.screens.templatetags.screens import register

    docs = (ROOMS.parent.parent / "docs" / "screens.md").read_text()
    parts = [path.name for path in (ROOMS / "screens/templates/screens/parts").glob("*.html")]
    assert [tag for tag in register.tags if f"{{% {tag}" not in docs] == []
    assert [name for name in register.filters if f"|{name}" not in docs.replace("\\|", "|")] == []
    assert [name for name in parts if f"`{name}`" not in docs] == []
