"""A rule that changed is read before the next claim under it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.people.problems import Invalid
from seacliff.policy import actions as policies
from seacliff.policy import guidance
from seacliff.policy.models import Acknowledgement, Guidance, PolicyVersion
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event
from seacliff.review import actions
from seacliff.review.access import Unread
from seacliff.review.models import Work
from seacliff.review.tests import factories
from seacliff.wellness.limits import limits_of

pytestmark = pytest.mark.django_db


def reworded(rules: PolicyVersion, text: str = "Everybody from spam, and from scams.", **said) -> PolicyVersion:
    draft = policies.draft(SYSTEM, rules.policy)
    policies.save_draft(draft, {"text": text})
    return policies.publish(SYSTEM, draft, change="Scams are spam as well.", **said)


def test_a_new_wording_stands_before_the_next_claim_until_it_is_acknowledged(alice, rules):
    case = factories.case()
    reworded(rules)
    with pytest.raises(Unread, match="has changed"):
        actions.claim(alice, case)
    assert guidance.acknowledge(alice, rules.policy) == 1
    assert actions.claim(alice, case) == case
    assert Event.objects.get(verb="guidance.acknowledged").data == {"changes": 1, "versions": [2]}


def test_the_next_case_is_one_whose_rule_has_been_read(alice, rules):
    factories.policy("phishing")
    factories.case(severity=1)
    other = factories.case(category="phishing", severity=4)
    reworded(rules)
    assert actions.claim_next(alice) == other
    with pytest.raises(Unread):  # nothing else waits: not silence, but why
        actions.claim_next(alice)


def test_a_person_is_stopped_at_the_change_when_the_most_urgent_case_is_under_it_and_only_then(alice, rules):
    factories.policy("phishing")
    reworded(rules)
    urgent = factories.case(category="phishing", severity=1)
    factories.case(severity=3)
    assert actions.claim_next(alice, stop_at_changes=True) == urgent
    with pytest.raises(Unread):
        actions.claim_next(alice, stop_at_changes=True)
    assert Work.objects.filter(holder=alice).count() == 1


def test_a_case_given_by_name_waits_for_the_reading_too(alice, lead, rules):
    case = factories.case()
    actions.assign(lead, case, alice)
    reworded(rules)
    with pytest.raises(Unread):
        actions.claim_next(alice)
    assert Work.objects.get(case=case).holder is None


def test_a_policys_first_version_and_a_corrected_comma_need_no_reading(alice, rules):
    reworded(rules, to_read=False)
    policies.publish(SYSTEM, _ready(policies.create_policy(SYSTEM, slug="fraud", title="Fraud")), change="First.")
    assert not Guidance.objects.exists()


def _ready(draft: PolicyVersion) -> PolicyVersion:
    return policies.save_draft(draft, {"text": "No fraud.", "allowed_actions": ["warn"]})


def test_a_change_that_takes_effect_later_is_read_when_it_holds(alice, rules):
    reworded(rules, effective_at=timezone.now() + timedelta(days=2))
    assert limits_of(alice).unread == ()
    Guidance.objects.update(holds_from=timezone.now())
    assert limits_of(alice).unread == ("spam",)


def test_whoever_came_after_the_change_has_nothing_to_read(rules):
    reworded(rules)
    assert limits_of(factories.person("Nina New")).unread == ()


def test_a_withdrawn_wording_is_no_longer_to_be_read_and_its_readers_hear_that_it_is_gone(alice, bob, rules):
    new = reworded(rules)
    guidance.acknowledge(alice, rules.policy)
    policies.withdraw(SYSTEM, new, reason="Too broad.")
    assert [each.note for each in guidance.unread(alice)] == ["Version 2 was withdrawn: Too broad."]
    assert not guidance.unread(bob).filter(version=new).exists()


def test_a_note_says_something(rules):
    with pytest.raises(Invalid, match="what reviewers should know"):
        guidance.write_note(SYSTEM, rules.policy, "  ")


def test_claiming_costs_no_query_more_when_everything_is_read(alice, rules, django_assert_num_queries):
    reworded(rules)
    guidance.acknowledge(alice, rules.policy)
    case = factories.case()
    with django_assert_num_queries(2):
        assert actions.claim_next(alice, case.queue, stop_at_changes=True)


def test_the_console_shows_the_change_right_then_and_goes_on_to_the_case(client, alice, rules):
    factories.notice_texts()
    case = factories.case()
    reworded(rules)
    client.force_login(alice)
    page = client.post(reverse("review:claim-next-of", args=[case.queue.slug]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("review:change", args=["spam"]) + "?queue=general"
    assert b"Scams are spam as well." in page.content and b"scams" in page.content
    change = Guidance.objects.get()
    said = {"change": change.id, "onward": "1", "queue": "general"}
    page = client.post(reverse("review:acknowledge", args=["spam"]), said, follow=True)
    assert page.redirect_chain[-1][0] == reverse("review:case", args=[case.ref])
    assert Work.objects.get(case=case).holder == alice


def test_taking_one_case_leads_over_the_change_to_that_case(client, alice, rules):
    factories.notice_texts()
    case = factories.case()
    guidance.write_note(SYSTEM, rules.policy, "An invitation list bought counts as unsolicited.")
    client.force_login(alice)
    page = client.post(reverse("review:verb", args=[case.ref, "claim"]), follow=True)
    assert page.redirect_chain[-1][0].endswith(f"?case={case.ref}") and b"list bought" in page.content
    said = {"change": Guidance.objects.get().id, "case": case.ref, "onward": "1"}
    client.post(reverse("review:acknowledge", args=["spam"]), said)
    assert Work.objects.get(case=case).holder == alice


def test_what_came_while_one_was_reading_is_not_acknowledged_with_it(client, alice, rules):
    reworded(rules)
    shown = Guidance.objects.get()
    guidance.write_note(SYSTEM, rules.policy, "And one thing more.")
    client.force_login(alice)
    client.post(reverse("review:acknowledge", args=["spam"]), {"change": [shown.id, "x"]})
    assert [row.guidance_id for row in Acknowledgement.objects.all()] == [shown.id]


def test_who_writes_the_rules_writes_notes_and_sees_how_far_they_are_read(client, alice, bob, rules):
    client.force_login(factories.person("Paula Policy", roles=(Role.POLICY_MANAGER,)))
    url = reverse("review:changes")
    assert client.post(url, {"policy": "spam", "note": ""}).status_code == 422
    client.post(url, {"policy": "spam", "note": "A bought list is unsolicited."})
    guidance.acknowledge(alice, rules.policy)
    assert b"1 of 2" in client.get(url).content
    client.force_login(bob)
    assert client.post(url, {"policy": "spam", "note": "Mine"}).status_code == 403
    assert b"You have yet to read" in client.get(url).content


def test_the_list_of_changes_costs_the_same_with_many(client, alice, rules):
    client.force_login(alice)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse("review:changes"))
        return len(asked)

    guidance.write_note(SYSTEM, rules.policy, "One.")
    one = cost()
    for number in range(5):
        guidance.write_note(SYSTEM, factories.policy(f"rule-{number}").policy, "More.")
    assert cost() == one


def test_a_program_reads_the_changes_and_acknowledges_them(client, alice, rules):
    reworded(rules)
    client.force_login(alice)
    (change,) = client.get("/api/v1/changes/unread").json()
    assert (change["policy"], change["version"]) == ("spam", 2)
    answer = client.post(
        "/api/v1/changes/spam/acknowledge", {"changes": [change["id"]]}, content_type="application/json"
    )
    assert answer.status_code == 204 and client.get("/api/v1/changes/unread").json() == []
