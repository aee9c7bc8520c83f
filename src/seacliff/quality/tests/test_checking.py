"""Looking again: who is offered what, blindly; one verdict; differences settled, wrong decisions corrected."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from seacliff.appeals.access import by_notice
from seacliff.appeals.actions import lodge
from seacliff.enforcement.models import Action, Notice
from seacliff.quality import actions as verbs
from seacliff.quality.actions import Found
from seacliff.quality.models import Check
from seacliff.quality.plan import Settling
from seacliff.quality.tests.worlds import decided, drawn, everything
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.record.models import Clock, Event
from seacliff.record.tokens import token_of
from seacliff.review import actions as review
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Decision
from seacliff.review.tests import factories
from seacliff.wellness.actions import set_budget
from seacliff.wellness.limits import today
from seacliff.wellness.models import Exposure

pytestmark = pytest.mark.django_db
SAME = Found("violation", "spam", "One hand, one list.", ("warn",))
OTHER = Found("no-violation", "spam", "They had asked for it.")


@pytest.fixture
def plan(rules):
    everything()


@pytest.fixture
def check(plan, alice, rules):
    return drawn(decided(alice, rules, "suspend-account"))


@pytest.fixture
def differing(check, bob):
    verbs.claim_next(bob)
    return verbs.answer(bob, check, OTHER)


def test_a_second_reviewer_is_set_apart_until_they_have_judged(check, bob):
    assert verbs.claim_next(bob) == check
    bob.refresh_from_db()
    assert bob.secluded_at == f"/quality/re-reviews/{check.ref}"
    assert bob.secluded_until > timezone.now()
    verbs.answer(bob, check, SAME)
    bob.refresh_from_db()
    assert (bob.secluded_at, bob.secluded_until) == ("", None)


def test_two_who_find_the_same_agree(check, bob):
    verbs.claim_next(bob)
    check = verbs.answer(bob, check, SAME)
    assert (check.state, check.agrees, check.second) == ("agreed", True, bob)
    clock = Clock.objects.get(subject_id=check.id)
    assert clock.stopped_at is not None


@pytest.mark.parametrize(
    ("compare", "found", "state"),
    [
        ("finding", Found("violation", "hate", "x"), "agreed"),
        ("harm", Found("violation", "hate", "x"), "differs"),
        ("harm", Found("violation", "spam", "x", ("strike",)), "agreed"),
        ("actions", Found("violation", "spam", "x", ("strike",)), "differs"),
        ("actions", Found("violation", "spam", "x", ("warn",)), "agreed"),
        ("harm", OTHER, "differs"),
    ],
)
def test_the_plan_says_what_has_to_be_the_same(alice, bob, rules, compare, found, state):
    factories.policy("hate")
    everything(compare=compare)
    check = drawn(decided(alice, rules, "warn"))
    verbs.claim_next(bob)
    assert verbs.answer(bob, check, found).state == state


def test_the_first_reviewer_is_never_offered_their_own(check, alice):
    assert verbs.claim_next(alice) is None


def test_nobody_judges_their_own_even_past_the_verbs(check, alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.filter(id=check.id).update(
            second=alice, finding="violation", answered_at=timezone.now(), state="agreed"
        )


def test_whoever_had_a_hand_in_the_case_is_not_offered_it(check, bob):
    review.note(bob, check.case, "I know this one.")
    assert verbs.claim_next(bob) is None


def test_whoever_decided_another_case_of_the_target_since_is_not_offered_it(check, bob, rules):
    later = factories.case(check.case.target, category="spam")
    review.claim(bob, later)
    review.decide(bob, later, Verdict("no-violation", "spam"))
    assert verbs.claim_next(bob) is None


def test_what_was_given_back_goes_to_others_and_never_comes_back(check, bob, carol):
    verbs.claim_next(bob)
    verbs.give_back(bob, check)
    bob.refresh_from_db()
    assert bob.secluded_at == ""
    assert verbs.claim_next(bob) is None
    assert verbs.claim_next(carol) == check


def test_a_lease_that_ran_out_bars_its_holder(check, bob, carol):
    verbs.claim_next(bob)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        with pytest.raises(Refused):
            verbs.answer(bob, check, SAME)
        assert verbs.return_expired() == 1
        assert verbs.claim_next(bob) is None
        assert verbs.claim_next(carol) == check
    bob.refresh_from_db()
    assert bob.secluded_at == ""


def test_claiming_again_gives_what_one_holds(check, bob, alice, rules):
    drawn(decided(alice, rules))
    first = verbs.claim_next(bob)
    assert verbs.claim_next(bob) == first
    assert Check.objects.filter(holder=bob).count() == 1


def test_having_it_open_keeps_it(check, bob):
    verbs.claim_next(bob)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        assert verbs.renew(bob, check)
    with time_machine.travel(timezone.now() + timedelta(minutes=40)):
        assert verbs.answer(bob, check, SAME).state == "agreed"


def test_budgets_and_opt_outs_hold_for_second_looks_and_they_count(check, bob, carol):
    verbs.claim_next(bob)
    assert Exposure.objects.get(user_id=bob.id, category="spam").cases == 1
    verbs.give_back(bob, check)
    Exposure.objects.create(user_id=carol.id, day=today(carol), category="spam", cases=1, severe=0)
    set_budget(SYSTEM, user=carol, category="spam", most=1)
    assert verbs.claim_next(carol) is None
    set_budget(SYSTEM, user=carol, category="", most=1)
    with pytest.raises(Refused, match="today"):
        verbs.claim_next(carol)


def test_tier_and_skills_hold_for_second_looks(alice, bob, rules):
    everything()
    alice.tier = 2
    alice.save()
    drawn(decided(alice, rules, tier=2))
    assert verbs.claim_next(bob) is None
    bob.tier, bob.languages = 2, ["de"]
    bob.save()
    assert verbs.claim_next(bob) is None


@pytest.mark.parametrize(
    ("found", "field"),
    [
        (Found("", "spam", "x"), "finding"),
        (Found("duplicate", "spam", "x"), "finding"),
        (Found("violation", "nothing", "x"), "category"),
        (Found("violation", "spam", " "), "rationale"),
        (Found("violation", "spam", "x", ("geoblock",)), "actions"),
    ],
)
def test_a_verdict_that_does_not_fit_says_why(check, bob, found, field):
    verbs.claim_next(bob)
    with pytest.raises(NotValid) as caught:
        verbs.answer(bob, check, found)
    assert caught.value.field == field


def test_a_verdict_stands_and_only_its_holder_gives_it(check, bob, carol):
    verbs.claim_next(bob)
    with pytest.raises(Refused):
        verbs.answer(carol, check, SAME)
    verbs.answer(bob, check, SAME)
    with pytest.raises(Refused, match="stands"):
        verbs.answer(bob, check, OTHER)


def test_no_event_says_what_a_second_look_found_before_it_is_settled(differing, lead):
    for event in Event.objects.filter(subject_id=differing.id):
        assert "no-violation" not in str(event.data) + event.reason
        assert event.story_id is None
    verbs.settle(lead, differing, "second", "They had a list of consents.")
    told = Event.objects.get(verb="decision.checked")
    assert (told.story_id, told.data["right"]) == (differing.case_id, "second")


def test_a_lead_says_who_was_right(differing, lead):
    settled = verbs.settle(lead, differing, "first", "The consents were forged.")
    assert (settled.state, settled.right, settled.settled_by) == ("settled", "first", lead)
    assert Decision.objects.get(id=differing.decision_id).superseded_at is None
    with pytest.raises(Refused):
        verbs.settle(lead, differing, "second", "Or not.")


def test_neither_of_the_two_judges_between_them(plan, lead, bob, rules):
    lead_decided = drawn(decided(lead, rules))
    carol = factories.person("Carla Other", tier=4)
    verbs.claim_next(carol)
    differing = verbs.answer(carol, lead_decided, OTHER)
    with pytest.raises(NotPermitted):
        verbs.settle(lead, differing, "first", "I was right.")
    with pytest.raises(NotPermitted):
        verbs.settle(bob, differing, "first", "No lead.")


def test_a_wrong_decision_is_corrected_reversed_and_told(differing, lead):
    case = differing.case
    before = Notice.objects.filter(case_id=case.id).count()
    verdict = Verdict("no-violation", "spam", None, "The consents are real.")
    settled = verbs.settle(lead, differing, "second", "The consents are real.", verdict)
    old, new = Decision.objects.get(id=differing.decision_id), settled.new_decision
    assert old.superseded_at is not None
    assert (new.finding, new.corrects, new.reviewer) == ("no-violation", old, lead)
    suspension = Action.objects.get(decision_id=old.id, reverses=None)
    assert Action.objects.filter(reverses=suspension).exists()
    told = {notice.audience: notice for notice in Notice.objects.filter(decision_id=new.id)}
    assert set(told) == {"affected", "reporter"}
    assert Notice.objects.filter(case_id=case.id).count() == before + 2
    affected = told["affected"]
    assert affected.language == "de"
    assert "Zurückgenommen wurde" in affected.body
    assert "ann@example.org" not in affected.body
    assert "Ann" not in affected.body
    assert token_of("notice", affected.id) in affected.body


def test_somebody_newly_found_against_is_told_as_after_any_decision(plan, alice, bob, lead, rules):
    check = drawn(decided(alice, rules, finding="no-violation"))
    verbs.claim_next(bob)
    differing = verbs.answer(bob, check, SAME)
    account = differing.case.target.parent.parent
    verdict = Verdict("violation", "spam", rules, "A bought list.", [Ordered("warn", account, {})])
    settled = verbs.settle(lead, differing, "second", "A bought list.", verdict)
    affected = Notice.objects.get(decision_id=settled.new_decision_id, audience="affected")
    assert affected.outcome == "violation"
    assert by_notice(token_of("notice", affected.id)).decision == settled.new_decision


def test_a_correction_of_actions_alone_does_not_bother_reporters(alice, bob, lead, rules):
    everything(compare="actions")
    check = drawn(decided(alice, rules, "suspend-account"))
    verbs.claim_next(bob)
    differing = verbs.answer(bob, check, SAME)
    account = differing.case.target.parent.parent
    verdict = Verdict("violation", "spam", rules, "A warning does.", [Ordered("warn", account, {})])
    settled = verbs.settle(lead, differing, "second", "A warning does.", verdict)
    told = Notice.objects.get(decision_id=settled.new_decision_id)
    assert (told.audience, told.outcome) == ("affected", "corrected")


def test_an_open_appeal_goes_before_a_correction(differing, lead):
    notice = Notice.objects.get(case_id=differing.case_id, audience="affected")
    lodge(by_notice(token_of("notice", notice.id)), "Everybody on the list had agreed.")
    verdict = Verdict("no-violation", "spam", None, "The consents are real.")
    with pytest.raises(Refused, match="appeal"):
        verbs.settle(lead, differing, "second", "x", verdict)
    assert Check.objects.get(id=differing.id).state == "differs"
    settled = verbs.settle(lead, differing, "second", "x")
    assert settled.new_decision is None


def test_a_decision_left_as_it_was_can_be_corrected_later(differing, lead):
    verbs.settle(lead, differing, "second", "Perhaps.")
    verdict = Verdict("no-violation", "spam", None, "Sure now.")
    assert verbs.correct_after(lead, differing, verdict).new_decision is not None
    with pytest.raises(Refused):
        verbs.correct_after(lead, differing, verdict)


def test_what_was_right_is_not_corrected(differing, lead):
    verdict = Verdict("no-violation", "spam", None, "x")
    with pytest.raises(NotValid):
        verbs.settle(lead, differing, "first", "x", verdict)
    verbs.settle(lead, differing, "first", "x")
    with pytest.raises(Refused):
        verbs.correct_after(lead, differing, verdict)


@pytest.fixture
def three(db):
    return [factories.person(f"Third {n}", tier=3) for n in range(3)]


def test_several_settle_alike_where_the_plan_says_so(alice, bob, lead, rules, three):
    everything(settle=Settling(by="consensus", voters=3, tier=3))
    check = drawn(decided(alice, rules, "warn"))
    verbs.claim_next(bob)
    differing = verbs.answer(bob, check, OTHER)
    with pytest.raises(NotPermitted):
        verbs.opine(bob, differing, "second", "Mine.")
    for person in three:
        differing = verbs.opine(person, differing, "second", f"{person} thinks so.")
    assert (differing.state, differing.right, differing.settled_by) == ("settled", "second", None)
    verdict = Verdict("no-violation", "spam", None, "As three found.")
    assert verbs.correct_after(lead, differing, verdict).new_decision is not None


def test_where_several_do_not_agree_a_lead_settles(alice, bob, lead, rules, three):
    everything(settle=Settling(by="consensus", voters=3, tier=3))
    check = drawn(decided(alice, rules, "warn"))
    verbs.claim_next(bob)
    differing = verbs.answer(bob, check, OTHER)
    for person, right in zip(three, ("first", "second", "second"), strict=True):
        verbs.opine(person, differing, right, "So it seems.")
    with pytest.raises(Refused):
        verbs.opine(three[0], differing, "second", "I changed my mind.")
    with pytest.raises(Refused, match="lead"):
        verbs.opine(factories.person(tier=3), differing, "second", "Me too.")
    assert verbs.settle(lead, differing, "neither", "Both missed it.").right == "neither"


def test_differences_are_for_a_lead_unless_the_plan_says_otherwise(differing, three):
    with pytest.raises(Refused, match="lead"):
        verbs.opine(three[0], differing, "first", "x")


def test_the_desks_have_nothing_left_to_do(check):
    assert clear("sample-decisions", "sample-minimum", "checks-come-back") == 0
