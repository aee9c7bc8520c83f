"""One's own and another's: what somebody may do with their own thing, and nobody else with it, whatever their role."""

from datetime import timedelta

import pytest
import time_machine
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from seacliff.appeals import access as appeals
from seacliff.partners import access as partners
from seacliff.partners import actions as ask_actions
from seacliff.partners.links import link_for
from seacliff.partners.links import token as link_token
from seacliff.partners.tests import factories as asks
from seacliff.people.actions import issue_token
from seacliff.people.permissions import Permission, Role
from seacliff.people.problems import NotAllowed
from seacliff.privacy import asking, exporting
from seacliff.privacy.models import Request as Asked
from seacliff.privacy.models import Run
from seacliff.quality import access as re_reviews
from seacliff.quality import actions as quality
from seacliff.quality.actions import Found
from seacliff.quality.models import Check, Session
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject
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
    changed = own[:10] + ("A" if own[10] != "A" else "B") + own[11:]
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


def test_a_re_review_is_its_holders_until_it_is_answered(two, world):
    """Before it is answered nobody else may know which case it is about: not a lead, not who decided first."""
    mine, other = two
    check = quality.claim_next(mine)
    lead = factories.person("Lara Leads", tier=4, roles=(Role.LEAD,))
    assert check is not None and check.first == world.made.other
    assert re_reviews.check_of(mine, check.ref) == check
    for who in (other, lead, check.first):
        with pytest.raises(Http404):
            re_reviews.check_of(who, check.ref)
        client = signed_in(who)
        assert client.get(reverse("quality:check", args=[check.ref])).status_code == 404
        assert client.get(f"/api/v1/quality/checks/{check.ref}/matter").status_code in (403, 404)
        for verb in ("answer", "give-back", "settle", "correct", "opine"):
            form = {"finding": "no-violation", "rationale": "So it seems.", "reason": "x", "right": "second"}
            assert client.post(reverse("quality:do", args=[check.ref, verb]), form).status_code == 404
        with pytest.raises(Refused):
            quality.answer(who, check, Found("no-violation", "spam", "So it seems."))
    check.refresh_from_db()
    assert (check.holder, check.state, check.second) == (mine, Check.State.WAITING, None)


def test_an_answered_re_review_is_seen_by_who_answered_and_by_leads_and_by_the_first_when_settled(two, world):
    check = Check.objects.get(id=world.names["quality:by-id.id"])
    lead = factories.person("Lara Leads", tier=4, roles=(Role.LEAD,))

    def sees(user) -> bool:
        return signed_in(user).get(reverse("quality:check", args=[check.ref])).status_code == 200

    assert check.state == Check.State.DIFFERS
    assert [sees(who) for who in (check.second, lead, check.first, two[0])] == [True, True, False, False]
    check = quality.settle(lead, check, "second", "They had asked for it.")
    assert [sees(who) for who in (check.second, lead, check.first, two[0])] == [True, True, True, False]
    type(check.second).objects.filter(id=check.second_id).update(roles=[])
    with pytest.raises(Http404):  # what they once answered is nothing for somebody without the role
        re_reviews.check_of(type(check.second).objects.get(id=check.second_id), check.ref)


def test_scores_and_calibrations_are_their_members_and_the_leads(two, world):
    mine, other = two
    session = Session.objects.get(id=world.names["quality:session.id"])
    member = session.members.exclude(roles__contains=[Role.LEAD]).first()
    assert re_reviews.session_of(member, session.id) == session
    assert re_reviews.score_for(mine, mine.id) == mine == re_reviews.score_for(mine, None)
    for refused in (lambda: re_reviews.session_of(other, session.id), lambda: re_reviews.score_for(mine, other.id),
                    lambda: re_reviews.golden_of(mine, world.names["golden_id"])):  # fmt: skip
        with pytest.raises(Http404):
            refused()
    lead = factories.person("Lara Leads", tier=4, roles=(Role.LEAD,))
    assert re_reviews.score_for(lead, mine.id) == mine
    assert re_reviews.session_of(lead, session.id) == session
    for nobody in (world.names["quality:by-id.id"], None):
        with pytest.raises(Http404):
            re_reviews.golden_of(lead, nobody)


RESPOND = {
    "acknowledge": {},
    "answer": {"answer": "yes"},
    "hand-on": {"to_email": "x@lantern.example"},
    "say": {"body": "Hello"},
}
MANAGE = {"pause": {"reason": "x"}, "withdraw": {"reason": "x"}, "outcome": {"outcome": "helped"}}


