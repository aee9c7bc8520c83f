from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from seacliff.enforcement.models import Action, Notice
from seacliff.intake.models import Reporter
from seacliff.policy.models import ActionKind, NoticeText
from seacliff.record.models import Clock, Event, Link
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision, Work
from seacliff.review.tests import factories
from seacliff.review.tiers.plan import plan_in_force


@pytest.fixture
def nodes(db):
    return factories.tree()


@pytest.fixture
def mine(alice, nodes) -> Case:
    """A case on an event, with two reporters, that Alice holds."""
    case = factories.case(nodes["event"], rank=-3)
    factories.report(case, reporter="mail:ann@example.org")
    factories.report(case, reporter="mail:uwe@example.org", language="de")
    return actions.claim(alice, case)


def violation(version, *ordered, **more) -> Verdict:
    return Verdict("violation", "spam", version, more.pop("rationale", "Clear."), list(ordered), **more)


def let_the_undo_window_pass() -> None:
    Decision.objects.update(undo_until=timezone.now() - timedelta(seconds=1))


def test_a_decision_closes_the_case_and_everything_that_belongs_to_it(alice, mine, nodes, rules):
    decision = actions.decide(alice, mine, violation(rules, Ordered("suspend-account", nodes["account"], {"days": 30})))
    mine.refresh_from_db()
    assert (mine.state, mine.decided_by) == ("decided", alice)
    assert not Work.objects.filter(case=mine).exists()
    stored = Decision.objects.get(id=decision.id)
    assert (stored.policy_version, stored.finding, stored.tier, stored.assignment) == (rules, "violation", 1, "named")
    assert stored.claimed_at is not None and stored.actions[0]["kind"] == "suspend-account"
    ordered = Action.objects.get()
    assert (ordered.target, ordered.parameters, ordered.not_before) == (
        nodes["account"],
        {"days": 30},
        stored.undo_until,
    )
    assert Clock.objects.get(subject_id=mine.id).stopped_at == stored.decided_at
    event = Event.objects.get(verb="case.decided")
    assert (event.policy_version_id, event.reason, event.data["finding"]) == (rules.id, "Clear.", "violation")


def test_deciding_takes_few_statements(alice, mine, nodes, rules, django_assert_max_num_queries):
    plan_in_force()  # remembered for two seconds: who decides has just claimed
    with django_assert_max_num_queries(8):  # rule, tree, BEGIN, the decision, action, its event, clock, COMMIT
        actions.decide(alice, mine, violation(rules, Ordered("suspend-account", nodes["account"], {})))


def test_the_decision_keeps_the_version_in_force_and_a_later_version_changes_nothing(alice, mine, nodes, rules):
    first = actions.decide(alice, mine, violation(rules, Ordered("warn", nodes["user"], {})))
    newer = factories.publish(rules.policy, 2, at=timezone.now())
    assert Decision.objects.get(id=first.id).policy_version == rules
    other = actions.claim(alice, factories.case(factories.tree()["event"]))
    with pytest.raises(
        NotValid, match=r"version 1\) is not the wording in force any more: .*version 2\) is"
    ) as refusal:
        actions.decide(alice, other, violation(rules, Ordered("warn", other.target, {})))
    assert refusal.value.code == "policy-changed"
    assert actions.decide(alice, other, violation(newer, Ordered("warn", other.target, {}))).policy_version == newer


def test_an_action_that_the_policy_does_not_allow_is_refused_in_a_sentence(alice, mine, nodes, rules):
    verdict = violation(rules, Ordered("block-user", nodes["user"], {}))
    with pytest.raises(NotValid, match=r'Spam is not allowed \(version 1\) does not allow "Block the user"') as refusal:
        actions.decide(alice, mine, verdict)
    assert (refusal.value.field, refusal.value.code) == ("actions", "action-not-allowed")
    assert Work.objects.get(case=mine).holder == alice


def test_without_a_violation_there_is_nothing_to_act_on(alice, mine, nodes, rules):
    with pytest.raises(NotValid, match="needs a violation"):
        actions.decide(alice, mine, Verdict("no-violation", "spam", rules, "", [Ordered("warn", nodes["user"], {})]))
    assert actions.decide(alice, mine, Verdict("no-violation", "spam", rules)).finding == "no-violation"


def test_an_action_must_fall_in_the_account_tree_of_the_case(alice, mine, rules):
    stranger = factories.tree("Somewhere else")["account"]
    with pytest.raises(NotValid, match="not in the account tree"):
        actions.decide(alice, mine, violation(rules, Ordered("suspend-account", stranger, {})))


