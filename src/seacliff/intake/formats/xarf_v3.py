"""XARF v3, in the two shapes that are in use: flat (`SourceIp`, `Samples`) and nested (`Source`, `Attachment`)."""

import re
from typing import Any

from .categories import XARF3
from .clues import target_of
from .language import find_language
from .reading import MAX_SUBJECT, MAX_TEXT, Reading
from .times import read_time
from .xarf_evidence import read_evidence, word

_HANDLED = {"reportclass", "reporttype", "date", "samples", "attachment", "source", "additionalinfo"}
_DETAIL = {
    ("harassment", "hate"): "hate",
    ("harassment", "threat"): "threats-violence",
    ("harassment", "doxing"): "privacy-doxxing",
}
_SAID = ("harassmentdescription", "description", "reporternotes", "copyrightedmaterial", "trademarkedmaterial")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_v3(document: dict[str, Any]) -> Reading:
    """The reading of one v3 document. Field names are compared without case: vendors differ."""
    report = document.get("Report")
    report = report if isinstance(report, dict) else document
    warnings: list[str] = []
    facts = _flat(report)
    class_, type_ = word(facts.get("reportclass"), 60), word(facts.get("reporttype"), 60)
    if not type_:
        warnings.append("The report has no ReportType.")
    kind, reference, link, name = _target(facts, class_.lower())
    if not reference:
        warnings.append("The report names no source: who or what it is about is unknown.")
    moment = next((m for key in ("date", "firstseen", "lastseen") if (m := read_time(facts.get(key)))), None)
    if moment is None:
        warnings.append("The report has no readable date.")
    evidence = read_evidence(facts.get("samples") or facts.get("attachment") or [], warnings)
    email, person, organisation = _reporter(document.get("ReporterInfo"))
    title = word(facts.get("subject")) or word(facts.get("trademarkedmaterial")) or reference
    return Reading(
        category=_category(class_, type_, facts), target_kind=kind, target_ref=reference, target_name=name,
        reporter_email=email, reporter_name=person, reporter_org=organisation,
        subject=f"{_CAMEL.sub(' ', type_) or 'Report'}: {title}"[:MAX_SUBJECT].rstrip(": "), text=_text(report),
        url=link, occurred_at=moment, evidence=evidence,
        language=find_language(" ".join(word(facts.get(key), 2000) for key in _SAID)),
        external_ref=word(facts.get("reportercaseid"), 200) or word(facts.get("reportid"), 200),
        extra=_extra(report, class_, type_), warnings=tuple(warnings),
    )  # fmt: skip


def _flat(report: dict[str, Any]) -> dict[str, Any]:
    """Fields by lower-case name, with those of `Source` (as source...) and `AdditionalInfo` lifted to the top."""
    facts = {key.lower(): value for key, value in list(report.items())[:200]}
    source, more = facts.get("source"), facts.get("additionalinfo")
    if isinstance(source, dict):
        for key, value in list(source.items())[:20]:
            facts.setdefault(f"source{key.lower()}", value)
    if isinstance(more, dict):
        for key, value in list(more.items())[:100]:
            facts.setdefault(key.lower(), value)
    return facts


def _category(class_: str, type_: str, facts: dict[str, Any]) -> str:
    kind = re.sub(r"[^a-z]", "", type_.lower())
    category = XARF3.get(kind) or XARF3.get(class_.lower(), "unsorted")
    if kind == "malware" and class_.lower() == "activity":  # a resolver saw the source ask for a malicious name
        return "compromised-host"
    if category == "harassment":
        said = word(facts.get("harassmenttype"), 60).lower()
        return next((slug for (what, hint), slug in _DETAIL.items() if what == category and hint in said), category)
    return category


def _target(facts: dict[str, Any], class_: str) -> tuple[str, str, str, str]:
    """Kind, reference, link and display name."""
    link = word(facts.get("sourceurl")) or word(facts.get("sourceuri"))
    address = word(facts.get("sourceip")) or word(facts.get("attackerip"))
    harasser = word(facts.get("harasser"), 200)
    if harasser:
        return "user", harasser, link, harasser
    account = facts.get("account")
    if isinstance(account, dict):
        names = {key.lower(): word(value, 254) for key, value in list(account.items())[:20]}
        reference = names.get("accountemail") or names.get("accountidentifier") or names.get("accountnumber")
        reference = reference or names.get("accountname") or next(filter(None, names.values()), "")
        if reference:
            return "account", reference, link, names.get("accountname", "")
    if link and (class_ == "content" or not address):
        return *target_of(link), link, ""
    source = address or word(facts.get("source")) or word(facts.get("sourcedomain")) or word(facts.get("sourceemail"))
    return *(target_of(source) if source else ("other", "")), link, ""


def _reporter(info: Any) -> tuple[str, str, str]:
    if not isinstance(info, dict):
        return "", "", ""
    email = word(info.get("ReporterContactEmail"), 254) or word(info.get("ReporterOrgEmail"), 254)
    return email, word(info.get("ReporterContactName"), 200), word(info.get("ReporterOrg"), 200)


def _text(report: dict[str, Any]) -> str:
    said, lines = [], []
    for key, value in list(report.items())[:200]:
        if key.lower() in _SAID and word(value):
            said.append(word(value, 20_000))
        elif key.lower() not in {"samples", "attachment"}:
            lines.extend(_lines(key, value))
    return "\n".join([*said, *lines])[:MAX_TEXT]


def _lines(key: str, value: Any) -> list[str]:
    label = _CAMEL.sub(" ", key).lower()
    if isinstance(value, dict):
        return [line for name, inner in list(value.items())[:50] if not isinstance(inner, dict)
                for line in _lines(f"{key} {name}", inner)]  # fmt: skip
    shown = ("yes" if value else "no") if isinstance(value, bool) else word(value)
    return [f"{label}: {shown}"] if shown else []


def _extra(report: dict[str, Any], class_: str, type_: str) -> dict[str, Any]:
    extra: dict[str, Any] = {
        _CAMEL.sub("_", key).lower()[:100]: value
        for key, value in list(report.items())[:200]
        if key.lower() not in _HANDLED and value not in (None, "")
    }
    for group in ("Source", "AdditionalInfo"):
        value = report.get(group)
        if value:
            extra[_CAMEL.sub("_", group).lower()] = value
    extra["xarf_class"], extra["xarf_type"] = class_, type_
    return extra
