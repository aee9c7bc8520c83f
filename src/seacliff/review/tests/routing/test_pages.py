from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from seacliff.intake.models import Report
from seacliff.people.models import User
from seacliff.policy.models import Category, Policy
from seacliff.record.ids import uuid7
from seacliff.record.models import Event
from seacliff.review.models import Backtest, Case, Decision, Queue, RuleSet
from seacliff.review.routing import backtest
from seacliff.review.routing.jobs import run_backtest
from seacliff.targets.models import Product, Target

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def manager(client):
    user = User.objects.create_user("pam@example.org", name="Pam", roles=["policy-manager"])
    client.force_login(user)
    return user


@pytest.fixture
def product():
    policy = Policy.objects.create(slug="deception")
    Category.objects.create(slug="phishing", policy=policy, severity=3)
    Queue.objects.create(slug="general", name="General")
    Queue.objects.create(slug="fraud", name="Fraud")
    return Product.objects.create(slug="meet", name="Meet")


def report(product, at, category="phishing", **more):
    fields = {"channel": "api", "target_kind": "user", "target_ref": "u1", **more}
    return Report.objects.create(id=uuid7(at), product_id=product.id, category=category, received_at=at, **fields)


def form(*rules, change=""):
    data = {"rules-TOTAL_FORMS": len(rules), "rules-INITIAL_FORMS": 0, "change": change}
    for n, rule in enumerate(rules):
        data |= {f"rules-{n}-{name}": value for name, value in {"name": f"r{n}", "ORDER": n + 1, **rule}.items()}
    return data


def test_a_draft_is_made_written_and_published(client, manager, product):
    client.post(reverse("review:rule-set-new"))
    url = reverse("review:rule-set", args=[1])
    client.post(
        url, form({"when": 'report.category == "phishing"', "queue": "fraud", "severity": "2"}, change="Fraud apart")
    )
    assert RuleSet.objects.get().rules == [
        {"name": "r0", "when": 'report.category == "phishing"', "set": {"severity": 2, "queue": "fraud"}}
    ]
    client.post(reverse("review:rule-set-verb", args=[1, "publish"]))
    live = RuleSet.objects.get()
    assert (live.state, Event.objects.get(verb="rule-set.published").reason) == ("live", "Fraud apart")
    client.post(reverse("review:rule-set-new"))
    assert RuleSet.objects.get(number=2).rules == live.rules, "a draft begins as a copy of what is live"


def test_rules_are_reordered_and_deleted(client, manager, product):
    RuleSet.objects.create(number=1, rules=[{"name": n, "when": "true", "set": {"tier": 1}} for n in "abc"])
    rows = [{"name": n, "when": "true", "tier": "1"} for n in "abc"]
    rows[0]["ORDER"], rows[2]["ORDER"], rows[1]["DELETE"] = 3, 1, "on"
    client.post(reverse("review:rule-set", args=[1]), {**form(*rows), "rules-INITIAL_FORMS": 3})
    assert [rule["name"] for rule in RuleSet.objects.get().rules] == ["c", "a"]


def test_a_mistake_stands_beside_its_rule_and_nothing_is_kept(client, manager, product):
    RuleSet.objects.create(number=1)
    answer = client.post(reverse("review:rule-set", args=[1]), form({"when": 'report.categry == "x"', "tier": "2"}))
    assert answer.status_code == 422
    assert "Did you mean report.category?" in answer.content.decode()
    assert RuleSet.objects.get().rules == []


def test_publishing_needs_a_reason(client, manager, product):
    RuleSet.objects.create(number=1)
    answer = client.post(reverse("review:rule-set-verb", args=[1, "publish"]), follow=True)
    assert "Say what changes" in answer.content.decode()
    assert RuleSet.objects.get().state == "draft"


def test_the_live_test_shows_what_would_move_without_saving(client, manager, product):
    report(product, NOW)
    report(product, NOW + timedelta(minutes=1), category="spam")
    RuleSet.objects.create(number=1)
    data = form({"when": 'report.category == "phishing"', "queue": "fraud"})
    answer = client.post(reverse("review:rule-set-try", args=[1]), data).content.decode()
    assert "1 of the newest 2 reports would move" in answer
    assert "fraud" in answer


