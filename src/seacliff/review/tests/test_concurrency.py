"""Sixteen people at once on a real PostgreSQL: nobody gets what another has."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from seacliff.record.models import Event
from seacliff.review import actions
from seacliff.review.access import Refused
from seacliff.review.actions import Verdict
from seacliff.review.models import Decision, Work
from seacliff.review.tests import factories

PEOPLE = 16


def at_once(work, people):
    """Run work(person) in a thread each, all starting together; their results."""
    gate = threading.Barrier(len(people))

    def run(person):
        try:
            gate.wait()
            return work(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("everywhere", [False, True])
def test_sixteen_claimers_never_get_the_same_case_and_leave_none_behind(everywhere):
    people = [factories.person(f"Claimer {n}") for n in range(PEOPLE)]
    target = factories.tree()["event"]
    queues = [factories.queue(f"q{n}") for n in range(3)]
    cases = [factories.case(target, category=f"c{n}", queue=queues[n % 3]) for n in range(120)]

    def claim_all(person):
        mine = []
        for queue in [None] if everywhere else queues:
            while len(mine) < 10 and (case := actions.claim_next(person, queue)):
                mine.append(case.id)
        return mine

    claimed = Counter(id for mine in at_once(claim_all, people) for id in mine)
    assert set(claimed.values()) == {1}
    assert set(claimed) == {case.id for case in cases}
    assert Event.objects.filter(verb="case.claimed").count() == 120


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_who_claim_one_named_case_one_gets_it(rules):
    people = [factories.person(f"Claimer {n}") for n in range(PEOPLE)]
    case = factories.case()

    def take(person):
        try:
            return actions.claim(person, case) and person
        except Refused:
            return None

    winners = [person for person in at_once(take, people) if person]
    assert len(winners) == 1
    assert Work.objects.get(case=case).holder == winners[0]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_decides_once(rules):
    alice = factories.person("Alice")
    case = actions.claim(alice, factories.case())

    def decide(_):
        try:
            return actions.decide(alice, case, Verdict("no-violation", "spam", rules))
        except Refused as refused:
            return refused.code

    results = at_once(decide, [alice] * 8)
    assert Decision.objects.count() == 1
    assert sorted(str(result) for result in results if isinstance(result, str)) == ["already-decided"] * 7
