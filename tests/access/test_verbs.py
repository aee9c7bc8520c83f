"""The checks that verbs ask before they change anything: who holds what, who had a hand in it, whether it is too late.

As test_checks.py, for `make access-mutants`: each function directly, with one thing changed at a time.
"""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from seacliff.appeals import access as appeals
from seacliff.appeals import actions as appealing
from seacliff.appeals.models import Appeal
from seacliff.intake.receipts import token_of as status_token
from seacliff.partners import access as partners
from seacliff.partners.tests import factories as asks
from seacliff.people import access as people
from seacliff.people.actions import issue_token
from seacliff.people.models import ApiToken
from seacliff.people.permissions import Permission, Role
from seacliff.people.problems import Conflict, NotAllowed, NotSignedIn
from seacliff.playbooks import access as playbooks
from seacliff.playbooks.models import Playbook
from seacliff.quality import access as re_reviews
from seacliff.quality import plan as quality_plan
from seacliff.quality.models import Check
from seacliff.record import access as record
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event
from seacliff.relationships import access as relationships
from seacliff.restricted import access as restricted
from seacliff.restricted import actions as unlocking
from seacliff.review import access as review
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Case, CaseReport, Decision, Deliberation, Work
from seacliff.review.tests import factories
from seacliff.value import access as value

from .test_checks import holding
from .world.scene import decided

pytestmark = pytest.mark.django_db
P = Permission


def refusal(verb: Callable, *given: object) -> str:
    """The code under which it is refused."""
    with pytest.raises(Refused) as refused:
        verb(*given)
    return refused.value.code


# ---- cases


def test_a_case_goes_on_with_who_holds_it_and_is_refused_with_the_reason(world):
    mine, other = (factories.person(f"Holds {name}", tier=4) for name in "AB")
    case = factories.case()
    actions.claim(mine, case)
    work = Work.objects.get(case=case)
    assert review.must_hold(mine, case, work) == work
    assert refusal(review.must_hold, other, case, work) == "taken"
    assert refusal(review.must_hold, mine, case, None) == "on-hold"
    work.held_until = timezone.now() + timedelta(days=1)
    assert refusal(review.must_hold, mine, case, work) == "deliberated"
    case.state = Case.State.HELD
    assert refusal(review.must_hold, mine, case, work) == "on-hold"
    work.held_until = work.holder = None
    assert refusal(review.must_hold, mine, case, work) == "lease-expired"
    case.state = Case.State.DECIDED
    assert refusal(review.must_hold, mine, case, work) == refusal(review.must_be_open, case) == "already-decided"


def test_who_reviews_a_case_has_the_permission_and_the_tier(world):
    case = factories.case(tier=3)
    review.must_review(factories.person("Is Third", tier=3), case)
    assert refusal(review.must_review, factories.person("Is Second", tier=2), case) == "tier-too-low"
    assert (
        refusal(review.must_review, factories.person("Is Auditor", tier=9, roles=(Role.AUDITOR,)), case)
        == "not-permitted"
    )


def test_a_case_is_given_to_nobody_who_has_left(world):
    lead, gone = world.people["lead"], factories.person("Has Left")
    assert review.colleague_of(lead, gone.id) == gone
    type(gone).objects.filter(id=gone.id).update(is_active=False)
    with pytest.raises(NotValid):
        review.colleague_of(lead, gone.id)


def test_who_handles_restricted_material_no_more_opens_nothing_they_were_granted(world):
    one, other = (factories.person(f"Handles {name}", roles=(Role.HANDLER,)) for name in "AB")
    asked = unlocking.ask(one, world.made.secret, "To refer it")
    unlocking.answer(other, asked, True)
    assert restricted.unlocked(one, asked.id) == asked
    one.permissions = frozenset()
    with pytest.raises(NotPermitted):
        restricted.unlocked(one, asked.id)


def test_evidence_that_is_not_there_is_not_found(world):
    with pytest.raises(Http404):
        record.attachment_to_show(RequestFactory().get("/"), uuid4(), None)


# ---- appeals


@pytest.fixture
def ours(world) -> Decision:
    return decided(factories.person("Decides Ours", tier=4), world.made.rules)


def standing(decision, side="affected", report_id=None) -> appeals.Standing:
    return appeals.Standing(decision, Appeal.Side(side), report_id, "en", "x@example.org")


def test_a_decision_can_be_appealed_until_something_stands_against_it(ours):
    for side in ("affected", "reporter"):
        assert appeals.why_not(standing(ours, side)) == ""
    now = timezone.now()
    for change, words in (
        ({"undone_at": now}, "no decision yet"),
        ({"undo_until": now + timedelta(minutes=1)}, "no decision yet"),
        ({"finding": Decision.Finding.DUPLICATE}, "joined with another"),
        ({"decided_at": now - timedelta(days=4000)}, "The time for an appeal is over"),
        ({"finding": Decision.Finding.NO_VIOLATION}, "Nothing was decided against you"),
    ):
        was = {name: getattr(ours, name) for name in change}
        vars(ours).update(change)
        assert words in appeals.why_not(standing(ours)), change
        vars(ours).update(was)
    ours.finding = Decision.Finding.NO_VIOLATION
    assert appeals.why_not(standing(ours, "reporter")) == "", "a reporter appeals just that"
    assert "no decision yet" in appeals.why_not(standing(None))


