"""Makes a reading safe to keep: PostgreSQL takes no NUL and no lone surrogate in text, and no NaN in JSON."""

import math
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from .reading import MAX_TEXT, Found, Reading

_MAX_STRING = 4000
_MAX_ITEMS = 200
_MAX_LEVELS = 8


def storable(reading: Reading) -> Reading:
    """The same reading with every string and every value in `extra` fit for the database."""
    changes: dict[str, Any] = {"extra": clean_value(reading.extra, 0)}
    for name in _TEXT_FIELDS:
        value = getattr(reading, name)
        kept = clean_text(value)
        if kept is not value:
            changes[name] = kept
    if any(not found.name.isprintable() or not found.media_type.isprintable() for found in reading.evidence):
        changes["evidence"] = tuple(
            Found(_printable(found.name), _printable(found.media_type), found.content) for found in reading.evidence
        )
    if len(reading.text) > MAX_TEXT:
        changes["text"] = clean_text(reading.text[:MAX_TEXT])
    if reading.warnings:
        changes["warnings"] = tuple(clean_text(warning)[:500] for warning in reading.warnings[:50])
    return replace(reading, **changes)


_TEXT_FIELDS = tuple(field.name for field in fields(Reading) if field.type is str or field.type == "str")


def clean_text(text: str) -> str:
    """Text without NUL and lone surrogates; the same object when there was nothing to clean."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def clean_value(value: Any, level: int) -> Any:
    """A JSON-ready copy of a value: bounded in size and depth, dates as ISO 8601."""
    if isinstance(value, str):
        return clean_text(value[:_MAX_STRING])
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else clean_text(hex(value)[:100])
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if level >= _MAX_LEVELS:
        return "(nested too deeply)"
    if isinstance(value, dict):
        items = list(value.items())[:_MAX_ITEMS]
        return {clean_text(str(key)[:100]): clean_value(inner, level + 1) for key, inner in items}
    if isinstance(value, list | tuple):
        return [clean_value(inner, level + 1) for inner in value[:_MAX_ITEMS]]
    return value.isoformat() if isinstance(value, datetime) else clean_text(str(value)[:_MAX_STRING])


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "_" for letter in text)
