"""A report on its way in: what every door (form, API, XARF, mail, import) hands to actions.take_reports."""

import hashlib
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from seacliff.targets.models import Kind

KINDS = frozenset(Kind.values)
MAX_KEY = 200  # characters of an idempotency key
LIMITS = {  # characters a report may carry in each of its fields
    "category": 64, "target_kind": 16, "target_ref": 2_000, "target_name": 500, "reporter_key": 400,
    "reporter_name": 300, "reporter_email": 320, "language": 12, "subject": 500, "text": 200_000,
    "url": 2_000, "external_ref": 300,
}  # fmt: skip


class Attached(msgspec.Struct, frozen=True):
    """Evidence already kept (record.evidence.keep), under the name and type its sender gave."""

    sha256: str
    name: str = ""
    declared_type: str = ""


class NewReport(msgspec.Struct, kw_only=True):
    """The fields of models.Report, and what belongs to taking it.

    `received_at` is only given for history brought in from elsewhere: it also dates the report's id. `target_tree` is
    the account tree above the target, nearest first.
    """

    product_id: UUID
    category: str
    target_kind: str = "other"
    target_ref: str = ""
    target_name: str = ""
    target_tree: list[Any] = []
    reporter_key: str = ""
    reporter_name: str = ""
    reporter_email: str = ""
    language: str = ""
    subject: str = ""
    text: str = ""
    url: str = ""
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    external_ref: str = ""
    message_id: UUID | None = None
    extra: dict[str, Any] = {}
    idempotency_key: str = ""
    attachments: list[Attached] = []

    def digest(self) -> bytes:
        """SHA-256 of everything the sender said, whatever the spelling of the request."""
        return hashlib.sha256(msgspec.json.encode(self)).digest()


class Outcome(msgspec.Struct, frozen=True):
    """What became of a report. A repeated one carries the id of the first, a refused one the sentence that says why."""

    report_id: UUID | None
    state: Literal["created", "repeated", "refused"]
    problem: str = ""
    code: Literal["", "conflict", "invalid"] = ""


def reporter_key(product_slug: str, *, email: str = "", user: str = "") -> str:
    """Who reports, as Reporter.key: the product's user where it vouches for one, else the address; '' for nobody."""
    if user:
        return f"user:{product_slug}:{user}"
    return f"mail:{email.strip().lower()}" if email.strip() else ""


def unstorable(report: NewReport) -> str:
    """Why the database could not hold the report, as a sentence; '' when it can."""
    for field, most in LIMITS.items():
        value = getattr(report, field)
        if len(value) > most:
            return f"{field} has {len(value)} characters; the most is {most}."
        if "\0" in value:
            return f"{field} contains a NUL character, which can't be stored."
    if report.target_kind not in KINDS:
        return f"target_kind {report.target_kind!r} is unknown; it is one of {', '.join(sorted(KINDS))}."
    if len(report.idempotency_key) > MAX_KEY or "\0" in report.idempotency_key:
        return f"idempotency_key is longer than {MAX_KEY} characters or contains a NUL character."
    return ""
