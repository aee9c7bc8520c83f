from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.record.models import Event
from seacliff.review import actions
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.actions.claiming import _claim, _next
from seacliff.review.models import Case, Look, Work
from seacliff.review.tests import factories
from seacliff.wellness.limits import Limits


def verbs(case: Case) -> list[str]:
    return list(Event.objects.filter(story_id=case.id).order_by("id").values_list("verb", flat=True))


def test_the_most_urgent_case_comes_first_severity_then_rank_then_due(alice):
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=9)
    late_low = factories.case(severity=4, due_at=soon)
    ranked = factories.case(severity=2, rank=-1, due_at=later)
    due_soon = factories.case(severity=2, due_at=soon)
    due_later = factories.case(severity=2, due_at=later)
    assert [actions.claim_next(alice) for _ in range(5)] == [ranked, due_soon, due_later, late_low, None]


def test_a_claim_holds_the_case_for_the_lease_and_is_an_event(alice, settings):
    settings.LEASE_MINUTES = 15
    case = factories.case()
    assert actions.claim_next(alice, case.queue) == case
    work = Work.objects.get(case=case)
    assert work.holder == alice and timedelta(minutes=14) < work.lease_until - timezone.now() <= timedelta(minutes=15)
    assert verbs(case) == ["case.claimed"]
    event = Event.objects.get(story_id=case.id)
    assert (event.actor_id, event.actor_name, event.data["assignment"]) == (alice.id, "Alice Okafor", "pull")


def test_claiming_is_one_statement_beside_the_question_of_what_one_may_see(alice, django_assert_num_queries):
    case = factories.case()
    with django_assert_num_queries(2):
        assert actions.claim_next(alice, case.queue)


def test_what_was_assigned_by_name_comes_before_what_is_more_urgent(alice, lead):
    factories.case(severity=1)
    given = factories.case(severity=4)
    actions.assign(lead, given, alice)
    assert actions.claim_next(alice) == given
    assert Work.objects.get(case=given).assignment == "named"


def test_a_case_above_my_tier_outside_my_skills_or_assigned_to_another_is_not_offered(alice, bob, lead):
    factories.case(tier=2)
    factories.case(category="phishing")
    factories.case(language="pl")
    actions.assign(lead, factories.case(), bob)
    alice.categories, alice.languages = ["spam"], ["en", "de"]
    assert actions.claim_next(alice) is None
    fitting = factories.case(language="de")
    assert actions.claim_next(alice) == fitting
    assert Work.objects.get(case=fitting).assignment == "skill"


def test_without_the_permission_nothing_can_be_claimed(db):
    auditor = factories.person("Otto Auditor", roles=(Role.AUDITOR,))
    factories.case()
    with pytest.raises(NotPermitted, match="review:case:decide"):
        actions.claim_next(auditor)


def test_nobody_can_hoard_cases(alice):
    for _ in range(11):
        factories.case()
    for _ in range(10):
        actions.claim_next(alice)
    with pytest.raises(Refused, match="You hold 10 cases"):
        actions.claim_next(alice)


def test_claiming_a_named_case_that_somebody_has_says_who(alice, bob):
    case = factories.case()
    actions.claim(bob, case)
    with pytest.raises(Refused, match=f"{case.ref} was already taken by Bob Lindqvist"):
        actions.claim(alice, case)
    assert actions.claim(bob, case) == case, "one's own claim is renewed"
    assert verbs(case) == ["case.claimed"]


def test_claiming_a_named_case_above_my_tier_is_refused(alice):
    with pytest.raises(NotPermitted, match="with tier 3; you review up to tier 1"):
        actions.claim(alice, factories.case(tier=3))


def test_a_released_case_is_free_again(alice, bob):
    case = factories.case()
    actions.claim(alice, case)
    actions.release(alice, case)
    assert actions.claim_next(bob) == case
    assert verbs(case) == ["case.claimed", "case.released", "case.claimed"]
    with pytest.raises(Refused, match="taken by Bob"):
        actions.release(alice, case)


