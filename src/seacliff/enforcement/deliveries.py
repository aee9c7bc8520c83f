"""Webhooks out, after the Standard Webhooks specification: signed, retried with backoff for a day, kept when given up."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import structlog
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook

from seacliff.enforcement import outbound
from seacliff.enforcement.models import Action, Delivery, Endpoint
from seacliff.record.actions import SYSTEM, Actor, Subject, event, write
from seacliff.record.desks import desk

log = structlog.get_logger("seacliff.deliveries")

BATCH_PER_ENDPOINT = 32
LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
BACKOFF = [timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 14400, 14400)]
THREADS = 16
GONE = 410  # the specification: the receiver wants no more of this endpoint


class Answer(NamedTuple):
    delivery: Delivery
    status: int | None
    error: str

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def listeners(type: str) -> list[Endpoint]:
    """The active endpoints that hear events of this type."""
    return [endpoint for endpoint in Endpoint.objects.filter(is_active=True) if hears(endpoint.hears, type)]


def hears(patterns: Iterable[str], type: str) -> bool:
    return any(fnmatchcase(type, pattern) for pattern in patterns)


def delivery(
    endpoint: Endpoint, key: UUID, type: str, data: dict[str, Any], at: datetime, action: Action | None = None
) -> Delivery:
    """A delivery, not yet stored. The body is fixed now, so that every try and replay says the same."""
    body = {"type": type, "timestamp": at.isoformat(), "data": data}
    return Delivery(
        endpoint=endpoint, key=key, type=type, payload=body, action=action, next_at=at, give_up_at=at + GIVE_UP_AFTER
    )


@desk("deliveries", every=1.0)
def deliver_due() -> int:
    """Send one batch of due deliveries. A slow or dead endpoint takes at most its own share of the batch."""
    claimed = _claim()
    if not claimed:
        return 0
    with outbound.client() as http, ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda one: _send(http, one), claimed))
    _settle(answers)
    return len(claimed)


def _claim() -> list[Delivery]:
    # Tries are counted when they begin: a process that dies in the middle has tried.
    sql = """
        UPDATE enforcement_delivery SET next_at = %(lease)s, attempts = attempts + 1
        WHERE id IN (
            SELECT due.id FROM enforcement_endpoint e
            CROSS JOIN LATERAL (
                SELECT id FROM enforcement_delivery d
                WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_at <= %(now)s
                ORDER BY d.next_at, d.id LIMIT %(share)s FOR UPDATE SKIP LOCKED
            ) due
        ) RETURNING id"""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, {"now": now, "lease": now + LEASE, "share": BATCH_PER_ENDPOINT})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Delivery.objects.filter(id__in=ids).select_related("endpoint").order_by("id"))


def signed(secrets: Iterable[str], key: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks; while a secret is rotated, one signature by each."""
    text = body.decode()
    signatures = [Webhook(secret).sign(str(key), at, text) for secret in secrets if secret]
    return {
        "content-type": "application/json",
        "user-agent": "Seacliff-Webhooks/1",
        "webhook-id": str(key),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _send(http: httpx.Client, one: Delivery) -> Answer:
    body = json.dumps(one.payload, separators=(",", ":")).encode()
    endpoint = one.endpoint
    headers = signed([endpoint.secret, endpoint.previous_secret], one.key, timezone.now(), body)
    try:
        status, text = outbound.post(http, endpoint.url, body, headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        return Answer(one, None, f"{type(error).__name__}: {error}"[:500])
    except Exception as error:  # the guard's own refusals come as httpcore errors
        return Answer(one, None, f"{error}"[:500])
    if 300 <= status < 400:
        return Answer(
            one, status, "The receiver answered with a redirect, which is not followed. Correct the endpoint's address."
        )
    return Answer(one, status, "" if 200 <= status < 300 else text)


def _settle(answers: list[Answer]) -> None:
    now = timezone.now()
    events = []
    with transaction.atomic():
        for answer in answers:
            one = answer.delivery
            one.last_status, one.last_error = answer.status, answer.error
            if answer.taken:
                one.state, one.delivered_at = Delivery.State.DELIVERED, now
            elif answer.status == GONE or now >= one.give_up_at:
                one.state = Delivery.State.DEAD
            else:
                one.next_at = now + BACKOFF[min(one.attempts, len(BACKOFF)) - 1]
        Delivery.objects.bulk_update(
            [answer.delivery for answer in answers], ["state", "last_status", "last_error", "delivered_at", "next_at"]
        )
        gone = {answer.delivery.endpoint_id for answer in answers if answer.status == GONE}
        Endpoint.objects.filter(id__in=gone).update(is_active=False)
        touched = {answer.delivery.action_id for answer in answers if answer.delivery.action_id}
        events = _settle_actions(touched, now)
        write(events)


def _settle_actions(ids: set[UUID], now: datetime) -> list:
    """An action is done when every endpoint has it, failed when one has been given up."""
    sending = Action.objects.filter(id__in=ids, state=Action.State.SENDING).order_by("id").select_for_update()
    actions = {action.id: action for action in sending}
    states: dict[UUID, set[str]] = {id: set() for id in actions}
    for id, state in Delivery.objects.filter(action__in=actions).values_list("action_id", "state"):
        states[id].add(state)
    events, settled = [], [action for action in actions.values() if Delivery.State.PENDING not in states[action.id]]
    for action in settled:
        failed = Delivery.State.DEAD in states[action.id]
        action.state = Action.State.FAILED if failed else Action.State.DONE
        action.done_at = None if failed else now
        verb = "action.failed" if failed else "action.delivered"
        events.append(
            event(verb, Subject("action", action.id), SYSTEM, story=action.case_id, data={"kind": action.kind})
        )
    Action.objects.bulk_update(settled, ["state", "done_at"])
    return events


def replay(one: Delivery, actor: Actor) -> None:
    """Try a given-up delivery again, for another day, under the same key."""
    now = timezone.now()
    with transaction.atomic():
        changed = Delivery.objects.filter(id=one.id, state=Delivery.State.DEAD).update(
            state=Delivery.State.PENDING, next_at=now, give_up_at=now + GIVE_UP_AFTER, attempts=0
        )
        if changed and one.action_id:
            Action.objects.filter(id=one.action_id, state=Action.State.FAILED).update(state=Action.State.SENDING)
        if changed:
            write(
                [event("delivery.replayed", Subject("delivery", one.id), actor, data={"endpoint": one.endpoint.name})]
            )
