"""A raw mail taken apart: headers, and the leaves of its MIME tree, each with the exact bytes that were sent.

Why not `email.parser` for the tree: an attached message must reach the evidence byte for byte, which its re-serialised
form is not; and the tree must stay cheap and bounded whatever the sender wrote. Header decoding, parameters and dates
are the standard library's.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as StandardMessage
from email.utils import parseaddr
from html import unescape

from .reading import MAX_DEPTH, MAX_PARTS

_MAX_HEADERS = 1000
_MAX_VALUE = 20_000
_UNFOLD = re.compile(rb"\r?\n[ \t]+")
_HEADER = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)")
_HEADER_END = re.compile(rb"\r?\n[ \t]*\r?\n|\A\r?\n")


class Headers(dict[str, list[str]]):
    """Header fields by lower-case name, each with all its values in order."""

    def first(self, name: str) -> str:
        """The first value, RFC 2047 words decoded; '' when absent."""
        values = self.get(name)
        return decode_words(values[0]) if values else ""

    def all(self, name: str) -> list[str]:
        return self.get(name, [])


@dataclass(slots=True)
class Part:
    """A leaf of the MIME tree. `content` is decoded from its transfer encoding; `charset` is what was declared."""

    media_type: str
    content: bytes
    name: str = ""
    charset: str = ""
    attached: bool = False
    headers: Headers = field(default_factory=Headers)

    def text(self) -> str:
        return decode_text(self.content, self.charset)


@dataclass(slots=True)
class Mail:
    headers: Headers
    media_type: str
    report_type: str
    parts: list[Part]
    warnings: list[str]

    def sender(self) -> tuple[str, str]:
        """Name and address of who wrote it ('' where unknown); Reply-To is not the author (RFC 5322 section 3.6.2)."""
        for header in ("from", "sender", "return-path"):
            name, address = read_address(self.headers.first(header))
            if address:
                return name, address
        return "", ""


def open_mail(raw: bytes) -> Mail:
    """Takes a mail apart. Reads at most MAX_PARTS leaves, MAX_DEPTH deep; what was left out is named in `warnings`."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    headers, body = split_headers(raw)
    mail = Mail(headers, "text/plain", "", [], [])
    parameters = _parameters(headers, "text/plain")
    mail.media_type = parameters.get_content_type()
    mail.report_type = str(_parameter(parameters, "report-type")).lower()
    for part in _leaves(headers, body, 0, mail.warnings):
        if len(mail.parts) >= MAX_PARTS:
            mail.warnings.append(f"The mail has more than {MAX_PARTS} parts; the rest was not read.")
            break
        mail.parts.append(part)
    return mail


def split_headers(raw: bytes) -> tuple[Headers, bytes]:
    """Header fields and body. A first line that is no header field begins the body (a missing blank line is common)."""
    if raw.startswith((b"From ", b">From ")):  # mbox separator
        raw = raw[raw.find(b"\n") + 1 :]
    raw = raw.lstrip(b"\r\n") if raw[:1] in b"\r\n" else raw
    end = _HEADER_END.search(raw)
    block, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    headers = Headers()
    lines = _UNFOLD.sub(b" ", block[:2_000_000]).splitlines()
    for place, line in enumerate(lines[:_MAX_HEADERS]):
        match = _HEADER.match(line)
        if match:
            value = match[2][:_MAX_VALUE]
            headers.setdefault(match[1].decode("ascii").lower(), []).append(decode_text(value, "").strip())
        elif place and not line.startswith((b"From ", b">From ")):
            return headers, b"\n".join(lines[place:]) + b"\n\n" + body
        elif not place:
            return headers, raw
    return headers, body


def _leaves(
    headers: Headers, body: bytes, depth: int, warnings: list[str], default: str = "text/plain"
) -> Iterator[Part]:
    parameters = _parameters(headers, default)
    media_type = parameters.get_content_type()
    boundary = str(_parameter(parameters, "boundary")).rstrip() if media_type.startswith("multipart/") else ""
    pieces = _pieces(body, boundary) if boundary else []
    if not pieces:
        if boundary:
            warnings.append(f"A {media_type} part has none of the parts it announces; it was read as text.")
        yield _leaf(headers, parameters, "text/plain" if media_type.startswith("multipart/") else media_type, body)
    elif depth >= MAX_DEPTH:
        warnings.append(f"The mail is nested more than {MAX_DEPTH} deep; the innermost part was kept whole.")
        yield _leaf(headers, parameters, "application/octet-stream", body)
    else:
        inner = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
        for piece in pieces:
            yield from _leaves(*_split_part(piece), depth + 1, warnings, inner)


