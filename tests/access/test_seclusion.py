"""Whoever judges a matter afresh reaches nothing that could tell them what was found: every address, every operation."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from seacliff.people.access import forget_tokens
from seacliff.people.actions import issue_token
from seacliff.people.permissions import Permission, Role
from seacliff.policy.queries import version_in_force
from seacliff.quality import actions as quality
from seacliff.quality.models import Check
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Decision
from seacliff.review.tests import factories

from .walk import Route, Undone, routes
from .world import World

pytestmark = pytest.mark.django_db
WHY = "The list was bought from Acme Leads."
FIRST = "Fiona Firsthand"
# What somebody secluded may open; nothing here may tell anything of the decision (asserted below).
OPEN_PAGES = {
    "quality:check", "quality:live", "quality:claim-next", "quality:do answer", "quality:do give-back",
    "quality:do settle", "quality:do correct", "quality:do opine", "quality:session-next", "record:evidence",
}  # fmt: skip
OPEN_OPERATIONS = {
    "/api/v1/quality/checks/claim", "/api/v1/quality/checks/{ref}/matter", "/api/v1/quality/checks/{ref}/answer",
    "/api/v1/quality/checks/{ref}/give-back", "/api/v1/quality/calibrations/{uuidstr:id}/claim",
}  # fmt: skip


@pytest.fixture(scope="module")
def secluded(world, django_db_blocker):
    """In the world somebody with every role, who holds a second look at a decision; every address that takes a case, a target
    or a decision is about that one."""
    with django_db_blocker.unblock():
        point = transaction.atomic()
        point.__enter__()
        try:
            check = _check()
            person = factories.person("Every Role", tier=9, roles=tuple(Role))
            Check.objects.exclude(id=check.id).update(due_at=timezone.now() + timedelta(days=90))
            assert quality.claim_next(person) == check
            yield _about(world, check), person, check
        finally:
            transaction.set_rollback(True)
            point.__exit__(None, None, None)


def _check() -> Check:
    first = factories.person(FIRST, tier=4)
    tree = factories.tree("Harbour Academy")
    case = factories.case(tree["event"])
    factories.report(case)
    actions.claim(first, case)
    verdict = Verdict(
        "violation", "spam", version_in_force("spam"), WHY, [Ordered("suspend-account", tree["account"], {})]
    )
    decision = actions.decide(first, case, verdict)
    Decision.objects.filter(id=decision.id).update(undo_until=timezone.now() - timedelta(seconds=1))
    clear("settle-decisions", "sample-decisions")
    return Check.objects.get(decision=decision)


def _about(world: World, check: Check) -> World:
    names = {
        "ref": check.case.ref, "id": check.case_id, "review:by-id.id": check.case_id, "review:target.id": check.case.target_id,
        "review:undo.id": check.decision_id, "api:decisions.id": check.decision_id, "api:targets.id": check.case.target_id,
        "quality:check.ref": check.ref, "quality:live.ref": check.ref, "quality:do.ref": check.ref,
        "api:quality.ref": check.ref, "quality:by-id.id": check.id,
    }  # fmt: skip
    return replace(world, names=world.names | names)


def got(route: Route, world: World, client: Client, **more: str):
    """The answer; whatever the request wrote is taken back."""
    answer = None
    body = {"data": "{}", "content_type": "application/json"} if route.path.startswith("api/v1/") else {}
    if route.method in ("GET", "DELETE"):
        body = {}
    try:
        with transaction.atomic():
            answer = getattr(client, route.method.lower())(route.url(world), **body, **more)
            raise Undone
    except Undone:
        return answer


def guarded() -> list[Route]:
    return [route for route in routes() if route.permission]


def test_every_page_turns_a_secluded_person_back(secluded):
    world, person, check = secluded
    client = Client()
    client.force_login(person)
    home, wrong = f"/quality/re-reviews/{check.ref}", []
    for route in guarded():
        if route.path.startswith("api/v1/") or route.key[0] in OPEN_PAGES:
            continue
        answer = got(route, world, client)
        turned = answer.status_code == 302 and answer.headers["Location"] == home
        if not turned and answer.status_code not in (404, 405):
            wrong.append(f"{route.method} {route.key[0]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_what_is_open_to_a_secluded_person_tells_nothing_of_the_decision(secluded):
    world, person, check = secluded
    client = Client()
    client.force_login(person)
    for route in routes():
        if route.key[0] in OPEN_PAGES | OPEN_OPERATIONS or not route.permission:
            answer = got(route, world, client)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            told = [word for word in (WHY, FIRST, "fiona", check.case.ref) if word.encode() in content]
            assert not told, f"{route.method} {route.key[0]} tells {told}"


def test_every_operation_of_the_api_is_closed_by_session_and_by_token(secluded):
    world, person, _check = secluded
    session = Client()
    session.force_login(person)
    secret = issue_token(SYSTEM, person, name="t", scopes=[str(each) for each in Permission])[1]
    forget_tokens()
    token = {"headers": {"Authorization": f"Bearer {secret}"}}
    wrong = []
    for route in guarded():
        if not route.path.startswith("api/v1/") or route.key[0] in OPEN_OPERATIONS:
            continue
        for client, more in ((session, {}), (Client(), token)):
            answer = got(route, world, client, **more)
            if answer.status_code not in (403, 404, 405, 422):
                wrong.append(f"{route.method} {route.path}: {answer.status_code}")
            assert WHY.encode() not in answer.content
    assert not wrong, "\n".join(wrong)


def test_a_token_that_was_just_used_is_closed_at_once(secluded):
    """Its owner is remembered for a moment, in which they can go into seclusion in another process."""
    _world, person, _check = secluded
    secret = issue_token(SYSTEM, person, name="t", scopes=[Permission.CASE_VIEW])[1]
    headers = {"Authorization": f"Bearer {secret}"}
    type(person).objects.filter(id=person.id).update(secluded_until=None)
    assert Client().get("/api/v1/cases", headers=headers).status_code == 200
    type(person).objects.filter(id=person.id).update(secluded_until=timezone.now() + timedelta(minutes=5))
    assert Client().get("/api/v1/cases", headers=headers).status_code == 403


def test_scripts_asking_for_parts_of_pages_are_refused(secluded):
    _world, person, check = secluded
    type(person).objects.filter(id=person.id).update(secluded_until=timezone.now() + timedelta(minutes=5))
    client = Client()
    client.force_login(person)
    live = f"/cases/{check.case.ref}/live"
    assert client.get(live, headers={"Sec-Fetch-Mode": "cors"}).status_code == 403
    assert client.get(live, headers={"HX-Request": "true"}).headers["HX-Redirect"].endswith(check.ref)
