"""Restricted material: nothing of it, its name or its hash is in any answer to anybody; the original only for who handles
it, after a second person agreed. scene.py plants a picture with a mark in it, of a colour that no other has."""

import io
import zipfile
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from seacliff.enforcement.fan_out import describe
from seacliff.enforcement.models import Action, Delivery, Endpoint, Notice
from seacliff.people.permissions import Role
from seacliff.privacy import asking, exporting
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.restricted.models import Unlock
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.tests import factories

from .walk import PARAMETER, Visitor, outcome, planted_in, routes
from .world import CAST, STRANGER
from .world.scene import REPORTER, SECRET

pytestmark = pytest.mark.django_db
IT = "restricted material"


def test_nothing_of_it_is_in_any_answer_to_anybody(walked):
    """Every address and operation as everybody, its own list of facts (no name, no hash) included."""
    assert not {key: who for key, who in walked.planted.items() if key[1] == IT}
    assert any(name == "who reported" for _operation, name in walked.planted), "else nothing would be found at all"


WAYS = [
    ("", {}),
    ("?as=preview", {}),
    ("?as=file", {}),
    ("?as=file", {"range": "bytes=0-9"}),
    ("", {"hx-request": "true"}),
]


def test_no_way_of_asking_for_the_file_brings_it(world):
    """Every address that takes an attachment, in every way in which evidence is served."""
    visitor = Visitor(world)
    taking = [route for route in routes() if "attachment_id" in PARAMETER.sub(lambda found: found[0], route.path)]
    assert taking
    for route, who, (query, headers) in product(taking, [STRANGER, *CAST], WAYS):
        url = route.url(world, attachment_id=world.made.secret.id) + query
        response = visitor.ask(route, url, who, **headers)
        assert not planted_in(world, response) & {IT}, (url, who)
        assert route.name != "record:evidence" or outcome(response) != "yes", (url, who)


SEARCHES = {
    "review:search",
    "review:reporters",
    "record:events",
    "api:cases",
    "api:reports",
    "api:messages",
    "api:events",
}


@pytest.mark.parametrize("who", [Role.REVIEWER, Role.LEAD, Role.AUDITOR, Role.HANDLER, Role.ADMIN])
def test_it_is_found_by_no_search(world, who):
    """By half of its name, or half of its hash: what is asked for stands in the answer, what would follow does not."""
    visitor = Visitor(world)
    lists = [
        route
        for route in routes()
        if route.method == "GET" and route.name in SEARCHES and not PARAMETER.search(route.path)
    ]
    assert {route.name for route in lists} == SEARCHES
    for route in lists:
        for words in ("unspeakable", world.made.secret.evidence_id[:40]):
            response = visitor.ask(route, f"{route.url(world)}?q={words}", who)
            assert not planted_in(world, response) & {IT}, (route.path, who)


def in_no(world, *texts: object) -> None:
    for text, mark in product(texts, world.planted[IT]):
        assert mark.decode() not in str(text)


def test_it_goes_out_with_no_webhook_no_notice_and_no_mail(world, settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    Endpoint.objects.update(is_active=True)
    reviewer = factories.person(tier=4)
    actions.claim(reviewer, world.made.case)
    ordered = [Ordered("warn", world.made.case.target, {})]
    decision = actions.decide(
        reviewer, world.made.case, Verdict("violation", "spam", world.made.rules, "Bulk.", ordered)
    )
    type(decision).objects.filter(id=decision.id).update(undo_until=timezone.now() - timedelta(seconds=1))
    clear("settle-decisions")
    Action.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    clear("release-actions")
    clear("notices")
    # The desk of event webhooks reads what is committed, which nothing is in a test: this is what it would send.
    events = [describe(event) for event in Event.objects.filter(story_id=world.made.case.id)]
    payloads = [*events, *(delivery.payload for delivery in Delivery.objects.exclude(type="ping"))]
    notices = list(Notice.objects.filter(case_id=world.made.case.id))
    assert len(payloads) > len(events) and events and notices and mail.outbox
    in_no(world, *payloads, *map(vars, notices), *(message.message().as_string() for message in mail.outbox))


def test_a_persons_copy_of_their_data_does_not_hold_it_although_they_sent_it(world):
    officer = factories.person("Paul Privacy", roles=(Role.PRIVACY,))
    request = asking.identify(
        officer, asking.take(officer, kind="access", party="reporter", asked_as=REPORTER), "By mail"
    )
    with zipfile.ZipFile(io.BytesIO(exporting.zipped(request))) as packed:
        content = b"".join(name.encode() + packed.read(name) for name in packed.namelist())
    assert b"note.txt" in content and not any(mark in content for mark in world.planted[IT])


def test_events_about_it_do_not_tell_its_hash_nor_its_name(world, client):
    client.force_login(world.people[Role.REVIEWER])
    client.get(reverse("record:evidence", args=[world.made.secret.id]))
    about = Event.objects.filter(verb__regex="^(evidence|unlock)[.]")
    assert {"evidence.refused", "unlock.asked"} <= set(about.values_list("verb", flat=True))
    in_no(world, *(event.data for event in about), *(event.reason for event in about))


def test_two_people_unlock_one_file_for_half_an_hour_for_the_one_who_asked(world):
    asking_one, other = (factories.person(f"Handler {n}", roles=(Role.HANDLER,)) for n in "AB")
    first, second = Client(), Client()
    first.force_login(asking_one)
    second.force_login(other)
    first.post(f"/restricted/files/{world.made.secret.id}/ask", {"reason": "To refer it"})
    unlock = Unlock.objects.get(asked_by=asking_one)

    def fetched(by: Client) -> bytes | None:
        answer = by.post(f"/restricted/unlocks/{unlock.id}/file")
        return b"".join(answer.streaming_content) if answer.status_code == 200 else None

    assert fetched(first) is None, "nobody has agreed yet"
    first.post(f"/restricted/unlocks/{unlock.id}/answer", {"answer": "yes"})
    assert fetched(first) is None, "one can't agree to one's own request"
    second.post(f"/restricted/unlocks/{unlock.id}/answer", {"answer": "yes"})
    assert fetched(second) is None, "it is opened for the one who asked"
    assert fetched(first) == SECRET
    assert Event.objects.filter(verb="evidence.unlocked", actor_id=asking_one.id).count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert fetched(first) is None
