from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.review import actions, desks
from seacliff.review.desks import index_cases
from seacliff.review.models import Case, Decision, Tally, Work
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, alice, rules):
    factories.notice_texts()
    client.force_login(alice)
    return client


def opened(**fields):
    case = factories.case(**fields)
    factories.report(case)
    return case


def test_strangers_are_sent_to_sign_in(client, rules):
    case = opened()
    for url in (reverse("review:queues"), reverse("review:case", args=[case.ref]), reverse("review:search")):
        assert client.get(url).status_code == 302


def test_a_partner_sees_no_case(client, rules):
    case = opened()
    client.force_login(factories.person("Pat Partner", roles=("partner",)))
    assert client.get(reverse("review:case", args=[case.ref])).status_code == 403


def test_the_queues_show_what_waits(signed_in):
    opened(severity=1)
    opened()
    page = signed_in.get(reverse("review:queues"))
    assert [line.total for line in page.context["lines"]] == [2]


def test_the_next_case_is_claimed_and_shown_with_everything(signed_in, alice):
    case = opened()
    page = signed_in.post(reverse("review:claim-next"), follow=True)
    assert page.redirect_chain[-1][0] == reverse("review:case", args=[case.ref])
    for part in ("They send us the same invitation", "Northfield School", "Breaks the rule", "took the case"):
        assert part in page.content.decode()


def test_a_case_is_decided_and_the_next_one_follows(signed_in, alice):
    case, following = opened(severity=2, category="spam"), opened()
    actions.claim(alice, case)
    typed = {"finding": "no-violation", "category": "spam", "rationale": "An ordinary invitation.", "notify": "on"}
    answer = signed_in.post(reverse("review:decide", args=[case.ref]), typed)
    assert answer.url == reverse("review:case", args=[following.ref])
    assert Decision.objects.get(case=case).finding == "no-violation"


def test_a_violation_orders_the_ticked_actions(signed_in, alice):
    case = opened()
    actions.claim(alice, case)
    page = signed_in.get(reverse("review:case", args=[case.ref]))
    offer = next(offer for offer in page.context["page"].offers if offer.kind == "warn")
    typed = {"finding": "violation", "category": "spam", "action": offer.name,
             "policy_version": page.context["page"].version.id}  # fmt: skip
    signed_in.post(reverse("review:decide", args=[case.ref]), typed)
    assert [action["kind"] for action in Decision.objects.get(case=case).actions] == ["warn"]


def test_what_was_typed_stays_when_it_does_not_fit(signed_in, alice):
    case = opened(severity=1)
    actions.claim(alice, case)
    answer = signed_in.post(
        reverse("review:decide", args=[case.ref]), {"finding": "no-violation", "facts": "Said so already"}
    )
    assert answer.status_code == 422
    assert "needs a rationale" in answer.content.decode()
    assert "Said so already" in answer.content.decode()


@pytest.mark.parametrize(
    "typed",
    [{}, {"finding": "violation", "action": "warn:nobody"}, {"finding": "violation", "action": "explode"},
     {"finding": "violation", "policy_version": "x", "category": "\x01"}, {"finding": "duplicate"}],
)  # fmt: skip
def test_garbage_decides_nothing(signed_in, alice, typed):
    case = opened()
    actions.claim(alice, case)
    assert signed_in.post(reverse("review:decide", args=[case.ref]), typed).status_code == 422
    assert Case.objects.get(id=case.id).state == "open"


def test_a_decision_is_taken_back(signed_in, alice):
    case = opened()
    actions.claim(alice, case)
    signed_in.post(reverse("review:decide", args=[case.ref]), {"finding": "no-violation"})
    decision = Decision.objects.get(case=case)
    signed_in.post(reverse("review:undo", args=[decision.id]))
    assert Case.objects.get(id=case.id).state == "open"
    assert Work.objects.get(case=case).holder == alice


@pytest.mark.parametrize(
    ("verb", "typed", "event"),
    [
        ("release", {}, "case.released"),
        ("skip", {"reason": "I know them"}, "case.skipped"),
        ("hold", {"days": "3", "reason": "Waits for the host"}, "case.held"),
        ("escalate", {"ground": "legal", "reason": "A court order"}, "case.escalated"),
        ("note", {"body": "Same as last week"}, "note.written"),
    ],
)
def test_every_verb_has_its_button(signed_in, alice, verb, typed, event):
    case = opened()
    actions.claim(alice, case)
    signed_in.post(reverse("review:verb", args=[case.ref, verb]), typed)
    assert Event.objects.filter(story_id=case.id, verb=event).exists()


def test_notices_are_shown_before_they_are_sent(signed_in, alice):
    case = opened()
    actions.claim(alice, case)
    answer = signed_in.post(reverse("review:preview", args=[case.ref]), {"finding": "no-violation", "notify": "on"})
    assert "ann@example.org" in answer.content.decode()


def test_ticked_cases_are_decided_alike(signed_in, alice):
    alice.roles = ["lead"]
    alice.save()
    node = factories.tree()["event"]
    cases = [opened(target=node), opened(target=node.parent)]
    url = reverse("review:bulk", args=[cases[0].queue.slug])
    signed_in.post(url, {"cases": [case.id for case in cases], "kind": "", "rationale": "One wave"})
    assert Decision.objects.filter(finding="no-violation", assignment="bulk").count() == 2


def test_the_live_part_answers_304_until_something_changes(signed_in, alice, bob):
    case = opened()
    url = reverse("review:live", args=[case.ref])
    first = signed_in.get(url)
    assert signed_in.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    actions.claim(bob, case)
    assert "Bob" in signed_in.get(url, headers={"If-None-Match": first["ETag"]}).content.decode()


def test_cases_are_found_by_words_and_facets(signed_in):
    case, _other = opened(), opened(target=factories.tree("Harbour Club")["event"])
    index_cases()
    found = signed_in.get(reverse("review:search"), {"q": "northfield", "queue": case.queue.slug, "state": "open"})
    assert [row.id for row in found.context["rows"]] == [case.id]
    user = opened(target=factories.tree("b.lindner")["organisation"])
    index_cases()
    by_part = signed_in.get(reverse("review:search"), {"q": "lindner"})
    assert user.id in [row.id for row in by_part.context["rows"]]
    assert signed_in.get(reverse("review:search"), {"q": '"<&', "severity": "x", "after": "!"}).status_code == 200
    assert len(signed_in.get(reverse("review:search")).context["rows"]) == 3


def test_pages_ask_no_more_when_there_is_more(signed_in, alice, django_assert_max_num_queries):
    case = opened(due_at=timezone.now() + timedelta(hours=1))
    for number in range(12):
        opened()
        factories.report(case, reporter=f"mail:p{number}@example.org")
    for url, most in (
        (reverse("review:queues"), 10),
        (reverse("review:queue", args=[case.queue.slug]), 8),
        (reverse("review:case", args=[case.ref]), 25),
        (reverse("review:search"), 8),
    ):
        with django_assert_max_num_queries(most):
            assert signed_in.get(url).status_code == 200


def test_every_desk_of_the_worker_runs_and_folding_changes_no_count(signed_in, monkeypatch):
    monkeypatch.setattr(desks, "FOLD_FROM", 2)
    for _ in range(3):
        opened()
    before = signed_in.get(reverse("review:queues")).context["lines"][0].total
    clear()
    assert Tally.objects.count() == 1
    assert signed_in.get(reverse("review:queues")).context["lines"][0].total == before == 3
