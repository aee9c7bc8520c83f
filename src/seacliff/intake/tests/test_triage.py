"""The pages and the API for messages that need a human."""

import pytest
from django.urls import reverse

from seacliff.browsing import axe_finds
from seacliff.intake import queries
from seacliff.intake.actions import read_waiting
from seacliff.intake.mail_door import receive
from seacliff.intake.models import Message, Report
from seacliff.people.models import User
from seacliff.policy.models import Category, Policy
from seacliff.record.models import Event
from seacliff.targets.models import Product

pytestmark = pytest.mark.django_db

ODD = b"""From: Bob <bob@reporter.example>
To: abuse@meet.example
Subject: <script>alert(1)</script> \xe2\x80\xaehello
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

<img src=x onerror=alert(1)> hello
--x
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="<b>.bin"

zz
--x--
"""


@pytest.fixture
def message(monkeypatch):
    queries.forget()
    Product.objects.create(slug="meet", name="Meet")
    Category.objects.create(slug="spam", policy=Policy.objects.create(slug="spam"), names={"en": "Spam"})
    (kept,) = receive(ODD, source="pipe", sender="bob@reporter.example", recipients=["abuse@meet.example"])
    read_waiting()
    Message.objects.filter(id=kept.id).update(state="needs-human", reason="It names nothing that could be looked at.")
    Report.objects.all().delete()
    kept.refresh_from_db()
    yield kept
    queries.forget()


@pytest.fixture
def rita():
    return User.objects.create_user("rita@example.org", "correct horse 9", name="Rita", roles=["reviewer"])


@pytest.fixture
def signed_in(client, rita):
    client.force_login(rita)
    return client


def test_the_list_and_the_page_show_it_whole_and_inert(signed_in, message):
    listed = signed_in.get(reverse("intake:unread")).content.decode()
    assert "It names nothing that could be looked at." in listed
    shown = signed_in.get(reverse("intake:message", args=[message.id])).content.decode()
    for text in ("bob@reporter.example", "&lt;img src=x", "&lt;b&gt;.bin", "abuse@meet.example", "Rita"):
        assert text in shown, text
    assert "<script>alert" not in shown + listed
    assert "\u202e" not in shown + listed


def test_the_raw_message_is_only_ever_a_download(signed_in, message):
    answer = signed_in.get(reverse("intake:message-raw", args=[message.id]))
    assert answer.content == ODD
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_report_is_made_by_hand_and_the_message_is_handled(signed_in, message):
    url = reverse("intake:make-report", args=[message.id])
    wrong = signed_in.post(url, {"product": "meet", "category": "spam", "target_kind": "user", "text": "typed"})
    assert wrong.status_code == 422
    assert "typed" in wrong.content.decode()
    typed = {"product": "meet", "category": "spam", "target_kind": "user", "target_ref": " u-1 ", "text": "ab"}
    assert signed_in.post(url, {**typed, "reporter_email": "bob@reporter.example"}).status_code == 302
    report = Report.objects.get()
    assert (report.target_ref, report.text, report.message_id) == ("u-1", "ab", message.id)
    assert Event.objects.get(verb="report.received", subject_id=report.id).actor_name == "Rita"
    message.refresh_from_db()
    assert message.state == "handled"
    assert "Handled" in signed_in.get(reverse("intake:message", args=[message.id])).content.decode()


def test_setting_aside_wants_a_reason_and_keeps_the_message(signed_in, message):
    url = reverse("intake:set-aside", args=[message.id])
    assert signed_in.post(url, {"reason": " "}).status_code == 422
    assert signed_in.post(url, {"reason": "An advertisement."}).status_code == 302
    assert "An advertisement." in signed_in.get(reverse("intake:message", args=[message.id])).content.decode()
    assert str(message.id) in signed_in.get(reverse("intake:unread") + "?state=handled").content.decode()
    assert signed_in.post(url, {"reason": "Once more."}).status_code == 422


def test_reading_again_puts_it_back_before_the_desk(signed_in, message):
    url = reverse("intake:read-again", args=[message.id])
    assert "read again" in signed_in.post(url, follow=True).content.decode()
    assert Message.objects.get().state == "unread"
    assert "does not wait" in signed_in.post(url, follow=True).content.decode()


def test_others_may_not_look(client, message):
    addresses = [reverse("intake:unread"), reverse("intake:message", args=[message.id])]
    assert [client.get(url).status_code for url in addresses] == [302, 302]
    client.force_login(User.objects.create_user("pam@example.org", name="Pam", roles=["policy-manager"]))
    assert [client.get(url).status_code for url in addresses] == [403, 403]
    assert client.post(reverse("intake:set-aside", args=[message.id]), {"reason": "x"}).status_code == 403


def test_the_api_lists_shows_retries_and_sets_aside(signed_in, message):
    listed = signed_in.get("/api/v1/messages").json()
    assert [row["id"] for row in listed["items"]] == [str(message.id)]
    assert "raw" not in listed["items"][0]
    one = f"/api/v1/messages/{message.id}"
    assert "onerror" in signed_in.get(one).json()["raw"]

    def post(path, **body):
        return signed_in.post(f"{one}/{path}", body, content_type="application/json")

    assert post("set-aside").status_code == 422
    assert post("set-aside", reason="Nothing in it.").json()["state"] == "handled"
    assert post("set-aside", reason="Again.").status_code == 409
    assert post("retry").json()["state"] == "unread"
    assert post("retry").status_code == 409
    assert signed_in.get("/api/v1/messages?state=unread").json()["items"]


def test_the_list_asks_as_much_for_many_rows_as_for_few(signed_in, message, django_assert_max_num_queries):
    for number in range(60):
        receive(ODD + b"%d" % number, source="pipe")
    Message.objects.update(state="needs-human")
    with django_assert_max_num_queries(6):
        first = signed_in.get(reverse("intake:unread"))
    older = signed_in.get(reverse("intake:unread") + first.context["older_url"])
    assert len(first.context["rows"]) + len(older.context["rows"]) == 61


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_a_reviewer_works_from_the_keyboard(live_server, message, rita, page):
    page.goto(f"{live_server.url}/accounts/login/?next=/unread")
    page.fill("input[name=login]", "rita@example.org")
    page.fill("input[name=password]", "correct horse 9")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Needs a human')")
    assert axe_finds(page) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/unread/{message.id}")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(400)
        assert axe_finds(page) == []
    page.select_option("select[name=category]", "spam")
    page.fill("input[name=target_ref]", "u-7")
    page.click("button:has-text('Make the report')")
    page.wait_for_url("**/unread")
    assert Report.objects.get().target_ref == "u-7"
