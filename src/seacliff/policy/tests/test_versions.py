"""What holds when: drafts, publishing, withdrawing, and words that stay as they were."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from seacliff.people.problems import Conflict, Invalid
from seacliff.policy import actions, queries
from seacliff.policy.models import Category, NoticeText, Policy, PolicyVersion
from seacliff.record.models import Event

pytestmark = pytest.mark.django_db
KEY = ("reporter", "violation", "en")


def next_version(actor, policy, text: str, **publish) -> PolicyVersion:
    version = actions.draft(actor, policy)
    actions.save_draft(version, {"text": text})
    return actions.publish(actor, version, change=f"Now: {text}", **publish)


def test_nothing_holds_until_it_is_published(actor, draft):
    Category.objects.create(slug="spam", policy=draft.policy)
    assert queries.version_in_force("spam") is None
    actions.publish(actor, draft, change="First version.")
    assert queries.version_in_force("spam") == draft
    event = Event.objects.get(verb="policy.published")
    assert (event.policy_version_id, event.reason, event.actor_name) == (draft.id, "First version.", "Pia")


def test_a_later_version_takes_over_at_its_time_and_not_before(actor, draft):
    Category.objects.create(slug="spam", policy=draft.policy)
    actions.publish(actor, draft, change="First.")
    soon = timezone.now() + timedelta(days=7)
    second = next_version(actor, draft.policy, "Stricter.", effective_at=soon)
    assert queries.version_in_force("spam") == draft
    assert queries.version_in_force("spam", soon) == second
    shelf = queries.shelf("spam")
    assert (shelf.in_force, shelf.upcoming, shelf.before(second)) == (draft, [second], draft)


def test_a_withdrawn_version_gives_way_to_the_one_before_and_stays_in_the_past(actor, draft):
    Category.objects.create(slug="spam", policy=draft.policy)
    actions.publish(actor, draft, change="First.")
    second = next_version(actor, draft.policy, "Mistaken.")
    between = timezone.now()
    actions.withdraw(actor, second, reason="It contradicted itself.")
    assert queries.version_in_force("spam") == draft
    assert queries.version_in_force("spam", between) == second
    with pytest.raises(Conflict):
        actions.withdraw(actor, second, reason="again")


@pytest.mark.parametrize("field", ["title", "text", "change", "strike_days", "effective_at"])
def test_the_database_refuses_to_change_published_words(actor, draft, field):
    actions.publish(actor, draft, change="First.")
    value = {"strike_days": 3, "effective_at": timezone.now()}.get(field, "other")
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        PolicyVersion.objects.filter(id=draft.id).update(**{field: value})
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        PolicyVersion.objects.filter(id=draft.id).update(state="draft")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM policy_policyversion")


def test_every_column_of_a_version_is_either_frozen_or_meant_to_change():
    from seacliff.policy.models import FROZEN

    columns = {field.column for field in PolicyVersion._meta.concrete_fields}
    assert columns - set(FROZEN) == {"id", "state", "ends_at", "created_at"}


def test_the_database_refuses_to_change_what_a_published_version_says_to_people(actor, draft):
    actions.save_texts(actor, draft, {KEY: ("Hello", "We acted.")})
    actions.publish(actor, draft, change="First.")
    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        NoticeText.objects.update(body="We did not.")
    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeText.objects.all().delete()
    with pytest.raises(Conflict):
        actions.save_texts(actor, draft, {KEY: ("", "")})


def test_a_draft_begins_as_a_copy_and_there_is_one_at_a_time(actor, draft):
    actions.save_texts(actor, draft, {KEY: ("Hello", "We acted.")})
    actions.publish(actor, draft, change="First.")
    second = actions.draft(actor, draft.policy)
    assert (second.number, second.text, second.allowed_actions) == (2, draft.text, draft.allowed_actions)
    assert queries.texts_of(second)[KEY].body == "We acted."
    assert actions.draft(actor, draft.policy) == second
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(policy=draft.policy, number=9, title="x", text="x")


def test_a_draft_is_not_published_half_done_or_into_the_past(actor, draft):
    with pytest.raises(Invalid, match="what changed"):
        actions.publish(actor, draft, change=" ")
    with pytest.raises(Invalid, match="past"):
        actions.publish(actor, draft, change="x", effective_at=timezone.now() - timedelta(days=1))
    actions.save_draft(draft, {"text": "", "allowed_actions": []})
    with pytest.raises(Invalid, match="its text, at least one action"):
        actions.publish(actor, draft, change="x")


def test_a_version_cannot_slip_in_under_a_later_one(actor, draft):
    actions.publish(actor, draft, change="First.")
    next_version(actor, draft.policy, "Later.", effective_at=timezone.now() + timedelta(days=7))
    with pytest.raises(Conflict, match="Version 2 takes effect later"):
        next_version(actor, draft.policy, "Sooner.", effective_at=timezone.now() + timedelta(days=1))


def test_discarding_the_only_draft_takes_the_policy_with_it(actor, draft):
    actions.discard(actor, draft)
    assert not Policy.objects.exists()


@pytest.mark.parametrize("body", ["{% if %}", "{{ what", "{% load os %}", "{% include 'x' %}", "{{ a|nothing }}"])
def test_a_text_that_could_not_be_sent_is_refused_when_it_is_written(actor, draft, body):
    if body == "{{ what":  # plain text to the template language
        actions.save_texts(actor, draft, {KEY: ("s", body)})
        return
    with pytest.raises(Invalid):
        actions.save_texts(actor, draft, {KEY: ("s", body)})


def test_notices_fall_back_from_the_policy_to_the_default(actor, draft):
    default = {("reporter", "violation", language): (language, "default") for language in ("en", "de")}
    actions.save_texts(actor, None, default)
    actions.save_texts(actor, draft, {KEY: ("own", "own words")})
    asked = (NoticeText.Audience.REPORTER, NoticeText.Outcome.VIOLATION)
    assert queries.notice_text(draft, *asked, "en").subject == "own"
    assert queries.notice_text(draft, *asked, "de").subject == "de"
    assert queries.notice_text(draft, *asked, "fr").subject == "own"
    with pytest.raises(NoticeText.DoesNotExist):
        queries.notice_text(draft, NoticeText.Audience.AFFECTED, NoticeText.Outcome.VIOLATION, "en")


def test_the_change_log_keeps_old_words_beside_new_ones(actor, draft, django_assert_num_queries):
    actions.publish(actor, draft, change="First.")
    second = next_version(actor, draft.policy, "Stricter.")
    with django_assert_num_queries(3):
        newest, oldest = queries.change_log()
    assert (newest.version, newest.before, oldest.before) == (second, draft, None)
