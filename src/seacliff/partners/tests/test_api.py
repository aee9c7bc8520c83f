"""Asks by the API, both ways, and what a program may not do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from django.utils import timezone

from seacliff.partners.access import by_user, our_function
from seacliff.partners.actions import NewAsk, answer, ask
from seacliff.partners.models import Ask, Dispatch
from seacliff.people.access import forget_tokens
from seacliff.people.actions import issue_token
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event
from seacliff.review.tests import factories as work

from .factories import charter, function, made_ask, partner, reviewer

pytestmark = pytest.mark.django_db


def call(client, user, method, path, body=None, **query):
    client.force_login(user)
    send = getattr(client, method)
    if method == "get":
        return send(f"/api/v1{path}", query)
    return send(f"/api/v1{path}", body or {}, content_type="application/json")


def test_asks_go_both_ways(client, comms, dana):
    alice = reviewer()
    new = {"to": "communications", "kind": "advise", "question": "What may we say?", "key": "wave-1"}
    made = call(client, alice, "post", "/asks", new)
    assert made.status_code == 201 and made.json()["from_function"] == "trust-and-safety"
    assert call(client, alice, "post", "/asks", new).json()["ref"] == made.json()["ref"]
    back = call(client, dana, "post", "/asks", {"to": "trust-and-safety", "kind": "advise", "question": "Is it over?"})
    assert (back.json()["from_function"], back.json()["to_function"]) == ("communications", "trust-and-safety")
    assert Event.objects.filter(verb="ask.made").count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_key_at_the_same_moment_is_one_ask_and_one_answer(live_server):
    comms = function("communications")
    charter(comms)
    our_function()
    secret = issue_token(SYSTEM, reviewer(), name="bot", scopes=["partners:ask:make", "partners:ask:view"])[1]
    forget_tokens()
    bearer = {"Authorization": f"Bearer {secret}"}
    gate = threading.Barrier(8)

    def post(number):
        new = {"to": "communications", "kind": "advise", "question": "What may we say?", "key": f"wave-{number // 8}"}
        gate.wait()
        answer = httpx.post(f"{live_server.url}/api/v1/asks", json=new, headers=bearer, timeout=30)
        return answer.status_code, answer.json().get("ref")

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(post, range(32)))
    assert {status for status, _ref in said} == {201}
    assert len({ref for _status, ref in said}) == 4 == Ask.objects.count()
    assert all(len(set(said[first : first + 8])) == 1 for first in range(0, 32, 8))
    assert Dispatch.objects.filter(purpose="asked").count() == Event.objects.filter(verb="ask.made").count() == 4


def test_whoever_was_asked_does_it_all(client, comms, dana):
    asked = made_ask(comms)
    path = f"/asks/{asked.ref}"
    gil = partner(comms, "Gil")
    assert [row["ref"] for row in call(client, dana, "get", "/asks").json()["items"]] == [asked.ref]
    assert call(client, dana, "post", f"{path}/acknowledge").json()["state"] == "acknowledged"
    assert call(client, dana, "post", f"{path}/messages", {"body": "Which?", "back": True}).status_code == 201
    assert call(client, asked.asked_by, "post", f"{path}/messages", {"body": "The big one"}).status_code == 201
    assert call(client, dana, "post", f"{path}/hand-on", {"to_email": gil.email}).json()["to_email"] == gil.email
    fault = call(client, gil, "post", f"{path}/answer", {"answer": "yes"})
    assert fault.status_code == 422 and fault.json()["errors"][0]["pointer"] == "#/form/advice"
    said = call(client, gil, "post", f"{path}/answer", {"answer": "yes", "form": {"advice": "Little"}})
    assert said.json()["form_answers"] == {"advice": "Little"} and said.json()["answered_via"] == "api"
    bodies = [row["body"] for row in call(client, dana, "get", f"{path}/messages").json()["items"]]
    assert bodies == ["Which?", "The big one"]
    assert call(client, dana, "post", f"{path}/answer", {"answer": "no", "reason": "x"}).status_code == 409


def test_the_asker_does_the_rest(client, comms, dana):
    asked = made_ask(comms)
    alice, path = asked.asked_by, f"/asks/{asked.ref}"
    assert call(client, alice, "post", f"{path}/pause", {"reason": "Court"}).json()["state"] == "paused"
    assert call(client, alice, "post", f"{path}/resume").json()["state"] == "asked"
    later = (timezone.now() + timedelta(days=3)).isoformat()
    assert call(client, alice, "post", f"{path}/reschedule", {"due_at": later}).status_code == 200
    assert call(client, alice, "post", f"{path}/reschedule", {"due_at": "2027-01-01T10:00:00"}).status_code == 422
    assert call(client, dana, "post", f"{path}/withdraw", {"reason": "x"}).status_code == 403
    answer(by_user(dana), asked, "no", "We can't")
    assert (
        call(client, alice, "post", f"{path}/outcome", {"outcome": "helped", "text": "Yes"}).json()["outcome"]
        == "helped"
    )
    assert call(client, alice, "post", f"{path}/reopen", {"reason": "Until when?"}).json()["state"] == "asked"
    assert call(client, alice, "post", f"{path}/withdraw", {"reason": "Over"}).json()["state"] == "withdrawn"


def test_what_a_case_offers_is_redacted_and_for_those_who_see_cases(client, comms, dana):
    case = work.case()
    work.report(case, text="He writes to ann.lee@school.example.")
    found = call(client, reviewer(), "get", "/asks/offer", about_kind="case", about_id=case.id)
    assert "[e-mail]" in found.content.decode() and "ann.lee" not in found.content.decode()
    assert call(client, dana, "get", "/asks/offer", about_kind="case", about_id=case.id).status_code == 404
    new = {"to": "communications", "kind": "advise", "question": "What now?", "about_kind": "case",
           "about_id": str(case.id), "share": ["harm"]}  # fmt: skip
    assert [each["key"] for each in call(client, reviewer(), "post", "/asks", new).json()["shared"]] == ["harm"]
    assert call(client, reviewer(), "post", "/asks", new | {"share": ["reporter"]}).status_code == 422
    assert call(client, reviewer(), "post", "/asks", new | {"about_id": str(uuid4())}).status_code == 404


def test_partners_see_nothing_of_other_functions(client, comms, dana):
    legal = function("legal")
    charter(legal)
    other = made_ask(legal)
    for path in (f"/asks/{other.ref}", f"/asks/{other.ref}/messages", "/functions/legal/charter"):
        assert call(client, dana, "get", path).status_code == 404
    for verb, body in [("answer", {"answer": "yes"}), ("acknowledge", {}), ("messages", {"body": "Hm"}),
                       ("withdraw", {"reason": "x"}), ("hand-on", {"to_email": dana.email})]:  # fmt: skip
        assert call(client, dana, "post", f"/asks/{other.ref}/{verb}", body).status_code == 404
    assert call(client, dana, "get", "/asks", of="legal").status_code == 404
    assert [row["slug"] for row in call(client, dana, "get", "/functions").json()] == ["communications"]
    ask(by_user(dana), NewAsk("advise", our_function(), "Is it over?", sender=comms))
    words = client.get("/api/v1/asks", {"board": "outbox"}).content.decode()
    assert other.ref not in words and other.question not in words


def test_a_token_reaches_as_far_as_its_scopes(client, comms, dana):
    asked = made_ask(comms)
    secret = issue_token(SYSTEM, dana, name="bot", scopes=["partners:ask:view"])[1]
    forget_tokens()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"/api/v1/asks/{asked.ref}", headers=bearer).status_code == 200
    refused = client.post(f"/api/v1/asks/{asked.ref}/acknowledge", headers=bearer)
    assert refused.status_code == 403
    assert Ask.objects.get().state == "asked"


def test_charters_and_decision_rights_are_read(client, comms, dana):
    from seacliff.partners.charters.document import Right

    comms.charters.all().delete()
    charter(comms, rights=(Right("What is said in public", "communications", ("legal",)),))
    assert (
        call(client, dana, "get", "/functions/communications/charter").json()["charter"]["contacts"][0]["name"]
        == "Dana Press"
    )
    [found] = call(client, dana, "get", "/decision-rights", words="public").json()
    assert found["decides"] == "communications" and found["consulted"] == ["legal"]
    assert call(client, dana, "get", "/decision-rights", words="nothing such").json() == []
