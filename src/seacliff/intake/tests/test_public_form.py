import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from seacliff.browsing import axe_finds
from seacliff.intake.models import Report, Unrouted
from seacliff.policy.models import Category, Policy
from seacliff.record.models import Attachment
from seacliff.targets.models import Product

pytestmark = pytest.mark.django_db


@pytest.fixture
def url():
    Category.objects.create(slug="spam", policy=Policy.objects.create(slug="spam"), names={"en": "Spam", "de": "Spam!"})
    return reverse("intake:report-product", args=[Product.objects.create(slug="meet", name="Meet").slug])


def token(client, url):
    return re.search(r'name="token" value="([^"]+)"', client.get(url).content.decode())[1]


def typed(client, url, **more):
    return {"category": "spam", "target_kind": "event", "target": "mtg 4711", "text": "Every hour the same",
            "email": "ann@example.org", "token": token(client, url), **more}  # fmt: skip


def send(client, url, after=10, **more):
    data = typed(client, url, **more)
    with time_machine.travel(timezone.now() + timedelta(seconds=after)):
        return client.post(url, data)


def test_a_report_is_taken_and_its_receipt_leads_to_its_status(client, url):
    picture = SimpleUploadedFile("shot.txt", b"what the chat said", "text/plain")
    answer = send(client, url, evidence=[picture])
    report = Report.objects.get()
    assert (report.channel, report.category, report.target_ref) == ("form", "spam", "mtg 4711")
    assert Unrouted.objects.count() == Attachment.objects.count() == 1
    receipt = client.get(answer.url).content.decode()
    status = re.search(r'href="[^"]*(/status/[^"]+)"', receipt)[1]
    assert "arrived" in client.get(status).content.decode()
    assert client.get(status[:-2] + "xx").status_code == 404


def test_sending_twice_makes_one_report(client, url):
    data = typed(client, url)
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        assert client.post(url, data).url == client.post(url, data).url
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("after", "more", "sentence"),
    [
        (1, {}, "very quick"),
        (90_000, {}, "open for too long"),
        (10, {"token": "made:up:token"}, "open for too long"),
        (10, {"website": "http://spam.example"}, "by a program"),
        (10, {"category": "no-such"}, "Select a valid choice"),
        (10, {"email": "not an address"}, "valid email"),
        (10, {"text": ""}, "required"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(client, url, after, more, sentence):
    answer = send(client, url, after, **more)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "mtg 4711" in answer.content.decode()
    assert not Report.objects.exists()


def test_too_many_from_one_address_are_told_to_wait(client, url, monkeypatch):
    monkeypatch.setattr("seacliff.intake.views.REPORTS_A_DAY", 2)
    codes = [send(client, url).status_code for _ in range(3)]
    assert codes == [302, 302, 422]


def test_harms_are_named_in_the_readers_language(client, url):
    assert "Spam!" in client.get(url, headers={"Accept-Language": "de"}).content.decode()


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_anybody_can_use_the_form_on_a_phone(live_server, url, new_page):
    for theme in ("light", "dark"):
        page = new_page(viewport={"width": 390, "height": 844}, color_scheme=theme)
        page.goto(live_server.url + url)
        assert axe_finds(page) == []
