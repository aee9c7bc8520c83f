"""Keeping messages: raw inputs, committed before anything is read from them."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from seacliff.intake.actions.reports import take_reports
from seacliff.intake.incoming import Attached, NewReport
from seacliff.intake.models import Channel, Message
from seacliff.record import actions as record
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Actor, Subject
from seacliff.record.desks import wake
from seacliff.targets.models import Product

SAME_WITHIN = timedelta(days=30)  # a message with the same bytes, recipients aside, is the same message
JSON = "application/json"


def keep_message(
    raw: bytes,
    *,
    source: str,
    product: Product,
    sender: str = "",
    recipients: list[str] | None = None,
    subject: str = "",
    actor: Actor = SYSTEM,
) -> Message:
    """Keep a raw input and wake the reading desk. One that came before, byte for byte, is answered with the first."""
    digest = hashlib.sha256(raw).hexdigest()
    since = timezone.now() - SAME_WITHIN
    with transaction.atomic():
        _one_at_a_time(digest)
        earlier = Message.objects.filter(digest=digest, product_id=product.id, received_at__gt=since).first()
        if earlier is not None:
            return earlier
        kept = Message.objects.create(
            source=source,
            product_id=product.id,
            raw=raw,
            digest=digest,
            sender=_storable(sender, 320),
            recipients=[_storable(recipient, 320) for recipient in recipients or []],
            subject=_storable(subject, 500),
        )
        data = {"source": source, "size": len(raw), "digest": digest}
        record.happened("message.received", Subject("message", kept.id), actor, data=data)
        wake("intake_message")
    kept.refresh_from_db(fields=["received_at"])
    return kept


def set_aside(message: Message, reason: str, actor: Actor) -> None:
    """A person decided that nothing follows from it. It stays, with the reason on the record. Raises NotWaiting."""
    with transaction.atomic():
        _leave(message, {Message.State.NEEDS_HUMAN}, Message.State.HANDLED)
        record.happened("message.set-aside", Subject("message", message.id), actor, reason=reason)


def read_again(message: Message, actor: Actor) -> None:
    """Put it before the reading desk once more: after a reader was mended, say. Raises NotWaiting."""
    with transaction.atomic():
        _leave(message, {Message.State.NEEDS_HUMAN, Message.State.HANDLED}, Message.State.UNREAD)
        record.happened("message.read-again", Subject("message", message.id), actor)
        wake("intake_message")


def report_by_hand(message: Message, report: NewReport, actor: Actor) -> UUID:
    """What a person made of it becomes a report like any other, with the raw message as evidence; the report's id.

    The same again is the same report. Raises NotWaiting, or ValueError with the sentence why it can't be stored.
    """
    with transaction.atomic():
        states = {Message.State.NEEDS_HUMAN, Message.State.HANDLED}
        _leave(message, states, Message.State.HANDLED)
        report.message_id = message.id
        report.attachments = [_as_evidence(message)]
        report.idempotency_key = f"by-hand:{message.id}:{report.digest().hex()[:32]}"
        channel = Channel.XARF if message.source == "api" else Channel.EMAIL
        (outcome,) = take_reports([report], channel=channel, owner=message.id, actor=actor)
        if outcome.report_id is None:
            raise ValueError(outcome.problem)
        if outcome.state == "created":
            data = {"report": str(outcome.report_id)}
            record.happened("message.reported", Subject("message", message.id), actor, data=data)
    return outcome.report_id


class NotWaiting(Exception):
    """Somebody else was faster, or the message was read meanwhile."""


def _leave(message: Message, states: set[Message.State], to: Message.State) -> None:
    rows = Message.objects.filter(pk=message.pk, state__in=states)
    if not rows.update(state=to):
        raise NotWaiting("This message does not wait for a person any more: it was read or handled meanwhile.")
    message.state = to


def _as_evidence(message: Message) -> Attached:
    raw = bytes(message.raw)
    name, media_type = ("message.json", JSON) if raw.lstrip()[:1] == b"{" else ("message.eml", "message/rfc822")
    return Attached(evidence.keep(raw).sha256, name, media_type)


def _one_at_a_time(digest: str) -> None:
    """Whoever keeps the same bytes at the same moment waits here, and then finds them kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])


def _storable(text: str, most: int) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]
