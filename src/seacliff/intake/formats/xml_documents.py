"""Reports in XML: ACNS copyright notices (in a mail's text or attached), and lists of addresses and links."""

import re
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .categories import category_of_feed
from .clues import target_of
from .reading import MAX_ROWS, MAX_SUBJECT, Found, Reading
from .times import read_time

_MAX_XML = 4 * 1024 * 1024
_INFRINGEMENT = re.compile(rb"(?:<\?xml[^>]{0,200}\?>\s{0,20})?<Infringement\b.*?</Infringement\s{0,5}>", re.DOTALL)
_BARE_AMPERSAND = re.compile(rb"&(?!#?\w{1,10};)")


def find_acns(content: bytes) -> bytes:
    """The ACNS document inside a text (b'' when there is none)."""
    start = content.find(b"<Infringement")
    if start < 0 or b"</Infringement" not in content[start : start + _MAX_XML]:
        return b""
    match = _INFRINGEMENT.search(content[max(0, start - 240) : start + _MAX_XML])
    return match.group() if match else b""


def open_xml(content: bytes, warnings: list[str]) -> Element | None:
    """The root of a document, or None with a warning. Entities and external references are refused."""
    content = content[:_MAX_XML].strip()
    for attempt in (content, _BARE_AMPERSAND.sub(b"&amp;", content)):
        try:
            return fromstring(attempt)
        except ParseError:
            continue
        except DefusedXmlException:
            warnings.append("An XML document defines entities, which is never needed in a report; it was not read.")
            return None
        except (ValueError, LookupError, RecursionError):
            break
    warnings.append("An XML document is not well-formed and was not read.")
    return None


def read_acns(content: bytes, warnings: list[str]) -> Reading | None:
    """The reading of an ACNS 1.x or 2.x notice (http://www.acns.net): one source, one or more works."""
    root = open_xml(content, warnings)
    if root is None:
        return None
    case, complainant, source = _child(root, "Case"), _child(root, "Complainant"), _child(root, "Source")
    items = [item for item in root.iter() if _name(item) == "Item"][:100]
    address, link = _text(source, "IP_Address"), _text(source, "URL") or _text(items[0] if items else None, "URL")
    kind, reference = target_of(address or _text(source, "UserName") or link) if address or link else ("other", "")
    works = [work for item in items if (work := _text(item, "Title"))]
    files = [name for item in items if (name := _text(item, "FileName"))]
    moment = read_time(_text(source, "TimeStamp")) or next(
        (m for i in items if (m := read_time(_text(i, "TimeStamp")))), None
    )
    extra: dict[str, Any] = {
        "work": works[0] if works else "", "works": list(dict.fromkeys(works))[:50],
        "files": list(dict.fromkeys(files))[:50],
        "port": _text(source, "Port"), "protocol": _text(source, "Type"), "user_name": _text(source, "UserName"),
        "status": _text(case, "Status"), "severity": _text(case, "Severity"),
        "hashes": [h.text.strip() for item in items for h in item.iter() if _name(h) == "Hash" and h.text][:50],
        "rights_holder": _text(complainant, "Entity"), "rights_holder_address": _text(complainant, "Address"),
    }  # fmt: skip
    return Reading(
        category="copyright", target_kind=kind, target_ref=reference, reporter_email=_text(complainant, "Email"),
        reporter_name=_text(complainant, "Contact"), reporter_org=_text(complainant, "Entity"),
        subject=f"Copyright notice: {works[0] if works else files[0] if files else reference}"[:MAX_SUBJECT],
        url=link if link.lower().startswith("http") else "", occurred_at=moment,
        evidence=(Found("notice.xml", "application/xml", content),), external_ref=_text(case, "ID"),
        extra={key: value for key, value in extra.items() if value},
    )  # fmt: skip


def read_listing(content: bytes, warnings: list[str]) -> list[Reading]:
    """Readings of a document that lists what it found as attributes (url, ip): one per link or address."""
    root = open_xml(content, warnings)
    if root is None:
        return []
    found: list[Reading] = []
    day = read_time(root.get("date") or root.get("timestamp") or "")
    for group in [element for element in root.iter() if len(element)][:500]:
        kind = " ".join(filter(None, (group.get("type"), group.get("name"))))
        for item in group:
            link, address = item.get("url") or item.get("href") or "", item.get("ip") or ""
            if not link and not address:
                continue
            if len(found) >= MAX_ROWS:
                warnings.append(f"The document lists more than {MAX_ROWS} entries; the rest stays in the raw mail.")
                return found
            found.append(_listed(item, kind, link, address, day, root))
    return found


def _listed(item: Element, kind: str, link: str, address: str, day: datetime | None, root: Element) -> Reading:
    target = target_of(link or address)
    category = category_of_feed(kind)
    warnings = []
    if category == "unsorted":
        category = "malware"
        warnings.append(f"The message doesn't explain its list {kind[:40]!r}; counted as malware.")
    extra = {key[:100]: value[:1000] for key, value in [*root.attrib.items(), *item.attrib.items()][:40]} | {
        "list": kind
    }
    return Reading(
        category=category, target_kind=target[0], target_ref=target[1], subject=f"Listed: {target[1]}"[:MAX_SUBJECT],
        text="\n".join(f"{key}: {value}" for key, value in list(item.attrib.items())[:40]), url=link[:2000],
        occurred_at=read_time(item.get("date") or item.get("timestamp") or "") or day, extra=extra,
        warnings=tuple(warnings),
    )  # fmt: skip


def _name(element: Element) -> str:
    """The local name, whatever the namespace: senders use several ACNS ones."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child(parent: Element | None, name: str) -> Element | None:
    return next((child for child in parent.iter() if _name(child) == name), None) if parent is not None else None


def _text(parent: Element | None, name: str) -> str:
    child = _child(parent, name)
    return " ".join((child.text or "").split())[:2000] if child is not None else ""