def test_an_ask_is_its_two_functions(world):
    """Dana is of Communications; an ask between others is no more to her than one that there is not."""
    comms, legal = (asks.function(slug) for slug in ("communications", "legal"))
    dana, lee = asks.partner(comms, "Dana Own"), asks.partner(legal, "Lee Legal")
    own, other = asks.made_ask(comms), asks.made_ask(legal)
    for who, theirs, not_theirs in ((dana, own, other), (lee, other, own)):
        client = signed_in(who)
        assert client.get(reverse("partners:ask", args=[theirs.ref])).status_code == 200
        assert client.get(f"/api/v1/asks/{theirs.ref}").status_code == 200
        listed = {row["ref"] for row in client.get("/api/v1/asks").json()["items"]}
        assert theirs.ref in listed and not_theirs.ref not in listed
        for route, verbs in (("partners:respond", RESPOND), ("partners:manage", MANAGE)):
            for verb, form in verbs.items():
                assert client.post(reverse(route, args=[not_theirs.ref, verb]), form).status_code == 404
        assert client.get(reverse("partners:ask", args=[not_theirs.ref])).status_code == 404
        assert client.get(f"/api/v1/asks/{not_theirs.ref}").status_code == 404
        with pytest.raises(Http404):
            partners.ask_by_id(who, not_theirs.id)
    for ask in (own, other):
        before = (ask.state, ask.to_email, ask.messages.count())
        ask.refresh_from_db()
        assert (ask.state, ask.to_email, ask.messages.count()) == before


def test_each_side_of_an_ask_does_what_is_its_own(world):
    """Who is asked answers; who asked withdraws, pauses and says what came of it."""
    comms = asks.function("communications")
    dana, ours = asks.partner(comms, "Dana Own"), asks.reviewer("Rhea Ours")
    ask = asks.made_ask(comms, ours)
    for by, side in ((ours, "asked"), (dana, "asker")):
        with pytest.raises(NotAllowed):
            partners.must_speak(partners.by_user(by), ask, side)
    for by, side in ((ours, "asker"), (dana, "asked")):
        partners.must_speak(partners.by_user(by), ask, side)
    named = asks.partner(asks.function("legal"), "Nora Named")
    type(ask).objects.filter(id=ask.id).update(to_email=named.email.upper())
    ask.refresh_from_db()
    partners.must_speak(partners.by_user(named), ask, "asked")
    with pytest.raises(NotAllowed):
        partners.must_ask_for(partners.by_user(dana), asks.function("legal"))


def test_a_link_is_good_for_its_ask_alone(world):
    one, other = (asks.made_ask(asks.function(slug)) for slug in ("communications", "legal"))
    link = link_for(one, "lee@lantern.example")
    message = ask_actions.say(partners.by_link(link_for(other, "mo@lantern.example")), other, "",
                              files=[(evidence.keep(b"a file of the other"), "x.txt")])  # fmt: skip
    [file] = evidence.of(Subject("ask-message", message.id))
    page = Client().get(reverse("partners:by-link", args=[link_token(link)]))
    assert one.question in page.content.decode() and other.ref not in page.content.decode()
    assert Client().get(reverse("partners:link-file", args=[link_token(link), file.id])).status_code == 404


def test_a_copy_of_somebodys_data_is_whose_link_it_is_and_as_long_as_it_holds(world):
    officer, second = (factories.person(f"Priv {name}", roles=(Role.PRIVACY,)) for name in "AB")
    exports = []
    for _ in range(2):
        asked = asking.take(officer, kind="access", party="reporter", asked_as=world.made.report.reporter_email)
        exports.append(exporting.prepare(officer, asking.identify(officer, asked, "By mail")))
    one, other = exports
    signature = exporting.look_signature(officer, one)
    for user, export in ((second, one), (officer, other)):  # a colleague's link is theirs, and for this one
        with pytest.raises(Refused):
            exporting.opened(user, export, signature)
    assert exporting.opened(officer, one, signature)
    url = reverse("privacy:download", args=[token_of("privacy-export", one.id)])
    assert Client().get(url).status_code == 404, "nobody has released it"
    for user in (officer, second):
        exporting.opened(user, one, exporting.look_signature(user, one))
        exporting.check(user, one.request)
    exporting.release(officer, one.request)
    assert Client().get(url).status_code == 200
    for purpose, id in (("privacy-export", other.id), ("notice", one.id)):
        assert Client().get(reverse("privacy:download", args=[token_of(purpose, id)])).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert Client().get(url).status_code == 404
    type(one).objects.filter(id=one.id).update(content=b"")
    assert Client().get(url).status_code == 404


def test_a_request_about_somebodys_data_is_for_who_handles_them(world):
    """Those who may see the rules and the runs of erasure see neither who asked nor what is erased for them."""
    asked = Asked.objects.get(id=world.names["privacy:request.id"])
    run = Run.objects.create(request=asked, state="ready", shown_at=timezone.now())
    sees_rules = [user for user in world.people.values() if user.may(Permission.PRIVACY_VIEW)]
    assert {user.may(Permission.PRIVACY_REQUEST) for user in sees_rules} == {True, False}
    for user in sees_rules:
        pages = [reverse("privacy:asked", args=[str(asked)]), reverse("privacy:run", args=[run.id])]
        got = [signed_in(user).get(page).status_code for page in pages]
        assert got == [200, 200] if user.may(Permission.PRIVACY_REQUEST) else set(got) <= {403, 404}, user


def test_settings_change_nobody_but_oneself_and_no_role(two):
    """Mass assignment: what a form does not show is not taken."""
    mine, other = two
    extra = {"roles": ["admin"], "is_active": False, "tier": 9, "id": str(other.id), "email": "root@example.org"}
    signed_in(mine).post("/people/settings", {"name": "Ola", "language": "en", "time_zone": "UTC", **extra})
    before = (mine.roles, mine.tier, mine.email)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.roles, mine.tier, mine.email) == before and mine.is_active and other.name == "Otto Other"
