"""The evidence inside a XARF report: payloads decoded, hashes checked, sizes bounded."""

import binascii
import hashlib
import json
import re
from typing import Any

from .reading import MAX_EVIDENCE, MAX_UNPACKED, Found

_ENDINGS = {"text/plain": "txt", "text/html": "html", "message/rfc822": "eml", "application/json": "json",
            "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "text/csv": "csv", "application/pdf": "pdf",
            "application/xml": "xml", "text/xml": "xml"}  # fmt: skip
_ALGORITHMS = {"sha256", "sha512", "sha1", "md5", "sha384", "sha224"}


def word(value: Any, limit: int = 2000) -> str:
    """A JSON scalar as text ('' for null, lists and objects): XARF senders write ports and ids as either."""
    if isinstance(value, str):
        return value.strip()[:limit]
    return str(value)[:limit] if isinstance(value, int | float) and not isinstance(value, bool) else ""


def decode_payload(value: Any, *, base64: bool) -> tuple[bytes, bool]:
    """The bytes of a payload, and whether it was what it claimed to be (base64 or plain text)."""
    text = value if isinstance(value, str) else json.dumps(value, default=str) if value is not None else ""
    if base64:
        try:
            letters = "".join(text.split())
            return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True), True
        except (binascii.Error, ValueError):
            return text.encode("utf-8", "surrogatepass"), False
    return text.encode("utf-8", "surrogatepass"), True


def hash_holds(content: bytes, claimed: str) -> bool | None:
    """Whether content has the hash written as "sha256:hex"; None when the claim can't be checked."""
    algorithm, _, digest = claimed.partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in _ALGORITHMS or not digest:
        return None
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() == digest.strip().lower()


def read_evidence(items: Any, warnings: list[str]) -> tuple[Found, ...]:
    """Evidence of either version: v4 `payload` is base64, v3 `Samples` say so, v3 `Attachment` has base64 `Data`."""
    if not isinstance(items, list):
        if items:
            warnings.append("The evidence is not a list and was left in the document.")
        return ()
    found: list[Found] = []
    size = 0
    for number, item in enumerate(items[:MAX_EVIDENCE], 1):
        piece = _read_piece(item, number, warnings)
        if piece is None:
            continue
        size += len(piece.content)
        if size > MAX_UNPACKED:
            warnings.append(f"Evidence {number} and what follows is too large and was left in the document.")
            break
        found.append(piece)
    if len(items) > MAX_EVIDENCE:
        warnings.append(f"The report has {len(items)} pieces of evidence; the first {MAX_EVIDENCE} were read.")
    return tuple(found)


def _read_piece(item: Any, number: int, warnings: list[str]) -> Found | None:
    if not isinstance(item, dict):
        warnings.append(f"Evidence {number} is not an object and was left in the document.")
        return None
    media_type = (word(item.get("content_type"), 100) or word(item.get("ContentType"), 100)).lower()
    payload = next((item[key] for key in ("payload", "Payload", "Data") if key in item), None)
    base64 = "Payload" not in item or item.get("Base64Encoded") is True
    content, decoded = decode_payload(payload, base64=base64)
    if not content:
        warnings.append(f"Evidence {number} is empty.")
        return None
    if not decoded:
        warnings.append(f"Evidence {number} is not valid base64; it was kept as the text that was sent.")
    claimed = word(item.get("hash"), 300)
    if claimed and decoded and hash_holds(content, claimed) is False:
        warnings.append(f"Evidence {number} doesn't match its hash; it may have been changed on the way.")
    return Found(_name(item, number, media_type), media_type or "application/octet-stream", content)


def _name(item: dict[str, Any], number: int, media_type: str) -> str:
    given = word(item.get("FileName"), 200) or word(item.get("filename"), 200)
    if not given:
        described = word(item.get("description"), 80) or word(item.get("Description"), 80) or f"evidence {number}"
        given = f"{described}.{_ENDINGS.get(media_type, 'bin')}"
    return re.sub(r"[\x00-\x1f\x7f/\\]+", "_", given)
