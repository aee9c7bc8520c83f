"""`seacliff import`: reports from a CSV or JSONL file, such as another system's export.

A row that can't be taken is put aside with its reason and stops nothing. Each row has an idempotency key, its own
reference or the hash of what it says, so that a file that was cut off halfway is simply imported again.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
from django.db import connection
from django.utils import timezone

from seacliff.intake.actions import take_reports
from seacliff.intake.cells import as_sent, inert
from seacliff.intake.doors import report_of
from seacliff.intake.incoming import NewReport, unstorable
from seacliff.intake.models import Channel
from seacliff.intake.submissions import EARLIEST, Submission, Unacceptable
from seacliff.record.actions import SYSTEM

BATCH = 2_000
WRITERS = 2  # connections that write; a third gained nothing on two cores
LONGEST_FIELD = 4 * 1024 * 1024
SAMPLE = 64 * 1024

# Column names that are understood, beside the fields' own. Whatever else a file has is kept in the report's `extra`.
SYNONYMS = {
    "category": ("type", "reason", "violation", "abuse_type"),
    "target_ref": ("target", "target_id", "object", "object_id", "user_id", "event_id", "ip", "domain"),
    "target_kind": ("target_type", "object_type"),
    "target_name": ("object_name",),
    "reporter_email": ("email", "reporter", "from"),
    "reporter_name": ("name",),
    "reporter_user": ("reporter_id",),
    "language": ("lang", "locale"),
    "subject": ("title", "summary"),
    "text": ("description", "body", "message", "comment", "details"),
    "url": ("link", "content_url"),
    "occurred_at": ("incident_at", "incident_date", "happened_at"),
    "received_at": ("created_at", "reported_at", "date", "timestamp", "created"),
    "external_ref": ("id", "ticket", "ticket_id", "report_id", "reference", "ref"),
    "product": ("product_slug",),
    "idempotency_key": (),
}
SAME_NAME = "Another report with the same reference was taken before, and says something else."
MEANING = {name: name for name in SYNONYMS} | {word: name for name, words in SYNONYMS.items() for word in words}


class CannotImport(Exception):
    """Why the file can't be imported at all, in a sentence."""


class Row(NamedTuple):
    """A row of the file: its line, and what it says, raw (JSONL) or by column (CSV)."""

    line: int
    said: bytes | dict[str, str]
    problem: str = ""


class HistoricalSubmission(Submission):
    """A report as the API takes it, and when it was received by the system it comes from."""

    received_at: datetime | None = None


DECODER = msgspec.json.Decoder(HistoricalSubmission)


@dataclass
class Tally:
    created: int = 0
    repeated: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.created + self.repeated + self.rejected


class Rejects:
    """The file of rows that were not taken; made when the first of them is."""

    def __init__(self, path: Path, tally: Tally) -> None:
        self.path, self.tally = path, tally
        self._file: IO[str] | None = None
        self._csv: csv.DictWriter[str] | None = None

    def put(self, row: Row, problem: str) -> None:
        self.tally.rejected += 1
        self.tally.reasons[problem] += 1
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
        if isinstance(row.said, dict):
            if self._csv is None:
                columns = ["line", "problem", *(name for name in row.said if name not in ("line", "problem"))]
                self._csv = csv.DictWriter(self._file, columns, extrasaction="ignore")
                self._csv.writerow({name: inert(name) for name in columns})
            said = {**row.said, "line": row.line, "problem": problem}
            self._csv.writerow({name: inert(cell) for name, cell in said.items()})
        else:
            raw = row.said.decode("utf-8", "backslashreplace")
            self._file.write(json.dumps({"line": row.line, "problem": problem, "said": raw}) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def run(
    path: Path, *, product: str, dry: bool, rejects: Path, seen: Callable[[int], None] = lambda _bytes: None
) -> Tally:
    """Import the file, or only look whether it could be (`dry`); `seen` hears how many bytes were read so far."""
    tally = Tally()
    aside = Rejects(rejects, tally)
    try:
        with path.open("rb") as file, ThreadPoolExecutor(WRITERS) as writers:
            underway: list[tuple[list[Row], Future[list[str]]]] = []
            for rows, reports in _batches(_rows(path, file), product, aside):
                seen(file.tell())
                if dry:
                    problems = [unstorable(report) for report in reports]
                    _settle(rows, [problem or "created" for problem in problems], tally, aside)
                    continue
                underway.append((rows, writers.submit(_write, reports)))
                if len(underway) > WRITERS:
                    rows, future = underway.pop(0)
                    _settle(rows, future.result(), tally, aside)
            for rows, future in underway:
                _settle(rows, future.result(), tally, aside)
            for _ in range(WRITERS):
                writers.submit(connection.close)
    except OSError as error:
        raise CannotImport(f"{path} can't be imported: {error.strerror or error}.") from error
    finally:
        aside.close()
    return tally


def _write(reports: list[NewReport]) -> list[str]:
    """ "created", "repeated", or the problem, for each."""
    outcomes = take_reports(reports, channel=Channel.IMPORT, actor=SYSTEM)
    return [SAME_NAME if outcome.code == "conflict" else outcome.problem or outcome.state for outcome in outcomes]


def _settle(rows: list[Row], outcomes: list[str], tally: Tally, aside: Rejects) -> None:
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome == "created":
            tally.created += 1
        elif outcome == "repeated":
            tally.repeated += 1
        else:
            aside.put(row, outcome)


def _batches(rows: Iterator[Row], product: str, aside: Rejects) -> Iterator[tuple[list[Row], list[NewReport]]]:
    kept: list[Row] = []
    reports: list[NewReport] = []
    for row in rows:
        try:
            report = _report(row, product)
        except Unacceptable as error:
            aside.put(row, str(error))
            continue
        kept.append(row)
        reports.append(report)
        if len(reports) == BATCH:
            yield kept, reports
            kept, reports = [], []
    if reports:
        yield kept, reports


def _report(row: Row, product: str) -> NewReport:
    if row.problem:
        raise Unacceptable([{"pointer": "#", "detail": row.problem}])
    try:
        said = _flat(row.said) if isinstance(row.said, dict) else _decoded(row.said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unacceptable([{"pointer": "#", "detail": f"{str(error).rstrip('.')}."}]) from None
    said.product = said.product or product
    report = report_of(said)
    if said.received_at is not None:
        report.received_at = _past(said.received_at)
    if not report.idempotency_key:
        name = report.external_ref or hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:40]
        report.idempotency_key = f"import:{name}"[:200]
    return report


def _decoded(raw: bytes) -> HistoricalSubmission:
    """A JSON line: shaped as the API takes it, or flat as a CSV row would be."""
    try:
        return DECODER.decode(raw)
    except msgspec.ValidationError as error:
        found = msgspec.json.decode(raw)
        if not isinstance(found, dict) or isinstance(found.get("target"), dict):
            raise error from None
        flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items() if value}
        return _flat(flat)


