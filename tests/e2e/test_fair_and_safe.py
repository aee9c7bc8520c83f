"""In a real browser: a case climbs from the first line to the panel and leaves a precedent; a suspension by strikes is
appealed in German from the mail and overturned by somebody else."""

import re

import pytest
from django.core import mail

from seacliff.browsing import shot
from seacliff.enforcement.models import Action, Endpoint
from seacliff.enforcement.receiver import Receiver
from seacliff.people.models import Function, Membership
from seacliff.people.permissions import Role
from seacliff.record.desks import clear
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision, Precedent
from seacliff.review.tests import factories
from seacliff.review.tiers.plan import forget_plan
from seacliff.targets.models import Target

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def fresh_plan():
    forget_plan()
    yield
    forget_plan()


@pytest.fixture
def rules(db):
    factories.notice_texts()
    return factories.policy()


def member(name, function, roles=(Role.PANELLIST,), tier=1):
    user = factories.person(name, roles=roles, tier=tier)
    made, _ = Function.objects.get_or_create(slug=function.lower(), defaults={"name": function})
    Membership.objects.create(user=user, function=made)
    return user


def press_vote(page, key, reasons):
    page.fill("#rationale", reasons)
    page.locator("#rationale").blur()
    page.keyboard.press(key)
    page.wait_for_selector("text=your vote is cast")


def escalate(page, why):
    page.keyboard.press("e")
    page.fill("#escalate-reason", why)
    page.click("#escalate button.primary")
    page.wait_for_load_state()


def test_a_case_walks_from_the_first_line_to_a_precedent(live_server, settings, rules, seat):
    settings.BASE_URL = live_server.url
    base = live_server.url
    first, second = factories.person("Fay First"), factories.person("Sam Second", tier=2)
    third = [factories.person(f"{name} Third", tier=3) for name in ("Ana", "Ben", "Cem")]
    lead = factories.person("Lena Lead", roles=(Role.LEAD,), tier=4)
    panel = [member("Lou Legal", "Legal"), member("Pat Product", "Product"), member("Sue Support", "Support")]
    case = factories.case()
    factories.report(case)

    for user, why in ((first, "A bought list? I can't tell."), (second, "No precedent for bought lists.")):
        page = seat(user)
        page.goto(f"{base}/cases/{case.ref}")
        page.keyboard.press("c")
        page.wait_for_selector("#decide")
        escalate(page, why)
    case.refresh_from_db()
    assert case.tier == 3

    pages = {}
    for user, key in zip(third, "vxv", strict=True):  # two see a violation, one does not
        page = pages[user] = seat(user)
        page.goto(f"{base}/cases/{case.ref}")
        page.keyboard.press("c")
        page.wait_for_selector("#decide")
        assert "Independent" in page.text_content("#decide")
        press_vote(page, key, f"{user} thinks so.")
    shot(pages[third[2]], "discussion")
    for user, key in zip(third, "vxv", strict=True):
        page = pages[user]
        page.reload()
        assert "Ana Third thinks so." in page.text_content("main"), "after the first round the votes are open"
        page.fill("#body", "Look at the unsubscribe rate.")
        page.click("button:has-text('Send')")
        press_vote(page, key, f"{user} stays with it.")
    case.refresh_from_db()
    assert case.tier == 4

    page = seat(lead)
    page.goto(f"{base}/deliberations")
    shot(page, "deliberations")
    page.click(f"a:has-text('{case.ref}')")
    shot(page, "roster")
    for box in page.locator("input[name=members]").all():
        box.uncheck()
    for user in panel:
        page.check(f"input[name=members][value='{user.id}']")
    page.check(f"input[name=chair][value='{panel[0].id}']")
    page.click("button:has-text('Convene')")
    page.wait_for_load_state()

    for user, key in zip(panel, "vvx", strict=True):
        page = pages[user] = seat(user)
        page.goto(f"{base}/deliberations")
        page.click(f"a:has-text('{case.ref}')")
        assert "the same invitation" not in page.text_content("main"), "first the declaration, then the case"
        page.keyboard.press("y")
        page.wait_for_selector("#decide")
        assert "ann@example.org" not in page.content(), "a panel need not know who reported"
        press_vote(page, key, f"{user}: a bought list is {'bulk' if key == 'v' else 'no crime'}.")
    chair = pages[panel[0]]
    chair.reload()
    chair.fill("#question", "Are invitations to a bought list bulk?")
    chair.fill("#opinion", "They are: nobody on the list asked for them.")
    chair.fill("#passage", "Everybody from spam.")
    shot(chair, "writing")
    chair.click("button:has-text('Issue')")
    chair.wait_for_load_state()
    shot(chair, "decided")
    case.refresh_from_db()
    kept = Precedent.objects.get()
    assert (case.state, Decision.objects.get(case=case).tier) == (Case.State.DECIDED, 4)
    assert [dissent["name"] for dissent in kept.dissents] == ["Sue Support"]

    similar = factories.case()
    factories.report(similar, reporter="mail:joe@example.org")
    page = seat(first)
    page.goto(f"{base}/cases/{similar.ref}")
    shown = page.text_content("section:has(#precedents)")
    assert "bought list" in shown
    assert "1 dissent" in shown
    shot(page, "similar")
    page.click(f"a:has-text('{kept}')")
    assert "no crime" in page.text_content("main")
    shot(page, "precedent")


