"""One's own and another's: what somebody may do with their own thing, and nobody else with it, whatever their role."""

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from seacliff.appeals import access as appeals
from seacliff.people.actions import issue_token
from seacliff.people.permissions import Role
from seacliff.record.actions import SYSTEM
from seacliff.record.tokens import token_of
from seacliff.restricted import access as restricted
from seacliff.restricted import actions as unlocking
from seacliff.review import actions
from seacliff.review.access import NotPermitted, Refused, must_hold
from seacliff.review.models import Decision, Work
from seacliff.review.tests import factories
from seacliff.review.tiers.access import deliberation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """Two reviewers of one tier: the thing is the first one's."""
    return factories.person("Ola Owner", tier=4), factories.person("Otto Other", tier=4)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_claim_is_its_holders(two):
    mine, other = two
    case = factories.case()
    actions.claim(mine, case)
    for verb in ("release", "skip", "hold", "escalate", "note"):
        signed_in(other).post(reverse("review:verb", args=[case.ref, verb]), {"reason": "I want to", "days": 1})
    assert Work.objects.get(case=case).holder == mine
    with pytest.raises(Refused):
        must_hold(other, case, Work.objects.get(case=case))
    signed_in(mine).post(reverse("review:verb", args=[case.ref, "release"]), {"reason": "Not mine after all"})
    assert Work.objects.get(case=case).holder is None


def test_a_decision_is_undone_by_who_took_it(two, world):
    from .world.scene import decided

    mine, other = two
    decision = decided(mine, world.made.rules)
    with pytest.raises((Refused, NotPermitted)):
        actions.undo(other, decision)
    assert Decision.objects.get(id=decision.id).undone_at is None


def test_an_appeal_is_decided_by_somebody_else(world):
    """Olga took the decision that is appealed."""
    with pytest.raises(NotPermitted):
        appeals.must_decide(world.made.other, world.made.appeal)
    appeals.must_decide(factories.person("Uwe Uninvolved", tier=4), world.made.appeal)


def test_a_notice_and_an_appeal_are_whose_link_it_is(world):
    own, another = (token_of("notice", each.id) for each in (world.made.notice, world.made.report))
    changed = own[:-1] + ("A" if own[-1] != "A" else "B")
    for route in ("enforcement:public-notice", "appeals:of-notice"):
        assert Client().get(reverse(route, args=[own])).status_code == 200
        for wrong in (another, changed):
            assert Client().get(reverse(route, args=[wrong])).status_code == 404


@pytest.mark.parametrize("route", ["review:status", "appeals:of-status", "intake:received"])
def test_a_status_page_opens_by_its_own_link_alone(world, route):
    own = world.names["review:status.token"]
    assert Client().get(reverse(route, args=[own])).status_code == 200
    for place in (0, 10, len(own) - 2):  # the last sign carries two bits of nothing
        wrong = own[:place] + ("A" if own[place] != "A" else "B") + own[place + 1 :]
        assert Client().get(reverse(route, args=[wrong])).status_code == 404


def test_an_unlock_is_the_ones_who_asked(world):
    one, other = (factories.person(f"Handles {n}", roles=(Role.HANDLER,)) for n in "AB")
    asked = unlocking.ask(one, world.made.secret, "To refer it")
    with pytest.raises(NotPermitted):
        restricted.unlock_to_answer(one, asked.id)
    unlocking.answer(other, asked, True)
    assert restricted.unlocked(one, asked.id) == asked
    with pytest.raises(Http404):
        restricted.unlocked(other, asked.id)


def test_a_panel_is_seen_by_who_sits_on_it(world):
    seated = world.own["a panel one sits on"]["values"]["panel-member"]
    assert deliberation_of(world.people["panel-member"], seated).id == seated
    for who in ("partner", "no-role"):
        with pytest.raises(Http404):
            deliberation_of(world.people[who], seated)
    with pytest.raises(Http404):
        deliberation_of(world.people["panel-member"], world.names["review:deliberation.id"])


def test_a_token_acts_for_its_owner_and_is_revoked_by_them_or_an_admin(two):
    mine, other = two
    token, secret = issue_token(SYSTEM, mine, name="mine", scopes=[])
    signed_in(other).post(reverse("people:revoke-token", args=[token.id]))
    token.refresh_from_db()
    assert token.revoked_at is None
    signed_in(mine).post(reverse("people:revoke-token", args=[token.id]))
    token.refresh_from_db()
    assert token.revoked_at is not None
    answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_settings_change_nobody_but_oneself_and_no_role(two):
    """Mass assignment: what a form does not show is not taken."""
    mine, other = two
    extra = {"roles": ["admin"], "is_active": False, "tier": 9, "id": str(other.id), "email": "root@example.org"}
    signed_in(mine).post("/people/settings", {"name": "Ola", "language": "en", "time_zone": "UTC", **extra})
    before = (mine.roles, mine.tier, mine.email)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.roles, mine.tier, mine.email) == before and mine.is_active and other.name == "Otto Other"
