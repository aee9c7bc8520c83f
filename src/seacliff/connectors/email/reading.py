"""A reply taken apart: what its writer wrote, without the quoted mail and the signature, and what is attached to it."""

import re
from dataclasses import dataclass

import quotequail

from seacliff.connectors.email.addresses import our_addresses
from seacliff.intake.formats.mail import automatic, body_of
from seacliff.intake.formats.mime import Mail, Part, open_mail
from seacliff.intake.formats.prose import own_words

MARKER = "Write your reply above this line."
LOGO_MOST = 10 * 1024  # bytes of a picture within the text that is taken for a signature's logo
MOST_LINES = 2_000
SIGNATURE_LINES = 8

_ABOVE = re.compile(rf"^[>\s*_]*{re.escape(MARKER)}", re.MULTILINE)
_ATTRIBUTION = re.compile(
    r"\n[>\s]*(?:On\b.{5,300}\bwrote:|Am\b.{5,300}\bschrieb\b.{0,200}:|El\b.{5,300}\bescribió:|Le\b.{5,300}a écrit\s?:)\s*\Z",
    re.DOTALL,
)
_DASHES = re.compile(r"^(?:-- ?|_{5,}|—)$", re.MULTILINE)
_DEVICE = re.compile(
    r"^(?:Sent from (?:my|Outlook|Mail|Yahoo)\b.*|Get Outlook for .*|Von meinem .{2,30} gesendet\.?|Gesendet von .*|"
    r"Enviado (?:desde|con) .*|Obtener Outlook para .*|Outlook für .{2,20} (?:beziehen|herunterladen).*)\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"^(?:(?:(?:best|kind|warm|many) )?(?:regards|wishes)|best|cheers|sincerely|yours(?: \w+)?|"
    r"(?:many )?thanks(?: and regards)?|thank you|"
    r"(?:viele|liebe|beste|schöne|freundliche) grü(?:ß|ss)e|mit (?:freundlichen|besten) grü(?:ß|ss)en|grü(?:ß|ss)e|gruß|"
    r"mfg|lg|vg|(?:un )?(?:cordial )?saludos?|atentamente|gracias|danke)[,.! ]*$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """`automatic`: bounce, receipt, auto-reply, ours; empty for what a person wrote. `doubt`: why the sender may be forged."""

    sender: str
    sender_name: str
    subject: str
    text: str
    files: tuple[File, ...] = ()
    automatic: str = ""
    doubt: str = ""


def read_reply(raw: bytes) -> Reply:
    """A raw mail as a reply. Takes whatever comes; a text that can't be found is empty."""
    mail = open_mail(raw)
    name, sender = mail.sender()
    subject = mail.headers.first("subject")[:500]
    kind = _automatic(mail, subject, sender)
    text = "" if kind else without_name(own_text(body_of(_without_quotes(mail))), name)
    files = () if kind else tuple(_files(mail))
    return Reply(sender.lower(), name, subject, text, files, kind, _doubt(mail))


def _automatic(mail: Mail, subject: str, sender: str) -> str:
    headers = mail.headers
    if kind := automatic(mail, subject, sender):
        return kind
    if sender.lower() in our_addresses():
        return "ours"
    if headers.first("auto-submitted").lower().strip() not in ("", "no"):
        return "auto-reply"
    if headers.first("precedence").lower().strip() in ("bulk", "junk", "list"):
        return "auto-reply"
    return "auto-reply" if headers.first("return-path").strip() == "<>" else ""


def _doubt(mail: Mail) -> str:
    """Mail servers say in front whether a sender's domain stands for a mail (RFC 8601): that it does not is believed."""
    for value in mail.headers.all("authentication-results")[:3]:
        if re.search(r"\bdmarc\s*=\s*fail\b", value, re.IGNORECASE):
            return "The mail server says that the sender's domain does not stand for this mail (DMARC failed)."
    return ""


def own_text(text: str) -> str:
    """What was written anew in a plain text: without the quoted mail, its head, and the writer's signature."""
    text = "\n".join(text.replace("\r", "").splitlines()[:MOST_LINES])
    if marked := _ABOVE.search(text):
        text = _ATTRIBUTION.sub("", text[: marked.start()].rstrip())
    unwrapped = quotequail.unwrap(text)
    above = (unwrapped.get("text_top") or "").strip() if unwrapped else ""
    # Nothing above: nothing is quoted, or the answers stand between the quoted lines.
    return without_signature(above or own_words(text).strip())


def without_signature(text: str) -> str:
    """The text up to the writer's name. A text that is nothing else stays whole."""
    text = _DEVICE.sub("", text).strip()
    if (mark := _DASHES.search(text)) and mark.start():
        text = text[: mark.start()].rstrip()
    for farewell in reversed(list(_FAREWELL.finditer(text))):
        after = [line for line in text[farewell.end() :].splitlines() if line.strip()]
        if len(after) > SIGNATURE_LINES:
            break
        if text[: farewell.start()].strip():
            text = text[: farewell.start()].rstrip()
    return text


def without_name(text: str, name: str) -> str:
    """The text without the writer's own name as its last line, in whole or the first of it. A text that is only that stays."""
    rest, _break, last = text.rstrip().rpartition("\n")
    first = name.partition(" ")[0]
    if name and rest.strip() and last.strip(" ,.-–").casefold() in (name.casefold(), first.casefold()):
        return rest.rstrip()
    return text


def _without_quotes(mail: Mail) -> Mail:
    """In a mail of HTML alone, what it quotes is left out before it becomes plain text."""
    if any(part.media_type == "text/plain" and not part.attached and part.text().strip() for part in mail.parts):
        return mail
    parts = [_unquoted(part) if part.media_type == "text/html" and not part.attached else part for part in mail.parts]
    return Mail(mail.headers, mail.media_type, mail.report_type, parts, mail.warnings)


_QUOTED = re.compile(
    r"<blockquote\b|<div[^<>]{0,300}(?:gmail_quote|divRplyFwdMsg|appendonsend|yahoo_quoted)", re.IGNORECASE
)


def _unquoted(part: Part) -> Part:
    html = part.text()
    if found := _QUOTED.search(html):
        html = html[: found.start()]
    return Part(part.media_type, html.encode(), part.name, "utf-8", part.attached, part.headers)


def _files(mail: Mail) -> list[File]:
    return [
        File(part.name or "attachment", part.media_type, part.content)
        for part in mail.parts
        if part.content and _is_file(part)
    ]


def _is_file(part: Part) -> bool:
    """Attachments, whatever they are; not the bodies, cryptographic signatures, and logos below a name."""
    if part.media_type in ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"):
        return False
    if part.media_type in ("text/plain", "text/html"):
        return part.attached
    within = "content-id" in part.headers and not part.headers.first("content-disposition").lower().startswith("attach")
    return not (within and part.media_type.startswith("image/") and len(part.content) <= LOGO_MOST)