def test_a_lead_reads_and_does_not_write(client, product):
    client.force_login(User.objects.create_user("lea@example.org", name="Lea", roles=["lead"]))
    RuleSet.objects.create(number=1)
    assert client.get(reverse("review:routing")).status_code == 200
    assert client.get(reverse("review:rule-set", args=[1])).status_code == 200
    assert client.post(reverse("review:rule-set-verb", args=[1, "publish"])).status_code == 403
    assert client.post(reverse("review:rule-set-new")).status_code == 403


def test_a_backtest_counts_what_moves_and_shows_a_sample(client, manager, product):
    for n in range(5):
        report(product, NOW + timedelta(minutes=n), category="phishing" if n < 3 else "spam")
    draft = RuleSet.objects.create(
        number=1,
        rules=[{"name": "fraud", "when": 'report.category == "phishing"', "set": {"queue": "fraud", "hours": 2}}],
    )
    made = Backtest.objects.create(
        rule_set=draft, since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), started_by="Pam"
    )
    run_backtest(backtest=str(made.id))
    answer = client.get(reverse("review:backtest", args=[made.id])).content.decode()
    made.refresh_from_db()
    assert (made.state, made.result["reports"], made.result["moved"], made.result["faster"]) == ("done", 5, 3, 3)
    assert made.result["queues"] == [["general", "fraud", 3]]
    assert "general → fraud" in answer


def test_a_backtest_sees_history_as_it_was_on_the_day(product):
    """The third report had two before it, whatever came later; the one 31 days on had none."""
    for n in range(4):
        report(product, NOW + timedelta(days=n))
    report(product, NOW + timedelta(days=40))
    draft = RuleSet(number=1, rules=[{"name": "many", "when": "history.reports_30d >= 3", "set": {"tier": 2}}])
    result = backtest.run(draft, NOW - timedelta(days=1), NOW + timedelta(days=60))
    assert (result.reports, result.moved) == (5, 2)
    later = backtest.run(draft, NOW + timedelta(days=2), NOW + timedelta(days=60))
    assert (later.reports, later.moved) == (3, 2), "reports before the first one count in its history"


def test_a_backtest_knows_only_decisions_that_were_made_before(product):
    target = Target.objects.create(product=product, kind="user", ref="u1")
    user = User.objects.create_user("rita@example.org", name="Rita", roles=["reviewer"])
    case = Case.objects.create(
        product_id=product.id, target=target, category="phishing", state="decided", queue=Queue.objects.first(), severity=3,
        opened_at=NOW, due_at=NOW, decided_at=NOW, decided_by=user,
    )  # fmt: skip
    at = NOW + timedelta(hours=1)
    Decision.objects.create(
        case=case, reviewer=user, tier=1, category="phishing", finding="no-violation", decided_at=at, undo_until=at
    )
    report(product, NOW)
    report(product, NOW + timedelta(hours=2))
    draft = RuleSet(number=1, rules=[{"name": "known", "when": "history.decisions_365d > 0", "set": {"tier": 2}}])
    assert backtest.run(draft, NOW - timedelta(days=1), NOW + timedelta(days=1)).moved == 1


def test_shadow_takes_the_place_of_another_and_goes_back_to_draft(client, manager, product):
    for number in (1, 2):
        RuleSet.objects.create(number=number)
    client.post(reverse("review:rule-set-verb", args=[1, "shadow"]))
    client.post(reverse("review:rule-set-verb", args=[2, "shadow"]))
    assert sorted(RuleSet.objects.values_list("number", "state")) == [(1, "draft"), (2, "shadow")]
    assert client.get(reverse("review:rule-set", args=[2])).status_code == 200
    client.post(reverse("review:rule-set-verb", args=[2, "unshadow"]))
    client.post(reverse("review:rule-set-verb", args=[2, "discard"]))
    assert sorted(RuleSet.objects.values_list("number", "state")) == [(1, "draft"), (2, "retired")]
