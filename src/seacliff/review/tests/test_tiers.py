"""A case walks up the tiers: consensus, a split, a panel with its dissent, a precedent; and the plan that says so."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from seacliff.people.models import Function, Membership
from seacliff.people.permissions import Role
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision, Deliberation, Precedent, TierPlan, Vote, Work
from seacliff.review.tests import factories
from seacliff.review.tiers import deliberating, panel, plan, precedents
from seacliff.review.tiers.access import votes_shown_to

pytestmark = pytest.mark.django_db
Stage = Deliberation.Stage


@pytest.fixture(autouse=True)
def fresh_plan():
    plan.forget_plan()
    yield
    plan.forget_plan()


@pytest.fixture
def three(rules):
    """Three reviewers of tier III."""
    return [factories.person(name, tier=3) for name in ("Ana Three", "Ben Three", "Cem Three")]


@pytest.fixture
def members(rules):
    """People of three functions who may sit on panels, and a lead who convenes them."""
    people = []
    for name in ("Legal", "Product", "Support"):
        function, _ = Function.objects.get_or_create(slug=name.lower(), defaults={"name": name})
        member = factories.person(f"{name} Member", roles=(Role.PANELLIST,))
        Membership.objects.create(user=member, function=function)
        people.append(member)
    return people


def yes(case, rules, reasons="The pattern is plain.", *kinds):
    nodes = {node.kind: node for node in [case.target, case.target.parent, case.target.parent.parent]}
    ordered = [Ordered(kind, nodes["account"], {}) for kind in kinds or ("suspend-account",)]
    return Verdict("violation", case.category, rules, reasons, ordered)


def no(case, reasons="A customer with a bad list."):
    return Verdict("no-violation", case.category, None, reasons)


def vote(user, case, verdict):
    actions.claim(user, case)
    return deliberating.vote(user, case, verdict)


def split(case, three, rules):
    """Independent votes that differ: the discussion is open."""
    for user, verdict in zip(three, (yes(case, rules), no(case), yes(case, rules)), strict=True):
        deliberation = vote(user, case, verdict)
    return deliberation


def with_panel(case, three, rules):
    split(case, three, rules)
    for user, verdict in zip(three, (yes(case, rules), no(case), yes(case, rules)), strict=True):
        deliberating.vote(user, case, verdict)
    return Deliberation.objects.get(case=case, way="panel")


def seated(deliberation, members, lead):
    panel.convene(lead, deliberation, members, members[0])
    for member in members:
        panel.declare(member, deliberation)
    deliberation.refresh_from_db()
    return deliberation


def test_a_case_of_tier_three_is_decided_by_nobody_alone(rules, three):
    case = factories.case(tier=3)
    actions.claim(three[0], case)
    with pytest.raises(Refused, match="several decide"):
        actions.decide(three[0], case, yes(case, rules))


def test_three_equal_independent_votes_decide_and_leave_a_precedent(rules, three):
    case = factories.case(tier=3)
    for user in three:
        deliberation = vote(user, case, yes(case, rules))
    case.refresh_from_db()
    decision = Decision.objects.get(case=case)
    assert case.state == Case.State.DECIDED
    assert (decision.finding, decision.tier) == ("violation", 3)
    assert all(str(user) in decision.rationale for user in three)
    assert deliberation.stage == Stage.DECIDED
    kept = Precedent.objects.get(decision=decision)
    assert (kept.category, kept.actions, kept.policy_version) == ("spam", ["suspend-account"], rules)
    assert not Work.objects.filter(case=case).exists()


def test_votes_are_secret_until_all_have_voted_and_each_votes_once(rules, three):
    case = factories.case(tier=3)
    deliberation = vote(three[0], case, yes(case, rules))
    assert votes_shown_to(three[1], deliberation) == []
    assert [each.user for each in votes_shown_to(three[0], deliberation)] == [three[0]]
    with pytest.raises(Refused, match="voted on"):
        actions.claim(three[0], case)
    assert actions.claim_next(three[0]) is None, "it is not offered again to who voted"
    assert actions.claim_next(three[1]) == case
    said = Event.objects.filter(story_id=case.id, verb="vote.cast").get()
    assert "violation" not in str(said.data) + said.reason, "the record does not tell what was voted"


def test_a_split_is_discussed_and_can_end_in_consensus(rules, three):
    case = factories.case(tier=3)
    deliberation = split(case, three, rules)
    assert deliberation.stage == Stage.DISCUSSION
    assert len(votes_shown_to(three[1], deliberation)) == 3
    assert actions.claim_next(factories.person(tier=3)) is None, "nobody else is offered it meanwhile"
    deliberating.write(three[0], deliberation, "Look at the domain.")
    for user in three:
        deliberating.vote(user, case, no(case))
    assert Decision.objects.get(case=case).finding == "no-violation"
    with pytest.raises(Refused, match="together"):
        actions.undo(three[2], Decision.objects.get(case=case))


def test_no_thread_before_everybody_has_voted(rules, three):
    case = factories.case(tier=3)
    deliberation = vote(three[0], case, yes(case, rules))
    with pytest.raises(Refused, match="independent"):
        deliberating.write(three[0], deliberation, "I think...")


def test_final_votes_that_stay_split_go_to_the_panel_and_the_voters_can_t_sit(rules, three, members, lead):
    case = factories.case(tier=3)
    opened = with_panel(case, three, rules)
    case.refresh_from_db()
    assert (case.tier, opened.stage) == (4, Stage.ROSTER)
    able = panel.candidates(opened)
    assert set(members) <= set(able)
    assert not set(three) & set(able)
    with pytest.raises(NotValid, match="had a hand"):
        panel.convene(lead, opened, [*members[:2], three[0]], members[0])


def test_no_consensus_within_the_clock_goes_up_by_itself(rules, three):
    case = factories.case(tier=3)
    split(case, three, rules)
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        clear("deliberations-due")
        clear("deliberations-due")
    case.refresh_from_db()
    assert case.tier == 4
    assert Deliberation.objects.get(case=case, way="consensus").stage == Stage.PASSED_ON
    assert Event.objects.filter(story_id=case.id, verb="case.escalated").count() == 1


def test_a_panel_decides_by_majority_writes_its_dissent_and_binds(rules, three, members, lead):
    case = factories.case(tier=3)
    deliberation = seated(with_panel(case, three, rules), members, lead)
    panel.vote(members[0], deliberation, yes(case, rules, "It was bulk."))
    panel.vote(members[1], deliberation, yes(case, rules, "No relation to the list."))
    deliberation.refresh_from_db()
    assert deliberation.stage == Stage.PANEL, "a majority is not counted before everybody has voted"
    panel.vote(members[2], deliberation, no(case, "The customer had consent."))
    deliberation.refresh_from_db()
    assert deliberation.stage == Stage.WRITING
    with pytest.raises(NotPermitted, match="chairs"):
        panel.issue(members[1], deliberation, question="Q", opinion="O")
    with pytest.raises(NotValid, match="very words"):
        panel.issue(members[0], deliberation, question="Q", opinion="O", passage="not in the rule")
    kept = panel.issue(members[0], deliberation, question="Is a bought list bulk?", opinion="Yes.",
                       passage="Everybody from spam.")  # fmt: skip
    decision = Decision.objects.get(case=case)
    assert (decision.tier, decision.reviewer, decision.finding) == (4, members[0], "violation")
    assert kept.dissents == [{"name": "Support Member", "function": "Support", "text": "The customer had consent."}]
    with pytest.raises(Refused, match="together"):
        actions.undo(lead, decision)
    other = factories.case(tier=1)
    assert precedents.near(other) == [kept], "the next similar case shows it"


def test_a_member_with_a_conflict_loses_the_seat_and_somebody_else_takes_it(rules, three, members, lead):
    case = factories.case(tier=3)
    deliberation = with_panel(case, three, rules)
    panel.convene(lead, deliberation, members, members[0])
    with pytest.raises(Refused, match="Declare first"):
        panel.vote(members[0], deliberation, no(case))
    panel.declare(members[0], deliberation, "My brother works there")
    deliberation.refresh_from_db()
    assert (deliberation.stage, deliberation.chair) == (Stage.ROSTER, members[1])
    with pytest.raises(Refused, match="can't be done now"):
        panel.vote(members[0], deliberation, no(case))
    panel.convene(lead, deliberation, [lead], members[1])
    deliberation.refresh_from_db()
    assert deliberation.stage == Stage.PANEL
    with pytest.raises(NotPermitted):
        panel.vote(members[0], deliberation, no(case))


def test_a_tie_is_voted_again_and_then_the_chair_decides(rules, three, members, lead):
    case = factories.case(tier=3)
    four = [*members, factories.person("Tier Four", tier=4)]
    deliberation = seated(with_panel(case, three, rules), four, lead)
    for expected in (Stage.SECOND, Stage.WRITING):
        for member, verdict in zip(four, (no(case), no(case), yes(case, rules), yes(case, rules)), strict=True):
            panel.vote(member, deliberation, verdict)
        deliberation.refresh_from_db()
        assert deliberation.stage == expected
    assert deliberation.casting
    assert deliberation.outcome["finding"] == "no-violation", "the chair is among the first two"


def test_a_panel_short_of_its_quorum_is_not_counted_when_its_time_is_over(rules, three, members, lead):
    case = factories.case(tier=3)
    deliberation = seated(with_panel(case, three, rules), members, lead)
    panel.vote(members[0], deliberation, no(case))
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        clear("deliberations-due")
    deliberation.refresh_from_db()
    assert deliberation.stage == Stage.PANEL
    panel.vote(members[1], deliberation, no(case))
    assert not deliberation.votes.filter(user=members[2]).exists()


def test_routing_straight_to_a_shared_tier_begins_a_deliberation(rules):
    case = factories.case(tier=4)
    clear("begin-deliberations")
    assert Deliberation.objects.get(case=case).stage == Stage.ROSTER
    assert actions.claim_next(factories.person(tier=4)) is None


def test_a_precedent_is_carried_over_with_its_words_and_retired_without_them(rules, three):
    kept = {}
    for passage in ("Everybody from spam.", ""):
        case = factories.case(tier=3)
        for user in three:
            vote(user, case, yes(case, rules))
        kept[passage] = Precedent.objects.get(case=case)
        Precedent.objects.filter(case=case).update(passage=passage)
    new = factories.publish(rules.policy, 2, at=timezone.now())
    clear("precedents")
    for one in kept.values():
        one.refresh_from_db()
    assert (kept["Everybody from spam."].policy_version, kept["Everybody from spam."].retired_at) == (new, None)
    assert kept[""].retired_at is not None
    assert "version 2" in kept[""].retired_because


def test_a_ground_leads_where_the_plan_says_and_tiers_withhold_actions(rules, alice, lead):
    text = plan.written(plan.DEFAULT).replace("name: First line", "name: First line\n  withheld: [suspend-account]")
    text = text.replace("slug: legal", "tier: 4\n  slug: legal")
    plan.publish(plan.read(text), "Try it", actions.moving.person(lead))
    case = factories.case()
    actions.claim(alice, case)
    with pytest.raises(NotValid, match="not for tier 1"):
        actions.decide(alice, case, yes(case, rules))
    assert actions.escalate(alice, case, "A subpoena came", ground="legal") == 4
    assert TierPlan.objects.get(live_until=None).number == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("number: 4", "number: 5"), "without gaps"),
        (("way: panel", "way: consensus"), "highest tier"),
        (("voters: 3", "voters: 1"), "between 2 and 15"),
        (("name: First line", "name: First line\n  first_instance: [nothing]"), "no category"),
        (("name: First line", "name: First line\n  withheld: [explode]"), "no action"),
        (("tier: 3", "tier: 7"), "leads to a tier"),
        (("tiers:", "tiers: ["), "YAML"),
        (("way: panel", "way: duel"), "can't be read"),
    ],
)  # fmt: skip
def test_a_plan_that_can_t_work_is_refused_with_the_reason(db, change, says):
    with pytest.raises(NotValid, match=says):
        plan.read(plan.written(plan.DEFAULT).replace(*change, 1))


def test_the_first_instance_of_a_harm_is_where_the_plan_says(rules):
    text = plan.written(plan.DEFAULT).replace("name: Harder cases", "name: Harder cases\n  first_instance: [spam]")
    assert plan.read(text).first_tier("spam") == 2
    assert plan.DEFAULT.first_tier("spam") == 1


def test_a_vote_needs_reasons_and_no_repetition(rules, three):
    case = factories.case(tier=3)
    actions.claim(three[0], case)
    with pytest.raises(NotValid, match="reasons"):
        deliberating.vote(three[0], case, no(case, " "))
    with pytest.raises(NotValid, match="matter itself"):
        deliberating.vote(three[0], case, Verdict("duplicate", "spam", None, "Again", duplicate_of=factories.case()))
    assert not Vote.objects.exists()
