"""In a real browser: a decision is judged again by somebody who can't learn how it was decided, the difference is settled and
corrected; three people calibrate and their agreed verdict becomes a golden case."""

import pytest

from seacliff.browsing import shot
from seacliff.enforcement.models import Action
from seacliff.people.permissions import Role
from seacliff.quality.models import Check, Golden, Session
from seacliff.quality.tests.worlds import RATIONALE, decided, drawn, everything
from seacliff.review.models import Decision
from seacliff.review.tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rules(db):
    factories.notice_texts()
    return factories.policy()


def judge(page, key, reasons):
    page.fill("#rationale", reasons)
    page.locator("#rationale").blur()
    page.keyboard.press(key)
    page.wait_for_selector("text=your verdict is in")


def test_a_blind_second_look_is_settled_and_corrected(seat, live_server, rules):
    first, second = factories.person("Fiona First"), factories.person("Sven Second")
    lead = factories.person("Lena Lead", tier=4, roles=(Role.LEAD,))
    everything()
    decision = decided(first, rules, "suspend-account")
    check = drawn(decision)

    page = seat(second)
    page.goto(f"{live_server.url}/quality")
    shot(page, "quality")
    page.keyboard.press("n")
    page.wait_for_url(f"**/re-reviews/{check.ref}")
    shot(page, "blind")
    for told in (RATIONALE, "Fiona", decision.case.ref, "uspended"):
        assert told not in page.content()
    for elsewhere in (
        f"/cases/{decision.case.ref}",
        "/search",
        f"/targets/{decision.case.target_id}",
        "/enforcement/actions",
    ):
        page.goto(f"{live_server.url}{elsewhere}")
        assert page.url.endswith(check.ref) or page.locator("text=404").count()
        assert RATIONALE not in page.content()
    page.goto(f"{live_server.url}/quality/re-reviews/{check.ref}")
    page.uncheck("[name=stay]")
    judge(page, "x", "They had asked for it.")
    page.goto(f"{live_server.url}/cases/{decision.case.ref}")
    assert RATIONALE in page.content()

    page = seat(lead)
    page.goto(f"{live_server.url}/quality/differences")
    shot(page, "differences")
    page.click(f"#waiting-{check.id} a")
    shot(page, "difference")
    page.check("#lead-right-second")
    page.fill("#settle-reason", "The consents are real.")
    page.select_option("#finding", "no-violation")
    page.locator("#settle-reason").blur()
    page.keyboard.press("s")
    page.wait_for_selector("text=was corrected")
    shot(page, "corrected")
    new = Decision.objects.get(corrects=decision)
    assert new.finding == "no-violation"
    assert Action.objects.filter(reverses__decision_id=decision.id).exists()
    for name, address in (("agreement", "agreement"), ("plan", "plan"), ("golden-answers", "golden-answers")):
        page.goto(f"{live_server.url}/quality/{address}")
        shot(page, name)


def test_a_calibration_ends_in_a_golden_case(seat, live_server, rules):
    lead = factories.person("Lena Lead", tier=4, roles=(Role.LEAD,))
    people = [factories.person(name) for name in ("Ada Ames", "Ben Bird")]
    cases = [decided(factories.person(), rules, "warn").case for _n in range(2)]

    page = seat(lead)
    page.goto(f"{live_server.url}/quality/calibrations/open")
    shot(page, "calibration-open")
    page.fill("#title", "Bulk or not")
    page.fill("#cases", " ".join(case.ref for case in cases))
    for person in people:
        page.check(f"[name=members][value='{person.id}']")
    page.click("text=Open it")
    page.wait_for_selector("text=How far everybody is")
    shot(page, "calibration-deciding")
    session = Session.objects.get()
    for person, key in zip(people, ("v", "x"), strict=True):
        own = seat(person)
        own.goto(f"{live_server.url}/quality/calibrations/{session.id}")
        own.keyboard.press("n")
        for number in range(2):
            own.wait_for_selector("#rationale")
            judge(own, "v" if number == 0 else key, f"{person} finds so.")
        assert "2 of 2" in own.content()

    page.reload()
    page.click("text=Compare now")
    page.wait_for_selector("text=What was said")
    shot(page, "calibration-comparing")
    page.fill("#body", "Is a bought list always bulk?")
    page.click("text=Add note")
    for place in (1, 2):
        page.fill(f"#why-{place}", "A bought list is bulk.")
        page.click(f"text=Agree on case {place}")
        page.wait_for_selector(f"text=Agreed on case {place}.")
    page.click("text=Close it")
    page.wait_for_selector("text=is closed")
    shot(page, "calibration-closed")
    page.click(f"text=Make {cases[0].ref} golden")
    shot(page, "golden-keep")
    page.click("text=Keep it")
    page.wait_for_selector("text=Kept.")
    golden = Golden.objects.get()
    assert golden.source == "calibration"
    page.goto(f"{live_server.url}/quality/golden")
    shot(page, "golden")
    page.goto(f"{live_server.url}/quality/golden/{golden.id}")
    shot(page, "golden-one")
    assert Check.objects.filter(kind="calibration", state="answered").count() == 4
