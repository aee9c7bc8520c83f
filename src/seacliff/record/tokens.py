"""Unguessable addresses of single records, such as a status page: the id and a keyed check, nothing stored."""

import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from django.conf import settings

CHECK_BYTES = 12


def token_of(purpose: str, id: UUID) -> str:
    """28 bytes as 38 URL-safe characters. Another purpose gives another token for the same id."""
    return urlsafe_b64encode(id.bytes + _check(purpose, id.bytes)).decode().rstrip("=")


def id_of(purpose: str, token: str) -> UUID | None:
    """The id a token was made from, or None when it is no token of this purpose."""
    try:
        raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except ValueError:
        return None
    return _checked(purpose, raw)


def plain_token_of(purpose: str, id: UUID) -> str:
    """The same as 45 small letters and digits, for places that don't tell capitals apart, such as mail addresses."""
    return b32encode(id.bytes + _check(purpose, id.bytes)).decode().rstrip("=").lower()


def id_of_plain(purpose: str, token: str) -> UUID | None:
    try:
        raw = b32decode(token.encode() + b"=" * (-len(token) % 8), casefold=True)
    except ValueError:
        return None
    return _checked(purpose, raw)


def _checked(purpose: str, raw: bytes) -> UUID | None:
    id, check = raw[:16], raw[16:]
    if len(id) != 16:
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    good = [hmac.compare_digest(check, _check(purpose, id, key)) for key in keys]
    return UUID(bytes=id) if any(good) else None


def _check(purpose: str, id: bytes, secret: str = "") -> bytes:
    key = sha256(f"seacliff token {purpose} {secret or settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, id, "sha256")[:CHECK_BYTES]
