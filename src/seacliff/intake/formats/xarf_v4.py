"""XARF v4: our reading of a report of any of its types. One that breaks its schema is read with warnings."""

from typing import Any

from .categories import XARF4, XARF4_DETAIL
from .clues import read_ip, target_of
from .language import find_language
from .reading import MAX_SUBJECT, MAX_TEXT, Reading
from .times import read_time
from .xarf_evidence import read_evidence, word
from .xarf_schema import schema_errors

_HANDLED = {"xarf_version", "report_id", "timestamp", "reporter", "sender", "category", "type", "evidence", "_internal"}
_LINKS = ("url", "infringing_url", "source_url", "phishing_url", "malware_url")
_ABOUT_CONTENT = {"content", "copyright"}
_SAID = ("description", "scheme_description", "infringing_content", "compromise_evidence", "notes", "summary", "reason")


def read_v4(document: dict[str, Any]) -> Reading:
    """The reading of one v4 document; whatever is missing or malformed in it is named in the warnings."""
    category, type_ = word(document.get("category"), 100).lower(), word(document.get("type"), 100).lower()
    type_ = type_.replace("-", "_")
    warnings = schema_errors(document, category, type_)
    evidence = read_evidence(document.get("evidence", []), warnings)
    kind, reference, link = _target(document, category)
    if not reference:
        warnings.append("The report names no source: who or what it is about is unknown.")
    moment = next((m for key in ("timestamp", "first_seen") if (m := read_time(document.get(key)))), None)
    if read_time(document.get("timestamp")) is None:
        warnings.append("The report's timestamp can't be read" + ("; first_seen was used." if moment else "."))
    reporter = document.get("reporter")
    reporter = reporter if isinstance(reporter, dict) else {}
    return Reading(
        category=_category(document, category, type_), target_kind=kind, target_ref=reference,
        target_name=word(document.get("uploader_id"), 200) or word(document.get("site_name"), 200),
        reporter_email=word(reporter.get("contact"), 254), reporter_org=word(reporter.get("org"), 200),
        subject=_subject(document, type_, reference), text=_text(document), url=link, occurred_at=moment,
        language=find_language(_said(document)), evidence=evidence, external_ref=word(document.get("report_id"), 200),
        extra=_extra(document), warnings=tuple(warnings),
    )  # fmt: skip


def _category(document: dict[str, Any], category: str, type_: str) -> str:
    for (field, value), slug in XARF4_DETAIL.items():
        said = document.get(field)
        if said == value or (isinstance(said, list) and value in said):
            return slug
    return XARF4.get(f"{category}/{type_}") or XARF4.get(category, "unsorted")


def _target(document: dict[str, Any], category: str) -> tuple[str, str, str]:
    """Kind, reference and link. What is published is the link's; what a machine did is its address's."""
    link = next((value for key in _LINKS if (value := word(document.get(key)))), "")
    source = word(document.get("source_identifier"))
    if category in _ABOUT_CONTENT and link:
        kind, reference = target_of(link)
        return ("url" if kind == "other" else kind), reference, link
    if source:
        return *target_of(source), link
    if link:
        return *target_of(link), link
    domain = word(document.get("domain"))
    return *(target_of(domain) if domain else ("other", "")), ""


def _subject(document: dict[str, Any], type_: str, reference: str) -> str:
    given = word(document.get("subject")) or word(document.get("work_title")) or word(document.get("target_brand"))
    return f"{type_.replace('_', ' ').capitalize() or 'Report'}: {given or reference}"[:MAX_SUBJECT].rstrip(": ")


def _said(document: dict[str, Any]) -> str:
    """The sender's own sentences."""
    return "\n".join(value for key in _SAID if (value := word(document.get(key), 20_000)))


def _text(document: dict[str, Any]) -> str:
    """What a reviewer reads: the sender's own sentences, then every plain field on a line of its own."""
    facts = [
        f"{key.replace('_', ' ')}: {shown}"
        for key, value in list(document.items())[:200]
        if key not in _HANDLED and key not in _SAID and (shown := _shown(value))
    ]
    return "\n".join(filter(None, [_said(document), *facts]))[:MAX_TEXT]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, (word(item, 200) for item in value[:20])))
    return word(value)


def _extra(document: dict[str, Any]) -> dict[str, Any]:
    extra = {
        key[:100]: value
        for key, value in list(document.items())[:200]
        if key not in _HANDLED and value not in (None, "")
    }
    extra["xarf_category"], extra["xarf_type"] = word(document.get("category"), 100), word(document.get("type"), 100)
    sender, reporter = document.get("sender"), document.get("reporter")
    if isinstance(sender, dict) and sender != reporter:
        extra["sender"] = sender
    address = read_ip(word(document.get("source_identifier")))
    if address:
        extra["source_ip"] = address
    return extra
