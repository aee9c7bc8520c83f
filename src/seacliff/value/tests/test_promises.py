"""Past asks against their promise: written down once, answered, held against the record by rule."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from seacliff.people.problems import Conflict, Invalid, NotAllowed
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.value import readings
from seacliff.value.models import Promise
from seacliff.value.promises import actions
from seacliff.value.promises.actions import NewPromise
from seacliff.value.promises.measures import MEASURES, Found

pytestmark = pytest.mark.django_db(transaction=True)


def promised(user, days=30, measure="in-time", figure=0.9, asked="One more reviewer for German"):
    return actions.make(user, NewPromise(asked, measure, figure, timezone.now().date() + timedelta(days=days)))


def in_time(met, due):
    """A record in which so many duties were met."""
    return lambda since=None: {"service": [{"due": due, "met": met}]}


@pytest.mark.parametrize(
    ("measure", "figure", "found", "kept"),
    [
        ("in-time", 0.9, Found(0.9), True),
        ("in-time", 0.9, Found(0.89), False),
        ("overturned", 0.1, Found(0.05, 0.02, 0.09), True),
        ("overturned", 0.1, Found(0.05, 0.02, 0.12), None),
        ("overturned", 0.1, Found(0.2, 0.15, 0.3), False),
    ],
)
def test_an_interval_on_both_sides_says_nothing(measure, figure, found, kept):
    assert MEASURES[measure].kept(figure, found) is kept


def test_a_promise_stays_as_it_was_made(lead, alice):
    with pytest.raises(Invalid, match="0 to 1"):
        promised(lead, figure=90.0)
    with pytest.raises(Invalid, match="day to come"):
        promised(lead, days=0)
    with pytest.raises(NotAllowed):
        promised(alice)
    made = promised(lead)
    for change in ({"promised": 0.5}, {"due": timezone.now().date()}, {"asked": "Nothing"}):
        with pytest.raises(IntegrityError, match="stays as it was made"), transaction.atomic():
            Promise.objects.filter(id=made.id).update(**change)
    with pytest.raises(IntegrityError, match="stays as it was made"), transaction.atomic():
        made.delete()


@pytest.mark.parametrize(("met", "held"), [(95, "kept"), (80, "missed")])
def test_on_its_day_the_record_says_whether_it_was_kept(lead, monkeypatch, met, held):
    made = promised(lead)
    actions.answer(lead, made, "granted")
    asked = []
    found = in_time(met, 100)
    monkeypatch.setattr(
        "seacliff.value.board.operations.operations", lambda since=None: asked.append(since.date()) or found(since)
    )
    clear("value-promises")
    made.refresh_from_db()
    assert made.held == ""
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        clear("value-promises")
    made.refresh_from_db()
    assert (made.held, made.found) == (held, met / 100) and asked == [made.answered_on]
    assert Event.objects.filter(verb="promise.reviewed", data__held=held).count() == 1
    with pytest.raises(IntegrityError, match="so does what came of it"), transaction.atomic():
        Promise.objects.filter(id=made.id).update(held="kept" if held == "missed" else "missed")


def test_what_nobody_granted_is_not_held_against_anybody(lead):
    made = actions.answer(lead, promised(lead), "refused")
    assert made.held == "void"
    with pytest.raises(Conflict, match="refused already"):
        actions.answer(lead, made, "granted")


def test_what_the_record_cannot_tell_stays_due_and_says_so(client, lead):
    client.force_login(lead)
    waits, granted = (
        promised(lead, asked="Not yet answered by anybody"),
        promised(lead, measure="overturned", figure=0.1),
    )
    actions.answer(lead, granted, "partly")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        clear("value-promises")
        client.force_login(lead)
        text = client.get("/value/promises").content.decode()
    granted.refresh_from_db()
    assert granted.held == ""
    assert "say whether it was granted" in text and "the record can&#x27;t tell of it yet" in text
    assert waits.asked in text


def test_a_lead_writes_one_down_and_the_board_shows_it(client, lead):
    client.force_login(lead)
    said = {"asked": "A tool that groups raids", "measure": "in-time", "promised": "2", "due": "2100-01-01"}
    assert client.post("/value/promises/new", said).status_code == 422
    assert client.post("/value/promises/new", said | {"promised": "0.9"}).status_code == 302
    made = Promise.objects.get()
    url = f"/value/promises/{made.id}/answer"
    assert (
        "no day of the calendar"
        in client.post(url, {"answer": "granted", "on": "2026-02-31"}, follow=True).content.decode()
    )
    client.post(url, {"answer": "granted", "on": ""})
    made.refresh_from_db()
    assert made.answer == "granted"
    while readings.make_one():
        pass
    board = client.get("/value").content.decode()
    assert "A tool that groups raids" in board and "at least 90.0%" in board
    assert client.get("/value/board.pdf").content.startswith(b"%PDF")
