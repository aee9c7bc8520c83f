"""In a real browser: the pages of relationships with the sample company's asks, in both themes; formulas by keyboard."""

import random

import pytest

from seacliff.browsing import shot
from seacliff.partners.access import our_function
from seacliff.people.models import Function, User
from seacliff.people.permissions import Role
from seacliff.sample import company, relations_side

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ruth(db):
    our_function()
    for name in company.FUNCTIONS:
        Function.objects.get_or_create(slug=name.lower().replace(" ", "-"), defaults={"name": name})
    for name, roles, tier, _languages, _categories in company.PEOPLE:
        User.objects.create_user(f"{name.split()[0].lower()}@lantern.example", name=name, roles=roles, tier=tier)
    relations_side.seed(random.Random(11))
    return User.objects.get(roles__contains=[Role.LEAD])


def test_a_lead_looks_at_the_work_with_other_functions(seat, live_server, ruth):
    page = seat(ruth, viewport={"width": 1360, "height": 900})
    page.goto(f"{live_server.url}/relationships")
    shot(page, "overview")
    page.locator(".score").first.focus()
    formula = page.locator(".formula:popover-open")
    assert "÷ (answered + open past the due time)" in formula.inner_text()
    shot(page, "formula")
    page.keyboard.press("Escape")
    assert formula.count() == 0

    page.get_by_role("link", name="Communications").click()
    page.wait_for_url("**/functions/communications*")
    shot(page, "function")
    page.keyboard.press("d")
    page.wait_for_url("**/digest")
    shot(page, "digest")

    page.goto(f"{live_server.url}/relationships/wins")
    shot(page, "wins")
    page.goto(f"{live_server.url}/relationships/people")
    assert "Nobody here has worked with anybody in Government Relations" in page.content()
    assert "all goes through Samuel Osei" in page.content()
    shot(page, "people")
