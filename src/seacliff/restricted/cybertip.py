"""The report to the hotline as XML: the elements and their order are those of the CyberTipline API's schema (2025).

Only what the case knows is said. Reporters are not named: the company is the reporter.
"""

from datetime import datetime
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.conf import settings

from seacliff.intake.models import Report
from seacliff.record.models import Attachment
from seacliff.restricted.models import Referral
from seacliff.review.models import CaseReport
from seacliff.review.queries import tree_above
from seacliff.targets.models import Kind, Target

TEXT_MOST = 20_000


class NotWellFormed(ValueError):
    """The report does not keep to the hotline's schema; the message says where."""


def report_xml(referral: Referral) -> bytes:
    """The <report> of a referral."""
    case = referral.case
    root = Element("report")
    summary = SubElement(root, "incidentSummary")
    _add(summary, "incidentType", referral.incident)
    _add(summary, "platform", settings.COMPANY_NAME)
    _add(summary, "escalateToHighPriority", referral.urgent[:3000])
    _add(summary, "incidentDateTime", _moment(referral.incident_at))
    urls = _urls(referral)
    if urls:
        page = SubElement(SubElement(root, "internetDetails"), "webPageIncident")
        for url in urls:
            _add(page, "url", url)
    _reporter(root)
    for node in (case.target, *tree_above(case.target)):
        if node.kind in (Kind.USER, Kind.ACCOUNT):
            _reported(root, node)
    _add(root, "additionalInfo", _words(referral))
    return _written(root)


def file_xml(referral: Referral, attachment: Attachment, file_id: str) -> bytes:
    """The <fileDetails> of one uploaded file."""
    root = Element("fileDetails")
    _add(root, "reportId", str(referral.report_id))
    _add(root, "fileId", file_id)
    _add(root, "originalFileName", attachment.name or attachment.evidence_id[:12])
    _add(root, "fileViewedByEsp", "false")
    _add(root, "fileRelevance", "Reported")
    hashed = SubElement(root, "originalFileHash", {"hashType": "SHA256"})
    hashed.text = attachment.evidence_id
    return _written(root)


def _reporter(root: Element) -> None:
    reporter = SubElement(root, "reporter")
    reporting = SubElement(reporter, "reportingPerson")
    _add(reporting, "firstName", settings.HOTLINE_CONTACT_NAME.partition(" ")[0])
    _add(reporting, "lastName", settings.HOTLINE_CONTACT_NAME.partition(" ")[2])
    _add(reporting, "email", settings.HOTLINE_CONTACT_EMAIL)
    _add(reporter, "legalURL", settings.BASE_URL)


def _reported(root: Element, node: Target) -> None:
    reported = SubElement(root, "personOrUserReported")
    if node.email:
        _add(SubElement(reported, "personOrUserReportedPerson"), "email", node.email)
    _add(reported, "espIdentifier", node.ref)
    _add(reported, "espService", node.product.name)
    _add(reported, "screenName", node.name)


def _urls(referral: Referral) -> list[str]:
    ids = CaseReport.objects.filter(case=referral.case_id).values_list("report_id", flat=True)[:50]
    found = Report.objects.filter(id__in=list(ids)).exclude(url="").values_list("url", flat=True)
    return sorted(set(found))[:20]


def _words(referral: Referral) -> str:
    case = referral.case
    parts = [referral.said, f"Our reference: {case.ref}."]
    return "\n".join(part for part in parts if part)[:TEXT_MOST]


def _add(parent: Element, name: str, text: str) -> None:
    """An element, unless there is nothing to say; characters that XML can't hold are left out."""
    kept = "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    if kept.strip():
        SubElement(parent, name).text = kept


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _written(root: Element) -> bytes:
    indent(root)
    content = tostring(root, encoding="utf-8", xml_declaration=True)
    check(content)
    return content


def check(content: bytes) -> None:
    """Validate against the hotline's own schema, where the installation names its file. Raises NotWellFormed."""
    schema = _schema(settings.HOTLINE_SCHEMA)
    if schema is None:
        return
    problem = next(schema.iter_errors(content.decode()), None)
    if problem is not None:
        raise NotWellFormed(f"{problem.path}: {problem.reason}")


@cache
def _schema(path: str) -> Any:
    if not path:
        return None
    import xmlschema

    return xmlschema.XMLSchema(path)
