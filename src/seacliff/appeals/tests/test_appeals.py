"""Appeals from outside, decided by somebody else; what they take back, and who is told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from seacliff.appeals import actions as verbs
from seacliff.appeals import queries
from seacliff.appeals.access import Standing, by_notice, by_status, why_not
from seacliff.appeals.models import Appeal
from seacliff.enforcement.models import Action, Notice, Strike
from seacliff.intake.models import Reporter
from seacliff.intake.receipts import token_of as status_token
from seacliff.people.permissions import Role
from seacliff.policy.models import NoticeText
from seacliff.record.desks import clear
from seacliff.record.models import Clock, Event
from seacliff.record.tokens import token_of
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Case, Decision
from seacliff.review.tests import factories
from seacliff.review.tiers import panel
from seacliff.targets.models import Target

pytestmark = pytest.mark.django_db
WHY = "Die Liste hatte dem Empfang zugestimmt, hier ist der Nachweis."


@pytest.fixture
def second(db):
    """Somebody of tier II who had no hand in anything."""
    return factories.person("Sam Second", tier=2)


def decided(user, rules, *kinds, finding="violation"):
    """A case decided by `user` a minute ago, with its notices written and its actions released."""
    if not NoticeText.objects.exists():
        factories.notice_texts()
    tree = factories.tree()
    case = factories.case(tree["event"])
    factories.report(case, reporter="mail:ann@example.org")
    factories.report(case, reporter="mail:joe@example.org", language="es")
    actions.claim(user, case)
    ordered = [Ordered(kind, tree["account"], {}) for kind in kinds]
    version = rules if finding == "violation" else None
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        decision = actions.decide(user, case, Verdict(finding, "spam", version, "Bulk.", ordered))
    clear("settle-decisions", "release-actions")
    return decision


def affected(decision) -> Standing:
    notice = Notice.objects.get(case_id=decision.case_id, audience="affected", decision_id=decision.id)
    return by_notice(token_of("notice", notice.id))


def reporter(decision) -> Standing:
    report = decision.case.case_reports.order_by("report_id").first()
    return by_status(status_token(report.report_id))


def appealed(decision, who=affected):
    return verbs.lodge(who(decision), WHY)


def ruled(appeal, user, verdict=None, **said):
    verbs.claim(user, appeal)
    if verdict is None:
        return verbs.uphold(user, appeal, reasons="The evidence holds.", **said)
    return verbs.decide(user, appeal, verdict, **said)


def none(rationale="The list had agreed."):
    return Verdict("no-violation", "spam", None, rationale)


def test_an_appeal_has_a_clock_a_receipt_in_their_language_and_the_tier_above_the_first(alice, rules):
    appeal = appealed(decided(alice, rules, "warn"))
    assert (appeal.state, appeal.tier, appeal.language, appeal.reviewer) == ("waiting", 2, "de", alice)
    clock = Clock.objects.get(subject_id=appeal.id)
    assert clock.due_at == appeal.due_at
    receipt = Notice.objects.get(outcome="appeal-received")
    assert (receipt.language, receipt.state) == ("de", "pending")
    assert "Ihre Beschwerde ist angekommen" in receipt.body


def test_who_decided_first_never_decides_the_appeal(rules, second):
    appeal = appealed(decided(second, rules, "warn"))
    assert verbs.claim_next(second) is None
    with pytest.raises(NotPermitted, match="had a hand"):
        verbs.claim(second, appeal)
    other = factories.person(tier=2)
    assert verbs.claim_next(other) == appeal


def test_the_database_itself_refuses_an_appeal_decided_by_its_first_reviewer(alice, rules):
    appeal = appealed(decided(alice, rules, "warn"))
    with pytest.raises(IntegrityError, match="appeal_by_somebody_else"):
        Appeal.objects.filter(id=appeal.id).update(decided_by=alice)


def test_an_appeal_upheld_changes_nothing_and_tells_the_appellant_alone(alice, rules, second):
    decision = decided(alice, rules, "suspend-account")
    appeal = ruled(appealed(decision), second, answer="Der Nachweis fehlt.")
    assert (appeal.outcome, appeal.new_decision) == ("upheld", None)
    assert not Action.objects.exclude(reverses=None).exists()
    told = Notice.objects.filter(outcome="appeal-upheld")
    assert [(one.audience, one.language) for one in told] == [("affected", "de")]
    assert "Der Nachweis fehlt." in told[0].body


def test_an_appeal_overturned_takes_back_suspension_and_strikes_and_tells_both_sides(alice, rules, second):
    decision = decided(alice, rules, "strike", "suspend-account")
    account = Target.objects.get(kind="account")
    assert (account.state, account.strikes) == ("suspended", 1)
    appeal = ruled(appealed(decision), second, none(), answer="Sie hatten recht.")
    clear("release-actions")
    account.refresh_from_db()
    decision.refresh_from_db()
    assert (appeal.outcome, appeal.decided_by) == ("overturned", second)
    assert (account.state, account.strikes) == ("active", 0)
    assert Strike.objects.get().taken_back_at is not None
    assert decision.superseded_at is not None
    assert appeal.new_decision.corrects == decision
    told = {(one.audience, one.language) for one in Notice.objects.filter(outcome="appeal-overturned")}
    assert told == {("affected", "de"), ("reporter", "en"), ("reporter", "es")}
    to_affected = Notice.objects.get(outcome="appeal-overturned", audience="affected")
    assert "Sie hatten recht." in to_affected.body
    for one in Notice.objects.filter(outcome="appeal-overturned", audience="reporter"):
        assert "Sie hatten recht." not in one.body, "the answer is for the appellant"


def test_what_both_verdicts_order_is_left_alone(alice, rules, second):
    decision = decided(alice, rules, "warn", "suspend-account")
    account = Target.objects.get(kind="account")
    kept = Verdict("violation", "spam", rules, "Too heavy.", [Ordered("warn", account, {})])
    appeal = ruled(appealed(decision), second, kept)
    assert appeal.outcome == "changed"
    assert [action.kind for action in Action.objects.exclude(reverses=None)] == ["suspend-account"]
    assert Action.objects.filter(kind="warn").count() == 1


def test_the_same_verdict_again_is_no_change(alice, rules, second):
    decision = decided(alice, rules, "warn")
    same = Verdict("violation", "spam", rules, "As before.", [Ordered("warn", Target.objects.get(kind="account"), {})])
    appeal = appealed(decision)
    with pytest.raises(NotValid, match="uphold it"):
        ruled(appeal, second, same)
    appeal.refresh_from_db()
    assert appeal.state == "waiting"


def test_a_reporter_s_appeal_can_find_the_violation_and_the_affected_user_hears_as_after_any_decision(
    alice, rules, second
):
    decision = decided(alice, rules, finding="no-violation")
    account = Target.objects.get(kind="account")
    found = Verdict("violation", "spam", rules, "It was bulk.", [Ordered("suspend-account", account, {})])
    appeal = ruled(appealed(decision, reporter), second, found)
    clear("release-actions")
    account.refresh_from_db()
    assert (appeal.outcome, account.state) == ("overturned", "suspended")
    notice = Notice.objects.get(audience="affected", outcome="violation")
    assert notice.decision_id == appeal.new_decision_id
    again = affected(appeal.new_decision)
    assert why_not(again) == "", "against the new decision the affected user may appeal in turn"


def test_reporters_are_known_by_the_outcome_that_stands(alice, rules, second):
    decision = decided(alice, rules, "warn")
    ann = Reporter.objects.get(key="mail:ann@example.org")
    assert (ann.upheld, ann.rejected) == (1, 0)
    ruled(appealed(decision), second, none())
    ann.refresh_from_db()
    assert (ann.upheld, ann.rejected) == (0, 1)


def test_one_appeal_a_side_and_none_after_the_window(alice, rules, second):
    decision = decided(alice, rules, "warn")
    standing = affected(decision)
    with time_machine.travel(timezone.now() + timedelta(days=184)), pytest.raises(Refused, match="time for an appeal"):
        verbs.lodge(standing, WHY)
    verbs.lodge(standing, WHY)
    with pytest.raises(Refused, match="has arrived"):
        verbs.lodge(standing, WHY)
    verbs.lodge(reporter(decision), "You overlooked the second list entirely.")
    assert Appeal.objects.count() == 2


def test_nothing_can_be_appealed_before_it_is_decided_for_good(alice, rules):
    factories.notice_texts()
    case = factories.case()
    report = factories.report(case)
    standing = by_status(status_token(report.id))
    assert "no decision yet" in why_not(standing)
    actions.claim(alice, case)
    actions.decide(alice, case, Verdict("no-violation", "spam"))
    assert "no decision yet" in why_not(by_status(status_token(report.id)))


def test_other_reporters_who_appealed_are_answered_with_the_first(alice, rules, second):
    decision = decided(alice, rules, finding="no-violation")
    for row in decision.case.case_reports.all():
        verbs.lodge(by_status(status_token(row.report_id)), "Please look at it again.")
    first, other = Appeal.objects.order_by("id")
    ruled(first, second)
    other.refresh_from_db()
    assert (other.state, other.outcome) == ("decided", "upheld")
    assert Notice.objects.filter(outcome="appeal-upheld").count() == 2


def test_the_panel_can_decide_it_and_its_outcome_binds(alice, rules, second, lead):
    decision = decided(alice, rules, "suspend-account")
    appeal = appealed(decision)
    verbs.claim(second, appeal)
    deliberation = verbs.refer(second, appeal, "It touches many schools")
    members = [factories.person(f"Member {n}", roles=(Role.PANELLIST,)) for n in range(3)]
    assert alice not in panel.candidates(deliberation)
    panel.convene(lead, deliberation, members, members[0])
    for member in members:
        panel.declare(member, deliberation)
        panel.vote(member, deliberation, none())
    panel.issue(members[0], deliberation, question="Was it bulk?", opinion="No: they had agreed.")
    clear("settle-appeals", "release-actions")
    appeal.refresh_from_db()
    assert (appeal.outcome, appeal.decided_by) == ("overturned", members[0])
    assert Target.objects.get(kind="account").state == "active"
    assert "A panel" in why_not(reporter(decision))


def test_statistics_count_what_the_first_decision_did_not_survive(alice, rules, second):
    ruled(appealed(decided(alice, rules, "warn")), second, none())
    ruled(appealed(decided(alice, rules, "suspend-account")), second)
    found = queries.statistics()
    [everything] = found["all"]
    assert (everything.decided, everything.overturned, everything.share) == (2, 1, 0.5)
    low, high = everything.interval
    assert (round(low, 4), round(high, 4)) == (0.0945, 0.9055)
    assert [(rate.label, rate.decided) for rate in found["policy"]] == [("spam", 2)]
    assert [(rate.label, rate.decided) for rate in found["reviewer"]] == [("Alice Okafor", 2)]
    assert [rate.label for rate in found["language"]] == ["de"]
    assert [rate.label for rate in found["automated"]] == ["by a person"]


def test_the_record_tells_the_whole_story(alice, rules, second):
    decision = decided(alice, rules, "suspend-account")
    ruled(appealed(decision), second, none())
    verbs_seen = set(Event.objects.filter(story_id=decision.case_id).values_list("verb", flat=True))
    assert {"appeal.lodged", "appeal.claimed", "appeal.decided", "decision.corrected", "action.reversed"} <= verbs_seen


def test_the_public_page_takes_an_appeal_once_and_tells_strangers_nothing(client, alice, rules):
    decision = decided(alice, rules, "warn")
    notice = Notice.objects.get(audience="affected")
    url = reverse("appeals:of-notice", args=[token_of("notice", notice.id)])
    page = client.get(url)
    assert page.status_code == 200
    assert b"<textarea" in page.content
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert client.post(url, {"statement": "zu kurz"}).status_code == 422
    assert client.post(url, {"statement": WHY}).status_code == 200
    assert Appeal.objects.get().case_id == decision.case_id
    assert b"<textarea" not in client.get(url).content
    assert client.get(reverse("appeals:of-notice", args=["A" * 38])).status_code == 404
    assert client.get(reverse("appeals:of-status", args=["A" * 43])).status_code == 404


def test_a_decided_case_keeps_one_standing_decision(alice, rules, second):
    decision = decided(alice, rules, "warn")
    ruled(appealed(decision), second, none())
    assert Decision.objects.filter(case=decision.case_id, superseded_at=None).count() == 1
    assert Case.objects.get().state == "decided"
