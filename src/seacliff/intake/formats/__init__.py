"""Readers of the formats reports come in. Pure functions: bytes in, `Message` out; no database is touched."""

from .mail import read_mail
from .reading import CATEGORIES, TARGET_KINDS, Found, Message, Reading
from .rows import read_row
from .xarf_report import read_xarf

__all__ = ["CATEGORIES", "TARGET_KINDS", "Found", "Message", "Reading", "read_mail", "read_row", "read_xarf"]
