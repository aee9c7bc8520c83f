"""Every address and every operation of the API, as the matrix names them; and what one person gets there."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.test.utils import override_settings
from django.urls import URLPattern, get_resolver
from PIL import Image

from seacliff.api import api

from .world import CAST, STRANGER, World
from .world.scene import COLOUR

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


class Visitor:
    """Everybody, signed in once: a session for each of the cast, put back after every request."""

    def __init__(self, world: World) -> None:
        self.handler = ClientHandler(enforce_csrf_checks=False)  # one for all: it loads the middleware but once
        self.cookies = {STRANGER: {}}
        for who, user in world.people.items():
            client = Client()
            client.force_login(user)
            self.cookies[who] = {name: morsel.value for name, morsel in client.cookies.items()}

    def ask(self, route: Route, url: str, who: str, **headers: str) -> HttpResponse:
        """Make one request as somebody; whatever it wrote is taken back."""
        client = Client(headers={"host": "testserver"} | headers)
        client.handler = self.handler
        client.cookies.load(self.cookies[who])
        body = {"data": "{}", "content_type": "application/json"} if route.path.startswith("api/v1/") else {}
        if route.method in ("GET", "DELETE"):
            body = {}
        response = HttpResponse()
        try:
            with transaction.atomic():
                response = getattr(client, route.method.lower())(url, **body)
                response.whole = whole(response)  # before what it wrote is gone
                raise Undone
        except Undone:
            return response


def whole(response: HttpResponse) -> bytes:
    """Its body; of a stream the beginning, which is all there is of one that goes on for ever."""
    if not response.streaming:
        return response.content
    if "event-stream" in response.headers.get("Content-Type", ""):
        return b""
    return b"".join(response.streaming_content)


class Walk(NamedTuple):
    """What everybody got everywhere: the matrix's rows, and what is found in the answers."""

    rows: dict[tuple[str, str], dict[str, str]]
    fields: dict[tuple[str, str], set[str]]
    planted: dict[tuple[str, str], set[str]]
    headers: dict[tuple[str, str], dict[str, str]]


def walk(world: World) -> Walk:
    """Ask for every address as everybody, with a row of its own for objects that are somebody's."""
    with override_settings(SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies"):  # thousands of rows less
        return _walk(world)


def _walk(world: World) -> Walk:
    visitor, by_name, found = Visitor(world), {}, Walk({}, {}, {}, {})
    for route in routes():
        for name in {route.name, f"/{route.path}"}:
            by_name.setdefault(name, []).append(route)
        everybody = [STRANGER, *CAST] if _knows_roles(route) else [STRANGER, "reviewer", "no-role"]
        _row(found, visitor, world, route, route.key[0], dict.fromkeys(everybody, route.url(world)))
    for words, own in world.own.items():
        for route in (route for name in own["routes"] for route in by_name[name]):
            urls = {who: route.url(world, **{own["parameter"]: value}) for who, value in own["values"].items()}
            _row(found, visitor, world, route, f"{route.key[0]} ({words})", {STRANGER: route.url(world)} | urls)
    return found


def _knows_roles(route: Route) -> bool:
    """Sign-in's own pages (allauth's) are the same for everybody who is signed in."""
    return not route.path.startswith("accounts/")


def _row(found: Walk, visitor: Visitor, world: World, route: Route, address: str, urls: dict[str, str]) -> None:
    row = dict.fromkeys(["permission", STRANGER, *CAST], "")
    row["permission"] = route.permission
    for who, url in sorted(urls.items(), key=lambda asked: asked[0] != "admin"):
        response = visitor.ask(route, url, who)
        row[who] = outcome(response)
        if row[who] == "no-method" and who == "admin":
            return  # nobody may, whoever they are: only a missing permission is told before
        for place in fields_of(response):
            found.fields.setdefault((f"{route.method} {address}", place), set()).add(who)
        for name in planted_in(world, response):
            found.planted.setdefault((f"{route.method} {address}", name), set()).add(who)
        if row[who] == "yes":
            found.headers.setdefault((address, route.method), dict(response.headers))
    if any(row[who] != "no-method" for who in urls):
        found.rows[address, route.method] = row


def planted_in(world: World, response: HttpResponse) -> set[str]:
    """What of that which was planted stands in an answer: as text, or as a picture of the planted one's colour."""
    found = {name for name, marks in world.planted.items() if any(mark in response.whole for mark in marks)}
    if response.headers.get("Content-Type", "").startswith("image/"):
        with Image.open(io.BytesIO(response.whole)) as picture:
            pixel = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))
        if all(abs(part - wanted) < 12 for part, wanted in zip(pixel, COLOUR, strict=True)):
            found.add("restricted material")
    return found


def fields_of(response: HttpResponse) -> set[str]:
    """The places in an answer: of JSON every path ("cases[].ref"), of CSV its columns, of a zip those of its files."""
    if response.status_code >= 300 or response.resolver_match.url_name in KNOWN_API_PAGES:
        return set()
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return places_in(response.whole, kind)


def places_in(body: bytes, kind: str) -> set[str]:
    if kind == "application/json" and body:
        return set(paths(json.loads(body)))
    if kind == "text/csv":
        return {f"column {name}" for name in next(csv.reader(body.decode().splitlines()), [])}
    if kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            kinds = {".json": "application/json", ".csv": "text/csv"}
            return {
                f"{re.sub('[0-9a-f-]{36}', '*', name)} {place}".strip()
                for name in packed.namelist()
                for place in places_in(packed.read(name), kinds.get(Path(name).suffix, "")) or {""}
            }
    return set()


# Objects whose keys are somebody's data: languages, an action's parameters, an event's facts.
FREE = {"data", "descriptions", "details", "names", "parameters", "payload", "summaries", "taxonomies", "titles"}


def paths(value: object, at: str = "") -> Iterator[str]:
    """Every leaf's path, as far as its keys are ours."""
    if isinstance(value, dict) and value and at.rpartition(".")[2] not in FREE:
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        yield from {path for inner in value or [None] for path in paths(inner, f"{at}[]")}
    elif at:
        yield at


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
