"""What goes with an ask: picked, redacted, frozen; nothing that was not offered."""

from uuid import uuid4

import pytest

from seacliff.partners import sharing
from seacliff.partners.charters.document import Charter, read, written
from seacliff.partners.sharing import Offered, Piece, redacted
from seacliff.people.problems import Invalid, NotFound
from seacliff.record.actions import Subject

from .factories import charter, function, made_ask


def test_names_addresses_numbers_and_ips_are_taken_out():
    text = "Ann Lee (ann.lee@school.example, +49 30 901820) joined from 192.0.2.7 and 2001:db8::1 at 10:30, see v1.2.3."
    assert redacted(text, ["Ann Lee"]) == (
        "[name] ([e-mail], [telephone]) joined from [IP address] and [IP address] at 10:30, see v1.2.3."
    )


def test_short_words_are_no_names():
    assert redacted("Al is at all", ["Al"]) == "Al is at all"


@pytest.fixture
def wave(monkeypatch):
    kept = {"text": "A wave, says ann@x.example"}

    def offer(user, id):
        return Offered("Case C-1", [Piece("summary", "Summary", kept["text"]), Piece("count", "Reports", "40", False)])

    monkeypatch.setitem(sharing.SHAREABLE, "wave", offer)
    return kept


@pytest.mark.django_db
def test_what_is_shared_is_frozen_with_the_ask(wave):
    found = function()
    charter(found)
    asked = made_ask(found, about=Subject("wave", uuid4()), share=["summary"])
    wave["text"] = "changed"
    asked.refresh_from_db()
    assert asked.shared == [{"key": "summary", "label": "Summary", "text": "A wave, says [e-mail]"}]
    assert asked.about_label == "Case C-1"


@pytest.mark.django_db
def test_what_is_not_offered_can_not_be_picked(wave):
    with pytest.raises(Invalid, match=r"can't be shared: reporter\. Pick from summary, count"):
        made_ask(about=Subject("wave", uuid4()), share=["reporter"])


def test_a_record_of_an_unknown_kind_is_not_asked_about():
    with pytest.raises(NotFound):
        sharing.offered(None, Subject("diary", uuid4()))


def test_a_charter_is_read_as_it_was_written():
    text = """
    purpose: To speak with one voice
    we_ask:
      - {kind: advise, what: Wording, hours: {1: 1, 3: 24}}
    contacts:
      - {name: Dana, email: dana@x.example, deputy: eli@x.example}
    rights:
      - {decision: Public statements, decides: communications, consulted: [legal]}
    """
    charter = read(text)
    assert charter.we_ask[0].hours == {1: 1, 3: 24} and read(written(charter)) == charter


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("purpose: [", "line 1"),
        ("we_ask: [{kind: beg}]", "beg"),
        ("we_ask: [{kind: advise, hours: {1: 0}}]", "0.25"),
        ("we_ask: [{kind: advise}, {kind: advise}]", "twice"),
        ("contacts: [{name: Dana, email: nowhere}]", "e-mail"),
        ("colour: blue", "colour"),
        ("review_after_days: 3", "7 to 730"),
        ("- a list", "object"),
    ],
)
def test_a_faulty_charter_is_refused_with_the_place(text, said):
    with pytest.raises(Invalid) as refused:
        read(text)
    assert said in refused.value.detail


def test_an_empty_charter_says_the_usual():
    amount, business = Charter().target("advise", 3)
    assert amount.total_seconds() == 24 * 3600 and not business
