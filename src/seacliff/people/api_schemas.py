"""What the API's operations share: how lists are asked for and answered."""

from typing import Annotated, Any

from django.db.models import Model
from django.http import HttpRequest
from ninja import Field, Schema

from seacliff.record.pages import MOST, Page


class Paging(Schema):
    """Query parameters of every list."""

    after: Annotated[str, Field(description="Cursor from the `next` link of the page before", max_length=500)] = ""
    limit: Annotated[int, Field(description="Rows in a page", ge=1, le=MOST)] = 50


class Listed[T](Schema):
    """A page of rows. `next` is the address of the following page, null on the last."""

    items: list[T]
    next: str | None = None


def listed[T: Model](request: HttpRequest, page: Page[T]) -> dict[str, Any]:
    """The answer of a list operation declared with response=Listed[Row]."""
    return {"items": page.rows, "next": _next(request, page.after)}


def _next(request: HttpRequest, after: str) -> str | None:
    if not after:
        return None
    asked = request.GET.copy()
    asked["after"] = after
    return f"{request.path}?{asked.urlencode()}"
