"""POST /api/v1/reports: the way in for programs, one report or a batch.

It is a plain view, documented in the API beside the others. Requests with a bearer token, which need neither session
nor CSRF, are answered by a middleware before those are looked at.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from seacliff.intake import receipts, submissions
from seacliff.intake.actions import Entry, Sender, take
from seacliff.intake.group_commit import GROUP, Busy
from seacliff.intake.incoming import MAX_KEY, NewReport, Outcome
from seacliff.intake.models import Channel
from seacliff.intake.submissions import Submission, Unacceptable
from seacliff.people.access import Caller, caller_of
from seacliff.people.permissions import Permission
from seacliff.people.problems import (
    Conflict,
    Fault,
    Invalid,
    NotAllowed,
    NotSignedIn,
    Problem,
    Unavailable,
    problem_response,
)
from seacliff.record import evidence
from seacliff.record.models import Evidence

PATH = "/api/v1/reports"
JSON = "application/json"
ENCODER = msgspec.json.Encoder()


def submit(request: HttpRequest) -> HttpResponse:
    """Take one report (a JSON object) or up to 1,000 (a JSON array). Every "created" is on disk when it is answered."""
    try:
        caller = _may_create(request)
        body = request.body
        if body.lstrip()[:1] == b"[":
            return _batch(request, caller, body)
        return _single(request, caller, body)
    except Problem as problem:
        return problem_response(request, problem)
    except Unacceptable as error:
        return problem_response(request, _invalid(error.faults))
    except (Busy, OperationalError) as error:
        advice = str(error) if isinstance(error, Busy) else "The database does not answer. Send it again in a moment."
        return problem_response(request, Unavailable(advice, headers={"Retry-After": "2"}))


class QuickDoor:
    """Middleware, high up in the order: programs that send reports pass by sessions, languages and CSRF."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info == PATH and "HTTP_AUTHORIZATION" in request.META:
            return submit(request)
        return self.get_response(request)


def _may_create(request: HttpRequest) -> Caller:
    caller = caller_of(request)
    if caller is None:
        raise NotSignedIn("Send `Authorization: Bearer sc_...`, with a token made under Settings.")
    if not caller.may(Permission.REPORT_CREATE):
        raise NotAllowed(f"This needs the permission {Permission.REPORT_CREATE}, which this caller does not have.")
    return caller


def _invalid(faults: list[Fault]) -> Invalid:
    return Invalid("Correct the fields named under errors.", errors=faults)


def _sender(caller: Caller) -> Sender:
    return Sender(Channel.API, caller.actor, caller.token_id or caller.user.id)


def _key(request: HttpRequest, most: int = MAX_KEY) -> str:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if len(key) > most:
        fault: Fault = {"parameter": "Idempotency-Key", "detail": f"It has more than {most} characters."}
        raise _invalid([fault])
    return key


def _single(request: HttpRequest, caller: Caller, body: bytes) -> HttpResponse:
    submission = submissions.read_one(body)
    report = submissions.to_report(submission, _key(request))
    if submission.evidence:
        _keep_evidence(submission, report)
    outcome = GROUP.take(Entry(report, _sender(caller)))
    if outcome.report_id is None:
        raise Conflict(outcome.problem) if outcome.code == "conflict" else Invalid(outcome.problem)
    status = 201 if outcome.state == "created" else 200
    return HttpResponse(ENCODER.encode(answer_to(outcome)), status=status, content_type=JSON)


def answer_to(outcome: Outcome) -> dict[str, Any]:
    """What a caller is told of a report that was taken or refused."""
    if outcome.report_id is None:
        return {"state": outcome.state, "problem": outcome.problem}
    return {
        "state": outcome.state,
        "id": outcome.report_id,
        "code": receipts.code_of(outcome.report_id),
        "status_url": receipts.status_url(outcome.report_id),
    }


def _batch(request: HttpRequest, caller: Caller, body: bytes) -> HttpResponse:
    """Each item stands for itself: 207 with an outcome per item, in order."""
    key = _key(request, MAX_KEY - 5)
    answers: list[dict[str, Any]] = []
    reports: list[tuple[int, NewReport]] = []
    for number, item in enumerate(submissions.read_many(body)):
        answers.append({})
        try:
            reports.append((number, report_of(item, f"{key}#{number}" if key else "")))
        except Unacceptable as error:
            answers[number] = {"state": "refused", "problem": str(error), "errors": error.faults}
    sender = _sender(caller)
    outcomes = take([Entry(report, sender) for _, report in reports])
    for (number, _), outcome in zip(reports, outcomes, strict=True):
        answers[number] = answer_to(outcome)
    counts = {state: sum(each["state"] == state for each in answers) for state in ("created", "repeated", "refused")}
    return HttpResponse(ENCODER.encode({**counts, "results": answers}), status=207, content_type=JSON)


def report_of(item: Submission | Unacceptable, key: str = "") -> NewReport:
    """The report that an item makes, its inline evidence kept. Raises Unacceptable."""
    if isinstance(item, Unacceptable):
        raise item
    report = submissions.to_report(item, "" if item.idempotency_key else key)
    if item.evidence:
        _keep_evidence(item, report)
    return report


def _keep_evidence(submission: Submission, report: NewReport) -> None:
    """Store inline evidence; it is content-addressed, so storing it for a report that is then refused harms nothing."""
    for number, piece in enumerate(submission.evidence):
        place = f"#/evidence/{number}"
        if bool(piece.sha256) == bool(piece.content):
            raise Unacceptable([{"pointer": place, "detail": "Send either sha256 or content."}])
        sha256 = piece.sha256
        if sha256 and not Evidence.objects.filter(pk=sha256).exists():
            detail = "No evidence with this hash was sent to POST /api/v1/evidence."
            raise Unacceptable([{"pointer": f"{place}/sha256", "detail": detail}])
        if not sha256:
            content = submissions.open_piece(piece, number)
            try:
                sha256 = evidence.keep(content).sha256
            except evidence.EvidenceTooLarge as error:
                raise Unacceptable([{"pointer": f"{place}/content", "detail": str(error)}]) from None
        report.attachments = [*report.attachments, submissions.attached(piece, sha256)]
