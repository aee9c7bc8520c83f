"""The pages of the ledger and its API: what they show, who may, that their queries don't grow."""

import json

import pytest

from seacliff.people.actions import issue_token
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.value import readings
from seacliff.value.ledger import actions
from seacliff.value.ledger.actions import Proposal
from seacliff.value.ledger.catalogue import ALL
from seacliff.value.ledger.plans import Plan
from seacliff.value.models import Finding
from seacliff.value.tests import world
from seacliff.value.tests.test_ledger import PLAN, QUESTION, estimated, past, proposed  # noqa: F401  fixtures


@pytest.fixture
def page_of(client, lead):
    client.force_login(lead)
    return lambda url: client.get(url).content.decode()


def test_the_ledger_teaches_when_empty_and_lists_nulls_refusals_and_offers(page_of, lead, db):
    assert "No findings here" in page_of("/value/ledger")
    world.decided()
    refused = estimated(lead, plan=Plan("leniency", "reported_again", plausible=0.0001))
    offered = actions.offer(Proposal("Did the policy change what is reported?", PLAN), "policy-version:x")
    text = page_of("/value/ledger")
    assert (
        refused.ref in text
        and "refused" in text
        and text.index(refused.ref) < text.index("On offer") < text.index(offered.ref)
    )
    assert offered.ref not in page_of("/value/ledger?grade=refused")
    assert refused.ref not in page_of("/value/ledger?state=offered")


def test_the_number_of_queries_does_not_grow_with_the_findings(client, lead, db, django_assert_max_num_queries):
    client.force_login(lead)
    for _ in range(12):
        actions.propose(lead, Proposal(QUESTION, PLAN))
    with django_assert_max_num_queries(6):
        assert client.get("/value/ledger").status_code == 200


def test_a_finding_shows_what_was_fixed_its_diagnostics_and_its_history(page_of, lead, past):  # noqa: F811
    found = estimated(lead, overlap="reporters", worth=12.0, worth_basis="1,000 reporters × 1 euro")
    text = page_of(f"/value/ledger/{found.ref}")
    for words in ("First-stage F", "Balance within cells", found.data_hash[:12], found.code_version, "1,000 reporters",
                  "share of reporters who report again",
                  "estimated the finding: grade B", "data: 300 rows"):  # fmt: skip
        assert words in text, words


def test_a_finding_is_proposed_run_and_read_by_pages_alone(client, lead, past):  # noqa: F811
    client.force_login(lead)
    said = {"question": QUESTION, "outcome": "reports_again", "horizon_days": 28, "plausible": "0.8"}
    page = "/value/ledger/new?design=leniency"
    assert client.post(page, said | {"plausible": ""}).status_code == 422
    assert client.post(page, said | {"outcome": "left"}).status_code == 422
    half = client.post(page, said | {"accounts": "100"})
    assert half.status_code == 422 and "Say what one unit of the estimate is worth" in half.content.decode()
    made = client.post(page, said)
    assert made.status_code == 302
    found = Finding.objects.get()
    assert "being frozen" in client.get(made.url).content.decode()
    clear("value-ledger")
    client.post(f"/value/ledger/{found.ref}/run")
    clear("value-ledger")
    text = client.get(made.url).content.decode()
    assert "Diagnostics" in text or "Refused" in text
    client.post(f"/value/ledger/{found.ref}/sign-off")
    assert (
        "no function Finance" in client.get(made.url).content.decode()
        or "no estimate" in client.get(made.url).content.decode()
    )


def test_a_design_is_chosen_and_asks_for_what_it_looks_at_alone(page_of, lead, db):
    world.store(world.account_days(accounts=3))
    chooser = page_of("/value/ledger/new")
    for design in ALL:
        assert f"?design={design.slug}" in chooser and design.answers in chooser
        text = page_of(f"/value/ledger/new?design={design.slug}")
        shown = {name for name in Plan.__struct_fields__ if f'name="{name}"' in text}
        assert shown == {"outcome", *design.looks_at}, design.slug
    assert '<option value="lobby">Waiting room (lobby), 2026-02-04, by lot</option>' in page_of(
        "/value/ledger/new?design=trial"
    )


def test_an_offer_is_taken_up_with_its_plan_filled_in(client, lead, db):
    client.force_login(lead)
    plan = Plan("series", "reports", category="spam", changed_at=world.START)
    offered = actions.offer(Proposal("Did reports of spam change?", plan), "policy-version:x")
    text = client.get(f"/value/ledger/new?offered={offered.ref}").content.decode()
    assert "Did reports of spam change?" in text and "2026-01-05" in text
    client.post(f"/value/ledger/{offered.ref}/decline", {"reason": "Only a comma changed"})
    offered.refresh_from_db()
    assert offered.state == "declined" and "Only a comma" in client.get(f"/value/ledger/{offered.ref}").content.decode()


def test_others_may_read_and_not_propose(client, alice, lead, db):
    found = proposed(lead)
    client.force_login(alice)
    assert client.get("/value/ledger").status_code == 403
    assert client.post(f"/value/ledger/{found.ref}/run").status_code == 403


def test_the_data_page_says_what_is_wrong_with_the_inputs(page_of, client, lead, past):  # noqa: F811
    assert "not read yet" in page_of("/value/data")
    world.store(world.account_days(accounts=4))
    clear("value-readings")
    text = page_of("/value/data")
    assert "decisions whose assignment chance made" in text and "account_days" in text
    client.post("/value/readings/quality")
    assert readings.reading("quality").asked_at and "is reading" in page_of("/value/data")


def test_a_source_that_is_away_is_told_on_the_data_page(page_of, settings, lead, db):
    settings.VALUE_SOURCE = "/no/such/folder"
    clear("value-readings")
    assert "is not there" in page_of("/value/data")


def test_the_api_gives_the_whole_ledger_and_proposes(client, lead, past):  # noqa: F811
    secret = issue_token(SYSTEM, lead, name="t", scopes=["value:ledger:view", "value:ledger:propose"])[1]
    asked = {"headers": {"Authorization": f"Bearer {secret}"}, "content_type": "application/json"}
    body = {"question": QUESTION, "plan": {"design": "leniency", "outcome": "reports_again", "plausible": 0.9}}
    made = client.post("/api/v1/value/findings", data=json.dumps(body), **asked)
    assert made.status_code == 201 and made.json()["current"] is None
    ref = made.json()["ref"]
    assert client.post(f"/api/v1/value/findings/{ref}/run", data="{}", **asked).status_code == 409
    clear("value-ledger")
    assert client.post(f"/api/v1/value/findings/{ref}/run", data="{}", **asked).status_code == 202
    clear("value-ledger")
    found = client.get(f"/api/v1/value/findings/{ref}", **asked).json()
    assert found["current"]["result"]["diagnostics"] or found["current"]["refusal"]
    assert [one["ref"] for one in client.get("/api/v1/value/findings", **asked).json()["items"]] == [ref]
    for endless in ("nan", "inf", "-Infinity"):  # as a string, for JSON itself has no such numbers
        for faulty in (
            body | {"worth": {"accounts": 1, "margin": endless, "times": 1, "source": "as Finance told"}},
            body | {"plan": body["plan"] | {"plausible": endless}},
        ):
            assert client.post("/api/v1/value/findings", data=json.dumps(faulty), **asked).status_code == 422
    wrong = client.post("/api/v1/value/findings", data=json.dumps(body | {"question": "x"}), **asked)
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["pointer"] == "#/question"
