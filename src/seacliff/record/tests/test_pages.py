"""The log and the seals as pages and through the API."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.browsing import axe_finds
from seacliff.people.models import User
from seacliff.record import queries, seals
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.ids import uuid7
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db
ROBOT = Actor(Event.ActorKind.SYSTEM, name="Robot")


@pytest.fixture
def audrey():
    return User.objects.create_user("audrey@example.org", "correct horse 9", name="Audrey", roles=["auditor"])


@pytest.fixture
def signed_in(client, audrey):
    client.force_login(audrey)
    return client


def note(verb="case.held", *, subject=None, story=None, actor=ROBOT, **options):
    return happened(verb, Subject("case", subject or uuid7()), actor, story=story, **options)


def titles(answer):
    return [line["event"].verb for line in answer.context["lines"]]


def test_the_log_shows_the_newest_first_and_goes_on(signed_in, audrey):
    for number in range(60):
        note(data={"number": number})
    first = signed_in.get(reverse("record:events"))
    assert first.context["lines"][0]["event"].data == {"number": 59}
    older = signed_in.get(reverse("record:events") + first.context["older_url"])
    assert older.context["lines"][-1]["event"].data in ({"number": 0}, {})
    assert len(first.context["lines"]) == 50


def test_it_is_narrowed_by_kind_story_subject_actor_and_day(signed_in):
    story, subject, someone = uuid7(), uuid7(), uuid7()
    note("case.opened", subject=subject, story=story)
    note("case.decided", story=story, actor=Actor(Event.ActorKind.PERSON, someone, "Somebody"))
    note("report.received", subject=subject)
    page = reverse("record:events")

    def found(**asked):
        return titles(signed_in.get(page, asked))

    assert found(story=story) == ["case.decided", "case.opened"]
    assert found(subject=subject) == ["report.received", "case.opened"]
    assert found(actor=someone) == ["case.decided"]
    assert found(verb="report") == ["report.received"]
    assert found(verb="case.opened") == ["case.opened"]
    today, tomorrow = timezone.now().date(), timezone.now().date() + timedelta(days=1)
    assert len(found(story=story, since=today, until=today)) == 2
    assert found(story=story, since=tomorrow) == []


@pytest.mark.parametrize(
    "query", ["since=2026-13-45", "story=%00", "verb=%00", "after=nonsense", "actor=🦀", "until=0001-01-01"]
)
def test_nonsense_in_the_address_leaves_the_filter_open(signed_in, query):
    note()
    assert signed_in.get(f"{reverse('record:events')}?{query}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_event_is_shown_with_all_it_carries_and_its_seal(signed_in):
    note("case.decided", reason="<b>because</b>", data={"finding": "violation"})
    event = Event.objects.get(verb="case.decided")
    page = reverse("record:event", args=[event.id])
    assert "Not sealed yet" in signed_in.get(page).content.decode()
    seals.seal_all()
    shown = signed_in.get(page).content.decode()
    for part in ("violation", "&lt;b&gt;because&lt;/b&gt;", queries.seal_of(event).root.hex()):
        assert part in shown, part
    assert signed_in.get(reverse("record:event", args=[uuid7()])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_statement_of_a_seal_hashes_to_its_hash(signed_in):
    import hashlib

    note()
    seals.seal_all()
    listed = signed_in.get(reverse("record:seals"))
    line = listed.context["lines"][0]
    statement = signed_in.get(reverse("record:seal", args=[line["seal"].number])).content
    assert hashlib.sha256(statement).hexdigest() == line["hash"]
    assert signed_in.get("/record/seals/99999999999999999999999").status_code == 404


def test_only_those_who_may_see_the_record_do(client):
    client.force_login(User.objects.create_user("pat@example.org", name="Pat", roles=["partner"]))
    assert [client.get(reverse(f"record:{name}")).status_code for name in ("events", "seals")] == [403, 403]
    assert client.get("/api/v1/events").status_code == 403


def test_the_log_asks_as_much_for_many_rows_as_for_few(signed_in, django_assert_max_num_queries):
    for _ in range(50):
        note()
    signed_in.get(reverse("record:events"))
    with django_assert_max_num_queries(6):
        signed_in.get(reverse("record:events"))


@pytest.mark.django_db(transaction=True)
def test_the_api_pages_through_events_and_shows_seals(signed_in):
    story = uuid7()
    for number in range(5):
        note(story=story, data={"number": number})
    first = signed_in.get(f"/api/v1/events?story={story}&limit=3").json()
    assert [row["data"]["number"] for row in first["items"]] == [4, 3, 2]
    rest = signed_in.get(first["next"]).json()
    assert [row["data"]["number"] for row in rest["items"]] == [1, 0]
    assert rest["next"] is None
    event = first["items"][0]
    assert signed_in.get(f"/api/v1/events/{event['id']}").json() == event
    seals.seal_all()
    assert signed_in.get("/api/v1/seals").json()["items"][0]["count"] >= 5
    problem = signed_in.get("/api/v1/events?since=2026-01-01T00:00:00")
    assert (problem.status_code, problem["Content-Type"]) == (422, "application/problem+json")
    assert signed_in.get(f"/api/v1/events/{uuid7()}").status_code == 404


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_the_record_is_accessible_in_light_and_dark(live_server, audrey, page):
    note("case.decided", reason="Sent to everybody in the directory.", data={"finding": "violation"})
    page.goto(f"{live_server.url}/accounts/login/?next=/record/")
    page.fill("input[name=login]", "audrey@example.org")
    page.fill("input[name=password]", "correct horse 9")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Record')")
    page.wait_for_load_state()  # keys are heard by a script that comes after the page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/events/*")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(400)
        assert axe_finds(page) == []
    page.goto(f"{live_server.url}/record/seals")
    assert axe_finds(page) == []
