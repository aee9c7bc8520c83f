"""Reads a raw mail: recognises what kind of report it is and hands it to the reader of that kind."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from . import arf, fields, xml_documents
from .language import find_language
from .mime import Mail, Part, open_mail, plain_text, read_address, split_headers
from .prose import own_words, read_prose
from .reading import MAX_EVIDENCE, MAX_INPUT, MAX_ROWS, MAX_SUBJECT, MAX_TEXT, Found, Message, Reading
from .sections import read_sections
from .senders import organisation_of
from .storable import clean_text, storable
from .tables import find_table, read_table
from .times import read_time
from .unpack import unpacked
from .xarf_report import decode_json, read_xarf, version_of

_MAX_FORWARDS = 2
_SHARE_UP_TO = 20  # readings; beyond, the attachments go with the first and each has only its own row


@dataclass(slots=True)
class Opened:
    """A mail with what every reader needs of it at hand."""

    mail: Mail
    text: str
    subject: str
    sender_name: str
    sender: str
    depth: int = 0
    warnings: list[str] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)


Read = tuple[str, list[Reading]]


def read_mail(raw: bytes) -> Message:
    """Reads one raw mail (RFC 5322 bytes). Never raises: what can't be read says so in `needs_human`.

    `format` is one of: arf, xarf4, xarf3, acns, xml list, table, x-arf, list, plain mail, auto-reply, bounce, receipt,
    encrypted, mail (nothing readable).
    """
    try:
        return _read(raw, 0)
    except Exception as error:  # the promise of this module: whatever comes in, the caller gets a Message
        return Message("mail", needs_human=f"The mail could not be read ({type(error).__name__}).")


def _read(raw: bytes, depth: int) -> Message:
    if not isinstance(raw, bytes | bytearray | memoryview):
        return Message("mail", needs_human="The mail is not bytes.")
    if len(raw) > MAX_INPUT:
        return Message("mail", needs_human=f"The mail is larger than {MAX_INPUT // 2**20} MB and was not read.")
    if not bytes(raw[:100_000]).strip():
        return Message("mail", needs_human="The mail is empty.")
    mail = open_mail(bytes(raw))
    sender_name, sender = mail.sender()
    opened = Opened(mail, body_of(mail), mail.headers.first("subject")[:MAX_SUBJECT], sender_name, sender, depth)
    opened.warnings.extend(mail.warnings)
    kind, why = _not_a_report(opened)
    if why:
        return Message(kind, needs_human=why, language=find_language(own_words(opened.text)))
    for reader in _READERS:
        read = reader(opened)
        if read and read[1]:
            return _finish(opened, *read)
    return _unread(opened)


def _unread(opened: Opened) -> Message:
    reason = " ".join(opened.warnings[:3])
    if not opened.mail.headers:
        return Message("mail", needs_human=("This is no mail: it has no header fields. " + reason).strip())
    return Message("mail", needs_human=("Nothing in the mail could be read as a report. " + reason).strip())


def body_of(mail: Mail) -> str:
    """The text a person sees: the plain parts, or the HTML ones where there is no plain text."""
    plain = [p.text() for p in mail.parts if p.media_type == "text/plain" and not p.attached]
    text = "\n".join(plain).strip()
    if not text:
        text = "\n".join(plain_text(p.text()) for p in mail.parts if p.media_type == "text/html" and not p.attached)
    return clean_text(text[:MAX_TEXT].replace("\r\n", "\n").strip())


_AUTOMATIC = re.compile(
    r"^\s*(?:auto(?:matic|mated)?[ -]?(?:reply|response|answer)|out of (?:the )?office|abwesenheit|"
    r"automatische antwort|respuesta autom|fuera de la oficina|réponse automatique|absence|vacation|i am away|"
    r"away from)",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"^\s*(?:undeliver|delivery status notification|mail delivery (?:failed|subsystem)|returned mail|failure notice|"
    r"unzustellbar|delivery has failed)",
    re.IGNORECASE,
)


def automatic(mail: Mail, subject: str, sender: str) -> str:
    """What a mail is that no person wrote: "bounce", "receipt" (it was opened) or "auto-reply"; '' for all others."""
    headers = mail.headers
    if mail.report_type in {"delivery-status", "delivery-report"} or (
        mail.media_type != "multipart/report" and _RETURNED.match(subject) and "mailer-daemon" in sender.lower()
    ):
        return "bounce"
    if mail.report_type == "disposition-notification":
        return "receipt"
    submitted = headers.first("auto-submitted").lower()
    replied = submitted.startswith("auto-replied") or any(
        name in headers for name in ("x-autoreply", "x-autorespond", "x-autoresponder")
    )
    if replied or headers.first("precedence").lower() == "auto_reply" or _AUTOMATIC.match(subject):
        return "auto-reply"
    return ""


_SENTENCES = {
    "bounce": "A mail of ours could not be delivered",
    "receipt": "A receipt that a mail of ours was opened",
    "auto-reply": "An automatic reply, not a report",
}


def _not_a_report(opened: Opened) -> tuple[str, str]:
    """(format, sentence) of mail that answers or returns one of ours; ('', '') for everything else."""
    mail = opened.mail
    if kind := automatic(mail, opened.subject, opened.sender):
        return kind, f"{_SENTENCES[kind]}: {opened.subject[:200] or 'no subject'}."
    if mail.media_type == "multipart/encrypted" or any("pkcs7-mime" in part.media_type for part in mail.parts):
        return "encrypted", "The mail is encrypted; somebody who has the key must open it."
    return "", ""


# --- the readers, in the order they are asked. Each gives (format, readings), or None for "not mine". ---


def _xarf(opened: Opened) -> Read | None:
    readings: list[Reading] = []
    version = ""
    for part in opened.mail.parts:
        head = part.content[:400].lstrip()
        labelled = "json" in part.media_type or part.name.lower().endswith(".json")
        if head[:1] not in (b"{", b"[") or not (labelled or b"xarf" in head or b"ReporterInfo" in part.content[:4000]):
            continue
        try:
            document = decode_json(part.content)
        except ValueError as error:
            opened.warnings.append(f"{part.name or 'A JSON part'} was not read: {error}.")
            continue
        if not version_of(document[0] if isinstance(document, list) and document else document):
            continue
        message = read_xarf(document if isinstance(document, dict) else part.content)
        readings.extend(message.readings)
        version = version or message.format
        if message.needs_human:
            opened.warnings.append(message.needs_human)
    return (version, readings[:MAX_ROWS]) if readings else None


def _acns(opened: Opened) -> Read | None:
    readings: dict[tuple[str, str], Reading] = {}
    for part in opened.mail.parts:
        if b"<Infringement" not in part.content:
            continue
        document = xml_documents.find_acns(part.content)
        reading = xml_documents.read_acns(document, opened.warnings) if document else None
        if reading:
            readings.setdefault((reading.external_ref, reading.target_ref), reading)
    return ("acns", list(readings.values())) if readings else None


def _listing(opened: Opened) -> Read | None:
    readings: list[Reading] = []
    for part in opened.mail.parts:
        head = part.content[:500].lstrip()
        if head[:1] != b"<" or re.match(rb"<!doctype html|<html", head.lower()):
            continue
        if b"ip=" in part.content or b"url=" in part.content:
            found = xml_documents.read_listing(part.content, opened.warnings)
            document = Found(part.name or "list.xml", part.media_type, part.content)
            readings.extend(replace(reading, evidence=(document,)) for reading in found)
    return ("xml list", readings[:MAX_ROWS]) if readings else None


def _arf(opened: Opened) -> Read | None:
    feedback = arf.find_feedback(opened.mail)
    if feedback is None:
        return None
    human = "\n".join(
        p.text() for p in opened.mail.parts if p.media_type == "text/plain" and p is not feedback and not p.attached
    )
    reading, innocent = arf.read_feedback(opened.mail, feedback, clean_text(human.strip()[:MAX_TEXT]))
    if innocent:
        opened.warnings.append("The report says that the message was NOT abuse (RFC 6430 not-spam).")
        reading = replace(reading, extra=reading.extra | {"not_abuse": True})
    evidence = [
        Found(part.name or _default_name(part, number), part.media_type, part.content)
        for number, part in enumerate(opened.mail.parts)
        if part is not feedback and (part.attached or not _is_body(part))
    ]
    if not evidence:
        evidence = [Found("feedback-report.txt", feedback.media_type, feedback.content)]
    return "arf", [replace(reading, evidence=tuple(evidence[:MAX_EVIDENCE]))]


def _tables(opened: Opened) -> Read | None:
    tables = [table for name, kind, content in _files(opened) if (table := find_table(name, kind, content))]
    # Some senders attach the same incidents twice, in their own columns and in the source's; a full timestamp wins.
    tables.sort(key=lambda table: "time" not in table.fields)
    readings: list[Reading] = []
    seen: list[set[str]] = []
    for table in tables:
        found = read_table(table, opened.subject, MAX_ROWS - len(readings), opened.warnings)
        targets = {reading.target_ref for reading in found}
        if found and targets not in seen:
            readings.extend(found)
            seen.append(targets)
    return ("table", readings) if readings else None


_MARKS = (b"report-type:", b"reported-from:", b"source-type:")


def _labelled(opened: Opened) -> Read | None:
    """x-arf 0.1 and 0.2, and their kin: small text attachments of key-value lines. One report for each target."""
    readings: dict[tuple[str, str], Reading] = {}
    for part in opened.mail.parts:
        text_file = part.media_type == "text/plain" or part.name.lower().endswith((".txt", ".yaml", ".yml"))
        if not text_file or len(part.content) > 50_000:
            continue
        head = part.content[:4000].lower()
        if not any(mark in head for mark in _MARKS) and not (part.attached and head.startswith((b"---\n", b"---\r\n"))):
            continue
        reading = _from_xarf_block(part.text(), opened)
        if reading:
            readings.setdefault((reading.target_kind, reading.target_ref), reading)
    return ("x-arf", list(readings.values())) if readings else None


def _from_xarf_block(text: str, opened: Opened) -> Reading | None:
    header = fields.read_header_block(text)
    block: dict[str, str] = {}
    for name, values in header.items():
        ours = fields.FIELDS.get(fields.key_of(name))
        if ours and values and values[0]:
            block.setdefault(ours, values[0][:2000])
    kind, reference = fields.target_in(block)
    if not reference:
        return None
    category = fields.category_in(block)
    if category == "unsorted":
        category = fields.category_in({"type": opened.subject})
    return Reading(
        category=category, target_kind=kind, target_ref=reference, reporter_email=block.get("reporter_email", ""),
        subject=opened.subject, text=opened.text, url=reference if kind == "url" else "",
        occurred_at=fields.time_in(block), external_ref=block.get("reference", "")[:200],
        extra={name.replace("-", "_"): values[0] for name, values in list(header.items())[:40] if values and values[0]},
    )  # fmt: skip


def _forwarded(opened: Opened) -> Read | None:
    """A mail that carries another one which is itself a machine-made report: that one is read, the bearer is noted."""
    if opened.depth >= _MAX_FORWARDS:
        return None
    for part in opened.mail.parts:
        if part.media_type != "message/rfc822":
            continue
        inner = _read(part.content.lstrip(), opened.depth + 1)
        if inner.readings and inner.format != "plain mail":
            return inner.format, [
                replace(
                    reading,
                    extra=reading.extra | {"forwarded_by": opened.sender, "note": own_words(opened.text)[:2000]},
                )
                for reading in inner.readings
            ]
    return None


def _sections(opened: Opened) -> Read | None:
    readings = read_sections(opened.text, opened.subject, opened.sender, opened.warnings)
    return ("list", readings) if readings else None


def _plain(opened: Opened) -> Read | None:
    if not opened.text and not opened.subject and not any(part.attached for part in opened.mail.parts):
        return None
    if not opened.mail.headers:
        return None
    readings = read_prose(opened.text, opened.subject, opened.sender, opened.mail.headers)
    original = next((part for part in opened.mail.parts if part.media_type == "message/rfc822"), None)
    if original and len(readings) == 1:
        readings = [_about_original(readings[0], original)]
    return "plain mail", readings


def _about_original(reading: Reading, original: Part) -> Reading:
    """A person forwarded a mail as an attachment: its sender is the target, and spam the complaint if none is made."""
    headers, _ = split_headers(original.content.lstrip())
    name, address = read_address(headers.first("from"))
    extra = reading.extra | {"message_from": address, "message_subject": headers.first("subject")[:500]}
    if reading.category == "unsorted":
        reading = replace(reading, category="spam")
    if not reading.target_ref and address:
        reading = replace(reading, target_kind="email", target_ref=address, target_name=name, warnings=())
    moment = reading.occurred_at or read_time(headers.first("date"))
    return replace(reading, extra=extra, occurred_at=moment)


_READERS: tuple[Callable[[Opened], Read | None], ...] = (
    _xarf, _acns, _listing, _arf, _labelled, _tables, _forwarded, _sections, _plain,
)  # fmt: skip


# --- what every reading gets from the mail it came in ---


def _finish(opened: Opened, kind: str, readings: list[Reading]) -> Message:
    attachments = () if kind == "arf" else _attachments(opened)
    sent = read_time(opened.mail.headers.first("date")) or _received(opened.mail)
    organisation = organisation_of(opened.sender) or opened.mail.headers.first("organization")[:200]
    language = find_language(own_words(opened.text) or opened.subject)
    base = {name: value for name, value in (
        ("message_id", opened.mail.headers.first("message-id")[:500]), ("reply_to", _reply_to(opened)),
    ) if value}  # fmt: skip
    finished = []
    for number, reading in enumerate(readings):
        shared = attachments if number == 0 or len(readings) <= _SHARE_UP_TO else ()
        extra = {**base, **reading.extra}
        moment = reading.occurred_at
        if moment is None and sent:
            moment, extra["time_from"] = sent, "date of the mail"
        inner = kind in {"acns", "xarf4", "xarf3"} or "forwarded_by" in extra
        finished.append(storable(replace(
            reading,
            reporter_email=(reading.reporter_email or opened.sender)[:254],
            reporter_name=(reading.reporter_name or opened.sender_name)[:200],
            reporter_org=(reading.reporter_org or ("" if inner and reading.reporter_email else organisation))[:200],
            subject=reading.subject or opened.subject, text=reading.text or opened.text,
            language=reading.language or language, occurred_at=moment, extra=extra,
            evidence=_together(reading.evidence, shared),
            warnings=(*reading.warnings, *(opened.warnings[:20] if number == 0 else ())),
        )))  # fmt: skip
    return Message(kind, tuple(finished), language=language)


def _attachments(opened: Opened) -> tuple[Found, ...]:
    return tuple(
        Found(part.name or _default_name(part, number), part.media_type, part.content)
        for number, part in enumerate(opened.mail.parts)
        if (part.attached or not _is_body(part)) and part.content and part.media_type != "application/pgp-signature"
    )[:MAX_EVIDENCE]


def _together(own: tuple[Found, ...], shared: tuple[Found, ...]) -> tuple[Found, ...]:
    held = {found.content.strip() for found in own}
    return (*own, *(found for found in shared if found.content.strip() not in held))[:MAX_EVIDENCE]


def _is_body(part: Part) -> bool:
    return part.media_type in {"text/plain", "text/html"}


def _default_name(part: Part, number: int) -> str:
    names = {"message/rfc822": "message.eml", "text/rfc822-headers": "headers.txt", "application/json": "part.json"}
    return names.get(part.media_type, f"part-{number + 1}")


def _reply_to(opened: Opened) -> str:
    address = read_address(opened.mail.headers.first("reply-to"))[1]
    return "" if address.lower() == opened.sender.lower() else address


def _received(mail: Mail) -> datetime | None:
    received = mail.headers.all("received")
    return read_time(received[0].rpartition(";")[2].strip()) if received else None


def _files(opened: Opened) -> list[tuple[str, str, bytes]]:
    if not opened.files:
        parts = [p for p in opened.mail.parts if p.attached or "csv" in p.media_type or "zip" in p.media_type]
        opened.files = list(unpacked(parts, opened.warnings))
    return opened.files