def test_what_a_panel_decided_is_final_and_what_others_decided_together_is_not(world, ours):
    other = decided(factories.person("Decides Other", tier=4), world.made.rules)
    now = timezone.now()
    for decision, way in ((other, "panel"), (ours, "consensus")):
        Deliberation.objects.create(case=decision.case, decision=decision, way=way, stage="decided", tier=3, voters=3,
                                    due_at=now, closed_at=now)  # fmt: skip
    assert "A panel took this decision" in appeals.why_not(standing(other))
    assert appeals.why_not(standing(ours)) == ""


def test_one_appeal_is_of_its_case_its_side_and_its_report(world, ours):
    rows = [
        CaseReport.objects.get(report_id=factories.report(ours.case, reporter=f"mail:r{n}@x.example").id)
        for n in range(2)
    ]
    by_reporter = appeals.by_status(status_token(rows[0].report_id))
    lodged = appealing.lodge(by_reporter, "It was not bulk.")
    assert appeals.of_side(by_reporter) == lodged
    assert appeals.of_side(appeals.by_status(status_token(rows[1].report_id))) is None
    assert appeals.of_side(standing(ours)) is None, "the other side"
    assert appeals.of_side(standing(decided(factories.person(tier=4), world.made.rules), "reporter")) is None
    assert "Your appeal has arrived" in appeals.why_not(by_reporter)
    judge = factories.person("Judges Appeals", tier=9)
    appealing.claim(judge, lodged)
    appealing.uphold(judge, lodged, reasons="It holds.", answer="It stands.")
    assert "You have appealed this decision" in appeals.why_not(by_reporter)


def test_an_appeal_is_worked_on_while_it_waits_by_who_holds_it(world):
    appeal, holder = Appeal.objects.get(id=world.made.appeal.id), factories.person("Holds Appeal", tier=9)
    appeal.holder_id = holder.id
    appeals.must_hold(holder, appeal)
    assert refusal(appeals.must_hold, factories.person("Holds None", tier=9), appeal) == "not-held"
    for state, code in ((Appeal.State.DECIDED, "already-decided"), (Appeal.State.PANEL, "with-panel")):
        appeal.state = state
        assert refusal(appeals.must_be_waiting, appeal) == refusal(appeals.must_hold, holder, appeal) == code


# ---- re-reviews


def test_a_difference_is_seen_by_who_may_settle_it(world):
    check = Check.objects.get(id=world.names["quality:by-id.id"])
    lead, voter, low = (factories.person(f"Settles {tier}{roles[0]}", tier=tier, roles=roles)
                        for tier, roles in ((4, (Role.LEAD,)), (3, (Role.REVIEWER,)), (2, (Role.REVIEWER,))))  # fmt: skip
    assert [re_reviews.may_see(who, check) for who in (lead, voter, low)] == [True, False, False]
    together = quality_plan.Settling(by="consensus", voters=2, tier=3)
    plan = quality_plan.DEFAULT.__class__(settle=together, share=1.0, rules=(), golden=0.0)
    quality_plan.publish(plan, "Together", SYSTEM)
    assert [re_reviews.may_see(who, check) for who in (lead, voter, low)] == [True, True, False]
    without = factories.person("Settles None", tier=9, roles=(Role.AUDITOR,))
    assert re_reviews.may_opine(voter, plan) and not re_reviews.may_opine(without, plan)
    assert not re_reviews.may_see(without, check)
    check.state = Check.State.SETTLED
    assert [re_reviews.may_see(who, check) for who in (lead, voter)] == [True, False]
    check.state, check.first_id = Check.State.DIFFERS, lead.id
    assert re_reviews.may_see(lead, check), "a lead sees what was found of their own decision before it is settled"
    check.kind = Check.Kind.GOLDEN
    assert not re_reviews.may_see(lead, check) and re_reviews.may_see(check.second, check)


def test_who_gave_a_verdict_or_holds_it_no_more_does_not_settle_or_answer(world):
    check = Check.objects.get(id=world.names["quality:by-id.id"])
    for who in (check.first, check.second):
        assert refusal(re_reviews.must_be_apart, who, check) == "own-verdict"
    re_reviews.must_be_apart(world.people["lead"], check)
    assert refusal(re_reviews.must_hold, check.second, check) == "already-decided"
    check.state = Check.State.WAITING
    assert refusal(re_reviews.must_hold, check.second, check) == "not-held"
    check.holder, check.lease_until = check.second, timezone.now() + timedelta(minutes=5)
    re_reviews.must_hold(check.second, check)


