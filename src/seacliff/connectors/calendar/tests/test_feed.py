"""The calendar of due dates, read as a calendar program reads it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from seacliff.connectors.calendar import feed as feeds
from seacliff.partners import actions
from seacliff.partners.access import by_user
from seacliff.partners.tests.factories import function, made_ask, partner, reviewer
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db


def path_of(user):
    return feeds.url_of(feeds.make(user)).partition("8000")[2]


def events(client, path):
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_it_holds_what_is_due_of_me_and_by_me(client, comms):
    alice, dana, lee = reviewer(), partner(comms), partner(function("legal"))
    asked = made_ask(comms, alice, question="What may we say,\nand when? Ümlaut; comma, \\ backslash " + "long " * 40)
    other = made_ask(function("legal"), reviewer())
    (event,) = events(client, path_of(alice))
    assert event["UID"].startswith(str(asked.id)) and event["SEQUENCE"] == 1
    assert event.decoded("DTSTART") == asked.due_at.replace(microsecond=0)
    assert "you wait" in event["SUMMARY"] and asked.question in event["DESCRIPTION"]
    (theirs,) = events(client, path_of(dana))
    assert theirs["UID"] == event["UID"] and "due:" in theirs["SUMMARY"]
    (of_lee,) = events(client, path_of(lee))
    assert of_lee["UID"].startswith(str(other.id))


def test_it_follows_the_ask(client, comms):
    alice = reviewer()
    asked = made_ask(comms, alice)
    path = path_of(alice)
    later = asked.due_at + timedelta(days=3)
    actions.reschedule(by_user(alice), asked, later, "There is time")
    (event,) = events(client, path)
    assert event["SEQUENCE"] == 2 and event.decoded("DTSTART") == later.replace(microsecond=0)
    actions.pause(by_user(alice), asked, "A court decides")
    assert events(client, path) == []
    actions.resume(by_user(alice), asked)
    assert len(events(client, path)) == 1
    actions.withdraw(by_user(alice), asked, "Over")
    assert events(client, path) == []


def test_an_address_ends_when_another_is_made_when_it_is_ended_and_when_its_person_leaves(client, comms):
    alice = reviewer()
    first, second = path_of(alice), path_of(alice)
    assert client.get(first).status_code == 404 and client.get(second).status_code == 200
    alice.is_active = False
    alice.save()
    assert client.get(second).status_code == 404
    alice.is_active = True
    alice.save()
    feeds.end(alice)
    assert client.get(second).status_code == 404
    assert client.get(second[:-6] + "AA.ics").status_code == 404
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == [
        "calendar.made", "calendar.made", "calendar.ended",
    ]  # fmt: skip


def test_the_page_gives_and_takes_the_address(client, comms):
    dana = partner(comms)
    client.force_login(dana)
    made_ask(comms)
    page = client.get(reverse("connectors:calendar")).text
    assert "You have none yet." in page and "What may we say" in page
    client.post(reverse("connectors:calendar-make"))
    assert ".ics" in client.get(reverse("connectors:calendar")).text
    client.post(reverse("connectors:calendar-end"))
    assert ".ics" not in client.get(reverse("connectors:calendar")).text


def test_the_number_of_queries_does_not_grow(client, comms, django_assert_max_num_queries):
    alice = reviewer()
    for _ in range(20):
        made_ask(comms, alice)
    path = path_of(alice)
    with django_assert_max_num_queries(4):
        assert len(events(client, path)) == 20
