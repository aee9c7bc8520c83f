"""Evidence made harmless to look at: pictures drawn anew, everything readable turned into plain text."""

import email
import email.policy
import warnings
from dataclasses import dataclass, field
from email.message import EmailMessage
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageFilter, ImageOps

from seacliff.record.models import Evidence
from seacliff.record.sniffing import PICTURES

PIXELS_MOST = 60_000_000  # a picture that unpacks to more is taken for a bomb; the largest phones make 50 million
SIDE_MOST = 2400
PREVIEW_SIDE = 320
TEXT_MOST = 400_000  # bytes of a text that are read for a page
PARTS_MOST = 200
HEADERS_SHOWN = ("From", "To", "Cc", "Reply-To", "Date", "Subject", "Message-ID", "Return-Path", "Received")


class CannotShow(Exception):
    """The content can't be shown safely; the message says why."""


def picture(content: bytes) -> tuple[bytes, str]:
    """The picture decoded and encoded anew, without metadata, at most 2400 pixels a side: bytes and media type.

    Only its first frame. Raises CannotShow for what is too large to unpack or is no picture.
    """
    drawn = _decoded(content, SIDE_MOST)
    out = BytesIO()
    if drawn.mode == "RGBA":
        drawn.save(out, "WEBP", quality=88, method=2)
        return out.getvalue(), "image/webp"
    drawn.save(out, "JPEG", quality=88)
    return out.getvalue(), "image/jpeg"


def preview(content: bytes) -> tuple[bytes, str]:
    """A small, grey, blurred picture that tells nothing but that there is one: what pages load before anybody asks."""
    drawn = ImageOps.grayscale(_decoded(content, PREVIEW_SIDE).convert("RGB"))
    drawn = drawn.filter(ImageFilter.GaussianBlur(max(drawn.size) / 24))
    out = BytesIO()
    drawn.save(out, "JPEG", quality=60)
    return out.getvalue(), "image/jpeg"


def _decoded(content: bytes, side: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=PICTURES) as source:
                if source.width * source.height > PIXELS_MOST:
                    size = f"{source.width:,} × {source.height:,}"
                    raise CannotShow(
                        _("This picture would unpack to %(size)s pixels and is not opened.") % {"size": size}
                    )
                source.draft("RGB", (side, side))  # lets JPEG skip what would be thrown away
                upright = ImageOps.exif_transpose(source)
                upright.thumbnail((side, side))
                see_through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
                return upright.convert("RGBA" if see_through else "RGB")
    except CannotShow:
        raise
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        raise CannotShow(_("This picture is damaged and can't be drawn.")) from error


@dataclass(frozen=True, slots=True)
class Readable:
    """Evidence as text: what heads it (a mail's headers), the text, and notes on what is not shown."""

    text: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    cut: bool = False


def readable(evidence: Evidence, content: bytes) -> Readable:
    """A text, mail or JSON as plain text. `content` may be its beginning only."""
    cut = len(content) > TEXT_MOST or len(content) < evidence.size
    if evidence.kind == Evidence.Kind.MAIL:
        return _mail(content, cut)
    return Readable(_decode(content[:TEXT_MOST]), cut=cut)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 4:  # cut within a character
            return content.decode("utf-8", "ignore")
        return content.decode("cp1252", "replace")


def _mail(content: bytes, cut: bool) -> Readable:
    try:
        mail = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
        headers = [(name, str(value)) for name in HEADERS_SHOWN for value in (mail.get_all(name) or [])[:10]]
        parts = [part for part in mail.walk() if not part.is_multipart()][:PARTS_MOST]
        texts = [
            _part_text(part) for part in parts if part.get_content_type() == "text/plain" and not part.get_filename()
        ]
        texts = texts or [_part_text(part) for part in parts if part.get_content_maintype() == "text"]
        listed = [(part.get_content_type(), part.get_filename() or "") for part in parts] if len(parts) > 1 else []
    except Exception:  # mail in the wild breaks every parser somewhere; its source can always be read
        return Readable(_decode(content[:TEXT_MOST]), cut=cut)
    text = "\n\n".join(texts)
    return Readable(text[:TEXT_MOST], headers, listed, cut or len(text) > TEXT_MOST)


def _part_text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)  # of a part that is not multipart
    try:
        return payload.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return _decode(payload)
