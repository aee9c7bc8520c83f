"""The main job in a real browser: a report comes in, is decided from the keyboard, acted on, and everybody is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from seacliff.browsing import axe_finds
from seacliff.enforcement.models import Action, Endpoint
from seacliff.enforcement.receiver import Receiver
from seacliff.intake.public_form import SOONEST_SECONDS
from seacliff.people.models import User
from seacliff.record import seals
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.record.tests.owner import as_owner
from seacliff.record.verify import verify
from seacliff.review.models import Case, Decision
from seacliff.review.tests import factories
from seacliff.targets.models import Target

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada():
    user = User.objects.create_user("ada@example.org", "correct horse 9", name="Ada", roles=["lead"], tier=4)
    factories.notice_texts()
    factories.policy()
    node = factories.tree()["event"]
    Target.objects.filter(id=node.id).update(ref="mtg-4711")
    return user


def sign_in(page, base):
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", "ada@example.org")
    page.fill("input[name=password]", "correct horse 9")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/queues")


@pytest.fixture
def product_side(settings):
    """The product's own receiver: it checks every signature."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    settings.WEBHOOK_ALLOWED_PRIVATE = ["127.0.0.1"]
    with Receiver(secret) as running:
        Endpoint.objects.create(name="Product", url=running.url, secret=secret, hears=["action.*"])
        yield running


def test_report_decide_act_tell_and_verify(live_server, settings, ada, product_side, page, new_page):
    settings.BASE_URL = live_server.url
    settings.UNDO_SECONDS = 0
    reporter = new_page(viewport={"width": 390, "height": 844})
    reporter.goto(f"{live_server.url}/report")
    reporter.select_option("select[name=category]", "spam")
    reporter.fill("input[name=target]", "mtg-4711")
    reporter.fill("textarea[name=text]", "The same invitation every hour.")
    reporter.fill("input[name=email]", "ann@example.org")
    reporter.wait_for_timeout(SOONEST_SECONDS * 1000 + 1100)
    reporter.click("button:has-text('Send the report')")
    reporter.wait_for_url("**/report/received/*")
    clear("routing")

    sign_in(page, live_server.url)
    assert axe_finds(page) == []
    page.keyboard.press("n")
    page.wait_for_url("**/cases/C-*")
    assert "The same invitation every hour." in page.text_content("main")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(400)
        assert axe_finds(page) == []
    page.keyboard.press("v")
    page.wait_for_url("**/queues")
    decision = Decision.objects.get()
    assert decision.finding == "violation"

    Decision.objects.update(undo_until=timezone.now() - timedelta(seconds=1))
    Action.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    clear()
    [message] = product_side.messages
    assert (message.type, product_side.refused) == ("action.warn", 0)
    told = {message.to[0] for message in mail.outbox}
    assert "ann@example.org" in told
    assert any(address.endswith("@northfield.example") for address in told)
    assert not any("ann@" in message.body for message in mail.outbox if message.to[0] != "ann@example.org")
    assert Case.objects.get().state == "decided"
    reporter.click("a:has-text('Follow your report')")
    assert "reviewed and decided" in reporter.text_content("main")
    assert axe_finds(reporter) == []

    story = set(Event.objects.filter(story_id=decision.case_id).values_list("verb", flat=True))
    assert {"report.routed", "case.opened", "case.claimed", "case.decided"} <= story
    seals.seal_all()
    assert verify("").intact
    with as_owner() as cursor:
        cursor.execute("UPDATE record_event SET reason = 'nothing happened' WHERE verb = 'case.decided'")
    assert verify("").problems
