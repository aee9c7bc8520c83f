"""The first day: what the guide offers can be done from there."""

import pytest
from django.urls import reverse

from seacliff.people.models import User
from seacliff.policy.models import NoticeText, Policy, PolicyVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = User.objects.create_user("ann@example.org", name="Ann", roles=["admin"])
    client.force_login(user)
    return client


def test_every_step_of_the_guide_leads_somewhere(admin):
    steps = admin.get(reverse("start")).context["steps"]
    for step in steps:
        if step.url:
            assert admin.get(step.url).status_code == 200, step.title


def test_the_pack_is_brought_in_once_and_leaves_what_is_there(admin):
    Policy.objects.create(slug="spam")
    assert "Bring 15 policies in" in admin.get(reverse("policy-pack")).content.decode()
    admin.post(reverse("policy-pack"))
    assert Policy.objects.count() == 16
    assert not PolicyVersion.objects.filter(policy__slug="spam").exists()
    assert NoticeText.objects.filter(version=None).exists()
    before = PolicyVersion.objects.count()
    admin.post(reverse("policy-pack"))
    assert PolicyVersion.objects.count() == before


def test_only_who_writes_policies_brings_them_in(client):
    client.force_login(User.objects.create_user("rob@example.org", name="Rob", roles=["reviewer"]))
    assert client.post(reverse("policy-pack")).status_code == 403
    assert not Policy.objects.exists()
