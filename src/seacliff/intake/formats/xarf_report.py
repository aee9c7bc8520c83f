"""XARF documents, whichever version: JSON bytes or an already decoded object in, readings out."""

import json
from dataclasses import replace
from typing import Any

import msgspec

from .mime import decode_text
from .reading import MAX_EVIDENCE, MAX_INPUT, MAX_ROWS, Found, Message, Reading
from .storable import storable
from .xarf_v3 import read_v3
from .xarf_v4 import read_v4

_MAX_LEVELS = 60  # of nesting; the deepest XARF type has five


def read_xarf(raw: bytes | dict[str, Any]) -> Message:
    """Reads a XARF v4 or v3 document, or a list of them. Never raises; what can't be read says so in `needs_human`."""
    try:
        return _read(raw)
    except Exception as error:  # the promise of this module: whatever comes in, the caller gets a Message
        return Message("xarf", needs_human=f"The XARF document could not be read ({type(error).__name__}).")


def version_of(document: Any) -> str:
    """'xarf4', 'xarf3' or '' for a decoded JSON value."""
    if not isinstance(document, dict):
        return ""
    if "xarf_version" in document or (
        "category" in document and "type" in document and "source_identifier" in document
    ):
        return "xarf4"
    report = document.get("Report")
    if isinstance(report, dict) and ({"ReportType", "ReportClass"} & report.keys() or "ReporterInfo" in document):
        return "xarf3"
    return "xarf3" if "ReportType" in document and ("ReporterInfo" in document or "ReportClass" in document) else ""


def decode_json(raw: bytes) -> Any:
    """The JSON value in raw bytes, whatever its character set. ValueError says what is wrong."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    try:
        return json.loads(decode_text(raw, "").lstrip("\ufeff \t\r\n"))
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not valid JSON ({error.msg} at line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _read(raw: bytes | dict[str, Any]) -> Message:
    if isinstance(raw, dict):
        document: Any = raw
    elif not isinstance(raw, bytes | bytearray | memoryview):
        return Message("xarf", needs_human="The XARF document is neither bytes nor an object.")
    elif len(raw) > MAX_INPUT:
        return Message("xarf", needs_human=f"The document is larger than {MAX_INPUT // 2**20} MB and was not read.")
    else:
        try:
            document = decode_json(bytes(raw))
        except ValueError as error:
            return Message("xarf", needs_human=f"The document can't be read as XARF: {error}.")
    if _levels(document) > _MAX_LEVELS:
        return Message("xarf", needs_human="The document can't be read as XARF: it is nested too deeply.")
    documents = document if isinstance(document, list) else [document]
    readings = [_read_one(item) for item in documents[:MAX_ROWS] if version_of(item)]
    if not readings:
        return Message("xarf", needs_human=_why_not(document))
    missed = len(documents) - len(readings)
    if missed:
        note = f"{missed} of the {len(documents)} entries in the document were not read; they are in the raw input."
        readings[0] = replace(readings[0], warnings=(*readings[0].warnings, note))
    return Message(version_of(next(filter(version_of, documents))), tuple(readings), language=readings[0].language)


def _read_one(document: dict[str, Any]) -> Reading:
    reading = read_v4(document) if version_of(document) == "xarf4" else read_v3(document)
    evidence = reading.evidence[:MAX_EVIDENCE]
    if not evidence:  # the document is then all there is to show for the claim
        content = msgspec.json.format(msgspec.json.encode(document))
        evidence = (Found("report.json", "application/json", content),)
    return storable(replace(reading, evidence=evidence))


def _levels(value: Any) -> int:
    """How deep a JSON value is nested, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        deepest = max(deepest, level)
        if level > _MAX_LEVELS:
            break
        if isinstance(item, dict):
            waiting.extend((inner, level + 1) for inner in item.values() if isinstance(inner, dict | list))
        elif isinstance(item, list):
            waiting.extend((inner, level + 1) for inner in item if isinstance(inner, dict | list))
    return deepest


def _why_not(document: Any) -> str:
    if isinstance(document, dict):
        return "The document is JSON but no XARF: it has neither xarf_version (v4) nor a Report with a ReportType (v3)."
    return "The document is JSON but no XARF: a report is an object or a list of objects."
