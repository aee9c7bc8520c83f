"""Conditions of single checks: what lets nobody in by mistake, and keeps nobody out who has nothing to do with the matter.

`make access-mutants` takes them away one at a time; these are the ones that no test of a page came to miss.
"""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from seacliff.appeals import access as appeals
from seacliff.appeals.models import Appeal
from seacliff.connectors import access as connectors
from seacliff.enforcement import access as enforcement
from seacliff.enforcement.models import Notice
from seacliff.intake.models import Report
from seacliff.intake.receipts import token_of as status_token
from seacliff.partners import access as partners
from seacliff.partners.links import link_for
from seacliff.partners.models import Dispatch
from seacliff.partners.tests import factories as asks
from seacliff.people import access as people
from seacliff.people.actions import issue_token
from seacliff.people.models import ApiToken, Membership
from seacliff.people.permissions import Permission, Role
from seacliff.people.problems import NotAllowed, NotSignedIn
from seacliff.record import access as record
from seacliff.record.actions import SYSTEM, Actor, Subject, happened
from seacliff.record.models import Event
from seacliff.record.tokens import token_of
from seacliff.review import actions
from seacliff.review.access import NotPermitted
from seacliff.review.models import CaseReport, Decision, Deliberation, Vote
from seacliff.review.tests import factories
from seacliff.review.tiers import access as tiers

from .world.scene import decided

pytestmark = pytest.mark.django_db
P = Permission


@pytest.fixture
def uwe():
    return factories.person("Uwe Uninvolved", tier=9)


# ---- appeals


def test_whoever_worked_on_other_matters_may_decide_an_appeal(world, uwe):
    """Deciding, sending up and voting elsewhere are no hand in this one; nor is a note in this one."""
    decided(uwe, world.made.rules)
    elsewhere = factories.case()
    happened("case.escalated", Subject("case", elsewhere.id), actor_for(uwe), story=elsewhere.id)
    Vote.objects.create(
        deliberation_id=world.names["review:deliberation.id"], user=uwe, round=1, ballot={}, reasons="x"
    )
    actions.note(uwe, world.made.appeal.case, "I have seen such lists before.")
    appeals.must_decide(uwe, world.made.appeal)


@pytest.mark.parametrize("way", ["decided", "voted", "sent up"])
def test_whoever_had_a_hand_in_the_matter_does_not(world, uwe, way):
    case = world.made.appeal.case
    if way == "decided":
        Decision.objects.filter(id=world.made.appeal.decision_id).update(reviewer=uwe)
    elif way == "voted":
        heard = Deliberation.objects.create(
            case=case, way="panel", stage="ended", tier=3, voters=3, due_at=timezone.now(), closed_at=timezone.now()
        )
        Vote.objects.create(deliberation=heard, user=uwe, round=1, ballot={}, reasons="x")
    else:
        happened("case.escalated", Subject("case", case.id), actor_for(uwe), story=case.id)
    with pytest.raises(NotPermitted):
        appeals.must_decide(uwe, world.made.appeal)


def actor_for(user) -> Actor:
    return Actor(Event.ActorKind.PERSON, user.id, str(user))


def test_tiers_and_roles_are_asked_of_who_decides_an_appeal(world):
    for who in (factories.person("Low Tier", tier=1), factories.person("No Role", tier=9, roles=())):
        appeal = Appeal.objects.get(id=world.made.appeal.id)
        appeal.tier = 3
        with pytest.raises(NotPermitted):
            appeals.must_decide(who, appeal)


def test_a_reporters_link_stands_for_the_decision_of_their_report_alone(world):
    first, second = (decided(factories.person(tier=4), world.made.rules) for _ in range(2))
    for decision in (first, second, first):
        row = CaseReport.objects.filter(case=decision.case_id).first()
        standing = appeals.by_status(status_token(row.report_id))
        assert (standing.decision, standing.report_id) == (decision, row.report_id)
        assert standing.address == Report.objects.get(id=row.report_id).reporter_email
    with pytest.raises(Http404):
        appeals.by_status("A" * 38)
    Decision.objects.filter(id=first.id).update(undone_at=timezone.now())
    row = CaseReport.objects.filter(case=first.case_id).first()
    assert appeals.by_status(status_token(row.report_id)).decision is None


def test_a_report_that_repeats_another_appeals_as_the_first_of_its_reporter(world):
    decision = decided(factories.person(tier=4), world.made.rules)
    row = CaseReport.objects.filter(case=decision.case_id).first()
    again = factories.report(decision.case)
    CaseReport.objects.filter(report_id=again.id).update(duplicate_of=row.report_id)
    assert appeals.by_status(status_token(again.id)).report_id == row.report_id


