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
from seacliff.value.models import Promise, Reading
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


def stands_at(content):
    Reading.objects.update_or_create(kind="operations", defaults={"content": content, "made_at": timezone.now()})


@pytest.mark.parametrize(
    ("measure", "figure", "said"),
    [
        ("in-time", 0.01, "It stands at 86.8% today: promise a figure above that"),
        ("in-time", 0.868, "nothing could be missed"),
        ("late", 40.0, "It stands at 12 today: promise a figure below that"),
        ("per-decision", 1e308, "at most 1,000,000,000,000"),
        ("per-decision", float("nan"), "Give the figure"),
    ],
)
def test_a_promise_that_could_not_be_missed_is_refused(lead, measure, figure, said):
    stands_at({"service": [{"due": 1000, "met": 868}], "backlog": [{"severity": 1, "waiting": 20, "late": 12}]})
    with pytest.raises(Invalid, match=said):
        promised(lead, measure=measure, figure=figure)
    assert not Promise.objects.exists()
    assert promised(lead, measure="in-time", figure=0.87).baseline == 0.868
    assert promised(lead, measure="late", figure=11.0).baseline == 12


def test_an_old_promise_no_better_than_what_there_was_is_marked(client, lead):
    client.force_login(lead)
    day = timezone.now().date() - timedelta(days=1)
    for promised_figure, baseline in ((0.1, 0.868), (0.9, 0.868), (0.9, None)):
        Promise.objects.create(asked="Something that was asked", measure="in-time", promised=promised_figure, baseline=baseline,
                               due=day, by=lead, answer="granted", answered_on=day)  # fmt: skip
    text = client.get("/value/promises").content.decode()
    assert text.count("it promised nothing") == text.count("Nobody knew how it stood") == 1
    assert "a question for the ledger" in text and "a question for the ledger" in client.get("/value").content.decode()


def test_no_figure_takes_a_whole_line():
    from seacliff.value.ledger.telling import number_of

    assert number_of(1e308) == "1e+308" and number_of(-1e15) == "-1e+15" and number_of(123_456_789.0) == "123,000,000"
