"""Leads set queues up."""

import pytest
from django.urls import reverse

from seacliff.record.models import Event
from seacliff.review.models import Queue, RuleSet
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, lead):
    client.force_login(lead)
    return client


def test_a_queue_is_added_changed_retired_and_brought_back(signed_in):
    typed = {"name": "Fraud", "slug": "fraud", "description": "Scams.", "position": "2"}
    assert signed_in.post(reverse("review:queue-new"), typed).status_code == 302
    signed_in.post(reverse("review:queue-edit", args=["fraud"]), typed | {"name": "Fraud and spam", "slug": "other"})
    queue = Queue.objects.get()
    assert (queue.slug, queue.name) == ("fraud", "Fraud and spam")
    signed_in.post(reverse("review:queue-retire", args=["fraud"]))
    assert "Retired" in signed_in.get(reverse("review:queue-list")).content.decode()
    signed_in.post(reverse("review:queue-retire", args=["fraud"]))
    verbs = Event.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["queue.added", "queue.changed", "queue.retired", "queue.reopened"]


@pytest.mark.parametrize("slug", ["next", "new", "Fraud", "a b", ""])
def test_a_short_name_that_would_not_work_is_refused(signed_in, slug):
    typed = {"name": "Fraud", "slug": slug, "position": "2"}
    assert signed_in.post(reverse("review:queue-new"), typed).status_code == 422
    assert not Queue.objects.exists()


def test_a_queue_that_live_rules_name_is_not_retired(signed_in):
    factories.queue("fraud")
    RuleSet.objects.create(number=1, state="live", rules=[{"name": "Scams", "when": "true", "set": {"queue": "fraud"}}])
    answer = signed_in.post(reverse("review:queue-retire", args=["fraud"]), follow=True)
    assert "Scams" in answer.content.decode()
    assert Queue.objects.get().retired_at is None


def test_reviewers_do_not_set_queues_up(client, alice):
    client.force_login(alice)
    assert client.get(reverse("review:queue-list")).status_code == 403
    assert client.post(reverse("review:queue-new"), {"name": "x", "slug": "x", "position": 1}).status_code == 403
