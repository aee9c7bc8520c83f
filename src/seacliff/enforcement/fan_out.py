"""Event webhooks: the record read in the order of commits, each event offered once to every endpoint that hears it."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from seacliff.enforcement.deliveries import delivery, hears
from seacliff.enforcement.models import Delivery, Endpoint, FanOut
from seacliff.record.desks import desk
from seacliff.record.ids import time_of
from seacliff.record.models import Event

BATCH = 1000
READER = "webhooks"
# Actions have deliveries of their own; an endpoint's own deliveries must not feed themselves.
SILENT = ("action.", "delivery.", "clock.", "evidence.")


@desk("fan-out", every=2.0)
def fan_out() -> int:
    """Offer one batch of events; how many were read."""
    with transaction.atomic():
        FanOut.objects.get_or_create(name=READER, defaults=_newest())
        place = FanOut.objects.select_for_update(skip_locked=True).filter(name=READER).first()
        if place is None:
            return 0
        endpoints = list(Endpoint.objects.filter(is_active=True))
        if not _anybody_hears_events(endpoints):
            FanOut.objects.filter(name=READER).update(**_newest())
            return 0
        events = _settled_after(place.tx, place.seq)
        if not events:
            return 0
        now = timezone.now()
        Delivery.objects.bulk_create(
            [
                delivery(endpoint, happened.id, happened.verb, describe(happened), now)
                for happened in events
                if not happened.verb.startswith(SILENT)
                for endpoint in endpoints
                if hears(endpoint.hears, happened.verb)
            ],
            ignore_conflicts=True,
        )
        place.tx, place.seq = events[-1].tx, events[-1].seq
        place.save()
        return len(events)


def describe(happened: Event) -> dict[str, Any]:
    """What an outside program learns of an event: that it happened to what, not what people wrote."""
    return {
        "event_id": str(happened.id),
        "at": time_of(happened.id).isoformat(),
        "subject": {"kind": happened.subject_kind, "id": str(happened.subject_id)},
        "case_id": str(happened.story_id) if happened.story_id else None,
        "actor": happened.actor_kind,
        "policy_version_id": str(happened.policy_version_id) if happened.policy_version_id else None,
    }


def _anybody_hears_events(endpoints: list[Endpoint]) -> bool:
    return any(not pattern.startswith("action.") for endpoint in endpoints for pattern in endpoint.hears)


def _settled_after(tx: int, seq: int) -> list[Event]:
    """Events after a place in the order of commits, below the oldest transaction that still runs."""
    sql = """
        SELECT * FROM record_event
        WHERE tx >= %s AND (tx, seq) > (%s, %s) AND tx < record_tx_horizon() ORDER BY tx, seq LIMIT %s"""
    return list(Event.objects.raw(sql, [tx, tx, seq, BATCH]))


def _newest() -> dict[str, int]:
    """The end of what is settled: a new reader begins here, not at the beginning of time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_tx_horizon() - 1")
        return {"tx": cursor.fetchone()[0], "seq": 2**62}
