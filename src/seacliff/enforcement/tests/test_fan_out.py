from uuid import uuid4

import pytest

from seacliff.enforcement.fan_out import fan_out
from seacliff.enforcement.models import Delivery
from seacliff.record.actions import SYSTEM, Subject, happened
from seacliff.record.desks import clear

pytestmark = pytest.mark.django_db(transaction=True)


def test_events_after_the_subscription_are_offered_once(receiver):
    happened("case.opened", Subject("case", uuid4()), SYSTEM)
    receiver.endpoint.hears = ["case.*"]
    receiver.endpoint.save()
    assert fan_out() == 0, "what happened before it began to listen is not offered"
    case = uuid4()
    happened(
        "case.decided", Subject("case", case), SYSTEM, story=case, reason="secret words", data={"finding": "violation"}
    )
    happened("report.received", Subject("report", uuid4()), SYSTEM)
    clear("fan-out", "deliveries")
    [message] = receiver.messages
    assert (message.type, message.data["subject"]) == ("case.decided", {"kind": "case", "id": str(case)})
    assert "secret words" not in str(message.data)
    assert Delivery.objects.count() == 1


def test_without_anybody_listening_the_reader_keeps_up(receiver):
    receiver.endpoint.save()
    fan_out()
    happened("case.opened", Subject("case", uuid4()), SYSTEM)
    assert fan_out() == 0
    receiver.endpoint.hears = ["*"]
    receiver.endpoint.save()
    assert fan_out() == 0
