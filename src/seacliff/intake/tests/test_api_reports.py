"""The API for programs: sending reports, one and many, and reading them."""

import base64
import json
import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from seacliff.intake import queries, receipts
from seacliff.intake.actions import take
from seacliff.intake.group_commit import GROUP
from seacliff.intake.models import IdempotencyKey, Message, Report, Unrouted
from seacliff.people import access
from seacliff.people.models import ApiToken, User
from seacliff.people.permissions import Permission
from seacliff.policy.models import Category, Policy
from seacliff.record.models import Attachment, Event
from seacliff.targets.models import Product

pytestmark = pytest.mark.django_db
URL = "/api/v1/reports"


@pytest.fixture(autouse=True)
def _set_up(request, monkeypatch):
    if "live_server" not in request.fixturenames:  # one thread sees the test's own transaction; the rest is over HTTP
        monkeypatch.setattr(GROUP, "take", lambda entry: take([entry])[0])
    queries.forget()
    access.forget_tokens()
    policy = Policy.objects.create(slug="abuse")
    for slug in ("spam", "harassment"):
        Category.objects.create(slug=slug, policy=policy, names={"en": slug.title()})
    yield
    queries.forget()
    access.forget_tokens()


@pytest.fixture
def meet() -> Product:
    return Product.objects.create(slug="meet", name="Meet", languages=["en"])


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.org", "correct horse battery", name="Ann", roles=["reviewer"])


def token(owner: User, *scopes: str) -> dict[str, str]:
    secret = f"sc_{uuid4().hex}"
    ApiToken.objects.create(
        name="backend", prefix=secret[:8], digest=access.digest_of(secret), scopes=scopes, owner=owner
    )
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def key(ann) -> dict[str, str]:
    return token(ann, Permission.REPORT_CREATE, Permission.REPORT_VIEW)


def body(**fields) -> dict:
    return {"product": "meet", "category": "spam", "target": {"kind": "user", "ref": "u-7"}, **fields}


def send(client: Client, headers: dict[str, str], content, **more):
    return client.post(URL, json.dumps(content), content_type="application/json", headers={**headers, **more})


