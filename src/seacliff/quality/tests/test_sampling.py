"""Which decisions are drawn: the same ones however often, by the plan, none passed over, with honest weights."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from seacliff.quality import sampling
from seacliff.quality.models import Check, QualityPlan, Unsampled
from seacliff.quality.plan import DEFAULT, Rule, plan_in_force, publish, read, written
from seacliff.quality.tests.worlds import decided, everything, plan_with
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.desks import clear
from seacliff.record.ids import uuid7
from seacliff.record.models import Event
from seacliff.review.access import NotValid
from seacliff.review.models import CaseReport, Decision
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db


def test_the_draw_is_even_and_can_be_repeated():
    ids = [uuid7() for _ in range(4000)]
    numbers = [sampling.draw_number("seed", id) for id in ids]
    assert numbers == [sampling.draw_number("seed", id) for id in ids]
    assert 0.17 < sum(number < 0.2 for number in numbers) / 4000 < 0.23
    assert numbers != [sampling.draw_number("another", id) for id in ids]


def test_a_final_decision_is_drawn_with_all_that_agreement_needs(alice, rules):
    everything()
    decision = decided(alice, rules, "warn")
    clear("sample-decisions")
    check = Check.objects.get(decision=decision)
    assert (check.first, check.first_finding, check.first_found) == (alice, "violation", "spam")
    assert check.first_actions == ["warn"]
    assert check.chance == 1
    assert check.policy_version == rules
    assert check.week == sampling.week_of(decision.decided_at)
    assert not Unsampled.objects.exists()


def test_the_story_of_the_case_does_not_say_that_it_was_drawn(alice, rules):
    everything()
    decision = decided(alice, rules)
    clear("sample-decisions")
    assert Event.objects.filter(verb="check.drawn").exists()
    assert not Event.objects.filter(verb__startswith="check.", story_id=decision.case_id).exists()


def test_drawing_again_draws_nothing_new(alice, rules):
    everything()
    decision = decided(alice, rules)
    clear("sample-decisions")
    Unsampled.objects.create(decision_id=decision.id)
    clear("sample-decisions")
    assert Check.objects.count() == 1


def test_a_decision_that_becomes_final_late_is_not_passed_over(alice, rules):
    everything()
    late = decided(alice, rules)
    soon = timezone.now() + timedelta(minutes=1)
    Decision.objects.filter(id=late.id).update(settled=False, undo_until=soon)
    Unsampled.objects.all().delete()
    decided(alice, rules)
    clear("sample-decisions")
    assert not Check.objects.filter(decision=late).exists()
    Decision.objects.filter(id=late.id).update(undo_until=timezone.now())
    clear("settle-decisions")
    clear("sample-decisions")
    assert Check.objects.filter(decision=late).exists()


def test_what_is_not_for_one_person_to_look_at_again_is_left_out(alice, rules):
    everything()
    automated, undone, repeated, restricted = (decided(alice, rules) for _ in range(4))
    Decision.objects.filter(id=automated.id).update(automated=True)
    Decision.objects.filter(id=undone.id).update(undone_at=timezone.now())
    Decision.objects.filter(id=repeated.id).update(finding="duplicate")
    report = CaseReport.objects.get(case=restricted.case)
    evidence.attach(evidence.keep(b"x", restricted=True), Subject("report", report.report_id), "x.bin")
    clear("sample-decisions")
    assert not Check.objects.exists()


def test_the_highest_share_among_the_rules_that_fit_holds(alice, rules):
    decision = decided(alice, rules)
    decision = Decision.objects.select_related("case__queue", "reviewer").get(id=decision.id)
    policies = {"spam": "spam"}

    def share(*rules):
        return sampling.share_of(plan_with(share=0.05, rules=rules), decision, policies)

    assert share() == 0.05
    assert share(Rule(0.5, policy="spam")) == 0.5
    assert share(Rule(0.5, policy="hate"), Rule(0.01, queue="general")) == 0.01
    assert share(Rule(0.2, newer_than_days=30), Rule(0.1, queue="general", policy="spam")) == 0.2
    alice.joined_at = timezone.now() - timedelta(days=90)
    decision.reviewer = alice
    assert share(Rule(0.2, newer_than_days=30)) == 0.05


MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def a_week(alice, rules):
    """Eight decisions of one week, of which the plan by itself draws none or few."""
    publish(plan_with(share=0.001, rules=(), minimum=3), "For a test", SYSTEM)
    rows = [decided(alice, rules, at=MONDAY + timedelta(hours=n)) for n in range(8)]
    clear("sample-decisions")
    return rows


def test_a_week_that_is_over_is_brought_up_to_the_minimum(a_week):
    with time_machine.travel(MONDAY + timedelta(days=8)):
        assert sampling.fill_up() == 3
        assert sampling.fill_up() == 0
    drawn = {check.decision_id for check in Check.objects.all()}
    lowest = sorted(a_week, key=lambda row: sampling.draw_number("seacliff", row.id))
    assert drawn == {row.id for row in lowest[:3]}
    expected = sampling.draw_number("seacliff", lowest[3].id)
    assert [check.chance for check in Check.objects.all()] == pytest.approx([expected] * 3)


def test_a_week_that_brings_just_the_minimum_is_weighed_as_one_that_was_filled_up(a_week):
    with time_machine.travel(MONDAY + timedelta(days=8)):
        sampling.fill_up()
        lowest = sorted(a_week, key=lambda row: sampling.draw_number("seacliff", row.id))
        Check.objects.update(chance=0.5)
        assert sampling.fill_up() == 0
    expected = sampling.draw_number("seacliff", lowest[3].id)
    assert [check.chance for check in Check.objects.all()] == pytest.approx([expected] * 3)


def test_a_week_that_is_not_over_is_left_alone(a_week):
    with time_machine.travel(MONDAY + timedelta(days=5)):
        assert sampling.fill_up() == 0


def test_whoever_decided_less_than_the_minimum_has_it_all_looked_at(alice, rules):
    publish(plan_with(share=0.0001, rules=(), minimum=3), "For a test", SYSTEM)
    for n in range(2):
        decided(alice, rules, at=MONDAY + timedelta(hours=n))
    clear("sample-decisions")
    with time_machine.travel(MONDAY + timedelta(days=8)):
        assert sampling.fill_up() == 2
    assert {check.chance for check in Check.objects.all()} == {1.0}


def test_weights_estimate_the_whole_without_bias():
    """Drawn over and over with another seed, the sum of 1/chance comes to the number of decisions (Horvitz, Thompson)."""
    ids = [uuid7() for _ in range(40)]
    share, minimum, sums = 0.05, 4, []
    for turn in range(3000):
        ranks = sorted(sampling.draw_number(f"s{turn}", id) / share for id in ids)
        below = [rank for rank in ranks if rank < 1]
        if len(below) > minimum:
            sums.append(len(below) / share)
        else:
            sums.append(minimum / min(1, share * max(1, ranks[minimum])))
    assert sum(sums) / len(sums) == pytest.approx(40, rel=0.03)


def test_a_plan_reads_as_it_was_written():
    assert read(written(DEFAULT)) == DEFAULT
    assert plan_in_force() == DEFAULT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("share: 2", "between 0 and 1"),
        ("share: [", "YAML"),
        ("seed: 2026-13-45", "YAML"),
        ("shares: 0.1", "can't be read"),
        ("minimum: 500", "minimum"),
        ("rules: [{share: 0.1, policy: nothing}]", "nothing"),
        ("rules: [{share: 0.1, queue: nowhere}]", "nowhere"),
        ("settle: {by: consensus, voters: 1}", "together"),
    ],
)
def test_a_plan_that_is_wrong_says_where(db, text, words):
    with pytest.raises(NotValid, match=words):
        read(text)


def test_a_plan_holds_until_the_next_one(db):
    factories.policy()
    publish(read("share: 0.5\nrules: [{share: 0.9, policy: spam}]"), "More of spam", SYSTEM)
    publish(read("share: 0.1"), "Less", SYSTEM)
    assert (plan_in_force().share, plan_in_force().number) == (0.1, 2)
    assert QualityPlan.objects.filter(live_until=None).count() == 1
    with pytest.raises(NotValid):
        publish(DEFAULT, " ", SYSTEM)