def test_a_skipped_case_is_not_offered_to_me_again_for_a_while(alice, bob):
    case = factories.case()
    actions.claim(alice, case)
    with pytest.raises(NotValid, match="Say why"):
        actions.skip(alice, case, " ")
    actions.skip(alice, case, "I know the host")
    assert actions.claim_next(alice) is None
    assert actions.claim_next(bob) == case
    actions.release(bob, case)
    Work.objects.update(skipped_until=timezone.now() - timedelta(seconds=1))
    actions.return_expired()
    assert actions.claim_next(alice) == case


def test_a_lease_that_ran_out_returns_the_case_by_the_desk(alice, bob):
    case = factories.case()
    actions.claim(alice, case)
    assert actions.return_expired() == 0
    Work.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert actions.return_expired() == 1
    assert actions.claim_next(bob) == case
    assert verbs(case) == ["case.claimed", "case.released", "case.claimed"]
    assert Event.objects.get(verb="case.released").actor_kind == "system"


def test_looking_renews_the_lease_of_everything_i_hold_and_shows_me_to_others(alice, bob):
    first, second = factories.case(), factories.case()
    actions.claim(alice, first)
    actions.claim(alice, second)
    soon = timezone.now() + timedelta(seconds=5)
    Work.objects.update(lease_until=soon)
    assert actions.look(alice, first) is True
    assert Work.objects.filter(lease_until__gt=soon).count() == 2
    assert actions.look(bob, first) is False
    assert set(Look.objects.filter(case_id=first.id).values_list("name", flat=True)) == {
        "Alice Okafor",
        "Bob Lindqvist",
    }


@pytest.mark.parametrize("everywhere", [False, True])
def test_claiming_reads_the_partial_index_in_order_without_sorting(alice, everywhere, monkeypatch):
    """With 3,000 rows of which the head is wanted: an index scan under every LIMIT, no sequential scan of the queue."""
    monkeypatch.setattr("seacliff.review.actions.claiming.random.uniform", lambda low, high: high)  # chance picks none
    with connection.cursor() as cursor:
        target, queues = factories.tree()["event"], [factories.queue(f"q{n}") for n in range(4)]
        cursor.execute(
            """
            INSERT INTO review_case (id, product_id, target_id, category, state, queue_id, severity, tier, language,
                report_count, reporter_count, mass_reported, opened_at, due_at)
            SELECT gen_random_uuid(), %s, %s, 'c' || n, 'open', (%s::int[])[1 + n %% 4], 1 + n %% 4, 1, '', 1, 1, false,
                now(), now() + n * interval '1 minute' FROM generate_series(1, 3000) n
            """,
            [target.product_id, target.id, [queue.id for queue in queues]],
        )
        cursor.execute(
            """
            INSERT INTO review_work (case_id, queue_id, severity, rank, due_at, tier, category, language, skipped_by)
            SELECT id, queue_id, severity, 0, due_at, tier, category, language, '{}' FROM review_case
            """
        )
        cursor.execute("ANALYZE review_work")
    plans = []

    def explain(execute, sql, params, many, context):
        if "review_work" in sql and sql.lstrip().startswith("WITH claimed"):
            with connection.connection.cursor() as raw:
                raw.execute("SAVEPOINT explained")
                raw.execute("EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF, TIMING OFF) " + sql, params)
                plans.append("\n".join(row[0] for row in raw.fetchall()))
                raw.execute("ROLLBACK TO explained")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert actions.claim_next(alice, None if everywhere else queues[2])
    plan = plans[0]
    assert "work_free" in plan
    assert "Seq Scan on review_work" not in plan
    above_the_scan = plan[plan.rindex("LockRows") : plan.rindex("LockRows") + 160]
    assert "Sort" not in above_the_scan and "Index Scan using work_free" in above_the_scan
    rows_removed = sum(int(line.rsplit(" ", 1)[1]) for line in plan.splitlines() if "Rows Removed by Filter" in line)
    assert rows_removed == 0, "the index is in the very order asked for"


def test_the_fallback_takes_the_first_free_row_of_another_queue(alice):
    from seacliff.review.access import person
    from seacliff.review.actions.claiming import _first_free_anywhere

    factories.case(queue=factories.queue("a"), severity=3)
    urgent = factories.case(queue=factories.queue("b"), severity=1)
    assert _claim(alice, person(alice), _first_free_anywhere(alice, Limits())) == urgent
    assert _next(alice, None, Limits())[1]["tier"] == 1
