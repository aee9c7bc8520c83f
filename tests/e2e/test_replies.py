"""Replies that need a human, and the calendar's page, in a real browser."""

import pytest

from seacliff.browsing import shot
from seacliff.connectors.email.addresses import reply_address
from seacliff.connectors.email.tests import written
from seacliff.connectors.incoming import keep
from seacliff.connectors.models import Incoming
from seacliff.partners.models import Dispatch
from seacliff.partners.tests.factories import charter, function, made_ask, reviewer

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_reply_of_somebody_else_is_looked_at_and_taken(seat, live_server, settings):
    settings.REPLY_ADDRESS = "asks@seacliff.example"
    alice = reviewer("Alice Reviewer")
    comms = function("communications")
    charter(comms)
    asked = made_ask(comms, alice, question="What may we say about the wave?")
    dispatch = Dispatch.objects.get(ask=asked)
    mail = written.reply(reply_address(dispatch), "Yes. Say that we look into it.", "Dana <dana@home.example>")
    keep(
        "email",
        "x",
        mail.as_bytes(),
        ask_id=asked.id,
        dispatch_id=dispatch.id,
        sender="dana@home.example",
        subject="Re: the wave",
    )
    Incoming.objects.update(state="needs-human", reason="It came from dana@home.example; this reply address was made for "
                            "dana@lantern.example.")  # fmt: skip
    page = seat(alice)
    page.goto(f"{live_server.url}/calendar")
    shot(page, "calendar-none")
    page.get_by_role("button", name="Make the address").click()
    page.goto(f"{live_server.url}/calendar")
    shot(page, "calendar")
    page.goto(f"{live_server.url}/incoming?state=handled")
    shot(page, "replies-none")
    page.goto(f"{live_server.url}/incoming")
    shot(page, "replies")
    page.get_by_role("link", name="Re: the wave").click()
    page.wait_for_load_state()
    shot(page, "reply")
    page.get_by_role("button", name="Take it as theirs").click()
    page.get_by_text("Taken as: answer.").wait_for()
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("yes", "Dana Press")
