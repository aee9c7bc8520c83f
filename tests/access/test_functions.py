"""The second lock: each fetch-and-authorise function asked directly, as everybody, past the page or operation that asks
first. Whoever may not gets the same answer as for what is not there; and what is not there is told as such."""

from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from seacliff.appeals import access as appeals
from seacliff.connectors import access as connectors
from seacliff.enforcement import access as enforcement
from seacliff.intake import access as intake
from seacliff.partners import access as partners
from seacliff.people.permissions import GRANTS, Permission, Role
from seacliff.people.problems import NotAllowed
from seacliff.playbooks import access as playbooks
from seacliff.privacy import access as privacy
from seacliff.quality import access as quality
from seacliff.restricted import access as restricted
from seacliff.review import access as review
from seacliff.review.access import NotValid, Refused
from seacliff.review.routing import access as routing
from seacliff.review.tests import factories
from seacliff.review.tiers import access as tiers
from seacliff.value import access as value

pytestmark = pytest.mark.django_db
P, NOWHERE = Permission, UUID(int=1)
REFUSALS = (Http404, PermissionDenied, NotAllowed, Refused)

# function, the permission it asks for, where the world keeps what it finds, and what is nowhere.
FUNCTIONS = [
    (appeals.appeal_of, P.APPEAL_VIEW, "appeals:appeal.ref", "A-999999"),
    (connectors.incoming, P.REPLY_TRIAGE, "connectors:incoming-one.id", NOWHERE),
    (connectors.undelivered, P.REPLY_TRIAGE, "connectors:send-again.id", NOWHERE),
    (enforcement.delivery_to_replay, P.ACTION_REPLAY, "enforcement:replay.id", NOWHERE),
    (enforcement.endpoint_to_manage, P.ENDPOINT_MANAGE, "enforcement:endpoint.id", NOWHERE),
    (intake.report, P.REPORT_VIEW, "report_id", NOWHERE),
    (intake.message, P.INTAKE_TRIAGE, "message_id", NOWHERE),
    (playbooks.playbook_of, P.PLAYBOOK_VIEW, "playbooks.slug", "nowhere"),
    (playbooks.playbook_by_id, P.PLAYBOOK_VIEW, "playbooks:by-id.id", NOWHERE),
    (playbooks.run_of, P.PLAYBOOK_VIEW, "playbooks.ref", "R-999999"),
    (playbooks.run_by_id, P.PLAYBOOK_VIEW, "playbooks:run-by-id.id", NOWHERE),
    (privacy.request_of, P.PRIVACY_REQUEST, "privacy:asked.ref", "D-999999"),
    (privacy.run_of, P.PRIVACY_VIEW, "privacy:run.id", NOWHERE),
    (privacy.hold_of, P.PRIVACY_VIEW, "privacy:release.id", NOWHERE),
    (privacy.plan_of, P.PRIVACY_VIEW, "privacy:version.number", 999),
    (privacy.export_of, P.PRIVACY_REQUEST, "privacy:look.id", NOWHERE),
    (quality.golden_of, P.QUALITY_LEAD, "golden_id", NOWHERE),
    (restricted.attachment_to_ask_for, P.RESTRICTED_HANDLE, "restricted:ask.attachment_id", NOWHERE),
    (restricted.unlock_to_answer, P.RESTRICTED_HANDLE, "restricted:answer.id", NOWHERE),
    (restricted.referral_of, P.RESTRICTED_HANDLE, "restricted:referral.id", NOWHERE),
    (restricted.emergency_of, P.CASE_VIEW, "restricted:emergency.id", NOWHERE),
    (review.case_of, P.CASE_VIEW, "ref", "C-999999"),
    (review.queue_of, P.CASE_VIEW, "slug", "nowhere"),
    (review.colleague_of, P.CASE_ASSIGN, "user_id", NOWHERE),
    (review.cases_of, P.CASE_VIEW, "cases", [NOWHERE]),
    (routing.rule_set_to_read, P.ROUTING_VIEW, "number", 999),
    (routing.rule_set_to_edit, P.ROUTING_EDIT, "number", 999),
    (routing.backtest_to_read, P.ROUTING_VIEW, "review:backtest.id", NOWHERE),
    (value.finding_of, P.VALUE_VIEW, "value:finding.ref", "F-999999"),
    (value.promise_of, P.VALUE_VIEW, "value:promise-do.id", NOWHERE),
    (value.finding_by_id, P.VALUE_VIEW, "value:by-id.id", NOWHERE),
    (tiers.deliberation_of, P.CASE_VIEW, "review:deliberation.id", NOWHERE),
    (tiers.precedent_of, P.PRECEDENT_VIEW, "review:precedent.number", 999),
    (tiers.plan_to_read, P.TIER_VIEW, "review:tiers-version.number", 999),
]  # fmt: skip


def thing(world, where):
    return [world.made.case.id] if where == "cases" else world.names[where]


@pytest.mark.parametrize(
    ("function", "permission", "where", "nowhere"), FUNCTIONS, ids=lambda each: getattr(each, "__name__", None)
)
def test_it_finds_for_who_may_and_refuses_everybody_else(world, function, permission, where, nowhere):
    for who, user in world.people.items():
        holds = who in Role.values and permission in GRANTS[Role(who)]
        if holds:
            assert function(user, thing(world, where)) is not None, who
            with pytest.raises((Http404, NotValid)):
                function(user, nowhere)
        else:
            with pytest.raises(REFUSALS):
                function(user, thing(world, where))
            with pytest.raises(REFUSALS):
                function(user, nowhere)


@pytest.mark.parametrize("ref", ["", "C-", "C-0", "C-1; DROP", "C-99999999999999999999", "A-1"])
def test_what_is_no_name_of_a_case_finds_none(world, ref):
    for function in (review.case_of, appeals.appeal_of, privacy.request_of):
        if ref.startswith("A-") and function is appeals.appeal_of:
            continue
        with pytest.raises(Http404):
            function(world.people["privacy-officer"], ref)


def test_a_file_that_is_not_restricted_is_not_asked_for(world):
    with pytest.raises(Http404):
        restricted.attachment_to_ask_for(world.made.handler, world.made.attached.id)


def test_an_unlock_is_answered_once_and_opened_only_when_agreed(world):
    one, other = (factories.person(f"Second {n}", roles=(Role.HANDLER,)) for n in "AB")
    from seacliff.restricted import actions

    asked = actions.ask(one, world.made.secret, "To refer it")
    with pytest.raises(Http404):
        restricted.unlocked(one, asked.id)
    actions.answer(other, asked, False)
    with pytest.raises(Refused):
        restricted.unlock_to_answer(other, asked.id)
    with pytest.raises(Http404):
        restricted.unlocked(one, asked.id)
    type(asked).objects.filter(id=asked.id).update(expires_at="2999-01-01T00:00Z")
    with pytest.raises(Http404):
        restricted.unlocked(one, asked.id)


def test_an_ask_is_seen_by_its_functions_and_by_who_views_all(world):
    for who, user in world.people.items():
        views = who in Role.values and GRANTS[Role(who)] & {P.ASK_VIEW}
        assert bool(partners.asks_of(user).query.is_empty()) == (not views and who != "partner"), who
