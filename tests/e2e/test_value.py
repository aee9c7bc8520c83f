"""The value case as a new user meets it: the page for the board, its PDF, a finding's diagnostics, the slider."""

import pytest

from seacliff.browsing import shot
from seacliff.partners.tests import factories as partners
from seacliff.record.desks import clear
from seacliff.review.tests import factories
from seacliff.value import assumptions
from seacliff.value.assumptions import Costs
from seacliff.value.ledger import actions
from seacliff.value.ledger.actions import Proposal, Worth
from seacliff.value.ledger.plans import Plan
from seacliff.value.tests import test_board, world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead():
    made = factories.person("Lena Lead", tier=4, roles=("lead",))
    test_board.lately(200)
    world.store(world.account_days(accounts=300, effect=0.2))
    assumptions.publish(made, Costs(loaded_cost=60_000.0), "Finance")
    plan = Plan("trial", "active_days", launch="lobby", planned=0.5, horizon_days=14, plausible=7.0)
    actions.propose(made, Proposal("Does a waiting room make accounts come back?", plan, "Accounts", "kept",
                                   Worth(2_000, 0.05, 1, "Told by the tests of this page"), None, True))  # fmt: skip
    clear("value-ledger", "value-readings")
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_board_to_the_diagnostics_and_the_slider(live_server, lead, seat, scheme, tmp_path):
    page = seat(lead, color_scheme=scheme)
    base = live_server.url
    page.goto(f"{base}/queues")
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url(f"{base}/value")
    assert page.locator("text=joint 95% interval").count() == 1
    shot(page, "board", (scheme,))
    assert page.request.get(f"{base}/value/board.pdf").body().startswith(b"%PDF")
    page.click("a.title:has-text('waiting room')")
    page.wait_for_selector("text=balance of the arms")
    shot(page, "finding", (scheme,))
    page.click("nav.crumbs a:has-text('Evidence ledger')")
    shot(page, "ledger", (scheme,))
    page.click("nav.tabs a:has-text('Staffing')")
    page.locator("input[type=range]").first.fill("2")
    page.wait_for_selector("#answer .sentence", timeout=60_000)
    assert page.locator(".slider output").first.inner_text() == "2"
    assert "people." in page.url  # what was asked can be sent to somebody
    for fold in page.locator("#scenario > details > summary").all():
        fold.click()
    shot(page, "staffing", (scheme,))
    page.click("text=Back to today")
    page.wait_for_selector("text=Move a slider")
    page.click("nav.tabs a:has-text('Data')")
    shot(page, "data", (scheme,))
    page.goto(f"{base}/value/ledger/new")
    shot(page, "propose", (scheme,))
    page.goto(f"{base}/value/costs")
    shot(page, "costs", (scheme,))


def test_an_answer_that_fails_leaves_no_old_one_standing(live_server, lead, seat):
    page = seat(lead)
    page.goto(f"{live_server.url}/value/staffing")
    slider = page.locator("input[type=range]").first
    slider.fill("2")
    page.wait_for_selector("#answer .sentence", timeout=60_000)
    for fails in (lambda route: route.fulfill(status=500, body="<p>No</p>"), lambda route: route.abort()):
        page.route("**/value/staffing/answer*", fails)
        slider.fill("3")
        page.wait_for_selector("#answer [role=alert]:has-text('not answered')")
        assert page.locator("#answer table").count() == 0
        page.unroute("**/value/staffing/answer*")
        slider.fill("2")
        page.wait_for_selector("#answer .sentence", timeout=60_000)
    for place in range(page.locator("input[name^='people.']").count()):
        page.locator("input[name^='people.']").nth(place).evaluate("el => { el.value = 0; }")
    slider.fill("0")
    slider.dispatch_event("input")
    page.wait_for_selector("#answer [role=alert]:has-text('Nobody would decide anything')")
    assert page.locator("#answer table").count() == 0


def test_without_scripts_the_scenario_is_a_whole_page(live_server, lead, seat):
    page = seat(lead, java_script_enabled=False)
    page.goto(f"{live_server.url}/value/staffing")
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("ArrowLeft")
    page.click("button:has-text('Answer')")
    assert page.locator("#answer .sentence").count() == 1 and page.locator("nav.tabs").count() == 1


def test_on_a_phone_no_page_slides_and_the_key_figures_are_in_sight(live_server, lead, seat):
    legal = partners.function("legal")
    for _ in range(3):
        partners.made_ask(legal)
    page = seat(lead, viewport={"width": 390, "height": 844})
    value = ("/value", "/value/ledger", "/value/promises", "/value/costs", "/value/data")
    for path in ("/relationships", "/playbooks", "/asks", *value):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    for path in ("/value", "/value/ledger"):
        page.goto(live_server.url + path)
        for label in ("Estimate (95% interval)", "Grade", "Finance"):
            box = page.locator(f"td[data-label='{label}']").first.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, (path, label)
        shot(page, f"phone{path.replace('/', '-')}", ("light",))
    page.goto(f"{live_server.url}/value")
    drawn = page.locator("picture img").first
    assert drawn.evaluate("one => one.currentSrc") != drawn.get_attribute("src")
    assert drawn.evaluate("one => one.width / one.naturalWidth") > 0.9  # as large as it was drawn: its words can be read
