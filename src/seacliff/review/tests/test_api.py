"""A reviewer's work through the API: claim, read, decide, take back; and what is refused, with which code."""

import pytest

from seacliff.people import access
from seacliff.people.permissions import Permission, Role
from seacliff.review import actions
from seacliff.review.models import Case, Decision, Work
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, alice, rules):
    factories.notice_texts()
    client.force_login(alice)
    return client


def opened(**fields):
    case = factories.case(**fields)
    factories.report(case)
    return case


def post(client, path, **body):
    return client.post(f"/api/v1{path}", body, content_type="application/json")


def test_a_case_is_claimed_read_decided_and_taken_back(signed_in, alice):
    case = opened()
    assert post(signed_in, "/cases/claim").json()["ref"] == case.ref
    whole = signed_in.get(f"/api/v1/cases/{case.ref}").json()
    assert whole["work"]["holder"] == str(alice.id)
    assert whole["reports"][0]["report"]["text"] == "They send us the same invitation every minute."
    assert [node["kind"] for node in whole["tree"]] == ["organisation", "account", "user", "event"]
    assert "warn" in [offer["kind"] for offer in whole["may_order"]]
    assert whole["case"]["queue"] == "general"
    said = {"finding": "violation", "policy_version": whole["policy_version"], "actions": [{"kind": "warn"}]}
    decided = post(signed_in, f"/cases/{case.ref}/decide", **said)
    assert decided.status_code == 201, decided.content
    assert decided.json()["policy_version"] == whole["policy_version"]
    again = signed_in.get(f"/api/v1/cases/{case.ref}").json()
    assert (again["case"]["state"], again["case"]["decided_by"]) == ("decided", str(alice.id))
    assert again["decision"]["finding"] == "violation"
    assert post(signed_in, f"/decisions/{decided.json()['id']}/undo").json() == [case.ref]
    assert signed_in.get(f"/api/v1/decisions/{decided.json()['id']}").json()["undone_at"]
    assert signed_in.get(f"/api/v1/decisions?case={case.id}").json()["items"][0]["id"] == decided.json()["id"]


def test_nothing_to_claim_is_no_content(signed_in):
    assert post(signed_in, "/cases/claim").status_code == 204


def test_a_case_of_somebody_else_is_a_conflict(signed_in, bob):
    case = opened()
    actions.claim(bob, case)
    answer = post(signed_in, f"/cases/{case.ref}/decide", finding="no-violation")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert post(signed_in, f"/cases/{case.ref}/claim").status_code == 409
    assert not Decision.objects.exists()


def test_what_does_not_fit_says_where(signed_in, alice):
    case = opened(severity=1)
    actions.claim(alice, case)
    path = f"/cases/{case.ref}/decide"
    assert post(signed_in, path, finding="guilty").status_code == 422
    odd = post(signed_in, path, finding="violation", actions=[{"kind": "hang"}])
    assert odd.status_code == 422
    assert odd.json()["errors"][0]["pointer"] == "#/actions/0"
    assert post(signed_in, path, finding="violation", category="no-such").status_code == 422
    stranger = post(signed_in, path, finding="violation", policy_version=str(case.id))
    assert stranger.status_code == 422
    assert not Decision.objects.exists()


def test_moving_a_case_about(signed_in, alice, lead):
    case = opened()
    post(signed_in, "/cases/claim")
    assert (
        post(signed_in, f"/cases/{case.ref}/hold", reason="Asked them.", until="2027-01-01T00:00:00").status_code == 422
    )
    later = "2027-01-01T00:00:00Z"
    held = post(signed_in, f"/cases/{case.ref}/hold", reason="Asked the customer.", until=later)
    assert held.status_code == 204, held.content
    assert post(signed_in, f"/cases/{case.ref}/resume").status_code == 204
    post(signed_in, f"/cases/{case.ref}/claim")
    assert post(signed_in, f"/cases/{case.ref}/skip").status_code == 422
    assert post(signed_in, f"/cases/{case.ref}/skip", reason="I know the reporter.").status_code == 204
    note = post(signed_in, f"/cases/{case.ref}/notes", body="Third one this week.")
    assert note.status_code == 201
    assert signed_in.get(f"/api/v1/cases/{case.ref}/notes").json()["items"][0]["author_name"] == "Alice Okafor"
    post(signed_in, f"/cases/{case.ref}/claim")
    raised = post(signed_in, f"/cases/{case.ref}/escalate", reason="Beyond my tier.")
    assert raised.json() == {"tier": 2}, raised.content
    signed_in.force_login(factories.person("Otto Auditor", roles=(Role.AUDITOR,)))
    assert post(signed_in, f"/cases/{case.ref}/assign", user=str(lead.id)).status_code == 403
    signed_in.force_login(lead)
    assert post(signed_in, f"/cases/{case.ref}/assign", user=str(lead.id), reason="Mine.").status_code == 204
    assert Work.objects.get(case=case).assigned_to_id == lead.id


def test_cases_of_one_matter_are_decided_alike(signed_in, lead):
    cases = [opened() for _ in range(3)]
    signed_in.force_login(lead)
    verdict = {"finding": "no-violation", "category": "spam", "rationale": "The same invitation."}
    outcomes = post(signed_in, "/cases/decide", cases=[str(case.id) for case in cases], verdict=verdict)
    assert outcomes.status_code == 200, outcomes.content
    assert [outcome["problem"] for outcome in outcomes.json()] == ["", "", ""]
    assert Case.objects.filter(state="decided").count() == 3


def test_cases_are_found_by_what_they_are(signed_in):
    wanted, _other = opened(severity=1), opened()
    page = signed_in.get("/api/v1/cases?severity=1").json()
    assert [row["ref"] for row in page["items"]] == [wanted.ref]
    assert len(signed_in.get("/api/v1/cases?limit=1").json()["items"]) == 1
    assert signed_in.get("/api/v1/cases?state=lost").status_code == 422
    assert signed_in.get("/api/v1/queues").json()[0]["free"] == {"1": 1, "2": 0, "3": 1, "4": 0}
    assert signed_in.get("/api/v1/cases/C-999999").status_code == 404


def test_a_token_reaches_as_far_as_its_scopes(client, rules):
    from seacliff.people.actions import issue_token
    from seacliff.record.actions import SYSTEM

    access.forget_tokens()
    case = opened()
    admin = factories.person("Ada Admin", roles=(Role.ADMIN,))
    _token, secret = issue_token(SYSTEM, admin, name="reader", scopes=[Permission.CASE_VIEW])
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"/api/v1/cases/{case.ref}", headers=bearer).status_code == 200
    refused = client.post("/api/v1/cases/claim", {}, content_type="application/json", headers=bearer)
    assert refused.status_code == 403
