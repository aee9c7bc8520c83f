"""The JSON of a report as programs send it, checked by msgspec, and its faults told field by field."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from seacliff.intake import queries
from seacliff.intake.incoming import LIMITS, MAX_KEY, Attached, NewReport, reporter_key
from seacliff.people.problems import Fault
from seacliff.targets.models import Kind

MOST_IN_A_BATCH = 1_000
MOST_PIECES = 20
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
KindName: Any = Literal[tuple(Kind.values)]
Ref = Annotated[str, Meta(min_length=1, max_length=LIMITS["target_ref"])]
Name = Annotated[str, Meta(max_length=LIMITS["target_name"])]
Email = Annotated[str, Meta(max_length=LIMITS["reporter_email"])]
Language = Annotated[str, Meta(max_length=LIMITS["language"])]
Moment = Annotated[datetime, Meta(tz=True)]


class Node(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An account above the target, with what the product knows of it."""

    kind: KindName
    ref: Ref
    name: Name = ""
    email: Email = ""
    language: Language = ""
    plan: Name = ""
    country: Annotated[str, Meta(max_length=2)] = ""
    created_at: Moment | None = None
    details: dict[str, Any] = {}


class SubmittedTarget(Node, forbid_unknown_fields=True, omit_defaults=True):
    tree: Annotated[list[Node], Meta(max_length=20)] = []


class SubmittedReporter(msgspec.Struct, forbid_unknown_fields=True):
    email: Email = ""
    name: Annotated[str, Meta(max_length=LIMITS["reporter_name"])] = ""
    user: Annotated[str, Meta(max_length=200)] = ""


class Piece(msgspec.Struct, forbid_unknown_fields=True):
    """Evidence: either `content` in base 64, or the `sha256` that POST /api/v1/evidence answered with."""

    name: Name = ""
    type: Annotated[str, Meta(max_length=200)] = ""
    content: str = ""
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""


class Submission(msgspec.Struct, forbid_unknown_fields=True):
    category: Annotated[str, Meta(min_length=1, max_length=LIMITS["category"])]
    target: SubmittedTarget
    product: str = ""
    reporter: SubmittedReporter | None = None
    language: Language = ""
    subject: Annotated[str, Meta(max_length=LIMITS["subject"])] = ""
    text: Annotated[str, Meta(max_length=LIMITS["text"])] = ""
    url: Annotated[str, Meta(max_length=LIMITS["url"])] = ""
    occurred_at: Moment | None = None
    external_ref: Annotated[str, Meta(max_length=LIMITS["external_ref"])] = ""
    extra: dict[str, Any] = {}
    evidence: Annotated[list[Piece], Meta(max_length=MOST_PIECES)] = []
    idempotency_key: Annotated[str, Meta(max_length=MAX_KEY)] = ""


NOBODY = SubmittedReporter()
ONE = msgspec.json.Decoder(Submission)
MANY = msgspec.json.Decoder(list[Submission])
RAW_MANY = msgspec.json.Decoder(list[msgspec.Raw])


class Unacceptable(Exception):
    """A submission that can't be taken, with its faults."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault["detail"] for fault in faults))
        self.faults = faults


def read_one(raw: bytes | msgspec.Raw) -> Submission:
    """One submission; Unacceptable names every field that is wrong."""
    try:
        return ONE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unacceptable(_faults(bytes(raw))) from None


def read_many(raw: bytes) -> list[Submission | Unacceptable]:
    """A batch, item by item. Unacceptable is raised when the whole is no list, or longer than MOST_IN_A_BATCH."""
    try:
        found: list[Submission | Unacceptable] = list(MANY.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            items = RAW_MANY.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unacceptable([{"pointer": "#", "detail": f"The body is not valid JSON: {error}"}]) from None
        found = [_read_or_fault(item) for item in items]
    if len(found) > MOST_IN_A_BATCH:
        detail = f"A batch holds at most {MOST_IN_A_BATCH} reports; this one has {len(found)}. Send it in parts."
        raise Unacceptable([{"pointer": "#", "detail": detail}])
    return found


def _read_or_fault(item: msgspec.Raw) -> Submission | Unacceptable:
    try:
        return read_one(item)
    except Unacceptable as error:
        return error


def _faults(raw: bytes) -> list[Fault]:
    """What is wrong with a submission. msgspec stops at the first fault, so the fields are tried one by one."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [{"pointer": "#", "detail": f"The body is not valid JSON: {error}"}]
    if not isinstance(body, dict):
        return [{"pointer": "#", "detail": "A report is a JSON object."}]
    fields = {field.name: field for field in msgspec.structs.fields(Submission)}
    faults: list[Fault] = []
    for name, field in fields.items():
        if name not in body:
            if field.required:
                faults.append({"pointer": f"#/{name}", "detail": "This field is required."})
            continue
        try:
            msgspec.convert(body[name], field.type)
        except msgspec.ValidationError as error:
            faults.append(_fault(name, str(error)))
    unknown = sorted(body.keys() - fields.keys())
    known = ", ".join(fields)
    faults += [{"pointer": f"#/{name}", "detail": f"There is no such field. Fields are: {known}."} for name in unknown]
    return faults or [{"pointer": "#", "detail": "The report can't be read."}]


