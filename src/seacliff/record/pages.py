"""Lists by key: the next page starts after the last row of this one, so page 10,000 costs what page 1 costs, and rows
that arrive meanwhile neither repeat nor hide others. Used by console lists and by the API."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

MOST = 200


class BadCursor(ValueError):
    """The `after` value was not made by this list."""


@dataclass(frozen=True, slots=True)
class Page[T: Model]:
    """Rows in order, and the cursor of the next page: empty when this is the last."""

    rows: list[T]
    after: str


def page[T: Model](rows: QuerySet[T], *, after: str = "", limit: int = 50, keys: Sequence[str] = ("-id",)) -> Page[T]:
    """One query. `keys` are NOT NULL fields ("-" for descending), together unique; an index should match them."""
    rows = rows.order_by(*keys)
    if after:
        rows = rows.filter(_beyond(_read(rows, after, keys), keys))
    limit = max(1, min(limit, MOST))
    found = list(rows[: limit + 1])
    more = found[:limit]
    return Page(more, _cursor(more[-1], keys) if len(found) > limit else "")


def turned[T](request: HttpRequest, read: Callable[[str], T]) -> T:
    """What `read` gives for the cursor in the address, from the beginning when that is none of this list."""
    try:
        return read(request.GET.get("after", ""))
    except BadCursor:
        return read("")


def listing[T: Model](request: HttpRequest, rows: QuerySet[T], keys: Sequence[str] = ("-id",)) -> Page[T]:
    """The page that an address of the console asks for."""
    return turned(request, lambda after: page(rows, after=after, keys=keys))


def older_url(request: HttpRequest, found: Page) -> str:
    """The address of the page after this one, with all else that was asked for; empty when this is the last."""
    query = request.GET.copy()
    query["after"] = found.after
    return f"?{query.urlencode()}" if found.after else ""


def _beyond(values: list[Any], keys: Sequence[str]) -> Q:
    """(a, b) after (x, y): a from x on, which drives the index, and a beyond x, or a is x and b beyond y."""
    condition = Q()
    for key, value in reversed(list(zip(keys, values, strict=True))):
        name, side = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        beyond = Q(**{f"{name}__{side}": value})
        condition = beyond | (Q(**{name: value}) & condition) if condition else beyond
    first = keys[0].lstrip("-")
    return Q(**{f"{first}__{'lte' if keys[0].startswith('-') else 'gte'}": values[0]}) & condition


def _cursor(row: Model, keys: Sequence[str]) -> str:
    values = [str(getattr(row, key.lstrip("-"))) for key in keys]
    return urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _read(rows: QuerySet, after: str, keys: Sequence[str]) -> list[Any]:
    try:
        values = msgspec.json.decode(urlsafe_b64decode(after + "=" * (-len(after) % 4)), type=list[str])
        if any("\x00" in value for value in values):
            raise ValueError("NUL")
        fields = [rows.model._meta.get_field(key.lstrip("-")) for key in keys]
        return [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, ValidationError, msgspec.MsgspecError) as problem:
        raise BadCursor("This is no cursor of this list. Take `after` from the last page's `next` link.") from problem