def test_a_notice_stands_for_the_decision_of_its_case_that_stands(world):
    first, second = (decided(factories.person(tier=4), world.made.rules) for _ in range(2))
    notice = Notice.objects.filter(case_id=first.case_id, audience="affected").get()
    Notice.objects.filter(id=notice.id).update(decision_id=None)
    token = token_of("notice", notice.id)
    assert appeals.by_notice(token).decision == first
    Decision.objects.filter(id=first.id).update(undone_at=timezone.now())
    assert appeals.by_notice(token).decision is None
    assert second.case_id != first.case_id


# ---- what goes out and comes in


def test_a_notice_to_a_reporter_or_one_that_was_cancelled_opens_by_no_link(world):
    notice = world.made.notice
    assert enforcement.notice_of(token_of("notice", notice.id)) == notice
    to_reporter = Notice.objects.filter(audience="reporter").first()
    assert to_reporter is not None
    Notice.objects.filter(id=notice.id).update(state=Notice.State.CANCELLED)
    for closed in (to_reporter, notice):
        with pytest.raises(Http404):
            enforcement.notice_of(token_of("notice", closed.id))


def test_news_that_did_arrive_is_not_sent_again(world):
    lost = Dispatch.objects.get(id=world.names["connectors:send-again.id"])
    triage = next(user for user in world.people.values() if user.may("connectors:reply:triage"))
    assert connectors.undelivered(triage, lost.id) == lost
    Dispatch.objects.filter(id=lost.id).update(state="sent", sent_at=timezone.now())
    with pytest.raises(Http404):
        connectors.undelivered(triage, lost.id)


# ---- deliberations


def test_a_seat_elsewhere_or_another_ones_seat_opens_no_deliberation(world):
    here, elsewhere = world.own["a panel one sits on"]["values"]["panel-member"], world.names["review:deliberation.id"]
    sitter = world.people["panel-member"]
    stranger = factories.person("Sits Nowhere", roles=(Role.PANELLIST,))
    assert tiers.deliberation_of(sitter, here).id == here
    for who, which in ((sitter, elsewhere), (stranger, here)):
        with pytest.raises(Http404):
            tiers.deliberation_of(who, which)
    without_role = type(sitter).objects.get(id=sitter.id)
    without_role.roles = []
    with pytest.raises((Http404, PermissionDenied)):
        tiers.deliberation_of(without_role, here)


def test_a_conflict_of_interest_closes_ones_own_and_nobody_elses(world):
    here = world.own["a panel one sits on"]["values"]["panel-member"]
    deliberation = Deliberation.objects.get(id=here)
    sitter, lead = world.people["panel-member"], world.people["lead"]
    for who in (sitter, lead):
        assert tiers.deliberation_of(who, here) == deliberation
    deliberation.seats.filter(user=sitter).update(
        state="conflicted", conflict="My brother's", declared_at=timezone.now()
    )
    with pytest.raises(Http404):
        tiers.deliberation_of(sitter, here)
    assert tiers.deliberation_of(lead, here) == deliberation


def test_votes_of_a_round_that_goes_on_are_their_voters(world):
    deliberation = Deliberation.objects.get(id=world.names["review:deliberation.id"])
    one, other = (factories.person(f"Votes {name}", tier=9) for name in "AB")
    for user in (one, other):
        Vote.objects.create(deliberation=deliberation, user=user, round=1, ballot={}, reasons=f"By {user}")

    def seen(stage: str, *, over: bool = False) -> list[str]:
        deliberation.stage, deliberation.closed_at = stage, timezone.now() if over else None
        return [vote.reasons for vote in tiers.votes_shown_to(one, deliberation)]

    assert seen("votes") == seen("panel") == ["By Votes A"]
    both = ["By Votes A", "By Votes B"]
    assert seen("discussion") == seen("second") == seen("writing") == both
    assert seen("votes", over=True) == both


# ---- asks


def holding(*permissions: Permission, name: str = "Holds Little"):
    """Somebody with just these permissions, which no role may give together."""
    user = factories.person(name, roles=())
    user.permissions = frozenset(permissions)
    return user


def test_for_trust_and_safety_speaks_who_makes_asks_and_sees_all(world):
    ask = asks.made_ask()
    for permissions, ours in (({P.ASK_MAKE, P.ASK_VIEW_ALL}, True), ({P.ASK_MAKE}, False), ({P.ASK_VIEW_ALL}, False)):
        user = holding(*permissions, name=f"Holds {len(permissions)}{ours} {min(permissions)}")
        assert partners.is_of_ours(user) is ours
        assert partners.side_of(partners.by_user(user), ask) == ("asker" if ours else None)
        assert partners.side_of(partners.by_user(user), ask) != "asked", "not for the other function"


