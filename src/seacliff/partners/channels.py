"""How news of asks is carried outside: every piece is a Dispatch, committed with what it tells of, sent by a connector.

A connector (a folder under seacliff/connectors) registers a Channel from its AppConfig. It words and sends one dispatch at a
time, under the dispatch's id as idempotency key; retries, backoff and giving up are done here.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from seacliff.partners.directory import Recipient, asked_of, asker_of, mirrors_of
from seacliff.partners.models import Ask, AskMessage, Dispatch
from seacliff.record.actions import SYSTEM, Subject, event, write
from seacliff.record.desks import desk, wake
from seacliff.record.models import Event

log = structlog.get_logger("seacliff.partners")
BATCH_PER_CHANNEL = 25
LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=72)
LONGEST_PAUSE = 3600
BELL = "dispatches"
Purpose = Dispatch.Purpose


class NotSent(Exception):
    """A dispatch was not taken; `final` when the same again would be refused again. The sentence says why."""

    def __init__(self, sentence: str, *, final: bool = False, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.final, self.wait = final, wait


class Channel(Protocol):
    """One way to reach people."""

    name: str

    def send(self, dispatch: Dispatch) -> str:
        """Carry it; return what the outside system calls it. Raises NotSent. Called with the ask and message loaded."""


CHANNELS: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    CHANNELS[channel.name] = channel


def to_asked(ask: Ask, purpose: Purpose, what: str, *, message: AskMessage | None = None, **data: Any) -> int:
    """Order news for whoever was asked; `what` tells this piece from others of its purpose. How many recipients."""
    return order(ask, purpose, what, asked_of(ask), message=message, **data)


def to_asker(ask: Ask, purpose: Purpose, what: str, *, message: AskMessage | None = None, **data: Any) -> int:
    return order(ask, purpose, what, asker_of(ask), message=message, **data)


def mirrors_beside(ask: Ask, via: str) -> list[Recipient]:
    """Where else the asked side's own words are shown: in a chat, a tracker; not where they were said."""
    return [each for each in mirrors_of(ask) if each.channel not in ("email", via)]


def order(
    ask: Ask | None,
    purpose: Purpose,
    what: str,
    recipients: Iterable[Recipient],
    *,
    message: AskMessage | None = None,
    **data: Any,
) -> int:
    """Leave dispatches on the table, inside the caller's transaction. The same `what` for the same recipient is one."""
    return leave(drafted(ask, purpose, what, recipients, message=message, **data))


def drafted(
    ask: Ask | None,
    purpose: Purpose,
    what: str,
    recipients: Iterable[Recipient],
    *,
    message: AskMessage | None = None,
    **data: Any,
) -> list[Dispatch]:
    """Dispatches, not yet left on the table: for who has news of many asks at once."""
    return [_dispatch(ask, purpose, what, to, message, data) for to in dict.fromkeys(recipients)]


def to_all_asked(asks: Iterable[Ask], purpose: Purpose, what: str) -> int:
    """to_asked() for many asks: whoever answers for a function is looked up once a kind."""
    known: dict[tuple[Any, ...], list[Recipient]] = {}
    rows = []
    for ask in asks:
        place = (ask.to_function_id, ask.charter_id, ask.kind, ask.to_email)
        if place not in known:
            known[place] = list(dict.fromkeys(asked_of(ask)))
        rows += drafted(ask, purpose, what, known[place])
    return leave(rows)


def _dispatch(
    ask: Ask | None, purpose: Purpose, what: str, to: Recipient, message: AskMessage | None, data: dict[str, Any]
) -> Dispatch:
    now = timezone.now()
    return Dispatch(
        key=f"{purpose}:{ask.id if ask else ''}:{what}:{to.channel}:{to.address}",
        channel=to.channel,
        address=to.address,
        recipient_name=to.name,
        ask=ask,
        message=message,
        purpose=purpose,
        data=data,
        next_at=now,
        give_up_at=now + GIVE_UP_AFTER,
    )


def leave(rows: list[Dispatch]) -> int:
    """Leave dispatches on the table, inside the caller's transaction. How many."""
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        wake(BELL)
    return len(rows)


