"""The API under /api/v1, put together from the rooms' routers. Composition: it knows every room.

A room's api.py: `router = ninja.Router()`, operations with `@scope(Permission.X)` under `@router.get(...)`, lists with
`paging: Query[Paging]` answering `Listed[Row]` by `listed(request, page(...))`, problems raised from people.problems.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

import msgspec
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoInvalid
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.security.base import AuthBase

from seacliff.people.access import Caller, caller_of, must_be_allowed
from seacliff.people.api_docs import ReadableDocs
from seacliff.people.permissions import Permission
from seacliff.people.problems import (
    Fault,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Problem,
    TooMany,
    Unavailable,
    kind_of,
    problem_response,
)
from seacliff.record.pages import BadCursor
from seacliff.review.access import Refused
from seacliff.review.api import problem_of

DESCRIPTION = """
Everything a reviewer or an integrator can do, as JSON over HTTPS.

Programs send `Authorization: Bearer sc_...`; tokens are made under Settings in the console, and reach no further than
their scopes and their owner. Lists come in pages: follow `next` until it is null.
Errors are problem details (RFC 9457).
""".strip()

# Rooms add their lines here: path, router, heading in the documentation.
ROUTERS: list[tuple[str, str, str]] = [
    ("/me", "seacliff.people.api.router", "Me"),
    ("/reports", "seacliff.intake.api.reports", "Reports"),
    ("/evidence", "seacliff.intake.api.pieces", "Reports"),
    ("/xarf", "seacliff.intake.api.xarf", "Reports"),
    ("/messages", "seacliff.intake.api_messages.router", "Messages"),
    ("", "seacliff.review.api.router", "Cases"),
    ("", "seacliff.review.reporters.api.router", "Reporters"),
    ("", "seacliff.appeals.api.router", "Appeals"),
    ("", "seacliff.playbooks.api.router", "Playbooks"),
    ("", "seacliff.partners.api.router", "Partners"),
    ("", "seacliff.quality.api.router", "Quality"),
    ("", "seacliff.quality.api_learning.router", "Quality"),
    ("", "seacliff.relationships.api.router", "Relationships"),
    ("/policies", "seacliff.policy.api.router", "Policies"),
    ("", "seacliff.targets.api.router", "Targets"),
    ("", "seacliff.enforcement.api.router", "Enforcement"),
    ("/value", "seacliff.value.api.router", "Value"),
    ("", "seacliff.people.record_api.router", "Record"),
]


class TokenOrSession(AuthBase):
    """Bearer token, or the console's session together with its CSRF token."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller | None:
        caller = caller_of(request)
        permission = _permission_of(request)
        if caller is not None and permission is not None:
            must_be_allowed(caller, permission)  # before the body is read: what it may hold is not for everybody
        return caller


def _permission_of(request: HttpRequest) -> Permission | None:
    """What the operation that is asked for needs (`@scope` says it, and asks again)."""
    found = request.resolver_match
    return _permissions().get((found.route, request.method or "")) if found else None


@cache
def _permissions() -> dict[tuple[str, str], Permission]:
    """Route and method of every operation to its permission."""
    return {
        (f"api/v1/{f'{prefix}{path}'.strip('/')}".replace("{", "<").replace("}", ">"), method): permission
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        if (permission := getattr(operation.view_func, "permission", None))
    }


class StrictParser(Parser):
    """JSON as RFC 8259 has it, without the characters that PostgreSQL's text cannot hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = msgspec.json.decode(request.body)
        if b"\\u0000" in request.body and any("\x00" in text for text in _texts(body)):
            raise ValueError("The body has a NUL character (\\u0000) in a string")
        return body

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        if isinstance(data, QueryDict):
            for name, values in data.lists():
                if "\x00" in name or any("\x00" in value for value in values):
                    fault: Fault = {"parameter": name.replace("\x00", ""), "detail": "Leave the NUL character out."}
                    raise Invalid("A parameter holds a NUL character.", errors=[fault])
        return super().parse_querydict(data, list_fields, request)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


_schemas: dict[str | None, OpenAPISchema] = {}


class SeacliffAPI(NinjaAPI):
    """Ninja with our names for operations, problems documented for each, and faults pointing at the field."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return f"{operation.view_func.__module__.split('.')[1]}_{operation.view_func.__name__}"

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        """Put together once: it is the same for everybody until the next start."""
        if path_prefix not in _schemas:
            _schemas[path_prefix] = self._put_together(path_prefix, path_params)
        return _schemas[path_prefix]

    def _put_together(self, path_prefix: str | None, path_params: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
        problem = {"description": "A problem", "content": {"application/problem+json": reference}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["4XX"] = problem
        return schema

    def validation_error_from_error_contexts(self, error_contexts: list[ValidationErrorContext]) -> ValidationError:
        faults: list[Any] = []
        for context in error_contexts:
            flat = getattr(context.model, "__ninja_flatten_map_reverse__", {})
            single = getattr(context.model, "__read_from_single_attr__", None)
            for error in context.pydantic_validation_error.errors(include_url=False, include_input=False):
                where = flat.get(error["loc"], error["loc"])
                faults.append(_fault(context.model.__ninja_param_source__ or "", where, single, error["msg"]))
        return ValidationError(faults)


def _fault(source: str, where: tuple[Any, ...], single: str | None, message: str) -> Fault:
    if source in ("body", "form", "file"):
        path = where[1:] if single and where[:1] == (single,) else where
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
        return {"pointer": "#" + "".join(f"/{step}" for step in steps), "detail": message}
    return {"parameter": str(where[-1]) if where else source, "detail": message}


PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "Problem details (RFC 9457)",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong and what to do, in a sentence"},
        "instance": {"type": "string", "description": "The path asked for"},
        "request_id": {"type": "string", "description": "Finds the request in the logs"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body"},
                    "parameter": {"type": "string", "description": "Name of the parameter"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

api = SeacliffAPI(
    title="Seacliff API",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=TokenOrSession(),
    parser=StrictParser(),
    docs=ReadableDocs(),
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(request, problem)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return problem_response(request, problem_of(refused))


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    advice = "Send `Authorization: Bearer sc_...`, with a token made under Settings."
    return problem_response(request, NotSignedIn(advice))


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem_response(request, NotAllowed(str(error) or "You may not do this."))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problem_response(request, NotFound("There is no such record, or you may not see it."))


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == TooMany.status:
        return problem_response(request, TooMany(str(error), getattr(error, "wait", None) or 1))
    return problem_response(request, kind_of(error.status_code)(str(error)), error.status_code)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem_response(
        request, Invalid("Correct the fields named under errors.", errors=cast(Sequence[Fault], error.errors))
    )


@api.exception_handler(DjangoInvalid)
def _django_invalid(request: HttpRequest, error: DjangoInvalid) -> HttpResponse:
    fields = error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]
    faults: list[Fault] = [{"pointer": f"#/{name}", "detail": text} for name, texts in fields for text in texts]
    return problem_response(request, Invalid("Correct the fields named under errors.", errors=faults))


@api.exception_handler(BadCursor)
def _bad_cursor(request: HttpRequest, error: BadCursor) -> HttpResponse:
    return problem_response(request, Invalid(str(error), errors=[{"parameter": "after", "detail": str(error)}]))


@api.exception_handler(OperationalError)
def _database_away(request: HttpRequest, _error: OperationalError) -> HttpResponse:
    advice = "The database does not answer at the moment. Nothing was changed; try again."
    return problem_response(request, Unavailable(advice))


for path, router, heading in ROUTERS:
    api.add_router(path, router, tags=[heading])
