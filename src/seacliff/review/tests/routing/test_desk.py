from datetime import UTC, datetime, timedelta

import pytest

from seacliff.enforcement.models import Notice
from seacliff.intake.models import Report, Reporter, Unrouted
from seacliff.policy.models import Category, NoticeText, Policy
from seacliff.record.desks import clear
from seacliff.record.ids import uuid7
from seacliff.record.models import Clock, Event
from seacliff.review.models import Case, CaseReport, Queue, RuleSet, ShadowResult, Work
from seacliff.review.routing import desk
from seacliff.targets.models import Product, Target

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def product():
    policy = Policy.objects.create(slug="deception")
    Category.objects.create(slug="phishing", policy=policy, severity=3)
    Category.objects.create(slug="spam", policy=policy, severity=4)
    Queue.objects.create(slug="fraud", name="Fraud")
    NoticeText.objects.create(
        audience="reporter",
        outcome="received",
        language="en",
        subject="We have it {{ case_ref }}",
        body="{{ status_url }}",
    )
    return Product.objects.create(slug="meet", name="Meet")


def rules(*rows, state="live", number=1):
    shaped = [{"name": f"rule {n}", "when": when, "set": settings} for n, (when, settings) in enumerate(rows)]
    return RuleSet.objects.create(number=number, state=state, rules=shaped)


def report(product, *, at=NOW, who="", category="phishing", ref="u1", **more):
    fields = {"channel": "api", "target_kind": "user", "target_name": "Uma", **more}
    made = Report.objects.create(
        id=uuid7(at),
        product_id=product.id,
        category=category,
        target_ref=ref,
        reporter_key=who,
        received_at=at,
        **fields,
    )
    Unrouted.objects.create(report_id=made.id)
    return made


def test_a_report_becomes_a_case_in_a_queue_with_a_clock(product):
    live = rules(('report.category == "phishing"', {"severity": 2, "queue": "fraud", "tier": 2, "hours": 4}))
    first = report(product)
    assert clear("routing") == 1
    case = Case.objects.get()
    assert (case.severity, case.queue.slug, case.tier, case.rule_set) == (2, "fraud", 2, live)
    assert case.due_at == NOW + timedelta(hours=4)
    assert (case.report_count, case.reporter_count, case.ref) == (1, 1, f"C-{case.number}")
    assert Work.objects.get().due_at == case.due_at
    assert Clock.objects.get().name == "first decision"
    assert not Unrouted.objects.exists()
    opened = Event.objects.get(verb="case.opened")
    assert opened.story_id == case.id
    assert opened.data["matched"] == ["rule 0"]
    routed = Event.objects.get(verb="report.routed")
    assert (routed.subject_id, routed.story_id) == (first.id, case.id)


def test_reports_on_the_same_target_and_harm_share_a_case(product):
    report(product, who="mail:ann@example.org")
    report(product, who="mail:bob@example.org", at=NOW + timedelta(minutes=1))
    report(product, category="spam", at=NOW + timedelta(minutes=2))
    clear("routing")
    report(product, at=NOW + timedelta(minutes=3))
    clear("routing")
    assert sorted(Case.objects.values_list("category", "report_count", "reporter_count")) == [
        ("phishing", 3, 3),
        ("spam", 1, 1),
    ]


def test_the_same_reporter_on_the_same_case_is_a_duplicate(product):
    first = report(product, who="mail:ann@example.org")
    clear("routing")
    again = report(product, who="mail:ann@example.org", at=NOW + timedelta(minutes=1))
    in_same_batch = report(product, who="mail:ann@example.org", at=NOW + timedelta(minutes=2))
    clear("routing")
    assert CaseReport.objects.get(report_id=again.id).duplicate_of == first.id
    assert CaseReport.objects.get(report_id=in_same_batch.id).duplicate_of == first.id
    assert Case.objects.get().reporter_count == 1
    assert Reporter.objects.get().reports == 3


def test_a_decided_case_is_not_reopened_by_a_new_report(product):
    report(product)
    clear("routing")
    Case.objects.update(state="decided", decided_at=NOW)
    report(product, at=NOW + timedelta(days=1))
    clear("routing")
    assert Case.objects.count() == 2


def test_many_reporters_in_a_day_are_marked_as_mass_reporting(product):
    for n in range(10):
        report(product, who=f"mail:{n}@example.org", at=NOW + timedelta(minutes=n))
    clear("routing")
    assert Case.objects.get().mass_reported
    assert Event.objects.filter(verb="case.mass-reported").count() == 1


