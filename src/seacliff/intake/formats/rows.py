"""One row of a bulk import (CSV or JSONL): columns recognised by name, every refusal a sentence about a field."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from .categories import category_of_feed, guess_category, read_category
from .clues import target_of
from .fields import key_of
from .reading import CATEGORIES, MAX_REF, MAX_SUBJECT, MAX_TEXT, TARGET_KINDS, Reading
from .storable import clean_text, clean_value
from .times import read_time

# Our field -> the column names it is recognised by, the likeliest first.
COLUMNS: dict[str, tuple[str, ...]] = {
    "text": ("text", "report", "report text", "reported text", "message", "content", "body", "description", "details",
             "comment", "tweet", "post", "sms", "test case", "note", "notes", "statement", "texto", "beschreibung",
             "public comment", "private comment"),
    "subject": ("subject", "title", "headline", "betreff", "asunto"),
    "target": ("target", "target ref", "target id", "reported", "reported target", "reported item", "ziel", "objetivo"),
    "target_kind": ("target kind", "target type", "kind"),
    "target_name": ("target name", "display name"),
    "event": ("meeting id", "event id", "webinar id", "meeting", "event"),
    "account": ("account", "account id", "tenant", "customer"),
    "user": ("user", "user id", "username", "reported user", "author", "handle"),
    "url": ("url", "link", "uri", "reported url", "source url", "permalink"),
    "ip": ("ip", "ip address", "source ip", "src ip"),
    "email": ("email", "target email", "reported email", "sender email"),
    "domain": ("domain", "host", "hostname", "instance", "website"),
    "phone": ("phone", "phone number", "telephone"),
    "category": ("category", "report category", "reason", "abuse type", "violation", "type", "label", "class name",
                 "kategorie", "categoria"),
    "reporter_email": ("reporter email", "reporter", "reported by", "contact email", "complainant email"),
    "reporter_name": ("reporter name", "contact name", "complainant"),
    "reporter_org": ("reporter org", "reporter organisation", "reporter organization"),
    "language": ("language", "lang", "locale", "sprache", "idioma"),
    "occurred_at": ("occurred at", "occurred", "date", "time", "timestamp", "datetime", "created at", "reported at",
                    "event time", "datum", "fecha"),
    "external_ref": ("external ref", "external id", "report id", "reference", "ticket", "case id", "id"),
}  # fmt: skip
_TARGETS = ("event", "account", "user", "url", "ip", "email", "domain", "phone")
_BY_NAME = {name: (field, rank) for field, names in COLUMNS.items() for rank, name in enumerate(names)}
_EMPTY = {"", "-", "n/a", "na", "none", "null", "nan"}


def read_row(row: Mapping[str, Any], columns: Mapping[str, str] | None = None) -> Reading:
    """The reading of one row.

    `columns` maps our field (a key of COLUMNS) to the name of the column that holds it and overrides recognition by
    name. Columns nobody claims are kept in `extra`. Raises ValueError with a sentence that names the column and what is
    wrong with its value.
    """
    claims = _claims(tuple(row), tuple(sorted(columns.items())) if columns else ())
    values: dict[str, str] = {}
    extra: dict[str, Any] = {}
    for column, value in row.items():
        field = claims.get(column)
        if field:
            text = value.strip() if isinstance(value, str) else _word(column, value)
            if text.lower() not in _EMPTY:
                values[field] = clean_text(text)
        elif value not in (None, "") and column:
            extra[str(column)[:100]] = clean_value(value, 0)
    kind, reference = _target(values, claims)
    text = values.get("text", "")
    if not text and not reference:
        raise ValueError("The row has neither a report text nor a target, so there is nothing to review.")
    if len(text) > MAX_TEXT:
        raise ValueError(
            f"Column {_column(claims, 'text')!r} holds {len(text):,} characters; at most {MAX_TEXT:,} are kept."
        )
    warnings: list[str] = []
    category = _category(values, text, extra, warnings)
    return Reading(
        category=category, target_kind=kind, target_ref=reference, target_name=values.get("target_name", "")[:200],
        reporter_email=_email(values, claims), reporter_name=values.get("reporter_name", "")[:200],
        reporter_org=values.get("reporter_org", "")[:200], language=values.get("language", "")[:2].lower(),
        subject=values.get("subject", "")[:MAX_SUBJECT], text=text, url=_url(values, claims, kind, reference),
        occurred_at=_moment(values, claims), external_ref=values.get("external_ref", "")[:200], extra=extra,
        warnings=tuple(warnings),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _claims(names: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Our field for each column that has one."""
    claims: dict[str, str] = {}
    for field, column in given:
        if field not in COLUMNS:
            raise ValueError(f"{field!r} is not a field of a report; the fields are {', '.join(sorted(COLUMNS))}.")
        if column not in names:
            raise ValueError(f"The row has no column {column!r}, which was named for {field!r}.")
        claims[column] = field
    known = [(*_BY_NAME.get(key_of(name), ("", 0)), place, name) for place, name in enumerate(map(str, names))]
    ranked = sorted((rank, place, name, field) for field, rank, place, name in known if field and name not in claims)
    taken = set(claims.values())
    for _, _, name, field in ranked:
        if field not in taken:
            claims[name] = field
            taken.add(field)
    return claims