def test_a_member_without_the_role_of_a_partner_speaks_for_nobody(world):
    comms = asks.function()
    ask, dana = asks.made_ask(comms), asks.partner(comms, "Dana Here")
    assert list(partners.functions_of(dana)) == [comms] and partners.speaks_for(dana, comms)
    dana.permissions = frozenset()
    assert not partners.speaks_for(dana, comms) and partners.side_of(partners.by_user(dana), ask) is None
    assert list(partners.functions_of(dana)) == []


def test_who_is_known_by_an_address_is_the_asker_by_theirs_alone(world):
    ask = asks.made_ask()
    ask.asker_email = "Rhea@Example.org"
    for email, side in (("rhea@example.org", "asker"), ("lee@lantern.example", "asked"), ("", "asked")):
        assert partners.side_of(partners.by_address(email, "Somebody", "email"), ask) == side
    assert partners.side_of(partners.By(SYSTEM, "Seacliff", "system"), ask) == "asker"
    ask.asker_email = ""
    assert partners.side_of(partners.by_address("", "A channel", "slack"), ask) == "asked", (
        "nobody's address is no address"
    )
    link = link_for(ask, "mo@lantern.example")
    assert partners.by_link(link).name == (link.name or "mo@lantern.example")
    link.name = "Mo"
    assert partners.by_link(link).name == "Mo"


def test_boards_are_those_of_ones_own_functions(world):
    comms, sales = asks.function(), asks.function("sales")
    dana = asks.partner(comms, "Dana Here")
    assert partners.board_of(dana, "") == partners.board_of(dana, comms.slug) == comms
    sees_all = holding(P.ASK_VIEW_ALL, P.ASK_MAKE, name="Sees All")
    assert partners.board_of(sees_all, sales.slug) == sales
    assert partners.board_of(sees_all, "") == partners.our_function()
    only_sees = holding(P.ASK_VIEW_ALL, name="Only Sees")
    assert partners.board_of(only_sees, "") == partners.our_function()
    assert partners.board_of(holding(P.ASK_VIEW, name="Of None"), "") is None
    both = holding(P.ASK_VIEW_ALL, P.ASK_ANSWER, name="Sees All And Is Of Sales")
    Membership.objects.create(user=both, function=sales)
    assert partners.board_of(both, "") == sales, "one's own first"
    for user, slug in ((dana, sales.slug), (sees_all, "nowhere"), (holding(P.ASK_VIEW, name="None Two"), comms.slug)):
        with pytest.raises(Http404):
            partners.board_of(user, slug)


def test_the_system_asks_for_any_function_and_people_for_theirs(world):
    comms = asks.function()
    partners.must_ask_for(partners.By(SYSTEM, "Seacliff", "system"), comms)
    partners.must_ask_for(partners.by_user(asks.partner(comms, "Dana Here")), comms)
    with pytest.raises(NotAllowed):
        partners.must_ask_for(partners.by_user(asks.partner(asks.function("legal"), "Lee There")), comms)


# ---- tokens


def bearing(secret: str, scheme: str = "Bearer"):
    request = RequestFactory().get("/api/v1/me", headers={"Authorization": f"{scheme} {secret}"})
    request.user = AnonymousUser()
    return people.caller_of(request)


def test_a_token_is_looked_up_again_after_a_moment_and_only_as_a_bearer_s(world, monkeypatch):
    owner = world.people["reviewer"]
    token, secret = issue_token(SYSTEM, owner, name="t", scopes=[P.CASE_VIEW])
    _other, another = issue_token(SYSTEM, world.people["lead"], name="u", scopes=[P.CASE_VIEW])
    people.forget_tokens()
    assert bearing(secret).user == owner and bearing(secret, "bearer").token_id == token.id
    assert bearing(another).user == world.people["lead"]
    with pytest.raises(NotSignedIn):
        bearing(secret, "Basic")
    ApiToken.objects.filter(id=token.id).update(revoked_at=timezone.now())
    assert bearing(secret).user == owner, "remembered"
    monkeypatch.setattr(people.time, "monotonic", lambda: float("inf"))
    with pytest.raises(NotSignedIn):
        bearing(secret)


@pytest.mark.parametrize("change", [{"revoked_at": -1}, {"expires_at": -1}, {"owner__is_active": False}])
def test_a_token_that_is_over_in_any_way_is_refused(world, change):
    user = factories.person("Token Owner")
    token, secret = issue_token(SYSTEM, user, name="t", scopes=[P.CASE_VIEW])
    people.forget_tokens()
    ApiToken.objects.filter(id=token.id).update(expires_at=timezone.now() + timedelta(days=1))
    assert bearing(secret).may(P.CASE_VIEW) and not bearing(secret).may(P.CASE_DECIDE)
    people.forget_tokens()
    for name, value in change.items():
        if name == "owner__is_active":
            type(user).objects.filter(id=user.id).update(is_active=value)
        else:
            ApiToken.objects.filter(id=token.id).update(**{name: timezone.now() + timedelta(seconds=value)})
    with pytest.raises(NotSignedIn):
        bearing(secret)


