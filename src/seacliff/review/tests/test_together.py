import pytest

from seacliff.enforcement.models import Action
from seacliff.people.permissions import Role
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Decision, Work
from seacliff.review.tests import factories


@pytest.fixture
def campaign(db):
    """Three cases of one campaign: two events of one account, and one of another."""
    one, other = factories.tree("One"), factories.tree("Other")
    second = factories.case(one["user"])
    return one, other, [factories.case(one["event"]), second, factories.case(other["event"])]


def test_each_action_falls_on_the_same_level_of_each_tree_and_on_one_target_once(alice, rules, campaign):
    one, other, cases = campaign
    verdict = Verdict("violation", "spam", rules, "Raid", [Ordered("suspend-account", one["account"], {"days": 7})])
    outcomes = actions.bulk_decide(alice, cases, verdict)
    assert [outcome.problem for outcome in outcomes] == ["", "", ""]
    assert set(Action.objects.values_list("target", flat=True)) == {one["account"].id, other["account"].id}
    decisions = [outcome.decision for outcome in outcomes]
    assert {decision.assignment for decision in decisions} == {"bulk"}
    assert [decision.together for decision in decisions] == [None, decisions[0].id, decisions[0].id]
    assert f"Decided together with {cases[0].ref}" in decisions[2].rationale


def test_undo_takes_all_of_them_back(alice, rules, campaign):
    _, _, cases = campaign
    outcomes = actions.bulk_decide(alice, cases, Verdict("no-violation", "spam", rules))
    actions.undo(alice, outcomes[1].decision)
    assert set(Work.objects.values_list("holder", flat=True)) == {alice.id}
    assert Decision.objects.filter(undone_at=None).count() == 0


def test_a_case_that_another_took_is_left_to_them(alice, bob, rules, campaign):
    _, _, cases = campaign
    actions.claim(bob, cases[1])
    outcomes = actions.bulk_decide(alice, cases, Verdict("no-violation", "spam", rules))
    assert "already taken by Bob" in outcomes[1].problem and outcomes[1].decision is None
    assert Decision.objects.count() == 2


def test_when_the_first_is_gone_nothing_is_decided(alice, bob, rules, campaign):
    _, _, cases = campaign
    actions.claim(bob, cases[0])
    with pytest.raises(Refused, match="taken by Bob"):
        actions.bulk_decide(alice, cases, Verdict("no-violation", "spam", rules))
    assert Decision.objects.count() == 0


def test_cases_that_have_nothing_in_common_are_not_decided_together(alice, rules, campaign):
    _, _, cases = campaign
    factories.policy("phishing")
    stranger = factories.case(factories.tree("Third")["event"], category="phishing")
    with pytest.raises(NotValid, match="neither the category nor the account tree"):
        actions.bulk_decide(alice, [*cases, stranger], Verdict("no-violation", "spam", rules))


def test_bulk_needs_its_permission(rules, campaign):
    admin = factories.person("Ada Admin", roles=(Role.ADMIN,))
    with pytest.raises(NotPermitted, match="bulk-decide"):
        actions.bulk_decide(admin, campaign[2], Verdict("no-violation", "spam", rules))
