"""Keeping messages: raw inputs, committed before anything is read from them."""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from seacliff.intake.models import Message
from seacliff.record import actions as record
from seacliff.record.actions import SYSTEM, Actor, Subject
from seacliff.record.desks import wake
from seacliff.targets.models import Product

SAME_WITHIN = timedelta(days=30)  # a message with the same bytes, recipients aside, is the same message


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


def _storable(text: str, most: int) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:most]
