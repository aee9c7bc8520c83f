"""In a real browser: a case at the third tier asks two functions and waits; one answers by the signed link on a phone, the
other in the console; the case comes back to its reviewer with both answers. And a charter, written and agreed."""

import pytest

from seacliff.browsing import shot
from seacliff.partners.charters.actions import follow_answers
from seacliff.partners.links import link_for, token
from seacliff.partners.models import Ask
from seacliff.partners.tests.factories import charter, function, partner
from seacliff.people.permissions import Role
from seacliff.record.desks import clear
from seacliff.review.tests import factories
from seacliff.review.tiers.plan import forget_plan

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def fresh_plan():
    forget_plan()
    yield
    forget_plan()


def ask_from_case(page, to, question, picture=""):
    page.keyboard.press("q")
    page.wait_for_selector("h1:has-text('New ask')")
    page.select_option("#to", to)
    page.fill("#question", question)
    page.locator("#question").blur()
    page.keyboard.press("w")
    page.keyboard.press("p")
    page.wait_for_selector("text=As they will read it")
    assert page.is_checked("[name=wait]")
    if picture:
        shot(page, picture)
    page.keyboard.press("s")
    page.wait_for_selector("h1:has-text('Q-')")


def test_a_case_waits_for_two_functions_and_comes_back_with_both_answers(seat, new_page, live_server):
    factories.notice_texts()
    factories.policy()
    comms, relations = function("communications"), function("government-relations")
    charter(comms), charter(relations)
    gita = partner(relations, "Gita Rao")
    mei = factories.person("Mei Tanaka", tier=3)
    case = factories.case(severity=2, tier=3)
    factories.report(case, text="He called for the rally on the stage. Write to ann.lee@school.example.")

    reviewer = seat(mei)
    reviewer.goto(f"{live_server.url}/cases/{case.ref}")
    reviewer.keyboard.press("c")
    reviewer.wait_for_selector("text=Vote")
    ask_from_case(
        reviewer, "government-relations", "The host stands for parliament. What does that change?", "ask-preview"
    )
    shot(reviewer, "ask-asker")
    reviewer.goto(f"{live_server.url}/cases/{case.ref}")
    ask_from_case(reviewer, "communications", "If we end the event, what do we say?")
    case.refresh_from_db()
    assert case.state == "held" and Ask.objects.count() == 2
    reviewer.goto(f"{live_server.url}/asks/outbox")
    shot(reviewer, "board-outbox")
    reviewer.goto(f"{live_server.url}/asks/waiting")
    shot(reviewer, "board-waiting")

    partner_page = seat(gita)
    partner_page.goto(f"{live_server.url}/asks")
    assert "ann.lee" not in partner_page.content() and "If we end the event" not in partner_page.content()
    shot(partner_page, "board-inbox")
    partner_page.keyboard.press("j")
    partner_page.keyboard.press("a")
    partner_page.wait_for_selector("text=Acknowledged")
    partner_page.wait_for_load_state()  # keys are heard by a script that comes after the page
    partner_page.keyboard.press("j")
    partner_page.keyboard.press("r")
    partner_page.wait_for_selector("#answer")
    shot(partner_page, "ask-asked")
    partner_page.fill("#f-advice", "An election in three weeks: consult us before anything is public.")
    partner_page.locator("#f-advice").blur()
    partner_page.keyboard.press("y")
    partner_page.wait_for_selector("text=is answered")
    shot(partner_page, "ask-answered")
    clear("asks-answered")
    case.refresh_from_db()
    assert case.state == "held", "it waits for the other answer"

    asked = Ask.objects.get(to_function=comms)
    phone = new_page(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    phone.goto(f"{live_server.url}/a/{token(link_for(asked, 'dana@lantern.example', 'Dana Press'))}")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    shot(phone, "link-asked")
    phone.tap("text=Partly")
    phone.tap("text=Send the answer")
    phone.wait_for_selector("text=Say why only partly.")
    shot(phone, "link-refused")
    phone.fill("#reason", "Only if a paper calls.")
    phone.fill("#f-advice", "That the rule is the same for everybody.")
    phone.tap("text=Send the answer")
    phone.wait_for_selector("text=Your answer has arrived")
    shot(phone, "link-answered")

    clear("asks-answered")
    case.refresh_from_db()
    assert case.state == "open"
    reviewer.goto(f"{live_server.url}/queues")
    reviewer.keyboard.press("n")
    reviewer.wait_for_selector(f"h1:has-text('{case.ref}')")
    for words in ("An election in three weeks", "That the rule is the same", "Only if a paper calls."):
        assert words in reviewer.text_content("main")
    shot(reviewer, "case-with-answers")


def test_a_charter_is_written_by_the_form_and_agreed_by_the_other_side(seat, live_server):
    comms = function("communications")
    charter(comms)
    dana = partner(comms, "Dana Press")
    lead = seat(factories.person("Lea Lead", roles=(Role.LEAD,)))
    lead.goto(f"{live_server.url}/functions")
    shot(lead, "charters")
    lead.keyboard.press("j")
    lead.keyboard.press("Enter")
    lead.wait_for_selector("h1:has-text('Communications')")
    lead.wait_for_load_state()  # keys are heard by a script that comes after the page
    lead.keyboard.press("e")
    lead.wait_for_selector("h1:has-text('Write the charter')")
    lead.fill("[name=purpose]", "One voice")
    lead.fill("[name=we_ask-0-h2]", "3")
    lead.fill("[name=rights-0-decision]", "What is said in public")
    lead.fill("[name=rights-0-decides]", "Communications")
    lead.fill("#id_change", "Quicker at severity 2, and who decides")
    shot(lead, "charter-edit")
    lead.locator("#id_change").blur()
    lead.keyboard.press("s")
    lead.wait_for_selector("text=Propose it")
    shot(lead, "charter-draft")
    lead.keyboard.press("p")
    lead.wait_for_selector("text=asks Communications to agree")

    partner_page = seat(dana)
    partner_page.goto(f"{live_server.url}/asks")
    partner_page.keyboard.press("j")
    partner_page.keyboard.press("Enter")
    partner_page.wait_for_selector("#answer")
    assert "One voice" in partner_page.text_content("main")
    partner_page.keyboard.press("y")
    partner_page.wait_for_selector("text=is answered")
    follow_answers()
    partner_page.goto(f"{live_server.url}/functions/rights?words=public")
    assert "What is said in public" in partner_page.text_content("main")
    shot(partner_page, "rights")
    partner_page.goto(f"{live_server.url}/functions/communications")
    assert "In force" in partner_page.text_content("main")
    shot(partner_page, "charter")