def test_a_graver_report_makes_its_case_more_urgent_and_never_less(product):
    rules(('report.text.contains("knife")', {"severity": 1}))
    report(product)
    clear("routing")
    report(product, text="He has a knife", at=NOW + timedelta(minutes=5))
    clear("routing")
    report(product, at=NOW + timedelta(minutes=6))
    clear("routing")
    case, work = Case.objects.get(), Work.objects.get()
    assert (case.severity, work.severity) == (1, 1)
    assert case.due_at == work.due_at == Clock.objects.get().due_at == NOW + timedelta(minutes=65)


def test_the_account_tree_is_kept_when_a_token_holder_names_it(product):
    tree = [
        {"kind": "account", "ref": "a1", "email": "it@uni.example"},
        {"kind": "organisation", "ref": "o1", "plan": "education"},
    ]
    rules(('tree.organisation_plan == "education"', {"queue": "fraud"}))
    report(product, target_tree=tree)
    clear("routing")
    target = Target.objects.get(kind="user")
    assert (target.parent.ref, target.parent.email, target.parent.parent.plan) == ("a1", "it@uni.example", "education")
    assert Case.objects.get().queue.slug == "fraud"


def test_a_stranger_can_not_say_where_the_affected_user_is_told(product):
    report(product, channel="form", target_tree=[{"kind": "account", "ref": "a1", "email": "attacker@example.org"}])
    clear("routing")
    assert list(Target.objects.values_list("kind", "parent")) == [("user", None)]


def test_history_counts_reach_the_rules(product):
    rules(("history.reports_30d >= 3 && history.reporters_30d == 2", {"rank": -5}))
    now = datetime.now(UTC)
    report(product, who="user:a", category="spam", at=now - timedelta(days=40))
    report(product, who="user:a", category="spam", at=now - timedelta(days=2))
    report(product, who="user:a", category="spam", at=now - timedelta(days=1))
    clear("routing")
    report(product, who="user:b", at=now)
    clear("routing")
    assert Work.objects.get(category="phishing").rank == -5


def test_shadow_rules_judge_without_effect(product):
    shadow = rules(("true", {"severity": 1}), state="shadow", number=2)
    made = report(product)
    clear("routing")
    assert Case.objects.get().severity == 3
    result = ShadowResult.objects.get()
    assert (result.report_id, result.rule_set, result.live["severity"], result.shadow["severity"]) == (
        made.id,
        shadow,
        3,
        1,
    )


def test_one_unroutable_report_holds_up_nobody_and_is_kept_with_its_reason(product, monkeypatch):
    good, bad = report(product, ref="good"), report(product, ref="bad")
    real = desk.build
    monkeypatch.setattr(desk, "build", lambda one, *rest: real(one, *rest) if one.target_ref == "good" else 1 / 0)
    clear("routing")
    assert CaseReport.objects.get().report_id == good.id
    left = Unrouted.objects.get()
    assert (left.report_id, left.attempts) == (bad.id, 1)
    assert "division by zero" in left.error


def test_a_queue_that_was_retired_sends_its_work_to_the_general_queue(product):
    rules(("true", {"queue": "fraud"}))
    Queue.objects.filter(slug="fraud").update(retired_at=NOW)
    report(product)
    clear("routing")
    assert Case.objects.get().queue.slug == "general"


def test_a_form_report_with_an_address_gets_a_receipt_and_a_machine_does_not(product):
    report(product, channel="form", reporter_email="ann@example.org")
    report(product, channel="xarf", reporter_email="bot@example.org", ref="u2")
    clear("routing")
    notice = Notice.objects.get()
    assert (notice.address, notice.outcome, notice.case_id) == (
        "ann@example.org",
        "received",
        Case.objects.get(target__ref="u1").id,
    )
    assert notice.subject.startswith("We have it C-1")
    assert "/status/" in notice.body


def test_the_number_of_queries_does_not_grow_with_the_batch(product, django_assert_max_num_queries):
    def batch(size, start):
        for n in range(size):
            report(product, ref=f"{start + n}", who=f"mail:{n}@x.example", at=NOW + timedelta(minutes=start + n))

    desk.Rules.in_force()
    batch(50, 0)
    with django_assert_max_num_queries(38):
        desk.route_waiting()