def _split_part(piece: bytes) -> tuple[Headers, bytes]:
    """A part may begin with a blank line: it then has no header fields (RFC 2046 section 5.1)."""
    stripped = piece[1:] if piece[:1] == b"\n" else piece[2:] if piece[:2] == b"\r\n" else None
    return split_headers(piece) if stripped is None else (Headers(), stripped)


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    delimiter = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    )
    pieces: list[bytes] = []
    start = -1
    for match in delimiter.finditer(body):
        if start >= 0:
            pieces.append(body[start : match.start()])
        start = -1 if match[1] else match.end() + (2 if body[match.end() : match.end() + 2] == b"\r\n" else 1)
        if match[1] or len(pieces) > MAX_PARTS:
            return pieces
    if start >= 0:  # the closing delimiter is missing: a cut mail
        pieces.append(body[start:])
    return pieces


def _leaf(headers: Headers, parameters: StandardMessage, media_type: str, body: bytes) -> Part:
    disposition = headers.first("content-disposition").lower()
    name = _file_name(headers, parameters)
    content = decode_transfer(body, headers.first("content-transfer-encoding"))
    charset = str(_parameter(parameters, "charset"))
    return Part(media_type, content, name, charset, bool(name) or disposition.startswith("attachment"), headers)


def _parameters(headers: Headers, default: str) -> StandardMessage:
    standard = StandardMessage()
    value = headers.get("content-type", [default])[0]
    standard["Content-Type"] = value[:4000]
    return standard


def _parameter(standard: StandardMessage, name: str) -> str:
    try:
        value = standard.get_param(name, "")
    except (ValueError, TypeError, IndexError, LookupError, AttributeError):
        return ""
    if isinstance(value, tuple):  # RFC 2231: (charset, language, value)
        value = decode_text(str(value[2]).encode("latin-1", "replace"), value[0] or "")
    return str(value or "")


def _file_name(headers: Headers, parameters: StandardMessage) -> str:
    standard = StandardMessage()
    if "content-disposition" in headers:
        standard["Content-Type"] = headers["content-disposition"][0][:4000]
    name = _parameter(standard, "filename") or _parameter(parameters, "name")
    return re.sub(r"[\x00-\x1f\x7f/\\]+", "_", decode_words(name)).strip()[:200]


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Undoes a content transfer encoding (RFC 2045 section 6); bytes that don't decode are given back as they came."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        try:
            return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
        except binascii.Error:
            return body
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


def decode_text(content: bytes, charset: str) -> str:
    """Text in the declared character set; failing that UTF-8, failing that Latin-1, which always succeeds."""
    for name in (charset.strip("\"' ").lower(), "utf-8"):
        # The undefined/punycode-like codecs of Python are not character sets of mail.
        if name and name not in {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"}:
            try:
                return content.decode(name).replace("\x00", "")
            except (UnicodeError, LookupError, ValueError, TypeError):
                continue
    return content.decode("latin-1").replace("\x00", "")


def decode_words(value: str) -> str:
    """A header value with its RFC 2047 encoded words decoded; unreadable ones stay as they are."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value[:4000])
    except (HeaderParseError, ValueError, LookupError, AttributeError):
        return value
    return "".join(p if isinstance(p, str) else decode_text(p, charset or "ascii") for p, charset in pieces).strip()


def read_address(value: str) -> tuple[str, str]:
    """Name and address of the first mailbox in a header value ('' where there is none)."""
    try:
        name, address = parseaddr(value[:1000])
    except (ValueError, IndexError, AttributeError, TypeError):
        return "", ""
    return (name.strip()[:200], address.strip()[:254]) if "@" in address else ("", "")


_TAG = re.compile(r"<[^<>]{0,4000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|p|tr|li)\b[^<>]{0,1000}>", re.IGNORECASE)
_LINK = re.compile(
    r"<a\b[^<>]{0,1000}?\bhref\s{0,5}=\s{0,5}[\"']?(https?://[^\"'\s<>]{1,2000})[^<>]{0,1000}>", re.IGNORECASE
)


def plain_text(html: str) -> str:
    """The readable text of HTML, link addresses kept. Bounded; for reading only, never for display."""
    html = html[:300_000]
    for name in ("script", "style"):
        html = _without(html, name)
    html = _LINK.sub(r" ⟨\1⟩ ", html)
    html = _TAG.sub(" ", _BREAK.sub("\n", html))
    lines = (" ".join(line.split()) for line in unescape(html).splitlines())
    return "\n".join(line for line in lines if line)


def _without(html: str, name: str) -> str:
    """HTML without the elements of a name. No regular expression: unclosed elements would make one quadratic."""
    lower, kept, place = html.lower(), [], 0
    while (start := lower.find(f"<{name}", place)) >= 0:
        kept.append(html[place:start])
        end = lower.find(f"</{name}", start)
        if end < 0:
            return "".join(kept)
        place = end
    kept.append(html[place:])
    return "".join(kept)