def test_a_suspension_by_strikes_is_appealed_in_german_and_overturned(live_server, settings, rules, seat, new_page):
    settings.BASE_URL, settings.UNDO_SECONDS = live_server.url, 0
    settings.WEBHOOK_ALLOWED_PRIVATE = ["127.0.0.1"]
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    first, other = factories.person("Fay First"), factories.person("Olga Other", tier=2)
    nodes = factories.tree("Hochschule Elbmark")
    user = nodes["user"]
    with Receiver(secret) as product:
        Endpoint.objects.create(name="Product", url=product.url, secret=secret, hears=["action.*"])
        for number in range(rules.strike_threshold):
            case = factories.case(nodes["event"])
            factories.report(case, reporter=f"mail:ann{number}@example.org")
            if number == rules.strike_threshold - 1:
                page = seat(first)
                page.goto(f"{live_server.url}/cases/{case.ref}")
                page.keyboard.press("c")
                page.wait_for_selector("#decide")
                assert "triggers “Suspend the account”" in page.text_content("#decide")
                shot(page, "strike-foreseen")
            actions.claim(first, case)
            actions.decide(first, case, Verdict("violation", "spam", rules, "Bulk.", [Ordered("strike", user, {})]))
            clear("settle-decisions", "release-actions", "deliveries", "notices")
        user.refresh_from_db()
        assert (user.state, user.strikes) == (Target.State.SUSPENDED, rules.strike_threshold)

        told = [message for message in mail.outbox if message.to == [user.email]][-1]
        link = re.search(r"http\S+/notices/\S+", told.body)[0]
        phone = new_page(viewport={"width": 390, "height": 844}, locale="de-DE")
        phone.goto(link)
        phone.click("text=Beschwerde einlegen")
        phone.fill("#statement", "Die Empfänger hatten der Einladung zugestimmt.")
        shot(phone, "appeal-phone")
        phone.click("button:has-text('Beschwerde absenden')")
        assert "Ihre Beschwerde ist angekommen" in phone.text_content("main")

        page = seat(first)
        page.goto(f"{live_server.url}/appeals")
        page.keyboard.press("n")
        page.wait_for_load_state()
        assert "No appeal waits that you may decide" in page.text_content("body"), "not by whoever decided first"
        page = seat(other)
        page.goto(f"{live_server.url}/appeals")
        shot(page, "appeals")
        page.keyboard.press("n")
        page.wait_for_selector("#decide")
        page.fill("#rationale", "They had agreed: the list shows it.")
        page.fill("#answer", "Sie hatten recht: Die Empfänger hatten zugestimmt.")
        shot(page, "appeal")
        page.locator("#answer").blur()
        page.keyboard.press("x")
        page.wait_for_selector("text=The decision was overturned")
        shot(page, "appeal-decided")
        clear("release-actions", "deliveries", "notices")

        reversed_ = [message.data for message in product.messages if message.type == "action.reversed"]
        assert {one["kind"] for one in reversed_} == {"strike", "suspend-account"}
        assert product.refused == 0
    user.refresh_from_db()
    assert (user.state, user.strikes) == (Target.State.ACTIVE, rules.strike_threshold - 1)
    assert Action.objects.exclude(reverses=None).count() == 2
    after = [message for message in mail.outbox if "aufgehoben" in message.subject]
    assert [message.to for message in after] == [[user.email]]
    assert "Sie hatten recht" in after[0].body
    assert "Konto sperren" in after[0].body, "it says what was taken back"
    assert any("overturned" in message.subject for message in mail.outbox if "@example.org" in message.to[0])
