"""Charters: shipped, written, proposed, agreed by the other side's yes, looked at again; who decides what."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from seacliff.partners import actions as asks
from seacliff.partners.access import by_user
from seacliff.partners.charters import actions, queries
from seacliff.partners.charters.document import Charter, Contact, Escalation, Promise, charter_of
from seacliff.partners.charters.shipped import install, shipped
from seacliff.partners.models import Ask, CharterVersion, Dispatch
from seacliff.people.models import Function, User
from seacliff.people.permissions import Role
from seacliff.people.problems import Conflict, Invalid
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event

from .factories import charter, function, partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return User.objects.create_user("lead@example.org", name="Ruth Lead", roles=[Role.LEAD])


@pytest.fixture
def draft(lead):
    said = Charter(
        purpose="One voice",
        we_ask=(Promise("advise", hours={2: 2}),),
        contacts=(Contact("Dana", "dana@lantern.example"),),
    )
    return actions.draft(SYSTEM, lead, function(), said, "Answers within two hours")


def answered(version, said, reason=""):
    ask = Ask.objects.get(about_id=version.id, closed_at=None)
    asks.answer(by_user(partner(version.function, "Dana Press")), ask, said, reason, {"conditions": reason})
    assert actions.follow_answers() == 1 and actions.follow_answers() == 0
    version.refresh_from_db()
    return version


def test_ten_functions_come_with_a_charter_each_and_only_once():
    assert {slug for slug, *_rest in shipped()} >= {
        "communications", "engineering", "government-relations", "product", "legal", "support", "security", "privacy",
        "sales", "finance"}  # fmt: skip
    assert all(said.we_ask and said.they_ask and said.rights for *_names, said in shipped())
    known = {slug for slug, *_rest in shipped()} | {"trust-and-safety"}
    for *_names, said in shipped():
        for right in said.rights:
            assert {right.decides, *right.consulted, *right.informed} <= known
    assert install(SYSTEM) == 10 and install(SYSTEM) == 0
    assert Function.objects.count() == 11 and set(CharterVersion.objects.values_list("state", flat=True)) == {"draft"}


def test_a_proposal_goes_to_the_function_whole_and_their_yes_puts_it_in_force(lead, draft):
    old = charter(draft.function)
    asked = actions.propose(by_user(lead), draft)
    assert asked.kind == "approve" and {piece["key"] for piece in asked.shared} == {"charter", "changes"}
    assert "One voice" in asked.shared[0]["text"]
    version = answered(draft, "yes")
    old.refresh_from_db()
    assert (version.state, version.agreed_by, old.state) == ("agreed", "Dana Press", "retired")
    assert version.review_on == timezone.now().date() + timedelta(days=180)
    assert Event.objects.filter(verb="charter.agreed").count() == 1


@pytest.mark.parametrize("said", ["no", "partly"])
def test_anything_but_a_yes_makes_it_a_draft_again(lead, draft, said):
    actions.propose(by_user(lead), draft)
    assert answered(draft, said, "Two hours is too short at night").state == "draft"
    assert Event.objects.get(verb="charter.declined").reason == "Two hours is too short at night"


def test_what_is_proposed_can_not_be_changed_under_their_eyes(lead, draft):
    actions.propose(by_user(lead), draft)
    with pytest.raises(Conflict, match="waits for the answer"):
        actions.draft(SYSTEM, lead, draft.function, Charter())
    actions.take_back(by_user(lead), draft, "A mistake")
    assert Ask.objects.get(about_id=draft.id).state == "withdrawn"
    assert actions.draft(SYSTEM, lead, draft.function, Charter(purpose="Better")).number == draft.number


def test_a_proposal_says_what_changes(lead, draft):
    draft.change = " "
    draft.save()
    with pytest.raises(Invalid):
        actions.propose(by_user(lead), draft)


def test_the_new_charter_s_times_hold_for_new_asks(lead, draft):
    actions.propose(by_user(lead), draft)
    answered(draft, "yes")
    made = asks.ask(by_user(lead), asks.NewAsk("advise", draft.function, "What now?", severity=2, form=()))
    assert made.charter == draft and made.due_at - timezone.now() < timedelta(hours=2)


def test_both_sides_are_reminded_of_the_review_and_not_every_day(lead):
    version = charter(function(), escalation=(Escalation(4, "Fay", "fay@lantern.example"),))
    today = version.review_on - timedelta(days=10)
    assert actions.remind_of_reviews(today) == 1 and actions.remind_of_reviews(today + timedelta(days=1)) == 0
    assert set(Dispatch.objects.values_list("address", flat=True)) == {"dana@lantern.example", lead.email}
    assert actions.remind_of_reviews(today + timedelta(days=14)) == 1
    assert actions.remind_of_reviews(today - timedelta(days=30)) == 0


def test_an_absence_ends_after_it_began():
    today = timezone.now().date()
    with pytest.raises(Invalid):
        actions.add_absence(SYSTEM, function(), "dana@x.example", today, today - timedelta(days=1))
    made = actions.add_absence(SYSTEM, function(), "Dana@x.example", today, today, "Eli@x.example")
    assert (made.email, made.deputy) == ("dana@x.example", "eli@x.example")


def test_who_decides_what_is_found_by_its_words_and_seen_by_those_concerned(lead):
    for slug, _name, _text, said in shipped():
        found = function(slug)
        version = actions.draft(SYSTEM, lead, found, said, "First")
        actions.agree(version, "Somebody", SYSTEM)
    words = queries.rights(lead, "disclosed")
    assert [(each.right.decides, each.function.slug) for each in words] == [("legal", "legal")]
    theirs = {each.function.slug for each in queries.rights(partner(function("legal")))}
    assert theirs == {"legal"}
    with pytest.raises(Http404):
        queries.function_seen(partner(function("legal")), "communications")


def test_the_list_of_functions_takes_the_same_queries_whatever_there_is(lead, django_assert_max_num_queries):
    install(SYSTEM)
    with django_assert_max_num_queries(5):
        found = queries.lines(lead)
    assert len(found) == 10 and all(line.making for line in found)


def test_promises_are_shown_in_hours_and_working_hours():
    [row] = queries.rows_of(Charter(we_ask=(Promise("advise", hours={1: 1}),), calendar="office"), of_us=False)
    assert row.hours == [(1, False), (8, False), (24, True), (72, True)]
    assert charter_of(None) == Charter()
