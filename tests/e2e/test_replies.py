"""Replies that need a human, and the calendar's page, in a real browser."""

import os

import pytest

from seacliff.browsing import axe_finds
from seacliff.connectors.email.addresses import reply_address
from seacliff.connectors.email.tests import written
from seacliff.connectors.incoming import keep
from seacliff.connectors.models import Incoming
from seacliff.partners.models import Dispatch
from seacliff.partners.tests.factories import charter, function, made_ask, reviewer

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SEACLIFF_SHOTS", "")


def look_at(page, address, name):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        assert axe_finds(page) == []
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{scheme}.png", full_page=True)


def test_a_reply_of_somebody_else_is_looked_at_and_taken(page, live_server, settings):
    settings.REPLY_ADDRESS = "asks@seacliff.example"
    alice = reviewer("Alice Reviewer")
    alice.set_password("a long enough secret")
    alice.save()
    comms = function("communications")
    charter(comms)
    asked = made_ask(comms, alice, question="What may we say about the wave?")
    dispatch = Dispatch.objects.get(ask=asked)
    mail = written.reply(reply_address(dispatch), "Yes. Say that we look into it.", "Dana <dana@home.example>")
    keep(
        "email", "x", mail.as_bytes(), ask=asked, dispatch=dispatch, sender="dana@home.example", subject="Re: the wave"
    )
    Incoming.objects.update(state="needs-human", reason="It came from dana@home.example; this reply address was made for "
                            "dana@lantern.example.")  # fmt: skip
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("input[name=login]", alice.email)
    page.fill("input[name=password]", "a long enough secret")
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    look_at(page, f"{live_server.url}/calendar", "calendar-none")
    page.get_by_role("button", name="Make the address").click()
    look_at(page, f"{live_server.url}/calendar", "calendar")
    look_at(page, f"{live_server.url}/incoming?state=handled", "replies-none")
    look_at(page, f"{live_server.url}/incoming", "replies")
    page.get_by_role("link", name="Re: the wave").click()
    look_at(page, page.url, "reply")
    page.get_by_role("button", name="Take it as theirs").click()
    page.get_by_text("Taken as: answer.").wait_for()
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("yes", "Dana Press")