class TestOneReport:
    def test_is_answered_with_its_id_its_code_and_its_private_link_once_it_is_on_disk(self, client, meet, key):
        tree = [{"kind": "account", "ref": "acme", "plan": "pro"}]
        target = {"kind": "user", "ref": "u-7", "name": "Mallory", "email": "m@example.net", "tree": tree}
        answer = send(client, key, body(
            target=target, reporter={"email": "Bo@Example.org", "name": "Bo"}, subject="Spam", text="Buy now",
            occurred_at="2026-11-01T10:00:00+01:00", language="en", extra={"meeting": 5},
        ))  # fmt: skip
        assert answer.status_code == 201, answer.content
        told = answer.json()
        row = Report.objects.get(pk=told["id"])
        assert told["state"] == "created"
        assert told["code"] == receipts.code_of(row.id)
        assert receipts.report_of(told["status_url"].rpartition("/")[2]) == row.id
        assert (row.channel, row.product_id, row.target_name, row.target_tree) == ("api", meet.id, "Mallory", tree)
        assert (row.reporter_key, row.reporter_email) == ("mail:bo@example.org", "Bo@Example.org")
        assert row.occurred_at.isoformat() == "2026-11-01T09:00:00+00:00"
        assert row.extra == {"meeting": 5, "target": {"email": "m@example.net"}}
        event = Event.objects.get(subject_id=row.id)
        assert (event.verb, event.actor_kind, event.actor_name) == ("report.received", "token", "backend (Ann)")
        assert Unrouted.objects.filter(pk=row.id).exists()

    def test_goes_to_the_only_product_when_it_names_none(self, client, meet, key):
        content = body()
        del content["product"]
        assert Report.objects.get(pk=send(client, key, content).json()["id"]).product_id == meet.id

    def test_sent_again_with_its_key_is_answered_as_before(self, client, meet, key):
        first = send(client, key, body(), **{"Idempotency-Key": "a1"})
        again = send(client, key, body(), **{"Idempotency-Key": "a1"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == {**first.json(), "state": "repeated"}
        assert Report.objects.count() == 1

    def test_with_a_key_used_for_another_body_is_a_conflict(self, client, meet, key):
        send(client, key, body(), **{"Idempotency-Key": "a1"})
        answer = send(client, key, body(text="else"), **{"Idempotency-Key": "a1"})
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
        assert "another body" in answer.json()["detail"]

    def test_keys_of_another_token_are_another_matter(self, client, meet, key, ann):
        send(client, key, body(), **{"Idempotency-Key": "a1"})
        answer = send(client, token(ann, Permission.REPORT_CREATE), body(text="else"), **{"Idempotency-Key": "a1"})
        assert answer.status_code == 201

    @pytest.mark.parametrize(
        ("change", "pointer", "says"),
        [
            ({"category": "nonsense"}, "#/category", "harassment"),
            ({"product": "nope"}, "#/product", "meet"),
            ({"target": {"kind": "ship", "ref": "x"}}, "#/target/kind", "Invalid enum value 'ship'"),
            ({"target": {"kind": "user", "ref": ""}}, "#/target/ref", "length >= 1"),
            ({"target": {"kind": "user", "ref": "a", "tree": [{"kind": "user"}]}}, "#/target/tree/0", "ref"),
            ({"occurred_at": "2026-11-01T10:00:00"}, "#/occurred_at", "timezone"),
            ({"occurred_at": "yesterday"}, "#/occurred_at", "RFC3339"),
            ({"text": 5}, "#/text", "Expected `str`"),
            ({"subject": "x" * 501}, "#/subject", "length <= 500"),
            ({"colour": "red"}, "#/colour", "no such field"),
            ({"idempotency_key": "b"}, "#/idempotency_key", "header"),
            ({"evidence": [{"content": "!!"}]}, "#/evidence/0/content", "base 64"),
            ({"evidence": [{"name": "a"}]}, "#/evidence/0", "sha256 or content"),
        ],
    )
    def test_with_a_wrong_field_is_refused_by_name(self, client, meet, key, change, pointer, says):
        answer = send(client, key, body(**change), **{"Idempotency-Key": "a"})
        assert answer.status_code == 422, answer.content
        [fault] = answer.json()["errors"]
        assert fault["pointer"] == pointer
        assert says in fault["detail"]
        assert not Report.objects.exists()

    def test_hears_of_all_its_faults_at_once(self, client, meet, key):
        answer = send(client, key, {"text": 5, "subject": None})
        assert {fault["pointer"] for fault in answer.json()["errors"]} == {
            "#/category", "#/target", "#/text", "#/subject",
        }  # fmt: skip

    @pytest.mark.parametrize("raw", [b"", b"nonsense", b'"text"', b"{", b"\xff", b"5", b"null", b"{" * 5000])
    def test_that_is_no_json_object_is_refused(self, client, meet, key, raw):
        answer = client.post(URL, raw, content_type="application/json", headers=key)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")

    def test_with_a_nul_character_is_refused(self, client, meet, key):
        assert send(client, key, body(text="a\0b")).status_code == 422
        assert send(client, key, body(extra={"a": "\0"})).status_code == 422
        assert not Report.objects.exists()


class TestWhoMaySend:
    def test_not_a_stranger(self, client, meet):
        assert send(client, {}, body()).status_code == 401
        assert send(client, {"Authorization": "Bearer sc_made_up"}, body()).status_code == 401

    def test_not_a_token_without_the_scope(self, client, meet, ann):
        answer = send(client, token(ann, Permission.REPORT_VIEW), body())
        assert answer.status_code == 403
        assert Permission.REPORT_CREATE in answer.json()["detail"]

    def test_a_person_in_the_console_may(self, client, meet, ann):
        client.force_login(ann)
        assert send(client, {}, body()).status_code == 201
        assert Event.objects.get(verb="report.received").actor_kind == "person"

    def test_a_person_needs_the_csrf_token(self, meet, ann):
        client = Client(enforce_csrf_checks=True)
        client.force_login(ann)
        assert send(client, {}, body()).status_code == 403


class TestABatch:
    def test_answers_for_each_item_in_order(self, client, meet, key):
        send(client, key, body(idempotency_key="old"))
        answer = send(client, key, [
            body(subject="one"), body(category="nonsense"), body(idempotency_key="old"), body(text=1),
            body(idempotency_key="old", text="other"), body(subject="last"),
        ])  # fmt: skip
        assert answer.status_code == 207
        told = answer.json()
        assert [each["state"] for each in told["results"]] == [
            "created", "refused", "repeated", "refused", "refused", "created",
        ]  # fmt: skip
        assert (told["created"], told["repeated"], told["refused"]) == (2, 1, 3)
        assert told["results"][1]["errors"][0]["pointer"] == "#/category"
        assert "another body" in told["results"][4]["problem"]
        assert Report.objects.get(pk=told["results"][5]["id"]).subject == "last"

    def test_sent_again_under_one_header_key_makes_nothing_new(self, client, meet, key):
        items = [body(subject=str(n)) for n in range(5)]
        first = send(client, key, items, **{"Idempotency-Key": "batch"}).json()
        again = send(client, key, items, **{"Idempotency-Key": "batch"}).json()
        assert (first["created"], again["repeated"]) == (5, 5)
        assert [r["id"] for r in first["results"]] == [r["id"] for r in again["results"]]

    def test_of_a_thousand_is_taken_and_of_one_more_refused(self, client, meet, key):
        assert send(client, key, [body()] * 1000).json()["created"] == 1000
        assert send(client, key, [body()] * 1001).status_code == 422
        assert Report.objects.count() == 1000

    def test_of_none_is_none(self, client, meet, key):
        assert send(client, key, []).json()["results"] == []


@pytest.mark.django_db(transaction=True)
class TestOverHttp:
    """Real sockets, real threads, real commits."""

    def test_32_clients_with_repeated_keys_get_each_report_once(self, live_server, meet, key):
        answers: list[tuple[str, int, str]] = []
        gate = threading.Barrier(32)

        def insist(http: httpx.Client, name: str) -> httpx.Response:
            while True:  # as clients do: the test server's short queue refuses some of 32 connections
                with suppress(httpx.TransportError):
                    return http.post(URL, json=body(subject=name), headers={"Idempotency-Key": name})

        def work(seed: int) -> None:
            with httpx.Client(base_url=live_server.url, headers=key, timeout=30) as http:
                gate.wait()
                for n in range(12):
                    name = f"k{(seed + n * 5) % 100}"
                    answer = insist(http, name)
                    answers.append((name, answer.status_code, answer.json()["id"]))

        with ThreadPoolExecutor(32) as pool:
            list(pool.map(work, range(32)))

        names = {name for name, _, _ in answers}
        assert len(answers) == 32 * 12
        assert {status for _, status, _ in answers} <= {200, 201}
        assert {(name, id) for name, _, id in answers} == {(r.subject, str(r.id)) for r in Report.objects.all()}
        assert Report.objects.count() == Unrouted.objects.count() == IdempotencyKey.objects.count() == len(names)
        assert Event.objects.filter(verb="report.received").count() == len(names)

    def test_a_bad_neighbour_in_the_same_commit_harms_nobody(self, live_server, meet, key):
        def work(n: int) -> int:
            extra = {"a": "\0"} if n % 4 == 0 else {}
            return httpx.post(live_server.url + URL, json=body(extra=extra), headers=key, timeout=30).status_code

        with ThreadPoolExecutor(16) as pool:
            statuses = Counter(pool.map(work, range(64)))
        assert statuses == {201: 48, 422: 16}
        assert Report.objects.count() == 48

    def test_a_broken_connection_to_the_database_is_a_503_and_then_heals(self, live_server, meet, key):
        def post():
            return httpx.post(live_server.url + URL, json=body(), headers=key, timeout=30)

        assert post().status_code == 201
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                           " AND datname = current_database() AND usename = current_user")  # fmt: skip
        statuses = [post() for _ in range(3)]
        assert [s.status_code for s in statuses][-1] == 201
        for answer in statuses:
            if answer.status_code != 201:
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")

    def test_when_too_many_wait_the_next_is_told_to_come_back(self, live_server, meet, key, monkeypatch):
        monkeypatch.setattr("seacliff.intake.group_commit.MOST_WAITING", 0)
        answer = httpx.post(live_server.url + URL, json=body(), headers=key)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert not Report.objects.exists()


class TestReading:
    def test_one_report_by_id(self, client, meet, key):
        id = send(client, key, body(subject="Hello")).json()["id"]
        answer = client.get(f"{URL}/{id}", headers=key).json()
        assert (answer["id"], answer["subject"], answer["code"][:2]) == (id, "Hello", "R-")
        assert client.get(f"{URL}/{uuid4()}", headers=key).status_code == 404

    def test_pages_newest_first_by_key(self, client, meet, key):
        ids = [each["id"] for each in send(client, key, [body()] * 5).json()["results"]]
        seen, url = [], f"{URL}?limit=2"
        while url:
            answer = client.get(url, headers=key).json()
            seen += [item["id"] for item in answer["items"]]
            url = answer["next"]
        assert sorted(seen) == sorted(ids)
        assert seen == sorted(seen, reverse=True)

    def test_filters_by_target_reporter_and_time(self, client, meet, key):
        send(client, key, [body(target={"kind": "user", "ref": "x"}), body(reporter={"user": "9"}), body()])

        def count(query):
            return len(client.get(f"{URL}?{query}", headers=key).json()["items"])

        assert (count("target_ref=x"), count("reporter_key=user:meet:9")) == (1, 1)
        assert (count("since=2020-01-01T00:00:00Z"), count("until=2020-01-01T00:00:00Z")) == (3, 0)
        assert client.get(f"{URL}?since=0001-01-01T00:00:00Z", headers=key).status_code in (200, 422)

    def test_needs_the_permission(self, client, meet, ann):
        assert client.get(URL, headers=token(ann, Permission.REPORT_CREATE)).status_code == 403


def test_a_xarf_document_is_kept_before_it_is_read(client, meet, key):
    raw = b'{"xarf_version": "4.0.0"}'
    answer = client.post("/api/v1/xarf", raw, content_type="application/json", headers=key)
    assert answer.status_code == 202
    message = Message.objects.get(pk=answer.json()["id"])
    assert (bytes(message.raw), message.source, message.state) == (raw, "api", "unread")
    again = client.post("/api/v1/xarf", raw, content_type="application/json", headers=key)
    assert again.json()["id"] == answer.json()["id"]


def test_evidence_in_base_64_is_attached(client, meet, key):
    piece = {"name": "note.txt", "type": "text/plain", "content": base64.b64encode(b"hello").decode()}
    id = send(client, key, body(evidence=[piece])).json()["id"]
    found = Attachment.objects.get(subject_id=id)
    assert (found.name, found.evidence.size) == ("note.txt", 5)


def test_evidence_sent_before_is_attached_by_its_hash(client, meet, key):
    file = SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n" + bytes(20))
    kept = client.post("/api/v1/evidence", {"file": file}, headers=key)
    assert kept.status_code == 201, kept.content
    told = kept.json()
    answer = send(client, key, body(evidence=[{"name": "shot.png", "sha256": told["sha256"]}]))
    assert Attachment.objects.get(subject_id=answer.json()["id"]).evidence.size == 28 == told["size"]
    missing = send(client, key, body(evidence=[{"sha256": "0" * 64}]))
    assert missing.status_code == 422


def test_evidence_over_the_limit_is_refused_with_the_limit_named(client, meet, key, settings):
    settings.EVIDENCE_MAX_BYTES = 10
    piece = {"content": base64.b64encode(bytes(11)).decode()}
    answer = send(client, key, body(evidence=[piece]))
    assert answer.status_code == 422
    assert "the most that is kept is" in answer.json()["errors"][0]["detail"]


def test_the_documentation_shows_how_to_send_reports(client):
    schema = client.get("/api/v1/openapi.json").json()
    operation = schema["paths"][URL]["post"]
    one, many = operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert one["properties"]["target"]["properties"]["kind"]["enum"]
    assert many["maxItems"] == 1000
    assert {"200", "201", "207"} <= operation["responses"].keys()


@pytest.mark.django_db(transaction=True)
def test_a_waiting_request_holds_no_connection():
    """With every connection of the pool in the hands of requests, the thread that writes for them would get none."""
    from django.db import connection

    from seacliff.intake import group_commit

    connection.ensure_connection()
    held = []
    group = group_commit.GroupCommit()
    group.process = os.getpid()

    def put(waiting):
        held.append(connection.connection is not None)
        waiting.outcome = "written"
        waiting.done.release()

    group.queue = type("Queue", (), {"put": staticmethod(put), "qsize": staticmethod(lambda: 0)})()
    assert group.take(None) == "written"
    assert held == [False]
