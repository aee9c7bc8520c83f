"""Strikes: counted under their policy, foreseen, tried on the past, taken back with what rested on them."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from seacliff.enforcement import strikes
from seacliff.enforcement.models import Action, Strike
from seacliff.enforcement.orders import Order, order
from seacliff.enforcement.reversal import reverse
from seacliff.policy.models import ActionKind
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.targets.models import Target

pytestmark = pytest.mark.django_db(transaction=True)


def decided(target, version, *kinds, wait=0):
    """What a decision ordered: its id."""
    id = uuid4()
    orders = [Order(kind, target, {}) for kind in kinds]
    order(case_id=uuid4(), decision_id=id, orders=orders, notices=[], policy_version=version,
          not_before=timezone.now() + timedelta(seconds=wait), actor=SYSTEM)  # fmt: skip
    clear("release-actions", "deliveries")
    return id


def struck(target, version, times):
    return [decided(target, version, ActionKind.STRIKE) for _ in range(times)]


def test_the_page_foresees_what_the_release_then_does(target, version):
    version_threshold = version.strike_threshold
    struck(target, version, version_threshold - 2)
    assert strikes.forecast(target, version).triggers is None
    struck(target, version, 1)
    foreseen = strikes.forecast(target, version)
    assert (foreseen.after, foreseen.triggers) == (version_threshold, ActionKind.SUSPEND_ACCOUNT)
    assert "triggers" in foreseen.sentence
    struck(target, version, 1)
    assert Action.objects.filter(kind=ActionKind.SUSPEND_ACCOUNT, parameters__because="strikes").count() == 1


def test_a_strike_waits_for_nobody_who_refers_to_the_target(target, version):
    """Desks write notices about a target while another gives it a strike: a lock on its key would let them block each other."""
    parameters = connection.get_connection_params()
    with psycopg.connect(**parameters, autocommit=False) as other:
        other.execute("SELECT FROM targets_target WHERE id = %s FOR KEY SHARE", [target.id])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            struck(target, version, 1)
            cursor.execute("RESET lock_timeout")
    assert Strike.objects.filter(target=target).count() == 1


def test_a_decision_taken_back_takes_its_strike_and_the_suspension_it_triggered(receiver, target, version):
    receiver.endpoint.save()
    *_, last = struck(target, version, version.strike_threshold)
    target.refresh_from_db()
    assert (target.state, target.strikes) == (Target.State.SUSPENDED, version.strike_threshold)
    reverse([last], SYSTEM, reason="It was wrong")
    clear("release-actions", "deliveries")
    target.refresh_from_db()
    assert (target.state, target.strikes) == (Target.State.ACTIVE, version.strike_threshold - 1)
    told = [message.data for message in receiver.messages if message.type == "action.reversed"]
    assert {one["kind"] for one in told} == {"strike", "suspend-account"}
    suspension = Action.objects.get(kind="suspend-account", reverses=None)
    assert str(suspension.id) in {one["reverses"] for one in told}
    assert Event.objects.filter(verb="action.reversed").count() == 2


def test_an_earlier_strike_taken_back_lifts_a_suspension_that_a_later_one_triggered(target, version):
    first, *_ = struck(target, version, version.strike_threshold)
    reverse([first], SYSTEM, reason="It was wrong")
    clear("release-actions")
    target.refresh_from_db()
    assert target.state == Target.State.ACTIVE


def test_a_suspension_that_the_strikes_left_would_still_trigger_stays(target, version):
    first, *_ = struck(target, version, version.strike_threshold + 1)
    reverse([first], SYSTEM, reason="It was wrong")
    clear("release-actions")
    target.refresh_from_db()
    assert target.state == Target.State.SUSPENDED


def test_what_was_not_released_yet_is_cancelled_and_nothing_is_sent(receiver, target, version):
    receiver.endpoint.save()
    id = decided(target, version, ActionKind.SUSPEND_ACCOUNT, wait=60)
    assert reverse([id], SYSTEM, reason="It was wrong") == []
    clear("release-actions", "deliveries")
    assert Action.objects.get(decision_id=id).state == Action.State.CANCELLED
    assert not receiver.messages


def test_reversing_twice_reverses_once(target, version):
    id = decided(target, version, ActionKind.SUSPEND_ACCOUNT)
    assert len(reverse([id], SYSTEM, reason="It was wrong")) == 1
    assert reverse([id], SYSTEM, reason="It was wrong") == []


def test_a_target_keeps_the_state_that_another_decision_gave_it(target, version):
    decided(target, version, ActionKind.RESTRICT_FEATURE)
    id = decided(target, version, ActionKind.SUSPEND_ACCOUNT)
    reverse([id], SYSTEM, reason="It was wrong")
    clear("release-actions")
    target.refresh_from_db()
    assert target.state == Target.State.RESTRICTED


def test_other_terms_are_tried_on_the_strikes_of_the_past(target, version):
    struck(target, version, 2)
    other = Target.objects.create(product=target.product, kind="account", ref="other")
    struck(other, version, 1)
    now = timezone.now()
    terms = {"days": 180, "since": now - timedelta(days=365)}
    two = strikes.backtest(version.policy, weight=1, threshold=2, **terms)
    assert (two.strikes, two.targets, two.would, two.did, two.newly, two.spared) == (3, 2, 1, 1, 0, 0)
    assert strikes.backtest(version.policy, weight=1, threshold=3, **terms).spared == 1
    assert strikes.backtest(version.policy, weight=2, threshold=2, **terms).would == 2
    first = Strike.objects.filter(target=target).order_by("given_at").first()
    Strike.objects.filter(id=first.id).update(given_at=now - timedelta(days=100))
    assert strikes.backtest(version.policy, weight=1, threshold=2, days=90, since=terms["since"]).would == 0
    assert strikes.backtest(version.policy, weight=1, threshold=2, days=101, since=terms["since"]).would == 1
