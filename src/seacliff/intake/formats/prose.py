"""A report a person wrote: category from its words, target from what it names, by best effort and openly so."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from . import clues, fields
from .categories import category_of_feed, guess_category
from .mime import Headers
from .reading import MAX_SUBJECT, MAX_TEXT, Found, Reading
from .times import find_time

_QUOTED = re.compile(r"^\s{0,3}>")
_REPLY_HEAD = re.compile(
    r"^(?:On .{5,200} wrote:|Am .{5,200} schrieb.{0,100}:|El .{5,200} escribi[óo]:|Le .{5,200} a écrit\s?:)\s*$"
)
_SIGNATURE = re.compile(r"^-- ?$|^_{8,}$|^-{3,} ?\w* ?(?:Legal|Disclaimer)", re.MULTILINE)
_ON_DATE = re.compile(
    r"\b(?:on|at|since|time|date|timestamp|am|um|el|le|seit|datum|fecha|happened)\b[:*\s]{1,4}(?:the |the\s)?"
    r"([^\n]{6,60})",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """What the writer wrote: without quoted lines, the head of a reply and the signature."""
    lines = [
        line for line in text[: clues.MAX_SCAN].splitlines() if not _QUOTED.match(line) and not _REPLY_HEAD.match(line)
    ]
    words = "\n".join(lines)
    mark = _SIGNATURE.search(words)
    return words[: mark.start()] if mark and mark.start() > 20 else words


def read_prose(text: str, subject: str, sender: str, headers: Headers) -> list[Reading]:
    """Readings of a free text: one per incident block where it is written as blocks, otherwise a single one."""
    words = own_words(text)
    pairs = fields.read_pairs(words)
    found = []
    for block in fields.blocks(pairs):
        kind, reference = fields.target_in(block)
        if reference and len(block) >= 2:
            found.append(_from_block(block, kind, reference, words, subject))
    if found:
        merged = _merge(found)
        return [_with_text(reading, text, subject) for reading in merged]
    return [_with_text(_from_words(words, text, subject, sender, headers), text, subject)]


def _from_block(block: dict[str, str], kind: str, reference: str, words: str, subject: str) -> Reading:
    category = fields.category_in(block)
    if category == "unsorted":
        category = category_of_feed(subject)
    if category == "unsorted":
        category = guess_category(words, subject)
    moment = fields.time_in(block) or _moment(words)
    extra = fields.details(block)
    url = clues.urls(block["url"])[:1] if "url" in block else []
    return Reading(
        category=category, target_kind=kind, target_ref=reference, url=url[0] if url else "", occurred_at=moment,
        external_ref=block.get("reference", "")[:200], extra=extra,
        evidence=(Found("incident.txt", "text/plain", _as_lines(block)),),
    )  # fmt: skip


def _as_lines(block: dict[str, str]) -> bytes:
    return "".join(f"{field}: {value}\n" for field, value in block.items()).encode("utf-8", "replace")


def _merge(found: list[Reading]) -> list[Reading]:
    """One reading per target: the log lines of one address are one report."""
    merged: dict[tuple[str, str], Reading] = {}
    for reading in found:
        merged.setdefault((reading.target_kind, reading.target_ref), reading)
    return list(merged.values())[:50]


def _with_text(reading: Reading, text: str, subject: str) -> Reading:
    return replace(reading, subject=subject[:MAX_SUBJECT], text=text.strip()[:MAX_TEXT])


def _from_words(words: str, whole: str, subject: str, sender: str, headers: Headers) -> Reading:
    # A link to the writer's own site is a signature's.
    links = [url for url in clues.urls(f"{subject}\n{words}") if not clues.is_own(url, sender)]
    kind, reference, name = _target(words, whole, subject, sender, headers, links)
    extra: dict[str, Any] = {}
    addresses = clues.ips(f"{subject}\n{words}")
    if len(links) > 1:
        extra["links"] = links[:50]
    if addresses:
        extra["addresses"] = addresses[:50]
    if kind == "event":
        extra["meeting_id"] = reference
    category = guess_category(words, subject)
    if category == "unsorted":
        category = guess_category(whole, subject)
    return Reading(
        category=category, target_kind=kind, target_ref=reference, target_name=name,
        url=reference if kind == "url" else (links[0] if links else ""), occurred_at=_moment(words), extra=extra,
        warnings=() if reference else ("The message doesn't say in a readable way who or what it is about.",),
    )  # fmt: skip


def _target(
    words: str, whole: str, subject: str, sender: str, headers: Headers, links: list[str]
) -> tuple[str, str, str]:
    """The likeliest target. What is named as one (a meeting id, an account) beats what only appears."""
    for text in (subject, words):
        for reference in clues.meetings(text):
            return "event", reference, ""
    named = clues.accounts(f"{subject}\n{words}")
    strong = [item for item in named if item[0] == "account" or item[1].startswith("@")]
    subject_ips = clues.ips(subject)
    if subject_ips:
        return "ip", subject_ips[0], ""
    if links:
        return "url", links[0], named[0][1] if named else ""
    if strong or named:
        kind, reference = (strong or named)[0]
        return kind, reference, reference
    addresses = clues.ips(words)
    if addresses:
        return "ip", addresses[0], ""
    known = {
        sender.lower(),
        *(address.lower() for name in ("to", "cc", "reply-to") for address in _addresses(headers, name)),
    }
    for text in (f"{subject}\n{words}", whole):
        for address in clues.emails(text):
            if address.lower() not in known:
                return "email", address, ""
    own = {address.rpartition("@")[2].lower() for address in known}
    for name in clues.domains(f"{subject}\n{words}"):
        if not any(name == host or name.endswith("." + host) for host in own):
            return "domain", name, ""
    numbers = clues.phones(words)
    return ("phone", numbers[0], "") if numbers else ("other", "", "")


def _addresses(headers: Headers, name: str) -> list[str]:
    return clues.emails(" ".join(headers.all(name))[:4000])


def _moment(words: str) -> datetime | None:
    for match in list(_ON_DATE.finditer(words[:8000]))[:20]:
        moment = find_time(match[1])
        if moment:
            return moment
    return find_time(words)
