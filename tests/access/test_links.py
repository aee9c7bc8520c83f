"""What opens by a link or a token, without an account: whoever guesses is slowed down, whoever has the right one is not."""

import pytest
from django.test import Client

from seacliff.people import access, rates
from seacliff.people.actions import issue_token
from seacliff.people.permissions import Permission, Role
from seacliff.record.actions import SYSTEM

from .walk import PARAMETER, routes, table

pytestmark = pytest.mark.django_db
TAKING = [
    route
    for route in routes()
    if "<str:token>" in route.path and not route.permission and table().get(route.key) and route.name != "people:join"
]


def test_every_address_with_a_token_in_it_is_among_them():
    assert {route.name for route in TAKING} >= {
        "appeals:of-notice", "appeals:of-status", "connectors:calendar-feed", "enforcement:public-notice",
        "intake:received", "partners:by-link", "partners:link-file", "privacy:download", "review:status",
    }  # fmt: skip
    assert all(PARAMETER.search(route.path) for route in TAKING)


@pytest.mark.parametrize("route", TAKING, ids=lambda route: f"{route.method} {route.name}")
def test_guessing_links_is_slowed_down(world, route, monkeypatch):
    monkeypatch.setattr(rates, "WRONG_PER_MACHINE", 2)
    guess = getattr(Client(), route.method.lower())
    url = route.url(world, token="A" * 38)
    answers = [guess(url) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert int(answers[2]["Retry-After"]) > 0


def test_who_has_the_right_link_is_let_in_beside_one_who_guesses(world, monkeypatch):
    monkeypatch.setattr(rates, "WRONG_PER_MACHINE", 1)
    right = f"/status/{world.names['review:status.token']}"
    for _ in range(3):
        Client().get("/status/" + "A" * 38)
    assert Client().get(right).status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.9").get("/status/" + "A" * 38).status_code == 404


def test_looks_at_right_links_have_a_limit_of_their_own(world, monkeypatch):
    monkeypatch.setattr(rates, "LOOKS_PER_MACHINE", 2)
    right = f"/status/{world.names['review:status.token']}"
    assert [Client().get(right).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/cases", "/api/v1/reports"])
def test_guessing_tokens_is_slowed_down_and_a_good_one_still_works(world, path, monkeypatch):
    monkeypatch.setattr(access, "WRONG_TOKENS", 2)
    access.forget_tokens()

    def got(secret: str):
        return Client().get(path, headers={"Authorization": f"Bearer {secret}"})

    answers = [got(f"sc_guess{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[2]["Retry-After"]) > 0
    scopes = [Permission.CONSOLE_USE, Permission.CASE_VIEW, Permission.REPORT_VIEW]
    _, secret = issue_token(SYSTEM, world.people[Role.REVIEWER], name="t", scopes=scopes)
    assert got(secret).status_code == 200