CLAIM = """
UPDATE partners_dispatch SET next_at = %(lease)s, attempts = attempts + 1
WHERE id IN (
    SELECT due.id FROM unnest(%(channels)s::text[]) AS wanted(name)
    CROSS JOIN LATERAL (
        SELECT id FROM partners_dispatch d
        WHERE d.channel = wanted.name AND d.state = 'pending' AND d.next_at <= %(now)s
        ORDER BY d.next_at, d.id LIMIT %(share)s FOR UPDATE SKIP LOCKED
    ) due
) RETURNING id
"""


@desk("dispatches", every=2.0, wake=BELL)
def carry_due() -> int:
    """Send one batch; a channel that is slow or away takes at most its own share of it."""
    claimed = _claim()
    for dispatch in claimed:
        try:
            name = CHANNELS[dispatch.channel].send(dispatch)
        except NotSent as problem:
            _put_off(dispatch, str(problem), final=problem.final, wait=problem.wait)
        except Exception as error:
            log.exception("dispatch failed", dispatch=str(dispatch.id), channel=dispatch.channel)
            _put_off(dispatch, f"{type(error).__name__}: {error}")
        else:
            _sent(dispatch, name)
    return len(claimed)


def _claim() -> list[Dispatch]:
    now = timezone.now()
    values: dict[str, Any] = {"now": now, "lease": now + LEASE, "share": BATCH_PER_CHANNEL, "channels": list(CHANNELS)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        ids: list[UUID] = [row[0] for row in cursor.fetchall()]
    wanted = Dispatch.objects.select_related("ask__to_function", "ask__from_function", "ask__charter", "message")
    return list(wanted.filter(id__in=ids).order_by("id"))


def _sent(dispatch: Dispatch, name: str) -> None:
    with transaction.atomic():
        Dispatch.objects.filter(id=dispatch.id).update(
            state=Dispatch.State.SENT, sent_at=timezone.now(), external_id=name, last_error=""
        )
        write([_told("ask.news-sent", dispatch)] if dispatch.ask_id else [])


def _put_off(dispatch: Dispatch, problem: str, *, final: bool = False, wait: float | None = None) -> None:
    now = timezone.now()
    over = final or now >= dispatch.give_up_at
    pause = max(wait or 0.0, min(5.0 * 2**dispatch.attempts, LONGEST_PAUSE))
    with transaction.atomic():
        Dispatch.objects.filter(id=dispatch.id).update(
            state=Dispatch.State.FAILED if over else Dispatch.State.PENDING,
            next_at=now + timedelta(seconds=pause),
            last_error=problem[:1000],
        )
        if over:
            _failed(dispatch, problem)
    log.warning("dispatch not taken", channel=dispatch.channel, purpose=dispatch.purpose, final=over, problem=problem)


def came_back(dispatch: Dispatch, problem: str) -> bool:
    """What the other side had taken could not be delivered after all; whether that is news."""
    with transaction.atomic():
        sent = Dispatch.objects.filter(id=dispatch.id, state=Dispatch.State.SENT)
        news = bool(sent.update(state=Dispatch.State.FAILED, last_error=problem[:1000]))
        if news:
            _failed(dispatch, problem)
    return news


def _failed(dispatch: Dispatch, problem: str) -> None:
    """Tell the record, and the asker, who would wait for somebody that has heard nothing."""
    ask = dispatch.ask
    if ask is None:
        return
    write([_told("ask.news-failed", dispatch, reason=problem[:500])])
    if dispatch.purpose != Purpose.UNREACHED and dispatch.address.lower() != ask.asker_email.lower():
        whom = dispatch.recipient_name or dispatch.address
        to_asker(ask, Purpose.UNREACHED, str(dispatch.id), to=whom, problem=problem[:500], purpose_was=dispatch.purpose)


def send_again(dispatch: Dispatch) -> None:
    """Try a given-up one anew: its address was mended, or the other side is back."""
    now = timezone.now()
    Dispatch.objects.filter(id=dispatch.id, state=Dispatch.State.FAILED).update(
        state=Dispatch.State.PENDING, attempts=0, next_at=now, give_up_at=now + GIVE_UP_AFTER
    )


def _told(verb: str, dispatch: Dispatch, reason: str = "") -> Event:
    assert dispatch.ask_id is not None
    data = {"purpose": dispatch.purpose, "channel": dispatch.channel, "to": dispatch.recipient_name}
    return event(verb, Subject("ask", dispatch.ask_id), SYSTEM, story=dispatch.ask_id, reason=reason, data=data)
