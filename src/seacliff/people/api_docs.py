"""The API's documentation page, drawn on the server from the OpenAPI schema: no JavaScript, nothing from elsewhere."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from seacliff.people.problems import KINDS

DEPTH = 3


class ReadableDocs(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        page = {
            "info": schema["info"],
            "groups": _groups(schema),
            "problems": KINDS,
            "base_url": settings.BASE_URL,
            "openapi_url": self.get_openapi_url(api, kwargs),
        }
        return render(request, "people/api_docs.html", page)


def _groups(schema: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            groups[(operation.get("tags") or ["Other"])[0]].append(_operation(schema, path, method, operation))
    return list(groups.items())


def _operation(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body: tuple[str | None, dict[str, Any]] = next(
        iter(operation.get("requestBody", {}).get("content", {}).items()), (None, {})
    )
    answers = [
        {"status": status, "description": answer["description"], "fields": _fields(schema, _schema_of(answer))}
        for status, answer in operation["responses"].items()
        if status != "4XX"
    ]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission", ""),
        "parameters": [
            {**each, "type": _type(schema, each["schema"]), "default": each["schema"].get("default")}
            for each in operation.get("parameters", [])
        ],
        "media_type": body[0],
        "body": _fields(schema, body[1].get("schema", {})),
        "answers": answers,
    }


def _schema_of(answer: dict[str, Any]) -> dict[str, Any]:
    contents: dict[str, dict[str, Any]] = answer.get("content", {})
    return next(iter(contents.values()), {}).get("schema", {})


def _resolve(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    if len(part.get("allOf", [])) == 1:
        return _resolve(schema, part["allOf"][0])
    return part


def _type(schema: dict[str, Any], part: dict[str, Any]) -> str:
    part = _resolve(schema, part)
    if choices := part.get("anyOf") or part.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(schema, each) for each in choices))
    if "enum" in part:
        return " | ".join(str(each) for each in part["enum"])
    if "const" in part:
        return str(part["const"])
    if part.get("type") == "array":
        return f"list of {_type(schema, part.get('items', {}))}"
    return part.get("format") or part.get("type") or "any"


def _fields(schema: dict[str, Any], part: dict[str, Any], depth: int = DEPTH) -> list[dict[str, Any]]:
    """The fields of an object, those of objects inside it under them, down to DEPTH."""
    part = _inner(schema, part)
    required = part.get("required", [])
    return [
        {
            "name": name,
            "type": _type(schema, field),
            "required": name in required,
            "description": field.get("description") or _resolve(schema, field).get("description", ""),
            "default": field.get("default"),
            "fields": _fields(schema, field, depth - 1) if depth > 1 else [],
        }
        for name, field in part.get("properties", {}).items()
    ]


def _inner(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Through references, lists and "or null", to the object whose fields are meant."""
    part = _resolve(schema, part)
    if part.get("type") == "array":
        return _inner(schema, part.get("items", {}))
    for choice in part.get("anyOf", []):
        if (found := _inner(schema, choice)).get("properties"):
            return found
    return part
