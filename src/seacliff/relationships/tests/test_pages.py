"""The pages and the API: who sees which function, what the figures say, what a lead and a partner may change."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seacliff.people.actions import issue_token
from seacliff.people.permissions import Permission
from seacliff.record.actions import SYSTEM
from seacliff.relationships.models import DigestChoice, Win

from .factories import MONDAY, answered, function, lead, partner, reviewer, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_week_later():
    with time_machine.travel(MONDAY.replace(day=23)):
        yield


@pytest.fixture
def helped(comms):
    return answered(comms, outcome="helped", text="The rumours stopped.")


def shown(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"relationships:{name}", args=args), query)


def test_the_overview_shows_every_function_with_its_formulas(client, comms, helped):
    function("legal")
    waiting(comms)
    page = shown(client, reviewer(), "overview").content.decode()
    assert "Communications" in page and "Legal" in page
    assert "1 of 2" in page and "1 ÷ (1 + 1)" in page and "so no percentage" in page
    assert page.count('role="tooltip"') == page.count("popovertarget=")


def test_a_partner_sees_their_own_function_alone(client, comms, helped):
    legal = function("legal")
    dana = partner(comms)
    assert "Legal" not in shown(client, dana, "overview").content.decode()
    assert shown(client, dana, "function", comms.slug).status_code == 200
    assert shown(client, dana, "function", legal.slug).status_code == 404
    assert shown(client, dana, "digest", legal.slug).status_code == 404
    assert shown(client, dana, "wins").status_code == 403


def test_the_function_s_page_gives_reasons_and_wins(client, comms, helped):
    answered(comms, 1, "no")
    page = shown(client, reviewer(), "function", comms.slug).content.decode()
    assert "Not now." in page and "The rumours stopped." in page


def test_a_period_that_can_t_be_read_says_so(client, comms):
    answer = shown(client, reviewer(), "overview", since="2026-11-23", until="2026-11-01")
    assert answer.status_code == 422 and "before the first" in answer.content.decode()


def test_a_lead_words_a_win_on_its_page(client, comms, helped):
    address = reverse("relationships:word-win", args=["ask", helped.id])
    client.force_login(reviewer())
    assert client.post(address, {"words": "Mine"}).status_code == 403
    client.force_login(lead())
    client.post(address, {"words": "A calm school.", "pinned": "1"})
    assert Win.objects.get().pinned_at
    assert "A calm school." in shown(client, lead(), "wins").content.decode()


def test_the_digest_is_seen_before_it_is_sent_and_can_be_stopped(client, comms, helped):
    dana = partner(comms)
    page = shown(client, dana, "digest", comms.slug, week="last").content.decode()
    assert "What it did" in page and "The rumours stopped." in page and "dana@lantern.example" in page
    client.post(reverse("relationships:digest", args=[comms.slug]), {})
    assert DigestChoice.objects.get(function=comms).wanted is False
    assert "wants no digest" in shown(client, dana, "digest", comms.slug).content.decode()
    client.force_login(reviewer())
    assert client.post(reverse("relationships:digest", args=[comms.slug]), {}).status_code == 403


@pytest.mark.parametrize("name", ["overview", "function", "digest", "wins"])
def test_a_page_takes_as_many_queries_for_much_as_for_little(client, comms, helped, name):
    args = [comms.slug] if name in ("function", "digest") else []
    user = lead()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            shown(client, user, name, *args)
        return len(found)

    waiting(comms)
    queries()
    first = queries()
    for number in range(4):
        answered(comms if number % 2 else function("legal"), outcome="helped")
        waiting(comms)
    assert queries() == first <= 25


def test_the_api_gives_the_counts(client, comms, helped):
    _token, secret = issue_token(SYSTEM, lead(), name="api", scopes=[str(Permission.RELATIONSHIP_VIEW)])
    headers = {"Authorization": f"Bearer {secret}"}
    [found] = client.get("/api/v1/relationships?days=30", headers=headers).json()
    assert found["function"] == "communications"
    assert found["we_asked"]["in_time"] == 1 and found["we_asked"]["median_hours"] == pytest.approx(1, abs=0.05)
    one = client.get("/api/v1/relationships/functions/communications", headers=headers).json()
    assert one["we_asked"]["asked"] == 1
    wrong = client.get("/api/v1/relationships?since=2026-02-01&until=2026-01-01", headers=headers)
    assert wrong.status_code == 422