def test_a_token_of_somebody_in_seclusion_is_closed_and_another_ones_is_not(world):
    judge, other = (factories.person(f"Judges {name}") for name in "AB")
    callers = [people.Caller(user, frozenset(P), uuid4(), "t") for user in (judge, other)]
    assert [people._is_secluded(caller) for caller in callers] == [False, False]
    type(judge).objects.filter(id=judge.id).update(
        secluded_until=timezone.now() + timedelta(minutes=5), secluded_at="Q-1"
    )
    assert [people._is_secluded(caller) for caller in callers] == [True, False], "asked anew, past what is remembered"
    type(judge).objects.filter(id=judge.id).update(secluded_until=timezone.now() - timedelta(minutes=5))
    assert [people._is_secluded(caller) for caller in callers] == [False, False]


# ---- what stands before every page and operation


@pytest.mark.parametrize("needs", [people.needs, record.needs], ids=["people", "record"])
def test_a_page_is_for_who_is_signed_in_has_the_permission_and_is_not_in_seclusion(world, needs):
    def view(_request) -> HttpResponse:
        return HttpResponse("in")

    closed, open_to_secluded = needs(P.CASE_VIEW)(view), needs(P.CASE_VIEW, secluded=True)(view)

    def got(user, page=closed, **headers: str) -> HttpResponse:
        request = RequestFactory().get("/x", headers=headers)
        request.user, request.session = user, {}
        request.htmx = HtmxDetails(request)
        request._messages = default_storage(request)
        return page(request)

    judge = factories.person("Judges Afresh")
    assert got(judge).content == got(judge, open_to_secluded).content == b"in"
    judge.secluded_until, judge.secluded_at = timezone.now() + timedelta(minutes=5), "/quality/re-reviews/Q-1"
    assert got(judge)["Location"] == judge.secluded_at
    assert got(judge, open_to_secluded).content == b"in"
    for page in (closed, open_to_secluded):
        assert "/accounts/login/" in got(AnonymousUser(), page)["Location"]
        with pytest.raises(PermissionDenied):
            got(world.people["no-role"], page)


def test_an_operation_is_for_who_has_the_permission_and_is_not_in_seclusion(world):
    closed, open_to_secluded = (
        people.scope(P.CASE_VIEW, secluded=secluded)(lambda _request: "in") for secluded in (False, True)
    )
    judge = factories.person("Judges Afresh")

    def got(operation, caller) -> str:
        return operation(SimpleNamespace(auth=caller))

    assert got(closed, people.Caller(judge)) == got(open_to_secluded, people.Caller(judge)) == "in"
    judge.secluded_until, judge.secluded_at = timezone.now() + timedelta(minutes=5), "/quality/re-reviews/Q-1"
    assert got(open_to_secluded, people.Caller(judge)) == "in"
    with pytest.raises(NotAllowed):
        got(closed, people.Caller(judge))
    for operation in (closed, open_to_secluded):
        for caller in (
            people.Caller(world.people["no-role"]),
            people.Caller(judge, frozenset({P.CASE_DECIDE}), uuid4()),
        ):
            with pytest.raises(NotAllowed):
                got(operation, caller)


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client):
    answer = client.get(
        "/people/settings", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/settings?x=1"}
    )
    assert answer["HX-Redirect"].endswith("?next=%2Fpeople%2Fsettings%3Fx%3D1")
    assert client.get("/people/settings", headers={"HX-Request": "true"})["HX-Redirect"].endswith("?next=%2F")
    assert "HX-Redirect" not in client.get("/people/settings")


def test_a_superseded_decision_stands_for_nobody(world):
    decision = decided(factories.person(tier=4), world.made.rules)
    row = CaseReport.objects.filter(case=decision.case_id).first()
    notice = Notice.objects.filter(case_id=decision.case_id, audience="affected").get()
    Notice.objects.filter(id=notice.id).update(decision_id=None)
    ways = [
        lambda: appeals.by_status(status_token(row.report_id)),
        lambda: appeals.by_notice(token_of("notice", notice.id)),
    ]
    assert [way().decision for way in ways] == [decision, decision]
    Notice.objects.filter(id=notice.id).update(decision_id=decision.id)
    assert ways[1]().decision == decision
    Decision.objects.filter(id=decision.id).update(superseded_at=timezone.now())
    assert ways[1]().decision is None, "nothing stands in its place"
    Notice.objects.filter(id=notice.id).update(decision_id=None)
    assert [way().decision for way in ways] == [None, None]
