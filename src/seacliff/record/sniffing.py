"""What a content is, by looking at it. What its sender calls it is kept for people to read and never believed."""

import json
import re
import warnings
from io import BytesIO

import puremagic
from PIL import Image

from seacliff.record.models import Evidence

Kind = Evidence.Kind
PICTURES = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")  # what Pillow is let loose on; it could read far more
JSON_MOST = 4 * 1024 * 1024
HEADER = re.compile(rb"([!-9;-~]{1,80}):")  # RFC 5322, section 2.2
TELLTALE = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"mime-version", b"return-path"}
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
SAMPLE = 64 * 1024


def sniff(content: bytes) -> tuple[str, Evidence.Kind]:
    """Media type and kind. A kind other than OTHER promises that we can show it; OTHER can only be downloaded."""
    return _by_first_bytes(content) or _text(content) or _anything(content)


def _by_first_bytes(content: bytes) -> tuple[str, Evidence.Kind] | None:
    head = content[:16]
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")) or head[8:12] == b"WEBP":
        return _picture(content)
    if head[4:8] == b"ftyp":
        return _iso_media(content, head[8:12])
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav", Kind.AUDIO
    if head.startswith(b"\x1aE\xdf\xa3"):  # EBML, RFC 8794
        return ("video/webm", Kind.VIDEO) if b"webm" in content[:80] else ("video/x-matroska", Kind.OTHER)
    if head.startswith(b"OggS"):
        return ("video/ogg", Kind.VIDEO) if b"theora" in content[:200] else ("audio/ogg", Kind.AUDIO)
    if head.startswith(b"fLaC"):
        return "audio/flac", Kind.AUDIO
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xf3", b"\xf2", b"\xfa")):
        return "audio/mpeg", Kind.AUDIO
    if head.startswith(b"%PDF-"):
        return "application/pdf", Kind.OTHER
    if head.startswith(b"PK\x03\x04"):
        return "application/zip", Kind.OTHER  # office documents too: which one is told by looking inside, and we don't
    return None


def _iso_media(content: bytes, brand: bytes) -> tuple[str, Evidence.Kind] | None:
    """ISO base media files (ISO/IEC 14496-12) tell themselves apart by their major brand."""
    if brand in (b"avif", b"avis"):
        return _picture(content)
    if brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        return "image/heic", Kind.OTHER
    if brand in (b"M4A ", b"M4B ", b"M4P "):
        return "audio/mp4", Kind.AUDIO
    return ("video/quicktime" if brand == b"qt  " else "video/mp4"), Kind.VIDEO


def _picture(content: bytes) -> tuple[str, Evidence.Kind] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=PICTURES) as picture:
                return Image.MIME[picture.format or ""], Kind.IMAGE
    except Exception:  # Pillow's readers raise whatever a broken file makes them raise
        return None


def _text(content: bytes) -> tuple[str, Evidence.Kind] | None:
    if _is_mail(content):
        return "message/rfc822", Kind.MAIL
    if not is_text(content):
        return None
    start = content[:SAMPLE].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"[") and len(content) <= JSON_MOST and _is_json(content):
        return "application/json", Kind.JSON
    lowered = start[:2000].lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return "text/html", Kind.TEXT
    if b"<svg" in lowered and lowered.startswith(b"<"):
        return "image/svg+xml", Kind.TEXT  # a drawing that may carry scripts: shown as its source
    return ("text/xml" if lowered.startswith(b"<?xml") else "text/plain"), Kind.TEXT


def is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(content, "utf-16")
    if not content or CONTROLS.search(content[:SAMPLE]):
        return False
    if _decodes(content, "utf-8"):
        return b"\x00" not in content
    sample = content[:SAMPLE]  # an older charset: mostly plain letters
    return sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in sample) >= 0.8 * len(sample)


def _decodes(content: bytes, charset: str) -> bool:
    try:
        content.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _is_mail(content: bytes) -> bool:
    """Header lines up to an empty line, at least three of them such as every mail has."""
    lines = content[:SAMPLE].splitlines()[:400]
    if lines and lines[0].startswith((b"From ", b">From ")):  # the separator of an mbox
        lines = lines[1:]
    seen: set[bytes] = set()
    for line in lines:
        if not line.strip():
            break
        if line[:1] in b" \t":
            continue
        found = HEADER.match(line)
        if not found:
            return False
        seen.add(found.group(1).lower())
    return len(seen & TELLTALE) >= 3 and bool(seen & {b"from", b"received"})


def _anything(content: bytes) -> tuple[str, Evidence.Kind]:
    """A name for what can only be downloaded."""
    try:
        guesses = puremagic.magic_string(content[:SAMPLE])
    except (puremagic.PureError, ValueError, IndexError):
        guesses = []
    media_type = next((guess.mime_type for guess in guesses if guess.mime_type), "")
    return media_type or "application/octet-stream", Kind.OTHER
