"""What a reviewer is not to see is not offered; a budget stops; the count is their own; a break is proposed."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from seacliff.people.permissions import Role
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event
from seacliff.review import actions
from seacliff.review.access import Refused
from seacliff.review.tests import factories
from seacliff.wellness import limits
from seacliff.wellness.actions import set_budget
from seacliff.wellness.models import Exposure, Preference

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db):
    factories.policy("spam")
    factories.policy("hate")
    return factories.person("Alice Okafor", time_zone="Asia/Tokyo")


@pytest.fixture
def lead(db):
    return factories.person("Lena Lead", roles=(Role.LEAD,), tier=4)


def test_a_harm_that_somebody_opted_out_of_is_not_offered_to_them_and_to_others_it_is(alice):
    Preference.objects.create(user=alice, opted_out=["hate"])
    hate = factories.case(category="hate", severity=1)
    spam = factories.case()
    assert actions.claim_next(alice) == spam
    assert actions.claim_next(alice) is None
    with pytest.raises(Refused, match="not for you"):
        actions.claim(alice, hate)
    assert actions.claim_next(factories.person()) == hate


def test_a_harm_s_budget_ends_it_for_the_day_and_a_new_day_begins_at_their_own_midnight(alice):
    set_budget(SYSTEM, user=None, category="hate", most=1)
    for _ in range(2):
        factories.case(category="hate", severity=1)
    factories.case()
    noon_in_tokyo = timezone.now().replace(hour=3, minute=0)
    with time_machine.travel(noon_in_tokyo, tick=False):
        assert [actions.claim_next(alice).category for _ in range(2)] == ["hate", "spam"]
        assert actions.claim_next(alice) is None, "the second one of hate stays"
    with time_machine.travel(noon_in_tokyo + timedelta(hours=11, minutes=59), tick=False):
        assert actions.claim_next(alice) is None
    with time_machine.travel(noon_in_tokyo + timedelta(hours=12, minutes=1), tick=False):
        assert actions.claim_next(alice).category == "hate"


def test_the_day_s_whole_budget_is_a_hard_stop_and_one_s_own_goes_before_everybody_s(alice):
    set_budget(SYSTEM, user=None, category="", most=5)
    set_budget(SYSTEM, user=alice, category="", most=1)
    first, other = factories.case(), factories.case()
    assert actions.claim_next(alice) == first
    for attempt in (lambda: actions.claim_next(alice), lambda: actions.claim(alice, other)):
        with pytest.raises(Refused, match="as many cases today"):
            attempt()
    assert actions.claim_next(factories.person()) == other


def test_looking_again_at_a_case_one_holds_counts_once(alice):
    case = factories.case(severity=1)
    actions.claim(alice, case)
    actions.claim(alice, case)
    [row] = Exposure.objects.all()
    assert (row.user_id, row.category, row.cases, row.severe) == (alice.id, "spam", 1, 1)


def test_the_lead_sees_harms_that_three_people_worked_on_and_nobody_s_own_count(client, alice, lead):
    people = [alice, factories.person("Bea B"), factories.person("Cid C")]
    for number, person in enumerate(people):
        actions.claim(person, factories.case(category="hate", severity=1))
        if number:
            actions.claim(person, factories.case())
    assert limits.team_week() == [("hate", 3, 3)], "spam was seen by two: it would be nearly theirs"
    client.force_login(lead)
    page = client.get(reverse("wellness:team")).content.decode()
    table = page.split('id="week"')[1].split("</section>")[0]
    assert "hate" in table
    assert "Alice" not in table


def test_what_somebody_can_t_bear_is_in_no_event(client, alice):
    client.force_login(alice)
    answer = client.post(reverse("wellness:mine"), {"opted_out": ["hate"], "blurred": "on", "break_minutes": "3"})
    assert answer.status_code == 302
    preference = Preference.objects.get(user=alice)
    assert (preference.opted_out, preference.greyscale, preference.break_minutes) == (["hate"], False, 10)
    assert not Event.objects.filter(subject_id=alice.id, data__icontains="hate").exists()


def test_a_break_is_proposed_after_a_stretch_and_not_again_at_once(client, alice):
    client.force_login(alice)
    for _ in range(8):
        factories.case()
    start = timezone.now()
    said = []
    for minute in (0, 8, 16, 24, 32, 40, 48, 56):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            client.post(reverse("review:claim-next"))
            page = client.get(reverse("review:queues")).content.decode()
            said.append("without a break" in page)
    assert said == [False] * 7 + [True]


def test_a_pause_begins_a_new_stretch(client, alice):
    client.force_login(alice)
    start = timezone.now()
    for minute in (0, 9, 30, 39, 48, 57, 66):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            client.post(reverse("review:claim-next"))
            assert "without a break" not in client.get(reverse("review:queues")).content.decode()


def test_budgets_are_the_lead_s_to_set_and_every_one_is_an_event(client, alice, lead):
    client.force_login(alice)
    assert client.get(reverse("wellness:team")).status_code == 403
    client.force_login(lead)
    assert client.post(reverse("wellness:team"), {"category": "hate", "most": "20"}).status_code == 302
    assert client.post(reverse("wellness:team"), {"category": "hate", "most": "0"}).status_code == 422
    budget = limits.budgets_of(alice)
    assert budget == {"hate": 20}
    assert Event.objects.filter(verb="budget.set", data__most=20).exists()


@pytest.mark.django_db(transaction=True)
def test_the_pages_open_and_axe_finds_nothing(live_server, seat, lead):
    from seacliff.browsing import axe_finds

    factories.policy()
    page = seat(lead)
    for name in ("mine", "team"):
        page.goto(live_server.url + reverse(f"wellness:{name}"))
        assert axe_finds(page) == [], name
