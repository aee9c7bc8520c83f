"""Every address and every operation of the API, as the matrix names them; and what one person gets there."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver

from seacliff.api import api

from .world import STRANGER, World

TABLE = Path(__file__).with_name("matrix.csv")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)|{(?:\w+:)?(\w+)}")
ALTERNATIVES = re.compile(r"[a-z-]+(\|[a-z-]+)+\Z")


class Route(NamedTuple):
    """One address with one method. `fixed` are the parameters that name a verb."""

    name: str
    path: str
    method: str
    permission: str
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        verbs = "".join(f" {value}" for _name, value in self.fixed)
        return f"{self.name}{verbs}", self.method

    def url(self, world: World, **own: object) -> str:
        values = dict(self.fixed) | own

        def put(found: re.Match[str]) -> str:
            name = found[1] or found[2] or found[4]
            return str(values.get(name) or world.value(self.name, name))

        return "/" + PARAMETER.sub(put, self.path).replace("^", "").replace("$", "")


def routes() -> list[Route]:
    return [*pages(get_resolver().url_patterns), *operations()]


def pages(patterns: list, prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if path.startswith("api/v1/") and isinstance(pattern, URLPattern) and pattern.name not in KNOWN_API_PAGES:
            continue
        if not isinstance(pattern, URLPattern):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from pages(pattern.url_patterns, path, inner)
            continue
        name = ":".join([*spaces, pattern.name or path])
        permission = str(getattr(pattern.callback, "permission", ""))
        for fixed in _verbs(path):
            for method in ("GET", "POST"):
                yield Route(name, path, method, permission, fixed)


KNOWN_API_PAGES = ("openapi-json", "openapi-view")


def _verbs(path: str) -> list[tuple[tuple[str, str], ...]]:
    for found in PARAMETER.finditer(path):
        if found[2] and ALTERNATIVES.match(found[3]):
            return [((found[2], verb),) for verb in found[3].split("|")]
    return [()]


def operations() -> Iterator[Route]:
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                whole = f"{prefix}{path}".strip("/")
                name = f"api:{whole.split('/')[0]}"
                permission = str(getattr(operation.view_func, "permission", ""))
                for method in operation.methods:
                    yield ApiRoute(name, f"api/v1/{whole}", method, permission)


class ApiRoute(Route):
    @property
    def key(self) -> tuple[str, str]:
        return f"/{self.path}", self.method


def outcome(response: HttpResponse) -> str:
    """What somebody got, in a word: yes, no (403), sign-in (401, or sent there), no-such (404, 405, a gone step)."""
    if response.status_code in (401, 403, 404, 405):
        return {401: "sign-in", 403: "no", 404: "no-such", 405: "no-method"}[response.status_code]
    if response.status_code in (301, 302) and "/accounts/login" in response.headers["Location"]:
        return "sign-in"
    assert response.status_code < 500, response.content[:500]
    return "yes"


class Undone(Exception):
    pass


def ask(route: Route, world: World, who: str, **own: object) -> str:
    """Make one request as somebody; whatever it wrote is taken back."""
    client = Client(raise_request_exception=True, headers={"host": "testserver"})
    got = ""
    try:
        with transaction.atomic():
            if who != STRANGER:
                client.force_login(world.people[who])
            body = {"data": "{}", "content_type": "application/json"} if route.path.startswith("api/v1/") else {}
            if route.method in ("GET", "DELETE"):
                body = {}
            got = outcome(getattr(client, route.method.lower())(route.url(world, **own), **body))
            raise Undone
    except Undone:
        return got


def table() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open() as file:
        return {(row.pop("address"), row.pop("method")): row for row in csv.DictReader(file)}


def write(rows: dict[tuple[str, str], dict[str, str]]) -> None:
    columns = list(next(iter(rows.values())))
    with TABLE.open("w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["address", "method", *columns])
        for (address, method), row in sorted(rows.items()):
            writer.writerow([address, method, *(row[column] for column in columns)])
