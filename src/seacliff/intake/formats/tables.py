"""Tables in attachments (CSV and TSV): one reading per row, columns recognised by their names."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from seacliff.intake.cells import inert

from .categories import category_of_feed
from .clues import target_of
from .fields import FIELDS, key_of
from .reading import MAX_ROWS, MAX_SUBJECT, Found, Reading
from .times import read_time

csv.field_size_limit(1_000_000)
# Columns of feeds, beside the names FIELDS knows: (column, our field). The Shadowserver Foundation's reports use these.
_COLUMNS = {
    "timestamp": "time", "event date": "date", "event time": "clock", "tag": "type", "infection": "type",
    "type": "transport", "report type": "feed", "hostname": "hostname", "host": "hostname", "url": "request",
    "http host": "http_host", "cc": "destination", "cc port": "destination_port", "dst url": "destination_url",
    "geo": "country", "city": "city", "version": "version", "src url": "url", "src email": "email",
    "reason": "type", "public comment": "type", "infection type": "type", "id": "reference", "server": "server",
}  # fmt: skip
_TARGETS = ("ip", "url", "request", "email", "account", "user", "event", "domain", "hostname")
_MOST_COLUMNS = 300


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    media_type: str
    columns: tuple[str, ...]
    fields: tuple[str, ...]  # ours for each column, '' where unknown
    text: str
    delimiter: str

    def rows(self) -> Iterator[list[str]]:
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        try:
            next(reader)
            yield from reader
        except (csv.Error, StopIteration):
            return


def find_table(name: str, media_type: str, content: bytes) -> Table | None:
    """The table in a file, or None when its first row doesn't name a target and at least one more known column."""
    if not (name.lower().endswith((".csv", ".tsv", ".txt")) or "csv" in media_type or media_type == "text/plain"):
        return None
    head = content[:8192].lstrip(b"\xef\xbb\xbf#")
    first = head.splitlines()[0] if head.strip() else b""
    delimiter = max(b",;\t|", key=lambda mark: first.count(bytes([mark])))
    if first.count(bytes([delimiter])) < 1 or len(first) > 8000:
        return None
    text = content.decode("utf-8", "replace").lstrip("\ufeff#").replace("\x00", "")
    try:
        columns = next(csv.reader(io.StringIO(text[:8192], newline=""), delimiter=chr(delimiter)))
    except (csv.Error, StopIteration):
        return None
    fields = column_fields(tuple(columns[:_MOST_COLUMNS]))
    known = {field for field in fields if field}
    if not known & {"ip", "url", "email", "domain", "account", "user", "event"} or len(known) < 2:
        return None
    return Table(name, media_type, tuple(columns[:_MOST_COLUMNS]), fields, text, chr(delimiter))


@lru_cache(maxsize=256)
def column_fields(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Our field for each column; the first column of a field has it."""
    taken: set[str] = set()
    fields = []
    for column in columns:
        key = key_of(column)
        field = _COLUMNS.get(key) or FIELDS.get(key, "")
        fields.append("" if field in taken else field)
        taken.add(field)
    return tuple(fields)


def read_table(table: Table, feed: str, limit: int, warnings: list[str]) -> list[Reading]:
    """Readings of a table's rows. `feed` (the mail's subject) says what the table is about where its name doesn't."""
    found: list[Reading] = []
    skipped = 0
    for number, row in enumerate(table.rows(), 2):
        if not any(row):
            continue
        if len(found) >= limit:
            warnings.append(
                f"{table.name or 'The table'} has more than {limit} rows; the rest stays in the attachment."
            )
            break
        reading = _read_row(table, row, number, feed)
        if reading:
            found.append(reading)
        else:
            skipped += 1
            if skipped > MAX_ROWS:
                break
    if skipped:
        warnings.append(f"{skipped} rows of {table.name or 'the table'} name no target and were not read.")
    return found


def _read_row(table: Table, row: list[str], number: int, feed: str) -> Reading | None:
    values = {field: value.strip() for field, value in zip(table.fields, row, strict=False) if field and value.strip()}
    kind, reference = _target(values)
    if not reference:
        return None
    category = category_of_row(values, table.name, feed)
    warnings = (
        []
        if len(row) == len(table.columns)
        else [f"Row {number} has {len(row)} values for {len(table.columns)} columns."]
    )
    pairs = [(column, value) for column, value in zip(table.columns, row, strict=False) if value.strip()]
    what = values.get("type") or values.get("feed") or values.get("category") or "reported"
    return Reading(
        category=category, target_kind=kind, target_ref=reference, target_name=values.get("hostname", "")[:200],
        subject=f"{reference}: {what}"[:MAX_SUBJECT], text="\n".join(f"{c}: {v}" for c, v in pairs)[:20_000],
        url=values["url"][:2000] if values.get("url", "").startswith("http") else "", occurred_at=_moment(values),
        evidence=(_as_evidence(table, row, number),), external_ref=values.get("reference", "")[:200],
        extra=dict(pairs[:100]) | {"row": number}, warnings=tuple(warnings),
    )  # fmt: skip


def _target(values: dict[str, str]) -> tuple[str, str]:
    for field in _TARGETS:
        value = values.get(field, "")
        if value:
            kind, reference = target_of(value)
            if field in {"account", "user", "event"}:
                return field, value[:2000]
            if kind != "other" and kind in {"ip", "url", "email", "domain"}:
                return kind, reference
    return "", ""


_DATED = re.compile(r"\d{4}-\d{2}-\d{2}[-_]?")


def category_of_row(values: dict[str, str], name: str, feed: str) -> str:
    """From the most specific to the vaguest: the row's feed, the file, the mail's subject, the row's words."""
    for hint in (
        values.get("feed", ""),
        _DATED.sub("", name),
        feed,
        values.get("type", ""),
        values.get("category", ""),
    ):
        category = category_of_feed(hint) if hint else "unsorted"
        if category != "unsorted":
            return category
    return "unsorted"


def _moment(values: dict[str, Any]) -> datetime | None:
    if "time" in values:
        return read_time(values["time"])
    return read_time(f"{values.get('date', '')} {values.get('clock', '')}".strip())


def _as_evidence(table: Table, row: list[str], number: int) -> Found:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(inert, table.columns))
    writer.writerow(map(inert, row))
    stem = re.sub(r"\.\w{1,4}$", "", table.name) or "table"
    return Found(f"{stem[:150]} row {number}.csv", "text/csv", out.getvalue().encode("utf-8", "replace"))