def test_what_there_is_not_is_not_found(world):
    lead = world.people["lead"]
    playbook = Playbook.objects.get(slug=world.names["playbooks.slug"])
    for nothing in (
        lambda: re_reviews.plan_to_read(999),
        lambda: re_reviews.check_of(lead, "no such"),
        lambda: re_reviews.session_of(lead, uuid4()),
        lambda: playbooks.version_of(playbook, 999),
        lambda: playbooks.run_of(lead, "no such"),
        lambda: value.finding_of(lead, "no such"),
        lambda: value.promise_of(lead, uuid4()),
        lambda: appeals.appeal_of(lead, "no such"),
        lambda: partners.ask_by_id(lead, uuid4()),
    ):
        with pytest.raises(Http404):
            nothing()


def test_a_published_version_is_no_draft(world):
    playbook = Playbook.objects.get(slug=world.names["playbooks.slug"])
    assert playbooks.draft_of(playbook).state == "draft"
    playbook.versions.filter(state="draft").delete()
    assert playbook.versions.exists()
    with pytest.raises(Conflict):
        playbooks.draft_of(playbook)


# ---- work with functions


def test_the_work_with_a_function_is_its_own_and_trust_and_safetys(world):
    comms, sales, ours = asks.function(), asks.function("sales"), partners.our_function()
    dana, lead = asks.partner(comms, "Dana Here"), world.people["lead"]
    assert relationships.functions_seen(dana) == [comms]
    seen = relationships.functions_seen(lead)
    assert {comms, sales} <= set(seen) and ours not in seen
    assert relationships.function_seen(dana, comms.slug) == comms
    assert relationships.function_seen(lead, sales.slug) == sales
    for who, slug in ((dana, sales.slug), (lead, ours.slug), (lead, "nowhere")):
        with pytest.raises(Http404):
            relationships.function_seen(who, slug)


def test_a_digest_is_chosen_by_the_function_itself_or_a_lead(world):
    comms, sales = asks.function(), asks.function("sales")
    dana, lee = asks.partner(comms, "Dana Here"), asks.partner(sales, "Lee There")
    edits = holding(P.RELATIONSHIP_EDIT, name="Edits")
    without_role = asks.partner(comms, "Was Partner")
    without_role.permissions = frozenset()
    chosen = [relationships.may_choose_digest(who, comms) for who in (edits, dana, lee, without_role)]
    assert chosen == [True, True, False, False]
    relationships.must_choose_digest(dana, comms)
    with pytest.raises(NotAllowed):
        relationships.must_choose_digest(lee, comms)


def test_who_views_all_asks_sees_those_of_functions_that_are_not_theirs(world):
    ask = asks.made_ask(asks.function("legal"))
    assert ask in partners.asks_of(holding(P.ASK_VIEW, P.ASK_VIEW_ALL, name="Views All"))
    assert ask not in partners.asks_of(holding(P.ASK_VIEW, name="Views Own"))


# ---- callers


def test_a_caller_is_a_stranger_a_person_or_a_program(world, django_assert_num_queries):
    request = RequestFactory().post("/api/v1/cases")
    request.user = AnonymousUser()
    assert people.caller_of(request) is None
    request.user = owner = world.people["reviewer"]
    with pytest.raises(NotAllowed, match="CSRF"):
        people.caller_of(request)
    token, secret = issue_token(SYSTEM, owner, name="t", scopes=[P.CASE_VIEW])

    def bearing(word: str) -> people.Caller | None:
        people.forget_tokens()
        return people.caller_of(RequestFactory().get("/api/v1/me", headers={"Authorization": f"Bearer {word}"}))

    with pytest.raises(NotSignedIn):
        bearing("sc_nobody")
    program = bearing(secret)
    assert program is not None and program.actor.kind == Event.ActorKind.TOKEN
    assert people.Caller(owner).actor.kind == Event.ActorKind.PERSON
    with django_assert_num_queries(1):  # when it was used last is written once a minute
        bearing(secret)
    ApiToken.objects.filter(id=token.id).update(last_used_at=timezone.now() - timedelta(minutes=2))
    bearing(secret)
    token.refresh_from_db()
    assert timezone.now() - token.last_used_at < timedelta(minutes=1)


def test_whoever_is_refused_is_told_what_does_not_give_the_permission(world):
    owner = holding(P.CASE_VIEW)
    session, token = people.Caller(owner), people.Caller(owner, frozenset({P.CASE_VIEW}), uuid4())
    for caller, whose in ((owner, "your roles"), (session, "your roles"), (token, "the token's scopes")):
        people.must_be_allowed(caller, P.CASE_VIEW)
        with pytest.raises(NotAllowed, match=whose):
            people.must_be_allowed(caller, P.CASE_DECIDE)


def test_permissions_of_a_session_are_its_persons_and_of_a_token_what_both_hold(world):
    owner = SimpleNamespace(may=lambda permission: permission in (P.CASE_VIEW, P.CASE_DECIDE))
    session, token = people.Caller(owner), people.Caller(owner, frozenset({P.CASE_VIEW, P.POLICY_EDIT}), uuid4())
    asked = (P.CASE_VIEW, P.CASE_DECIDE, P.POLICY_EDIT)
    assert [session.may(each) for each in asked] == [True, True, False]
    assert [token.may(each) for each in asked] == [True, False, False]
