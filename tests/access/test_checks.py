"""Conditions of single checks: what lets nobody in by mistake, and keeps nobody out who has nothing to do with the matter.

`make access-mutants` takes them away one at a time; these are the ones that no test of a page came to miss.
"""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from seacliff.appeals import access as appeals
from seacliff.connectors import access as connectors
from seacliff.enforcement import access as enforcement
from seacliff.enforcement.models import Notice
from seacliff.intake.models import Report
from seacliff.intake.receipts import token_of as status_token
from seacliff.partners.models import Dispatch
from seacliff.people.permissions import Role
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.models import Event
from seacliff.record.tokens import token_of
from seacliff.review import actions
from seacliff.review.access import NotPermitted
from seacliff.review.models import CaseReport, Decision, Deliberation, Vote
from seacliff.review.tests import factories
from seacliff.review.tiers import access as tiers

from .world.scene import decided

pytestmark = pytest.mark.django_db


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
        world.made.appeal.tier = 3
        with pytest.raises(NotPermitted):
            appeals.must_decide(who, world.made.appeal)


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