def _word(column: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float | datetime):
        raise ValueError(f"Column {column!r} holds {type(value).__name__}, not text.")
    return str(value)


def _column(claims: dict[str, str], field: str) -> str:
    return next((column for column, claimed in claims.items() if claimed == field), field)


def _target(values: dict[str, str], claims: dict[str, str]) -> tuple[str, str]:
    kind = values.get("target_kind", "").lower()
    if kind and kind not in TARGET_KINDS:
        names = ", ".join(sorted(TARGET_KINDS))
        raise ValueError(f"Column {_column(claims, 'target_kind')!r} says {kind[:40]!r}; a target is one of {names}.")
    reference = values.get("target", "")
    if reference:
        if len(reference) > MAX_REF:
            raise ValueError(f"Column {_column(claims, 'target')!r} is longer than {MAX_REF:,} characters.")
        return (kind, reference) if kind else target_of(reference)
    for field in (kind, *_TARGETS) if kind in _TARGETS else _TARGETS:
        value = values.get(field)
        if value:
            if field in {"ip", "url", "email", "domain"}:
                return _shaped(field, value, claims)
            return field, value[:MAX_REF]
    return kind or "other", ""


def _shaped(field: str, value: str, claims: dict[str, str]) -> tuple[str, str]:
    """A target whose column promises a shape: an address that is none is refused, a bare domain passes as a link."""
    kind, reference = target_of(value)
    if kind == field:
        return kind, reference
    if field in {"url", "domain"} and kind in {"url", "domain", "ip"}:
        return kind, reference
    if field in {"url", "domain"} and " " not in value:  # an odd host or an app link is still something to look at
        return field, value[:MAX_REF]
    names = {"ip": "an IP address", "url": "a link", "email": "an e-mail address", "domain": "a domain name"}
    raise ValueError(f"Column {_column(claims, field)!r} holds {value[:60]!r}, which is not {names[field]}.")


def _category(values: dict[str, str], text: str, extra: dict[str, Any], warnings: list[str]) -> str:
    said = values.get("category", "")
    if not said:
        return guess_category(text, values.get("subject", "")) if text else "unsorted"
    category = read_category(said, CATEGORIES)
    if category:
        return category
    for word in said.split(",")[:20]:  # blocklists give several reasons in one cell
        category = read_category(word, CATEGORIES) if "," in said else None
        if category and category != "unsorted":
            extra["category_given"] = said[:500]
            return category
    extra["category_given"] = said[:500]
    category = category_of_feed(said)
    category = guess_category(said) if category == "unsorted" else category
    warnings.append(f"Category {said[:60]!r} is not one of ours; read as {category}.")
    return category


def _email(values: dict[str, str], claims: dict[str, str]) -> str:
    address = values.get("reporter_email", "")
    if address and ("@" not in address[1:-1] or " " in address or len(address) > 254):
        raise ValueError(
            f"Column {_column(claims, 'reporter_email')!r} holds {address[:60]!r}, which is not an e-mail address."
        )
    return address


def _url(values: dict[str, str], claims: dict[str, str], kind: str, reference: str) -> str:
    link = values.get("url", "")
    if len(link) > MAX_REF:
        raise ValueError(f"Column {_column(claims, 'url')!r} is longer than {MAX_REF:,} characters.")
    return link if link.lower().startswith(("http://", "https://")) else reference if kind == "url" else ""


def _moment(values: dict[str, str], claims: dict[str, str]) -> datetime | None:
    written = values.get("occurred_at", "")
    if not written:
        return None
    moment = read_time(written)
    if moment is None:
        raise ValueError(
            f"Column {_column(claims, 'occurred_at')!r} holds {written[:40]!r}, which is no date and time; "
            "write it like 2026-03-31T14:05:00Z."
        )
    return moment
