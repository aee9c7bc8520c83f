"""The pages, through the browser's eyes; in both themes axe finds nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.privacy import asking, holding, running
from seacliff.privacy.models import Hold, Request, RetentionPlan, Run
from seacliff.privacy.plan import in_force
from seacliff.privacy.tests.test_requests import asked
from seacliff.privacy.tests.test_retention import SOON
from seacliff.privacy.tests.world import decided, officer, publish
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def petra(client, db):
    user = officer()
    client.force_login(user)
    return user


def days(**more):
    from seacliff.privacy.plan import default

    return {f"days-{rule.data_class}": str(rule.days) for rule in default().rules} | {
        "guard": "100", "special": "", "change": "To begin with"} | more  # fmt: skip


def test_rules_are_published_on_a_page_with_special_ones_and_refused_in_words(client, petra):
    assert "Begin with proposed rules" in client.get(reverse("privacy:rules")).content.decode()
    url = reverse("privacy:edit")
    for wrong, says in (
        ({"days-report-text": "5"}, "at least 183"),
        ({"days-report-text": "many"}, "give a number of days"),
        ({"special": "report-text soon category=spam"}, "can&#x27;t be read"),
        ({"special": "report-text 400 colour=red"}, "can&#x27;t be read"),
        ({"special": "nothing 400"}, "no class of data"),
        ({"change": ""}, "required"),
        ({"guard": "0"}, "greater than"),
    ):
        page = client.post(url, days(**wrong))
        assert page.status_code == 422 and says in page.content.decode(), wrong
    assert not RetentionPlan.objects.exists()
    special = "report-text 1095 category=fraud-scam\nreport-text keep outcome=violation"
    assert client.post(url, days(special=special, **{"days-notes": ""})).status_code == 302
    plan = in_force().plan
    assert [rule.days for rule in plan.rules_of("report-text")] == [None, 1095, 730]
    assert plan.rules_of("notes")[0].days is None
    assert "report-text keep outcome=violation" in client.get(url).content.decode()
    assert client.get(reverse("privacy:version", args=[1])).status_code == 200


def test_from_the_preview_to_the_end_of_a_run(client, petra, alice, rules):
    case = decided(alice, rules)
    client.post(reverse("privacy:edit"), days())
    page = client.post(reverse("privacy:preview"), follow=True)
    assert "The worker is looking" in page.content.decode()
    run = Run.objects.get()
    clear("privacy-runs")
    shown = client.get(reverse("privacy:run", args=[run.id])).content.decode()
    assert "What reporters wrote" in shown and f"Forget {Run.objects.get().goes} records" in shown
    assert "ann@example.org" not in shown, "a preview shows references, never content"
    client.post(reverse("privacy:approve", args=[run.id]), {"reason": ""})
    clear("privacy-runs")
    done = client.get(reverse("privacy:run", args=[run.id])).content.decode()
    assert "records are gone" in done
    assert client.get(reverse("privacy:runs")).status_code == 200
    refused = client.post(reverse("privacy:cancel", args=[run.id]))
    assert refused.status_code == 422 and "has ended" in refused.content.decode()
    assert case.ref


def test_a_hold_is_placed_listed_and_released_and_its_case_shows_it(client, petra, alice, rules):
    case = decided(alice, rules)
    url = reverse("privacy:place")
    typed = {
        "on": "case",
        "thing": case.ref,
        "matter": "22 C 114",
        "reason": "A court asked",
        "review_on": "2099-01-01",
    }
    for wrong in ({"thing": "C-999999"}, {"review_on": "2001-01-01"}, {"on": "moon"}, {"thing": "\0"}, {"matter": " "}):
        assert client.post(url, typed | wrong).status_code == 422, wrong
    assert client.post(url, typed).status_code == 302
    assert "22 C 114" in client.get(reverse("privacy:holds")).content.decode()
    assert "Legal hold" in client.get(reverse("review:case", args=[case.ref])).content.decode()
    hold = Hold.objects.get()
    client.post(reverse("privacy:release", args=[hold.id]), {"because": ""})
    assert holding.live().exists()
    client.post(reverse("privacy:release", args=[hold.id]), {"because": "Settled"})
    assert "22 C 114" not in client.get(reverse("privacy:holds")).content.decode()
    assert "Settled" in client.get(reverse("privacy:holds") + "?show=all").content.decode()
    assert "Legal hold" not in client.get(reverse("review:case", args=[case.ref])).content.decode()


def test_an_erasure_through_its_pages(client, petra, alice, rules):
    decided(alice, rules)
    assert client.post(reverse("privacy:new"), {"kind": "erasure"}).status_code == 422
    client.post(reverse("privacy:new"), {"kind": "erasure", "party": "reporter", "asked_as": "ann@example.org"})
    request = Request.objects.get()

    def do(verb, **said):
        return client.post(reverse("privacy:do", args=[request, verb]), said, follow=True).content.decode()

    assert "how their identity" in do("identify")
    assert "how their identity" in do("identify", how="\0"), "what no database holds is nothing"
    assert "Show what would go" in do("identify", how="She wrote from it")
    do("prepare")
    clear("privacy-runs")
    assert "Erase" in client.get(reverse("privacy:asked", args=[request])).content.decode()
    do("approve")
    clear("privacy-runs")
    page = client.get(reverse("privacy:asked", args=[request])).content.decode()
    assert "about you: erased or put under a random pseudonym" in page and "carried the erasure out" in page
    assert client.get(reverse("privacy:request", args=[request.id])).status_code == 302


def test_requests_are_for_those_who_handle_them_alone(client, petra, alice, rules):
    decided(alice, rules)
    request = asked(petra)
    asking.prepare_erasure(petra, request)
    run = Run.objects.get()
    auditor = factories.person("Ada Auditor", roles=(Role.AUDITOR,))
    client.force_login(auditor)
    page = client.get(reverse("privacy:overview")).content.decode()
    assert "Requests that wait" not in page
    assert client.get(reverse("privacy:asked", args=[request])).status_code == 403
    assert client.get(reverse("privacy:run", args=[run.id])).status_code == 404
    assert client.get(reverse("privacy:holds")).status_code == 200
    assert client.get(reverse("privacy:place")).status_code == 403


def test_lists_take_the_same_number_of_queries_however_long(client, petra, alice, rules):
    publish()
    urls = [reverse(f"privacy:{name}") for name in ("overview", "holds", "requests", "runs", "rules")]

    def fill():
        case = decided(alice, rules)
        holding.place(petra, "case", case, matter="x", reason="y", review_on=SOON)
        holding.place(petra, "target", case.tree["event"], matter="x", reason="y", review_on=SOON)
        Hold.objects.update(review_on=timezone.now().date() - timedelta(days=1))
        asking.take(petra, kind="erasure", party="reporter", asked_as="ann@example.org")
        running.ask_for_preview(petra, SYSTEM)

    def cost():
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    fill()
    client.get(urls[0])
    few = cost()
    for _ in range(4):
        fill()
    assert cost() == few
    assert max(few) <= 15


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(live_server, seat, alice, rules, theme):
    from seacliff.browsing import axe_finds

    petra = officer()
    case = decided(alice, rules)
    publish()
    holding.place(petra, "case", case, matter="22 C 114", reason="A court", review_on=SOON)
    run = running.ask_for_preview(petra, SYSTEM)
    erasure, access = asked(petra), asked(petra, kind="access")
    asking.prepare_erasure(petra, erasure)
    clear("privacy-runs")
    page = seat(petra, color_scheme=theme)
    urls = [
        reverse(f"privacy:{name}")
        for name in ("overview", "rules", "edit", "runs", "holds", "place", "requests", "new")
    ]
    urls += [
        reverse("privacy:run", args=[run.id]),
        *(reverse("privacy:asked", args=[one]) for one in (erasure, access)),
    ]
    for url in urls:
        page.goto(live_server.url + url)
        assert axe_finds(page) == [], url
