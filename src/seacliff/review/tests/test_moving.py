from datetime import timedelta

import pytest
from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.record.models import Clock, Event, Note
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Case, Work
from seacliff.review.tests import factories


@pytest.fixture
def mine(alice) -> Case:
    """A case that Alice holds."""
    return actions.claim(alice, factories.case())


def last_event(case: Case) -> Event:
    return Event.objects.filter(story_id=case.id).order_by("-id").first()


def test_a_held_case_leaves_the_queue_and_its_clock_stands_still(alice, mine):
    until = timezone.now() + timedelta(days=2)
    actions.hold(alice, mine, until, "Waiting for the institution's answer")
    mine.refresh_from_db()
    work = Work.objects.get(case=mine)
    assert (mine.state, work.holder, work.held_until, work.assigned_to) == ("held", None, until, alice)
    assert Clock.objects.get(subject_id=mine.id).paused_at is not None
    assert actions.claim_next(alice) is None
    assert (last_event(mine).verb, last_event(mine).reason) == ("case.held", "Waiting for the institution's answer")


@pytest.mark.parametrize("until", [timedelta(minutes=-1), timedelta(days=400)])
def test_a_hold_needs_a_sensible_end_and_a_reason(alice, mine, until):
    with pytest.raises(NotValid, match="in the future"):
        actions.hold(alice, mine, timezone.now() + until, "Waiting")
    with pytest.raises(NotValid, match="what the case waits for"):
        actions.hold(alice, mine, timezone.now() + timedelta(days=1), "")


def test_when_the_hold_is_over_the_case_comes_back_to_whoever_held_it(alice, bob, mine):
    actions.hold(alice, mine, timezone.now() + timedelta(days=2), "Waiting")
    assert actions.return_held() == 0
    Work.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    Clock.objects.update(paused_at=timezone.now() - timedelta(hours=10))
    due = mine.due_at
    assert actions.return_held() == 1
    mine.refresh_from_db()
    assert mine.state == "open"
    assert timedelta(hours=9) < mine.due_at - due < timedelta(hours=11), "the time on hold does not count"
    assert Work.objects.get(case=mine).due_at == mine.due_at
    assert actions.claim_next(bob) is None
    assert actions.claim_next(alice) == mine


def test_a_case_can_be_taken_off_hold_early_once(alice, bob, mine):
    actions.hold(alice, mine, timezone.now() + timedelta(days=2), "Waiting")
    actions.resume(bob, mine)
    with pytest.raises(Refused, match="is not on hold"):
        actions.resume(bob, mine)
    assert last_event(mine).verb == "case.resumed"


def test_only_its_holder_can_put_a_case_on_hold(bob, mine):
    with pytest.raises(Refused, match="taken by Alice"):
        actions.hold(bob, mine, timezone.now() + timedelta(days=1), "Waiting")


def test_escalating_hands_the_case_to_the_next_tier_with_reason_and_ground(alice, mine):
    senior = factories.person("Sena Senior", tier=2)
    assert actions.escalate(alice, mine, "A threat against a teacher", ground="severe") == 2
    assert actions.claim_next(alice) is None
    assert actions.claim_next(senior) == mine
    event = Event.objects.get(verb="case.escalated")
    assert (event.reason, event.data) == ("A threat against a teacher", {"from": 1, "to": 2, "ground": "severe"})


def test_a_higher_tier_can_be_chosen_but_not_a_lower_one(alice, mine):
    with pytest.raises(NotValid, match="only be escalated to a higher one"):
        actions.escalate(alice, mine, "Why", tier=1)
    with pytest.raises(NotValid, match="Say why"):
        actions.escalate(alice, mine, " ")
    with pytest.raises(NotValid, match="one of the grounds"):
        actions.escalate(alice, mine, "Why", ground="boredom")
    assert actions.escalate(alice, mine, "No precedent", tier=3, ground="precedent") == 3


def test_a_case_cannot_be_assigned_to_somebody_below_its_tier_or_who_does_not_review(lead, alice):
    hard = factories.case(tier=2)
    with pytest.raises(NotValid, match="with tier 2; Alice Okafor reviews up to tier 1"):
        actions.assign(lead, hard, alice)
    with pytest.raises(NotValid, match="does not review cases"):
        actions.assign(lead, hard, factories.person("Otto", roles=(Role.AUDITOR,), tier=4))


def test_a_reviewer_cannot_give_away_what_another_holds_but_a_lead_can(alice, bob, lead, mine):
    carla = factories.person("Carla")
    with pytest.raises(Refused, match="A lead can take it back"):
        actions.assign(bob, mine, carla)
    actions.assign(lead, mine, carla, "Alice is ill")
    assert actions.claim_next(bob) is None
    assert actions.claim_next(carla) == mine
    assert last_event(mine).verb == "case.claimed"
    assert Event.objects.get(verb="case.assigned").data["name"] == "Carla"


def test_a_note_is_written_with_its_event_and_needs_words(alice, mine):
    actions.note(alice, mine, "  Same network as C-1001.  ")
    assert Note.objects.get(subject_id=mine.id).body == "Same network as C-1001."
    assert last_event(mine).verb == "note.written"
    with pytest.raises(NotValid, match="empty"):
        actions.note(alice, mine, "   ")
    with pytest.raises(NotPermitted):
        actions.note(factories.person("Otto", roles=(Role.AUDITOR,)), mine, "Hello")
