"""What a format reader hands to intake: plain, frozen values. Nothing here knows Django.

A `Message` is the outcome of reading one raw input. It carries the reports found in it, or the sentence that says why a
person must look at the raw input, never neither.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CATEGORIES = frozenset({
    "spam", "phishing", "malware", "fraud-scam", "impersonation", "harassment", "hate", "threats-violence",
    "violent-extremism", "self-harm", "child-safety", "sexual-content", "non-consensual-intimate-imagery",
    "privacy-doxxing", "copyright", "trademark", "counterfeit", "disrupted-meeting", "account-takeover",
    "network-attack", "compromised-host", "vulnerable-service", "misinformation", "regulated-goods", "unsorted",
})  # fmt: skip

TARGET_KINDS = frozenset(
    {"organisation", "account", "user", "event", "content", "url", "ip", "domain", "email", "phone", "other"}
)

# Limits: what a reader is willing to spend on one input. What lies beyond stays in the raw input, with a warning.
MAX_INPUT = 32 * 1024 * 1024  # bytes of one raw mail or document
MAX_PARTS = 200  # MIME parts of one mail
MAX_DEPTH = 8  # nesting of MIME parts
MAX_EVIDENCE = 50  # pieces of evidence a report carries
MAX_UNPACKED = 24 * 1024 * 1024  # bytes inflated from one compressed attachment
MAX_ROWS = 1000  # readings made from the rows of one message
MAX_SCAN = 60_000  # characters of free text searched for targets
MAX_TEXT = 200_000  # characters kept in a report's text
MAX_SUBJECT = 500
MAX_REF = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of evidence that came with a report. `media_type` is what the sender declared: it proves nothing."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """One report read from an input. `occurred_at` is UTC and aware; `extra` holds only JSON-ready values."""

    category: str = "unsorted"
    target_kind: str = "other"
    target_ref: str = ""
    target_name: str = ""
    reporter_email: str = ""
    reporter_name: str = ""
    reporter_org: str = ""
    language: str = ""
    subject: str = ""
    text: str = ""
    url: str = ""
    occurred_at: datetime | None = None
    evidence: tuple[Found, ...] = ()
    external_ref: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """The outcome of reading one raw input: reports, or the sentence saying why a person must look."""

    format: str
    readings: tuple[Reading, ...] = ()
    needs_human: str = ""
    language: str = ""
