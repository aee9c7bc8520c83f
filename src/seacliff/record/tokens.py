"""Unguessable addresses of single records, such as a status page: the id and a keyed check, nothing stored."""

import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from django.conf import settings

CHECK_BYTES = 12


def token_of(purpose: str, id: UUID) -> str:
    """28 bytes as 38 URL-safe characters. Another purpose gives another token for the same id."""
    return _as_base64(_checked(purpose, id.bytes, settings.SECRET_KEY))


def id_of(purpose: str, token: str) -> UUID | None:
    """The id a token was made from, or None when it is no token of this purpose."""
    try:
        raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except ValueError:
        return None
    return _id_in(raw, purpose, token, _as_base64)


def plain_token_of(purpose: str, id: UUID) -> str:
    """The same as 45 small letters and digits, for places that don't tell capitals apart, such as mail addresses."""
    return _as_base32(_checked(purpose, id.bytes, settings.SECRET_KEY))


def id_of_plain(purpose: str, token: str) -> UUID | None:
    try:
        raw = b32decode(token.encode() + b"=" * (-len(token) % 8), casefold=True)
    except ValueError:
        return None
    return _id_in(raw, purpose, token.lower(), _as_base32)


def _id_in(raw: bytes, purpose: str, token: str, written: Callable[[bytes], str]) -> UUID | None:
    """Whole tokens are compared, not their bytes: the last character has bits to spare, so that several would pass."""
    id = raw[:16]
    if len(id) != 16 or not token.isascii():
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    good = [hmac.compare_digest(token, written(_checked(purpose, id, key))) for key in keys]
    return UUID(bytes=id) if any(good) else None


def _checked(purpose: str, id: bytes, secret: str) -> bytes:
    key = sha256(f"seacliff token {purpose} {secret}".encode()).digest()
    return id + hmac.digest(key, id, "sha256")[:CHECK_BYTES]


def _as_base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _as_base32(raw: bytes) -> str:
    return b32encode(raw).decode().rstrip("=").lower()
