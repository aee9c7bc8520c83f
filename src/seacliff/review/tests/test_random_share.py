"""A queue's random share: chance picks the case, the decision says so, nobody in danger waits for it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from seacliff.review import actions
from seacliff.review.actions import Verdict, claiming
from seacliff.review.models import Decision, Queue, Work
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(rules):
    """Thirty cases, the first the most urgent; half the claims are chance's."""
    now = timezone.now()
    Queue.objects.update_or_create(slug="general", defaults={"name": "General", "random_share": 20})
    return [factories.case(due_at=now + timedelta(hours=n)) for n in range(30)]


def roll(monkeypatch, value):
    monkeypatch.setattr(claiming.random, "uniform", lambda _low, _high: value)


def test_chance_picks_among_what_waits_and_the_decision_keeps_that(waiting, alice, monkeypatch):
    roll(monkeypatch, 5.0)
    taken = [actions.claim_next(alice) for _ in range(8)]
    assert len({case.id for case in taken}) == 8
    assert [case.id for case in taken] != [case.id for case in waiting[:8]]
    assert set(Work.objects.filter(holder=alice).values_list("assignment", flat=True)) == {"random"}
    decision = actions.decide(alice, taken[0], Verdict("no-violation", "spam", None, "Nothing."))
    assert Decision.objects.get(id=decision.id).assignment == "random"


def test_without_the_die_or_the_share_the_most_urgent_comes_first(waiting, alice, bob, monkeypatch):
    roll(monkeypatch, 20.0)
    assert actions.claim_next(alice).id == waiting[0].id
    roll(monkeypatch, 5.0)
    Queue.objects.update(random_share=4)
    assert actions.claim_next(bob).id == waiting[1].id
    assert actions.claim_next(bob, Queue.objects.get()).id == waiting[2].id
    assert set(Work.objects.exclude(holder=None).values_list("assignment", flat=True)) == {"pull"}


def test_a_more_severe_case_never_waits_for_chance(waiting, alice, monkeypatch):
    roll(monkeypatch, 0.0)
    urgent = factories.case(severity=1)
    assert actions.claim_next(alice, Queue.objects.get()).id == urgent.id


def test_people_of_few_skills_and_what_is_assigned_by_name_are_left_alone(waiting, alice, bob, monkeypatch):
    roll(monkeypatch, 0.0)
    alice.categories = ["spam"]
    alice.save()
    assert actions.claim_next(alice).id == waiting[0].id
    Work.objects.filter(case=waiting[9]).update(assigned_to=bob)
    assert actions.claim_next(bob).id == waiting[9].id


def test_the_share_stays_small(waiting):
    with pytest.raises(IntegrityError), transaction.atomic():
        Queue.objects.update(random_share=21)
