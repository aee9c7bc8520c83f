"""API: reports in, reports out, evidence, XARF documents."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Query, Router, Schema
from ninja.files import UploadedFile

from seacliff.intake import access, doors, queries, receipts
from seacliff.intake.actions import keep_message
from seacliff.intake.models import Report
from seacliff.intake.submissions import MOST_IN_A_BATCH, Submission
from seacliff.people.access import Request, scope
from seacliff.people.api_schemas import Listed, Paging, listed
from seacliff.people.permissions import Permission
from seacliff.people.problems import Fault, Invalid, TooLarge
from seacliff.record import evidence
from seacliff.record.ids import first_id
from seacliff.record.pages import page

reports = Router()
xarf = Router()
pieces = Router()
MOST_XARF = 4 * 1024 * 1024  # bytes


def _inline(node: Any, parts: dict[str, Any]) -> Any:
    """A JSON schema without references, so that it can stand inside an operation."""
    if isinstance(node, dict):
        if "$ref" in node:
            return _inline(parts[node["$ref"].rpartition("/")[2]], parts)
        return {key: _inline(value, parts) for key, value in node.items()}
    return [_inline(value, parts) for value in node] if isinstance(node, list) else node


(_top,), _parts = msgspec.json.schema_components([Submission], ref_template="#/{name}")
SUBMISSION = {**_inline(_top, _parts), "title": "Report"}
OUTCOME = {
    "type": "object",
    "title": "Outcome",
    "required": ["state"],
    "properties": {
        "state": {"type": "string", "enum": ["created", "repeated", "refused"]},
        "id": {"type": "string", "format": "uuid"},
        "code": {"type": "string", "description": "The receipt code, for people"},
        "status_url": {"type": "string", "description": "Private: whoever has it can follow the report"},
        "problem": {"type": "string", "description": "Of a refused one: why"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
COUNT = {"type": "integer"}
BATCH = {
    "type": "object",
    "title": "Outcomes",
    "required": ["created", "repeated", "refused", "results"],
    "properties": {
        "created": COUNT,
        "repeated": COUNT,
        "refused": COUNT,
        "results": {"type": "array", "items": OUTCOME, "description": "In the order of the reports"},
    },
}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


SUBMIT = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "maxLength": 195},
            "description": "Sent again with the same body it repeats the answer; with another body it is a conflict. "
            "Items of a batch without a key of their own get this one and their place. Kept for 30 days.",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        SUBMISSION,
                        {"type": "array", "items": SUBMISSION, "maxItems": MOST_IN_A_BATCH, "title": "Batch"},
                    ]
                }
            }
        },
    },
    "responses": {
        "200": _answer("The same report was sent before", OUTCOME),
        "201": _answer("The report is on disk", OUTCOME),
        "207": _answer("A batch: an outcome for each report", BATCH),
    },
}


class ReportOut(Schema):
    id: UUID
    code: str
    product_id: UUID
    channel: str
    category: str
    target_kind: str
    target_ref: str
    target_name: str
    target_tree: list[dict[str, Any]]
    reporter_key: str
    reporter_name: str
    reporter_email: str
    language: str
    subject: str
    text: str
    url: str
    occurred_at: datetime | None
    received_at: datetime
    external_ref: str
    message_id: UUID | None
    extra: dict[str, Any]

    @staticmethod
    def resolve_code(report: Report) -> str:
        return receipts.code_of(report.id)


class Filters(Schema):
    target_ref: Annotated[str, Field(description="Reports on this target", max_length=2000)] = ""
    reporter_key: Annotated[str, Field(description="Reports by this reporter", max_length=400)] = ""
    since: Annotated[datetime | None, Field(description="Received at or after this time")] = None
    until: Annotated[datetime | None, Field(description="Received before this time")] = None

    def as_condition(self) -> Q:
        """Each of them is served by an index, or by the months the table is divided into."""
        condition = Q()
        if self.target_ref:
            condition &= Q(target_ref=self.target_ref)
        if self.reporter_key:
            condition &= Q(reporter_key=self.reporter_key)
        try:
            if self.since:
                condition &= Q(id__gte=first_id(self.since))
            if self.until:
                condition &= Q(id__lt=first_id(self.until))
        except (ValueError, OverflowError):
            fault: Fault = {"parameter": "since", "detail": "Give times between 1970 and 9999."}
            raise Invalid("A time is out of range.", errors=[fault]) from None
        return condition


@reports.post("", openapi_extra=SUBMIT, summary="Send reports")
@scope(Permission.REPORT_CREATE)
def submit_reports(request: HttpRequest) -> HttpResponse:
    """One report (an object) or up to 1,000 (an array). A report is on disk when it is answered with "created".

    Each report of a batch stands for itself: the answer is 207 and tells for each what became of it.
    """
    return doors.submit(request)


@reports.get("", response=Listed[ReportOut], summary="List reports")
@scope(Permission.REPORT_VIEW)
def list_reports(request: Request, filters: Query[Filters], paging: Query[Paging]) -> dict[str, Any]:
    """Newest first."""
    found = Report.objects.filter(filters.as_condition())
    return listed(request, page(found, after=paging.after, limit=paging.limit))


@reports.get("/{report_id}", response=ReportOut, summary="One report")
@scope(Permission.REPORT_VIEW)
def get_report(request: Request, report_id: UUID) -> Report:
    """The report as its sender put it. What became of it is told by its case."""
    return access.report(request.auth, report_id)


class EvidenceOut(Schema):
    sha256: str
    size: int
    media_type: str
    kind: str


@pieces.post("", response={201: EvidenceOut}, summary="Send evidence")
@scope(Permission.REPORT_CREATE)
def send_evidence(request: Request, file: File[UploadedFile]) -> tuple[int, Any]:
    """Keep a file, to be named by its sha256 in the `evidence` of a report sent afterwards."""
    try:
        return 201, evidence.keep(file.read())
    except evidence.EvidenceTooLarge as error:
        raise TooLarge(str(error)) from None


class Kept(Schema):
    id: UUID
    state: str


XARF_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "title": "A XARF document, version 4 or 3"}}},
    }
}


@xarf.post("", response={202: Kept}, openapi_extra=XARF_BODY, summary="Send a XARF document")
@scope(Permission.REPORT_CREATE)
def send_xarf(
    request: Request, product: Annotated[str, Query(description="Slug; the first product when left out")] = ""
) -> tuple[int, Any]:
    """Keep a XARF document, to be read at once. One that can't be read is shown to a person, never dropped."""
    found = queries.product_named(product)
    if found is None:
        fault: Fault = {"parameter": "product", "detail": "There is no such product."}
        raise Invalid("The product is unknown.", errors=[fault])
    if not request.body or len(request.body) > MOST_XARF:
        raise TooLarge(f"A XARF document has between 1 byte and {MOST_XARF // 2**20} MB.")
    return 202, keep_message(request.body, source="api", product=found, sender=str(request.auth.token_name))
