"""Reading kept messages: each becomes reports, or waits for a person with a sentence that says why. None is lost."""

from collections.abc import Callable

import structlog
from django.db import DatabaseError, transaction

from seacliff.intake import formats, queries
from seacliff.intake.actions.reports import take_reports
from seacliff.intake.formats import Found, Reading
from seacliff.intake.formats import Message as Read
from seacliff.intake.incoming import LIMITS, Attached, NewReport, Outcome, reporter_key
from seacliff.intake.models import Channel, Message
from seacliff.record import actions as record
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject
from seacliff.targets.models import Product

log = structlog.get_logger("seacliff.intake")
BATCH = 10  # messages in one transaction: a mail may carry a thousand reports


def read_waiting() -> int:
    """Read some of the messages that wait; how many were done.

    The database or the evidence storage failing rolls the batch back, to be tried again. Whatever else goes wrong is
    about one message, which is then shown to a person.
    """
    with transaction.atomic():
        waiting = Message.objects.select_for_update(skip_locked=True).filter(state=Message.State.UNREAD)
        rows = list(waiting.order_by("id")[:BATCH])
        for message in rows:
            _settle(message)
    return len(rows)


def _settle(message: Message) -> None:
    try:
        with transaction.atomic():
            made = _read(message)
    except (DatabaseError, OSError):
        raise
    except Exception as error:
        log.exception("message could not be read", message=str(message.id))
        message.state = Message.State.NEEDS_HUMAN
        message.reason = f"The message could not be read ({type(error).__name__}); this is an error of Seacliff's."
        made = 0
    message.attempts = min(message.attempts + 1, 30_000)
    message.save(update_fields=["state", "reason", "format", "warnings", "attempts"])
    verb = "message.read" if message.state == Message.State.READ else "message.needs-human"
    data = {"reports": made, "format": message.format}
    record.happened(verb, Subject("message", message.id), SYSTEM, reason=message.reason, data=data)


def reader_of(raw: bytes) -> Callable[[bytes], Read]:
    """JSON is a XARF document, everything else a mail."""
    return formats.read_xarf if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else formats.read_mail


def _read(message: Message) -> int:
    """Take the reports of a message and set its state; how many reports it made."""
    raw = bytes(message.raw)
    found = reader_of(raw)(raw)
    product = queries.product_by_id(message.product_id)
    message.format, message.warnings, message.reason = found.format, [], found.needs_human
    if not found.readings or product is None:
        message.state = Message.State.NEEDS_HUMAN
        message.reason = found.needs_human or "Nothing in it could be recognised as a report."
        return 0
    reports = [
        _report(reading, message, product, number, found.language) for number, reading in enumerate(found.readings)
    ]
    channel = Channel.XARF if message.source == "api" else Channel.EMAIL
    return _conclude(message, take_reports(reports, channel=channel, owner=product.id))


def _conclude(message: Message, outcomes: list[Outcome]) -> int:
    # A conflict means that the same bytes were read before, as another message: the report is there.
    refused = [outcome.problem for outcome in outcomes if outcome.code == "invalid"]
    if refused:
        message.state = Message.State.NEEDS_HUMAN
        message.reason = f"{len(refused)} of its {len(outcomes)} reports can't be stored: {refused[0]}"
    else:
        message.state = Message.State.READ
    return len(outcomes) - len(refused)


def _report(reading: Reading, message: Message, product: Product, number: int, language: str) -> NewReport:
    warnings = list(reading.warnings)
    attachments = _kept(reading.evidence, warnings)
    message.warnings = [*message.warnings, *warnings][:100]
    report = NewReport(
        product_id=product.id,
        category=reading.category,
        target_kind=reading.target_kind,
        target_ref=reading.target_ref,
        target_name=reading.target_name,
        reporter_name=reading.reporter_name or reading.reporter_org,
        reporter_email=reading.reporter_email,
        language=reading.language or language,
        subject=reading.subject,
        text=reading.text,
        url=reading.url,
        occurred_at=reading.occurred_at,
        external_ref=reading.external_ref,
        message_id=message.id,
        extra={**reading.extra, **({"reporter_org": reading.reporter_org} if reading.reporter_org else {})},
        idempotency_key=f"message:{message.digest}:{number}",
        attachments=attachments,
    )
    for field, most in LIMITS.items():
        setattr(report, field, getattr(report, field).replace("\0", "")[:most])
    report.reporter_key = reporter_key(product.slug, email=report.reporter_email)
    return report


def _kept(pieces: tuple[Found, ...], warnings: list[str]) -> list[Attached]:
    attached = []
    for piece in pieces:
        try:
            attached.append(Attached(evidence.keep(piece.content).sha256, piece.name, piece.media_type))
        except evidence.EvidenceTooLarge as problem:
            warnings.append(f"{piece.name or 'An attachment'} stays in the raw message only: {problem}")
    return attached
