"""Feedback reports by mail: RFC 5965 (ARF), RFC 6430 (not-spam), RFC 6591 (authentication failure), and near misses."""

import re
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from .categories import FEEDBACK, guess_category
from .clues import emails, ips, is_domain, read_ip, target_of
from .fields import read_header_block
from .mime import Headers, Mail, Part, read_address, split_headers
from .reading import MAX_SUBJECT, Reading
from .times import find_time, read_time

Block = dict[str, list[str]]
_IN_SENTENCE = re.compile(r"\bIP(?: address)?:?\s{1,5}\[?([0-9A-Fa-f.:]{3,45})\]?", re.IGNORECASE)
_ON_DATE = re.compile(r"\b(?:on|at)\s{1,5}((?:[A-Z][a-z]{2}, )?\d[^\n]{8,60})")
_MESSAGE_TYPES = {"message/rfc822", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers"}


def find_feedback(mail: Mail) -> Part | None:
    """The machine-readable part of a feedback report; also where a sender labelled it as plain text."""
    for part in mail.parts:
        if part.media_type == "message/feedback-report":
            return part
    for part in mail.parts:
        if part.media_type.startswith(("text/plain", "application/octet-stream")) and len(part.content) < 20_000:
            head = part.content[:2000].lower()
            if re.search(rb"(?:^|\n)feedback-type[ \t]*:", head) and re.search(
                rb"(?:^|\n)(?:version|user-agent)\s*:", head
            ):
                return part
    return None


def find_original(mail: Mail, feedback: Part) -> Part | None:
    """The message complained about, whole or its headers only."""
    after = mail.parts[mail.parts.index(feedback) + 1 :]
    for part in after:
        if part.media_type in _MESSAGE_TYPES:
            return part
    for part in after:  # mislabelled: text that begins with mail headers
        if part.media_type == "text/plain" and re.match(
            rb"\s*(?:received|return-path|from|delivered-to) ?:", part.content.lower()
        ):
            return part
    return None


def read_feedback(mail: Mail, feedback: Part, human_text: str) -> tuple[Reading, bool]:
    """The reading of a feedback report, and whether it says that nothing was wrong (RFC 6430 not-spam).

    Reporter, language and evidence are the caller's to add: they are the same for every format that comes by mail.
    """
    block = read_header_block(feedback.text())
    original = find_original(mail, feedback)
    inner = split_headers(original.content.lstrip())[0] if original else Headers()
    warnings: list[str] = []
    if not original:
        warnings.append("The feedback report has no copy of the message it complains about (RFC 5965 asks for one).")
    category, innocent = _category(block, human_text, warnings)
    kind, reference = _target(block, inner, human_text, category, mail.headers.first("subject"))
    if not reference:
        warnings.append("The feedback report names neither an address, a domain nor a link.")
    moment, source = _moment(block, inner, human_text)
    name, sender = read_address(inner.first("from"))
    extra = _extra(block, inner, source, sender)
    reading = Reading(
        category=category, target_kind=kind, target_ref=reference,
        target_name=name or (sender if kind != "email" else ""),
        subject=mail.headers.first("subject")[:MAX_SUBJECT], text=_text(human_text, inner),
        url=next((uri for uri in block.get("reported-uri", []) if uri.lower().startswith("http")), "")[:2000],
        occurred_at=moment, external_ref=_one(block, "original-envelope-id") or _message_id(block, inner),
        extra=extra, warnings=tuple(warnings),
    )  # fmt: skip
    return reading, innocent


def _category(block: Block, text: str, warnings: list[str]) -> tuple[str, bool]:
    said = (_one(block, "feedback-type") or _one(block, "abuse-type")).lower().strip("\"' ;")
    if said in {"not-spam", "notspam", "dismissal"}:
        return "unsorted", True
    category = FEEDBACK.get(said)
    if category is None:
        category = guess_category(text)
        category = "spam" if category == "unsorted" else category
        warnings.append(f"The feedback type is {said!r}, which RFC 5965 doesn't define; read as {category}."
                        if said else f"The feedback report has no Feedback-Type; read as {category}.")  # fmt: skip
    return category, False


def _target(block: Block, inner: Headers, text: str, category: str, subject: str) -> tuple[str, str]:
    if category in {"phishing", "malware"}:
        for uri in block.get("reported-uri", []):
            kind, reference = target_of(uri)
            if kind == "url":
                return kind, reference
    for candidate in (
        _one(block, "source-ip"),
        _one(block, "source"),
        *_IN_SENTENCE.findall(f"{subject}\n{text[:2000]}"),
    ):
        address = read_ip(candidate.rstrip("."))
        if address:
            return "ip", address
    address = _sending_ip(inner)
    if address:
        return "ip", address
    for candidate in (_one(block, "original-mail-from"), read_address(inner.first("from"))[1]):
        found = emails(candidate)
        if found:
            return "email", found[0]
    domain = _one(block, "reported-domain").lower()
    return ("domain", domain) if is_domain(domain) else ("other", "")


def _sending_ip(inner: Headers) -> str:
    """The address that handed the message over: the topmost Received field that names a public one."""
    for value in [*inner.all("x-originating-ip")[:1], *inner.all("received")[:6]]:
        for address in ips(value[:1000]):
            if not ip_address(address).is_private or value.startswith("["):
                return address
    found = ips(" ".join(inner.all("received")[:1])[:1000])
    return found[0] if found else ""


def _moment(block: Block, inner: Headers, text: str) -> tuple[datetime | None, str]:
    for name in ("arrival-date", "received-date", "incident-date"):
        moment = read_time(_one(block, name))
        if moment:
            return moment, "feedback report"
    match = _ON_DATE.search(text[:3000])
    moment = find_time(match[1]) if match else None
    if moment:
        return moment, "notification text"
    received = inner.all("received")
    moment = (read_time(received[0].rpartition(";")[2].strip()) if received else None) or read_time(inner.first("date"))
    return moment, "original message" if moment else ""


def _extra(block: Block, inner: Headers, source: str, sender: str) -> dict[str, Any]:
    extra: dict[str, Any] = {"time_from": source} if source else {}
    for name, values in list(block.items())[:40]:
        if values and any(values):
            extra[name.replace("-", "_")] = values[0] if len(values) == 1 else values[:20]
    for name in ("subject", "message-id", "list-unsubscribe", "return-path"):
        if inner.first(name):
            extra[f"message_{name.replace('-', '_')}"] = inner.first(name)[:1000]
    if sender:
        extra["message_from"] = sender
    return extra


def _text(human_text: str, inner: Headers) -> str:
    names = ("From", "To", "Subject", "Date")
    lines = [f"{name}: {value[:500]}" for name in names if (value := inner.first(name.lower()))]
    if not lines:
        return human_text
    return human_text.rstrip() + "\n\nThe message complained about:\n" + "\n".join(lines)


def _message_id(block: Block, inner: Headers) -> str:
    return (_one(block, "message-id") or _one(block, "original-message-id") or inner.first("message-id"))[:500]


def _one(block: Block, name: str) -> str:
    values = block.get(name)
    return values[0] if values else ""
