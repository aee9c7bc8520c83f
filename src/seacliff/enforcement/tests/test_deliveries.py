from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from seacliff.enforcement import outbound
from seacliff.enforcement.deliveries import GIVE_UP_AFTER, deliver_due, hears, replay
from seacliff.enforcement.models import Action, Delivery, Endpoint, Strike
from seacliff.enforcement.orders import Order, cancel, order
from seacliff.policy.models import ActionKind
from seacliff.record.actions import SYSTEM
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.targets.models import Target

pytestmark = pytest.mark.django_db(transaction=True)


def ordered(target, version, kind=ActionKind.SUSPEND_ACCOUNT, *, wait=0, **parameters):
    [action] = order(
        case_id=uuid4(),
        decision_id=uuid4(),
        orders=[Order(kind, target, parameters)],
        notices=[],
        policy_version=version,
        not_before=timezone.now() + timedelta(seconds=wait),
        actor=SYSTEM,
    )
    return action


def test_an_action_reaches_the_product_signed_and_is_then_done(receiver, target, version):
    receiver.endpoint.save()
    action = ordered(target, version, days=30)
    clear("release-actions", "deliveries")
    [message] = receiver.messages
    assert message.type == "action.suspend-account"
    assert message.key == str(action.id)
    assert message.data["target"] == {"product": "meet", "kind": "account", "ref": "a1"}
    assert message.data["parameters"] == {"days": 30}
    assert message.data["policy"] == {"slug": "deception", "version": 1}
    action.refresh_from_db()
    target.refresh_from_db()
    assert (action.state, target.state) == (Action.State.DONE, Target.State.SUSPENDED)
    assert list(Event.objects.order_by("seq").values_list("verb", flat=True)) == [
        "action.ordered", "action.released", "action.delivered",
    ]  # fmt: skip


def test_nothing_leaves_before_the_undo_window_is_over_and_nothing_after_it_was_cancelled(receiver, target, version):
    receiver.endpoint.save()
    action = ordered(target, version, wait=30)
    assert clear("release-actions", "deliveries") == 0
    cancel(action.decision_id, SYSTEM)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        clear("release-actions", "deliveries")
    action.refresh_from_db()
    target.refresh_from_db()
    assert (action.state, target.state, len(receiver.messages)) == (Action.State.CANCELLED, Target.State.ACTIVE, 0)


def test_a_receiver_that_fails_is_tried_again_later_with_the_same_body_and_key(receiver, target, version):
    receiver.endpoint.save()
    receiver.answers.extend([500, 503, 301])
    ordered(target, version)
    clear("release-actions")
    tries = []
    now = timezone.now()
    for _ in range(4):
        with time_machine.travel(now, tick=False):
            deliver_due()
            one = Delivery.objects.get()
            assert deliver_due() == 0, "it waits before the next try"
        tries.append(one.last_status)
        now = one.next_at
    assert tries == [500, 503, 301, 200]
    assert one.state == Delivery.State.DELIVERED
    assert len(receiver.messages) == 1


def test_after_a_day_it_is_given_up_seen_and_can_be_replayed(receiver, target, version):
    receiver.endpoint.save()
    action = ordered(target, version)
    clear("release-actions")
    receiver.answers.extend([500, 500])
    deliver_due()
    with time_machine.travel(timezone.now() + GIVE_UP_AFTER + timedelta(minutes=1)):
        deliver_due()
    one = Delivery.objects.get()
    action.refresh_from_db()
    assert (one.state, action.state) == (Delivery.State.DEAD, Action.State.FAILED)
    replay(one, SYSTEM)
    deliver_due()
    action.refresh_from_db()
    assert action.state == Action.State.DONE
    assert [message.key for message in receiver.messages] == [str(action.id)]


def test_a_dead_endpoint_holds_up_no_other(receiver, target, version):
    receiver.endpoint.save()
    Endpoint.objects.create(name="Dead", url="http://127.0.0.1:9/x", hears=["action.*"])
    for _ in range(40):
        ordered(target, version)
    clear("release-actions")
    deliver_due()
    deliver_due()
    assert len(receiver.messages) == 40


def test_a_worker_that_dies_while_sending_leaves_the_delivery_to_the_next(receiver, target, version):
    receiver.endpoint.save()
    ordered(target, version)
    clear("release-actions")
    from seacliff.enforcement.deliveries import _claim

    assert len(_claim()) == 1
    assert deliver_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert deliver_due() == 1
    assert len(receiver.messages) == 1


def test_an_action_nobody_hears_is_shown_as_such(target, version):
    action = ordered(target, version)
    clear("release-actions")
    action.refresh_from_db()
    assert action.state == Action.State.UNHEARD


def test_a_receiver_that_is_gone_is_switched_off(receiver, target, version):
    receiver.endpoint.save()
    receiver.answers.append(410)
    ordered(target, version)
    clear("release-actions", "deliveries")
    assert not Endpoint.objects.get().is_active
    assert Delivery.objects.get().state == Delivery.State.DEAD


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1/x", "inside a private network"),
        ("http://[::1]:1/x", "inside a private network"),
        ("http://[::ffff:10.0.0.1]/x", "inside a private network"),
        ("http://169.254.169.254/latest/meta-data", "inside a private network"),
        ("http://0.0.0.0:1/x", "inside a private network"),
        ("ftp://example.org/x", "protocol"),
        ("http://no-such-name.invalid/x", "can't be resolved"),
    ],
)
def test_webhooks_never_reach_into_private_networks(target, version, url, says):
    Endpoint.objects.create(name="Inside", url=url, hears=["*"])
    ordered(target, version)
    clear("release-actions")
    deliver_due()
    assert says in Delivery.objects.get().last_error


def test_a_huge_answer_is_cut_short(receiver, target, version, monkeypatch):
    monkeypatch.setattr(outbound, "ANSWER_MOST", 10)
    receiver.endpoint.save()
    ordered(target, version)
    clear("release-actions", "deliveries")
    assert Delivery.objects.get().state == Delivery.State.DELIVERED


def test_while_a_secret_is_rotated_both_signatures_are_sent(receiver, target, version):
    receiver.endpoint.previous_secret = receiver.endpoint.secret
    receiver.endpoint.secret = "whsec_" + "A" * 32
    receiver.endpoint.save()
    ordered(target, version)
    clear("release-actions", "deliveries")
    assert len(receiver.messages) == 1


def test_strikes_count_and_the_threshold_brings_the_action_the_policy_says(receiver, target, version):
    receiver.endpoint.save()
    ordered(target, version, ActionKind.STRIKE)
    clear("release-actions", "deliveries")
    target.refresh_from_db()
    assert (target.strikes, target.state) == (1, Target.State.ACTIVE)
    ordered(target, version, ActionKind.STRIKE)
    clear("release-actions", "deliveries")
    target.refresh_from_db()
    assert (target.strikes, target.state) == (2, Target.State.SUSPENDED)
    assert Strike.objects.count() == 2
    assert sorted(message.type for message in receiver.messages) == [
        "action.strike",
        "action.strike",
        "action.suspend-account",
    ]


def test_patterns_of_what_an_endpoint_hears():
    assert hears(["action.*"], "action.strike")
    assert hears(["*"], "case.decided")
    assert not hears(["action.*"], "case.decided")
    assert not hears([], "case.decided")
