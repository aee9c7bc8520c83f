"""In a real browser: a playbook is started from a case, its asks are answered by those asked, and the run closes."""

import re

import pytest

from seacliff.browsing import shot
from seacliff.partners.models import Ask
from seacliff.partners.tests.factories import function, partner
from seacliff.people.permissions import Role
from seacliff.playbooks.models import Run
from seacliff.playbooks.tests.factories import SMALL, published, settle, states
from seacliff.review.tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_from_a_case_to_the_end_of_the_run(seat, live_server):
    published(SMALL + "starts: {categories: [harassment]}\n")
    case = factories.case(category="harassment")
    page = seat(factories.person("Rita Reviewer", roles=(Role.REVIEWER,)))
    page.goto(f"{live_server.url}/cases/{case.ref}")
    page.get_by_role("link", name="Small one").click()
    page.get_by_label("What (if known)").fill("A raid in the making")
    page.get_by_role("button", name="Start").click()
    page.get_by_text(re.compile(r"R-\d+ · Small one")).first.wait_for()
    shot(page, "run")
    page.get_by_label("Grave").select_option("yes")
    page.locator("#step-look button.primary").click()
    page.get_by_text("Answers so far").wait_for()
    ask = Ask.objects.get()
    page.get_by_role("link", name=ask.ref).wait_for()
    assert ask.question == "About A raid in the making: grave yes" and ask.about_id == case.id

    desk = seat(partner(function("legal"), "Petra Partner"))
    desk.goto(f"{live_server.url}/asks/{ask.ref}")
    desk.locator('[name="form.advice"]').fill("Keep it out of chats.")
    desk.locator("#answer button[value=yes]").click()
    desk.get_by_text("Answered").first.wait_for()
    ask.refresh_from_db()
    assert ask.state == "answered"
    settle()

    page.reload()
    page.get_by_text("Every step is done").first.wait_for()
    page.get_by_text("Keep it out of chats.").first.wait_for()
    run = Run.objects.get()
    assert run.state == "finished" and set(states(run).values()) == {"done"}
    shot(page, "run-finished")
    page.goto(f"{live_server.url}/cases/{case.ref}")
    page.get_by_role("link", name=run.ref).wait_for()


def test_the_editor_checks_as_one_types(seat, live_server):
    version = published()
    page = seat(factories.person("Lena Lead", roles=(Role.LEAD,)))
    page.goto(f"{live_server.url}/playbooks/{version.playbook.slug}/edit")
    page.get_by_text("It can be read: 3 steps.").wait_for()
    source = page.locator("#source")
    source.fill(SMALL.replace("after: [look]", "after: [lok]"))
    page.get_by_text("There is no step lok").wait_for()
    shot(page, "editor")
    source.fill(SMALL)
    page.get_by_text("It can be read: 3 steps.").wait_for()
    page.goto(f"{live_server.url}/playbooks/{version.playbook.slug}/tabletop?as.legal=never")
    page.get_by_text("never answered").wait_for()
    shot(page, "tabletop")
