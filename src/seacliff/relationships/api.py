"""API: how the work with other functions goes."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import QueryDict
from ninja import Field, Query, Router, Schema

from seacliff.people.access import Request, scope
from seacliff.people.permissions import Permission
from seacliff.relationships import access, numbers, periods, wins
from seacliff.relationships.numbers import Both, Side
from seacliff.relationships.pulse import figures
from seacliff.relationships.pulse.figures import Figures

router = Router()


class Asked(Schema):
    """The last so many days, or from one day to another, both whole and in UTC."""

    days: Annotated[int, Field(description="30, 90 or 365")] = periods.USUAL
    since: date | None = None
    until: date | None = None


class SideOut(Schema):
    """One direction. Shares are left to the reader: they need the counts below to mean anything."""

    asked: Annotated[int, Field(description="Asks made in the period")]
    open_from_before: Annotated[int, Field(description="Older ones that are still open, which count as well")]
    answered: int
    in_time: Annotated[int, Field(description="Answered by the due time")]
    late: Annotated[int, Field(description="Open past the due time: misses, beside answers that came late")]
    waiting: int
    withdrawn: int
    yes: int
    partly: int
    no: int
    timed: Annotated[int, Field(description="Answers that the times below are of")]
    median_hours: Annotated[float | None, Field(description="In the charter's hours, pauses left out")]
    ninetieth_hours: float | None
    helped: int
    helped_in_part: int
    nothing_came: int
    before_launch: int
    after_launch: int


class PulseOut(Schema):
    """How many said 1, 2, 3, 4 and 5, in closed rounds of the past year, whatever the period."""

    answers: int
    easy: Annotated[list[int], Field(description="How easy it was to work with us, 1 very hard to 5 very easy")]
    worth: Annotated[list[int], Field(description="Whether it was worth their time, 1 not at all to 5 very much")]


class FunctionOut(Schema):
    """`pulse`: null before five answers by three people."""

    function: str
    name: str
    pulse: PulseOut | None
    we_asked: SideOut
    they_asked: SideOut


class WinOut(Schema):
    kind: str
    id: UUID
    at: datetime
    title: str
    text: str
    label: str
    function: str | None
    by_us: bool
    pinned: bool


@router.get("/relationships", response=list[FunctionOut])
@scope(Permission.RELATIONSHIP_VIEW)
def list_relationships(request: Request, asked: Query[Asked]) -> list[dict[str, Any]]:
    """Every function that you see, both ways. Without dates, the last 90 days."""
    functions = access.functions_seen(request.auth.user)
    pulses = figures.of_functions(functions)
    return [_out(both, pulses.get(both.function.id)) for both in numbers.overview(functions, _period(asked))]


@router.get("/relationships/wins", response=list[WinOut])
@scope(Permission.RELATIONSHIP_VIEW_ALL)
def list_wins(request: Request) -> list[dict[str, Any]]:
    """What went well in the past year: what is pinned first, then the newest."""
    return [
        {"kind": win.kind, "id": win.id, "at": win.at, "title": win.title, "text": win.text, "label": win.label,
         "function": win.function.slug if win.function else None, "by_us": win.by_us, "pinned": bool(win.pinned_at)}
        for win in wins.feed()
    ]  # fmt: skip


@router.get("/relationships/functions/{slug}", response=FunctionOut)
@scope(Permission.RELATIONSHIP_VIEW)
def get_relationship(request: Request, slug: str, asked: Query[Asked]) -> dict[str, Any]:
    """One function, both ways."""
    function = access.function_seen(request.auth.user, slug)
    return _out(numbers.of_function(function, _period(asked)), figures.of_function(function))


def _period(asked: Asked) -> periods.Period:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in asked.dict().items() if value is not None})
    return periods.asked(query)


def _out(both: Both, pulse: Figures | None) -> dict[str, Any]:
    said = {"answers": pulse.answers, "easy": pulse.easy, "worth": pulse.worth} if pulse else None
    return {
        "pulse": said,
        "function": both.function.slug,
        "name": both.function.name,
        "we_asked": _side(both.we_asked),
        "they_asked": _side(both.they_asked),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "asked": side.asked, "open_from_before": side.before, "answered": side.answered, "in_time": side.in_time,
        "late": side.late, "waiting": side.waiting, "withdrawn": side.withdrawn, "yes": side.yes, "partly": side.partly,
        "no": side.no, "timed": side.timed, "median_hours": _hours(side.median), "ninetieth_hours": _hours(side.ninetieth),
        "helped": side.helped, "helped_in_part": side.helped_partly, "nothing_came": side.nothing,
        "before_launch": side.engaged_before, "after_launch": side.engaged_after,
    }  # fmt: skip


def _hours(length: timedelta | None) -> float | None:
    return round(length.total_seconds() / 3600, 2) if length is not None else None
