from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.enforcement.deliveries import delivery
from seacliff.enforcement.models import Action, Delivery, Endpoint, Notice
from seacliff.people.models import User
from seacliff.record.models import Event
from seacliff.record.tokens import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = User.objects.create_user("admin@example.org", name="Ada Admin", roles=["admin"])
    client.force_login(user)
    return user


@pytest.fixture
def endpoint():
    return Endpoint.objects.create(name="Product <b>", url="https://product.example/hooks", hears=["action.*"])


@pytest.fixture
def action(target, version):
    return Action.objects.create(
        case_id=uuid4(), decision_id=uuid4(), target=target, kind="strike", policy_version=version,
        state="failed", not_before=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def dead(endpoint, action):
    one = delivery(endpoint, action.id, "action.strike", {}, timezone.now() - timedelta(days=2), action)
    one.state, one.last_error = Delivery.State.DEAD, "ConnectError: <script>"
    one.save()
    return one


def test_every_page_shows_its_rows_and_escapes_what_others_wrote(client, admin, dead, target):
    Notice.objects.create(
        target=target, audience="affected", outcome="violation", language="en", subject="<i>Hello</i>", body="x",
        not_before=timezone.now(), next_at=timezone.now(),
    )  # fmt: skip
    pages = {
        reverse("enforcement:actions"): "Acme",
        reverse("enforcement:action", args=[dead.action_id]): "Product &lt;b&gt;",
        reverse("enforcement:deliveries"): "&lt;script&gt;",
        reverse("enforcement:deliveries") + "?state=dead": "Try again",
        reverse("enforcement:notices"): "&lt;i&gt;Hello",
        reverse("enforcement:endpoints"): "Product &lt;b&gt;",
        reverse("enforcement:endpoint", args=[dead.endpoint_id]): "action.strike",
    }
    for url, text in pages.items():
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert text in answer.content.decode(), url


def test_a_given_up_delivery_is_replayed_by_a_button(client, admin, dead):
    client.post(reverse("enforcement:replay", args=[dead.id]))
    dead.refresh_from_db()
    assert (dead.state, dead.action.state) == (Delivery.State.PENDING, Action.State.SENDING)
    assert Event.objects.get(verb="delivery.replayed").actor_name == "Ada Admin"


def test_all_of_an_endpoint_are_replayed_at_once(client, admin, dead):
    client.post(reverse("enforcement:replay-all", args=[dead.endpoint_id]))
    assert Delivery.objects.get().state == Delivery.State.PENDING


def test_an_endpoint_is_added_with_a_secret_and_a_bad_one_is_explained(client, admin):
    url = reverse("enforcement:endpoint-new")
    answer = client.post(url, {"name": "P", "url": "ftp://x.example/", "hears": "action.*", "is_active": "on"})
    assert "must begin with https://" in answer.content.decode()
    client.post(url, {"name": "P", "url": "https://x.example/", "hears": "action.*, case.decided", "is_active": "on"})
    endpoint = Endpoint.objects.get()
    assert endpoint.hears == ["action.*", "case.decided"]
    assert endpoint.secret.startswith("whsec_")


def test_rotation_keeps_the_old_secret_for_a_while(client, admin, endpoint):
    old = endpoint.secret
    client.post(reverse("enforcement:rotate", args=[endpoint.id]))
    endpoint.refresh_from_db()
    assert endpoint.previous_secret == old != endpoint.secret


def test_a_reviewer_sees_actions_but_no_endpoints_and_replays_nothing(client, dead):
    client.force_login(User.objects.create_user("rita@example.org", name="Rita", roles=["reviewer"]))
    assert client.get(reverse("enforcement:actions")).status_code == 200
    assert client.get(reverse("enforcement:endpoints")).status_code == 403
    assert client.post(reverse("enforcement:replay", args=[dead.id])).status_code == 403


def test_the_affected_user_reads_the_notice_by_its_link_and_nobody_without(client, target):
    notice = Notice.objects.create(
        target=target, audience="affected", outcome="violation", language="de", subject="Ihr Konto", body="Guten Tag <b>",
        not_before=timezone.now(), next_at=timezone.now(),
    )  # fmt: skip
    answer = client.get(reverse("enforcement:public-notice", args=[token_of("notice", notice.id)]))
    assert "Guten Tag &lt;b&gt;" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    for token in (token_of("report", notice.id), "x", token_of("notice", uuid4())):
        assert client.get(reverse("enforcement:public-notice", args=[token])).status_code == 404


def test_the_api_lists_and_replays(client, admin, dead):
    answer = client.get("/api/v1/deliveries?state=dead").json()
    assert [row["id"] for row in answer["items"]] == [str(dead.id)]
    assert client.get("/api/v1/actions?state=failed").json()["items"][0]["kind"] == "strike"
    body = {"name": "N", "url": "https://n.example/", "hears": ["action.*"]}
    made = client.post("/api/v1/endpoints", body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in client.get("/api/v1/endpoints").json()["items"][0]