def _fault(name: str, message: str) -> Fault:
    """msgspec says "Expected `str`, got `int` - at `$.tree[0].ref`"; callers get a JSON pointer and the sentence."""
    detail, _, place = message.partition(" - at `$")
    path = place.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
    return {"pointer": f"#/{name}{path}", "detail": f"{detail}."}


def to_report(submission: Submission, header_key: str = "") -> NewReport:
    """The report a submission makes. Unacceptable when its product, category, key or time can't be right."""
    product = queries.product_named(submission.product)
    faults: list[Fault] = []
    if product is None:
        faults.append({"pointer": "#/product", "detail": _no_product(submission.product)})
    if submission.category not in queries.categories():
        faults.append({"pointer": "#/category", "detail": _no_category(submission.category)})
    if submission.occurred_at is not None and submission.occurred_at < EARLIEST:
        faults.append({"pointer": "#/occurred_at", "detail": "This is before 1970; leave the time out if unknown."})
    key = submission.idempotency_key
    if header_key and key and header_key != key:
        detail = "It differs from the Idempotency-Key header. Send one of the two."
        faults.append({"pointer": "#/idempotency_key", "detail": detail})
    if faults or product is None:
        raise Unacceptable(faults)
    target, reporter = submission.target, submission.reporter or NOBODY
    return NewReport(
        product_id=product.id,
        category=submission.category,
        target_kind=target.kind,
        target_ref=target.ref,
        target_name=target.name,
        target_tree=target.tree,
        reporter_key=reporter_key(product.slug, email=reporter.email, user=reporter.user),
        reporter_name=reporter.name,
        reporter_email=reporter.email,
        language=submission.language,
        subject=submission.subject,
        text=submission.text,
        url=submission.url,
        occurred_at=submission.occurred_at,
        external_ref=submission.external_ref,
        extra=_extra(submission),
        idempotency_key=key or header_key,
    )


def _extra(submission: Submission) -> dict[str, Any]:
    """The sender's own extra, and under "target" what the product knows of the target beyond its name."""
    target = submission.target
    if not (target.email or target.language or target.plan or target.country or target.created_at or target.details):
        return submission.extra
    names = ("email", "language", "plan", "country", "created_at", "details")
    facts = {name: value for name in names if (value := getattr(target, name))}
    return {**submission.extra, "target": facts}


def _no_product(slug: str) -> str:
    known = ", ".join(sorted(queries.products()))
    if not known:
        return "No product is set up yet. An admin makes one under Targets."
    return f"There is no product {slug!r}. Products are: {known}."


def _no_category(slug: str) -> str:
    return f"There is no category {slug!r}. Categories are: {', '.join(sorted(queries.categories()))}."


def open_piece(piece: Piece, number: int) -> bytes:
    """The content of inline evidence."""
    try:
        return base64.b64decode(piece.content, validate=True)
    except (binascii.Error, ValueError):
        fault: Fault = {"pointer": f"#/evidence/{number}/content", "detail": "This is not valid base 64."}
        raise Unacceptable([fault]) from None


def attached(piece: Piece, sha256: str) -> Attached:
    return Attached(sha256, piece.name, piece.type)
