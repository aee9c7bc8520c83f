"""The tabletop: the same seed plays the same game, a silent function breaches, and the record hears nothing of it."""

from datetime import timedelta

import pytest

from seacliff.partners import actions as asks
from seacliff.partners.access import by_user
from seacliff.partners.models import Ask
from seacliff.partners.tests.factories import function, made_ask, partner
from seacliff.playbooks import tabletop
from seacliff.playbooks.models import Run
from seacliff.playbooks.queries import expected_by
from seacliff.playbooks.reading import read
from seacliff.playbooks.shipped import shipped
from seacliff.playbooks.tabletop import Setting, play, tables
from seacliff.playbooks.tabletop_page import decisive, setting_of
from seacliff.record.models import Event

from .factories import SMALL, lead, published

BOOK = read(SMALL)


def setting(book=BOOK, **behaviours):
    return Setting(behaviours, {each.key: tabletop.filled(each) for each in book.inputs}, {},
                   lambda step: timedelta(hours=24), {})  # fmt: skip


def test_the_same_seed_plays_the_same_game():
    first, again, other = (play(BOOK, setting(), seed) for seed in (7, 7, 8))
    assert [spot.comes_at for spot in first.spots] == [spot.comes_at for spot in again.spots]
    assert [spot.comes_at for spot in first.spots] != [spot.comes_at for spot in other.spots]


def test_everybody_in_time_breaches_nothing():
    on_time = dict.fromkeys(("trust-and-safety", "legal"), "in time")
    for seed in range(20):
        game = play(BOOK, setting(**on_time), seed)
        assert game.over.state == "finished" and game.breaches == []


def test_a_function_that_does_not_answer_breaches_and_holds_up_what_waits_for_it():
    game = play(BOOK, setting(**{"trust-and-safety": "in time", "legal": "never"}), 1)
    assert game.over is None
    assert [spot.spec.key for spot in game.breaches] == ["ask_legal"] == [spot.spec.key for spot in game.silent]
    assert [spot.spec.key for spot in game.stuck] == ["told"]


def test_who_is_late_breaches_and_it_ends_all_the_same():
    game = play(BOOK, setting(**{"trust-and-safety": "in time", "legal": "late"}), 3)
    assert game.over.state == "finished" and [spot.spec.key for spot in game.breaches] == ["ask_legal"]


def test_a_no_to_an_approval_ends_it():
    book = read(SMALL + "  - {key: allowed, title: Allowed, kind: approval, by: legal, text: 'May we?'}\n")
    game = play(book, setting(book, legal="no"), 1)
    assert (game.over.state, game.over.outcome) == ("ended", "Allowed: no")


def test_what_a_form_says_decides_the_way():
    said = Setting({}, {"what": "x"}, {"look": {"grave": "no"}}, lambda step: timedelta(hours=24), {})
    game = play(BOOK, said, 1)
    assert next(spot for spot in game.spots if spot.spec.key == "ask_legal").state == "skipped"
    assert [(key, field.key) for key, field in decisive(BOOK)] == [("look", "grave")]


@pytest.mark.parametrize("slug", sorted(shipped()))
def test_each_of_the_eight_ends_when_all_answer_in_time_and_not_when_one_is_silent(slug):
    book = shipped()[slug][1]
    in_time = dict.fromkeys(tabletop.players(book), "in time")
    game = play(book, setting(book, **in_time), 5)
    assert game.over is not None and game.breaches == [], [spot.spec.key for spot in game.breaches]
    asked = next(step.by for step in book.steps if step.asks and step.after)
    silent = play(book, setting(book, **(in_time | {asked: "never"})), 5)
    assert {spot.spec.by for spot in silent.breaches} == {asked}


def test_the_odds_count_every_game():
    table = tables(BOOK, setting(legal="late"), 1, plays=50)
    by_key = {odds.step.key: odds for odds in table.odds}
    assert by_key["ask_legal"].breached == by_key["ask_legal"].begun == 50 == table.ended
    assert 0 < by_key["look"].breached < 25 and table.median < table.ninety
    never = tables(BOOK, setting(legal="never"), 1, plays=20)
    assert never.ended == 0 and never.outcomes == [("Waits for ever", 20)] and never.median is None


@pytest.mark.django_db
def test_times_are_drawn_from_past_answers_when_there_are_enough():
    ruth = lead()
    published()
    for _ in range(6):
        asked = made_ask(function("legal"), ruth)
        asks.answer(by_user(partner(function("legal"))), asked, "yes", "", {"advice": "Do"})
    past = tabletop.past_shares(["legal"])
    assert len(past["legal", "advise"]) == 6 and all(0 <= share < 0.01 for share in past["legal", "advise"])
    found = Setting({"trust-and-safety": "in time"}, {"what": ""}, {}, expected_by(3, ["legal"]), past)
    spot = next(spot for spot in play(BOOK, found, 1).spots if spot.spec.key == "ask_legal")
    assert spot.comes_at - spot.opened_at < timedelta(minutes=5)


@pytest.mark.django_db
def test_nothing_of_a_game_is_in_the_record(django_assert_num_queries):
    version = published()
    before = Event.objects.count()
    said = setting_of(version.document, {"as.legal": "never", "as.other": "late", "input.what": "x"})
    assert said.behaviours == {"trust-and-safety": "usual", "legal": "never"}
    with django_assert_num_queries(0):
        play(version.document, said, 1)
        tables(version.document, said, 1, plays=10)
    assert Event.objects.count() == before and not Run.objects.exists() and not Ask.objects.exists()