def _flat(columns: dict[str, str]) -> HistoricalSubmission:
    said: dict[str, str] = {}
    extra: dict[str, str] = {}
    for column, value in columns.items():
        if not value or not column:
            continue
        name = MEANING.get(column.strip().lower().replace(" ", "_").replace("-", "_"))
        if name is None or name in said:
            extra[column] = value
        else:
            said[name] = value
    ref = said.get("target_ref", "") or said.get("url", "")
    kind = said.get("target_kind") or ("url" if ref.startswith(("http://", "https://")) else "other")
    shaped: dict[str, Any] = {name: said[name] for name in _PLAIN if name in said}
    shaped["target"] = {"kind": kind, "ref": ref, "name": said.get("target_name", "")}
    reporter = {name.removeprefix("reporter_"): said[name] for name in _REPORTER if name in said}
    if reporter:
        shaped["reporter"] = reporter
    for name in ("occurred_at", "received_at"):
        if name in said:
            shaped[name] = _moment(name, said[name])
    if extra:
        shaped["extra"] = extra
    return msgspec.convert(shaped, HistoricalSubmission)


_PLAIN = ("category", "product", "language", "subject", "text", "url", "external_ref", "idempotency_key")
_REPORTER = ("reporter_email", "reporter_name", "reporter_user")


def _moment(name: str, text: str) -> datetime:
    """ISO 8601, or seconds since 1970; without a time zone it is UTC."""
    try:
        moment = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError, OSError):
        detail = f"{name} {text[:40]!r} is no date such as 2026-03-31T14:05:00+02:00."
        raise Unacceptable([{"pointer": f"#/{name}", "detail": detail}]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _past(moment: datetime) -> datetime:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment <= timezone.now():
        detail = "received_at lies in the future or before 1970."
        raise Unacceptable([{"pointer": "#/received_at", "detail": detail}])
    return moment


def _rows(path: Path, file: IO[bytes]) -> Iterator[Row]:
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return _json_lines(file)
    return _csv_rows(path, file)


def _json_lines(file: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_FIELD), b""), start=1):
        if line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield Row(number, line.strip(b"\xef\xbb\xbf \t\r\n"))


def _csv_rows(path: Path, file: IO[bytes]) -> Iterator[Row]:
    encoding = _encoding(path)
    lines = (line.decode(encoding, "backslashreplace") for line in iter(lambda: file.readline(LONGEST_FIELD), b""))
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, _dialect(path, encoding))
    try:
        columns = next(reader, [])
    except csv.Error:  # a picture, say
        columns = []
    if not {MEANING.get(name.strip().lower().replace(" ", "_")) for name in columns} & {"category"}:
        raise CannotImport(
            f"The first line of {path} names no column for the category. It must name the columns: category, target_kind, "
            "target_ref, text, reporter_email, received_at ... (docs/intake.md lists them and their synonyms)."
        )
    ours = columns[:2] == ["line", "problem"]  # rows that were put aside, and are corrected now
    while True:
        number = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, {}, f"The line can't be read as CSV: {error}.")
            continue
        if not any(values):
            continue
        said = dict(zip(columns, map(as_sent, values) if ours else values, strict=False))
        surplus = values[len(columns) :]
        problem = f"The line has {len(values)} values for {len(columns)} columns." if any(surplus) else ""
        yield Row(number, said, problem)


def _encoding(path: Path) -> str:
    """UTF-8 when all of the file is; else what older spreadsheets write."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _dialect(path: Path, encoding: str) -> type[csv.Dialect] | csv.Dialect:
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        head = text.readline(SAMPLE)
    try:
        return csv.Sniffer().sniff(head, delimiters=",;\t|")
    except csv.Error:
        return csv.excel()
