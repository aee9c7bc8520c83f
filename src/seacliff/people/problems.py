"""Errors of the API as problem details (RFC 9457): what was wrong, where, what to do. Every room raises these."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NotRequired, TypedDict

import msgspec
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

API_PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"


class Fault(TypedDict):
    """One thing wrong with the input: a JSON pointer (RFC 6901) into the body, or the name of a parameter."""

    detail: str
    pointer: NotRequired[str]
    parameter: NotRequired[str]


class Problem(Exception):
    """An answer to a caller. `slug` names the type, documented on the API's page under #problem-<slug>."""

    status = 400
    slug = "bad-request"
    title = "The request could not be understood"

    def __init__(self, detail: str, *, errors: Sequence[Fault] = (), headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail, self.errors, self.headers = detail, list(errors), headers or {}


class NotSignedIn(Problem):
    status, slug, title = 401, "not-signed-in", "No valid token or session came with the request"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="Seacliff"'}, **more)


class NotAllowed(Problem):
    status, slug, title = 403, "not-allowed", "The caller may not do this"


class NotFound(Problem):
    status, slug, title = 404, "not-found", "There is nothing here"


class WrongMethod(Problem):
    status, slug, title = 405, "wrong-method", "The method is not allowed here"


class Conflict(Problem):
    status, slug, title = 409, "conflict", "The request does not fit the present state"


class TooLarge(Problem):
    status, slug, title = 413, "too-large", "The request is too large"


class Invalid(Problem):
    status, slug, title = 422, "invalid", "Some of the input is not valid"


class TooMany(Problem):
    """Raise with the seconds after which the caller may try again."""

    status, slug, title = 429, "too-many", "Too many requests"

    def __init__(self, detail: str, wait: float = 1.0) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, math.ceil(wait)))})


class Broken(Problem):
    status, slug, title = 500, "broken", "Something broke on our side"


class Unavailable(Problem):
    status, slug, title = 503, "unavailable", "Not available at the moment"


KINDS: tuple[type[Problem], ...] = (
    *(Problem, NotSignedIn, NotAllowed, NotFound, WrongMethod, Conflict, TooLarge, Invalid, TooMany),
    *(Broken, Unavailable),
)
BY_STATUS = {kind.status: kind for kind in KINDS}


def kind_of(status: int) -> type[Problem]:
    return BY_STATUS.get(status) or (Broken if status >= 500 else Problem)


def problem_response(request: HttpRequest, problem: Problem, status: int | None = None) -> HttpResponse:
    """The problem as an answer; `instance` is the path asked for, `request_id` finds it in the logs."""
    body: dict[str, Any] = {
        "type": f"{settings.BASE_URL}/api/v1/docs#problem-{problem.slug}",
        "title": problem.title,
        "status": status or problem.status,
        "detail": problem.detail,
        "instance": request.path,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
    if problem.errors:
        body["errors"] = problem.errors
    content = msgspec.json.encode(body)
    return HttpResponse(content, status=body["status"], content_type=MEDIA_TYPE, headers=problem.headers)


class ApiProblems:
    """Middleware: whatever Django itself answers under /api/ (unknown path, wrong method, a crash) is a problem too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not request.path.startswith(API_PREFIX)
            or "json" in response.get("Content-Type", "")
        ):
            return response
        kind = kind_of(response.status_code)
        answer = problem_response(request, kind(_ADVICE.get(kind.slug, kind.title + ".")), response.status_code)
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer


_ADVICE = {
    "not-found": "No such path. The paths there are: /api/v1/docs.",
    "wrong-method": "This path does not take that method; the Allow header names those it takes.",
    "broken": "An error of ours, which has been logged. Please try again; if it stays, report the request_id.",
    "too-large": "Send less in one request.",
}