@pytest.mark.parametrize(
    ("kind", "parameters", "sentence"),
    [
        ("suspend-account", {"days": 0}, "days of an action run from 1"),
        ("suspend-account", {"days": "30"}, 'cannot take "days"'),
        ("suspend-account", {"sudo": True}, 'cannot take "sudo"'),
        ("restrict-feature", {}, 'needs "feature"'),
        ("explode", {}, 'no action "explode"'),
    ],
)
def test_parameters_of_actions_are_checked(alice, mine, nodes, rules, kind, parameters, sentence):
    more = [*rules.allowed_actions, ActionKind.RESTRICT_FEATURE]
    rules = factories.publish(rules.policy, 2, allowed=more, at=timezone.now() - timedelta(days=1))
    with pytest.raises(NotValid, match=sentence):
        actions.decide(alice, mine, violation(rules, Ordered(kind, nodes["account"], parameters)))


def test_the_same_action_twice_on_one_target_is_refused(alice, mine, nodes, rules):
    twice = [Ordered("strike", nodes["user"], {}), Ordered("strike", nodes["user"], {})]
    with pytest.raises(NotValid, match="ordered twice"):
        actions.decide(alice, mine, violation(rules, *twice))


def test_a_rationale_is_needed_for_heavy_actions_severe_cases_and_higher_tiers(alice, mine, nodes, rules):
    heavy = violation(rules, Ordered("suspend-account", nodes["account"], {}), rationale=" ")
    with pytest.raises(NotValid, match="this heavy needs a rationale") as refusal:
        actions.decide(alice, mine, heavy)
    assert refusal.value.field == "rationale"
    severe = actions.claim(alice, factories.case(factories.tree()["event"], severity=1))
    with pytest.raises(NotValid, match="severity 1 needs a rationale"):
        actions.decide(alice, severe, Verdict("no-violation", "spam", rules))
    light = violation(rules, Ordered("warn", nodes["user"], {}), rationale="")
    assert actions.decide(alice, mine, light).rationale == ""


def test_a_category_without_a_rule_in_force_cannot_be_violated(alice, mine, nodes, rules):
    with pytest.raises(NotValid, match='No policy in force covers "arson"'):
        actions.decide(alice, mine, Verdict("violation", "arson", None, "Hm", [Ordered("warn", nodes["user"], {})]))


def test_a_duplicate_names_the_case_it_repeats_and_links_to_it(alice, mine, rules):
    with pytest.raises(NotValid, match="Name the case"):
        actions.decide(alice, mine, Verdict("duplicate", "spam", rules))
    other = factories.case(factories.tree()["event"])
    actions.decide(alice, mine, Verdict("duplicate", "spam", rules, duplicate_of=other))
    assert Link.objects.get(from_id=mine.id, kind="duplicate-of").to_id == other.id


def test_a_case_that_was_not_claimed_was_lost_or_is_decided_cannot_be_decided(alice, bob, mine, rules):
    verdict = Verdict("no-violation", "spam", rules)
    with pytest.raises(Refused, match="taken by Alice Okafor"):
        actions.decide(bob, mine, verdict)
    Work.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    actions.return_expired()
    with pytest.raises(Refused, match="your lease ran out") as refusal:
        actions.decide(alice, mine, verdict)
    assert refusal.value.code == "lease-expired"
    actions.claim(bob, mine)
    actions.decide(bob, mine, verdict)
    stale = Case.objects.get(id=mine.id)
    stale.state = "open"
    with pytest.raises(Refused, match="already decided by Bob Lindqvist"):
        actions.decide(alice, stale, verdict)
    assert Decision.objects.count() == 1


def test_a_case_that_was_escalated_meanwhile_is_out_of_my_reach(alice, mine, rules):
    Case.objects.update(tier=2)
    with pytest.raises(NotPermitted, match="with tier 2; you review up to tier 1"):
        actions.decide(alice, mine, Verdict("no-violation", "spam", rules))


def test_undo_restores_the_case_and_its_row_in_the_queue_to_the_same_reviewer(alice, mine, nodes, rules):
    before = Work.objects.get(case=mine)
    decision = actions.decide(alice, mine, violation(rules, Ordered("warn", nodes["user"], {})))
    assert actions.undo(alice, decision) == [mine]
    mine.refresh_from_db()
    after = Work.objects.get(case=mine)
    assert (mine.state, mine.decided_at, mine.decided_by) == ("open", None, None)
    assert after.holder == alice and after.lease_until > timezone.now()
    same = (
        "queue",
        "severity",
        "rank",
        "due_at",
        "tier",
        "category",
        "language",
        "claimed_at",
        "skipped_by",
        "assignment",
    )
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert Action.objects.get().state == "cancelled"
    assert Clock.objects.get(subject_id=mine.id).stopped_at is None
    assert Decision.objects.get(id=decision.id).undone_at is not None
    assert Event.objects.filter(story_id=mine.id).order_by("-id").first().verb == "case.reopened"
    again = actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    assert again.id != decision.id and Decision.objects.filter(undone_at=None).get() == again


def test_undo_is_over_when_its_time_is_over_or_when_it_was_done(alice, mine, rules):
    decision = actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    actions.undo(alice, decision)
    with pytest.raises(Refused, match="too late"):
        actions.undo(alice, decision)
    late = actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    let_the_undo_window_pass()
    with pytest.raises(Refused, match="too late"):
        actions.undo(alice, late)


def test_nobody_but_the_reviewer_or_a_lead_can_undo(alice, bob, lead, mine, rules):
    decision = actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    with pytest.raises(NotPermitted, match="Only who decided"):
        actions.undo(bob, decision)
    actions.undo(lead, decision)
    assert Work.objects.get(case=mine).holder == alice


def test_undo_gives_way_to_a_new_case_on_the_same_target(alice, mine, rules):
    decision = actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    factories.case(mine.target)
    with pytest.raises(Refused, match="opened another case meanwhile"):
        actions.undo(alice, decision)
    assert Decision.objects.get().undone_at is None


def test_settling_tells_everybody_once_the_decision_stands(alice, mine, nodes, rules):
    factories.notice_texts()
    factories.report(mine, reporter="mail:ann@example.org")
    verdict = violation(
        rules, Ordered("warn", nodes["user"], {}), facts="Forty invitations in a minute.", rationale="Bot."
    )
    decision = actions.decide(alice, mine, verdict)
    assert actions.settle() == 0
    let_the_undo_window_pass()
    assert actions.settle() == 1 and actions.settle() == 0
    told = {(notice.audience, notice.address, notice.language) for notice in Notice.objects.all()}
    assert told == {
        ("reporter", "ann@example.org", "en"),
        ("reporter", "uwe@example.org", "de"),
        ("affected", nodes["user"].email, "de"),
    }
    affected = Notice.objects.get(audience="affected")
    assert "Forty invitations" in affected.body and "Bot." not in affected.body and "ann@" not in affected.body
    assert affected.decision_id == decision.id
    assert Reporter.objects.get(key="mail:ann@example.org").upheld == 1, "one case, however many reports"


def test_settling_many_asks_the_database_no_more_often_than_settling_one(alice, rules, nodes):
    factories.notice_texts()

    def statements(count: int) -> int:
        for number in range(count):
            case = factories.case(nodes["event"])
            for language in ("en", "de"):
                factories.report(case, reporter=f"mail:{language}{number}@example.org", language=language)
            actions.decide(alice, actions.claim(alice, case), violation(rules, Ordered("warn", nodes["user"], {})))
        let_the_undo_window_pass()
        with CaptureQueriesContext(connection) as captured:
            assert actions.settle() == count
        return len(captured)

    assert statements(8) <= statements(1)
    per_case = Notice.objects.values("case_id").annotate(count=Count("id"), of_one=Count("decision_id", distinct=True))
    assert {(row["count"], row["of_one"]) for row in per_case} == {(3, 1)}


def test_settling_an_undone_or_silent_decision_tells_nobody(alice, mine, rules):
    factories.notice_texts()
    actions.undo(alice, actions.decide(alice, mine, Verdict("no-violation", "spam", rules)))
    actions.decide(alice, mine, Verdict("no-violation", "spam", rules, notify=False))
    let_the_undo_window_pass()
    assert actions.settle() == 2
    assert not Notice.objects.exists()
    assert Reporter.objects.get(key="mail:ann@example.org").rejected == 1


def test_outcomes_are_told_as_the_finding_was(alice, mine, rules):
    factories.notice_texts()
    actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    let_the_undo_window_pass()
    actions.settle()
    assert set(Notice.objects.values_list("audience", "outcome")) == {("reporter", NoticeText.Outcome.NO_VIOLATION)}


def test_the_tally_follows_every_step(alice, mine, rules):
    def counts() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT state, sum(delta) FROM review_tally GROUP BY 1 HAVING sum(delta) <> 0")
            return dict(cursor.fetchall())

    assert counts() == {"claimed": 1}
    decision = actions.decide(alice, mine, Verdict("no-violation", "spam", rules))
    assert counts() == {}
    actions.undo(alice, decision)
    assert counts() == {"claimed": 1}
    actions.hold(alice, mine, timezone.now() + timedelta(days=1), "Waiting")
    assert counts() == {"held": 1}
