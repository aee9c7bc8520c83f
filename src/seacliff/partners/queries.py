"""Read models of the asks: boards of a function, who waits on whom, one ask with everything on it.

Every board is read by a partial index in its order, and counted up to a bound: what was answered long ago costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from seacliff.partners.access import OURS, asks_of
from seacliff.partners.answers import Field, fields_of
from seacliff.partners.models import Ask, AskLink, AskMessage
from seacliff.people.models import Function, User
from seacliff.record import evidence
from seacliff.record.models import Attachment, Event

COUNTED_MOST = 100  # more are shown as "99+"
MESSAGES_SHOWN = 200
EVENTS_SHOWN = 50
BY_DUE = ("due_at", "id")
NEWEST = ("-id",)

# Board to the keys of its order.
BOARDS: dict[str, Sequence[str]] = {
    "inbox": BY_DUE,
    "outbox": BY_DUE,
    "mine": BY_DUE,
    "outcomes": ("-answered_at", "-id"),
    "received": NEWEST,
    "made": NEWEST,
}


def board(user: User, name: str, function: Function | None, *, late: bool = False) -> QuerySet[Ask]:
    """The asks of a board; of no function there are only those to the person. Ordered by BOARDS[name]."""
    asks = Ask.objects.select_related("from_function", "to_function")
    if name == "mine":
        found = asks.filter(to_email=user.email.lower(), closed_at=None).exclude(to_email="")
    elif function is None:
        return asks.none()
    elif name in ("inbox", "outbox"):
        found = asks.filter(**{"to_function" if name == "inbox" else "from_function": function}, closed_at=None)
    elif name == "outcomes":
        return asks.filter(from_function=function, state=Ask.State.ANSWERED, outcome="")
    else:
        return asks.filter(**{"to_function" if name == "received" else "from_function": function})
    return found.filter(due_at__lt=timezone.now()) if late else found


def counts(user: User, function: Function | None) -> dict[str, str]:
    """How much stands on each open board, up to "99+". One query."""
    if function is None:
        return {"mine": _shown(board(user, "mine", None)[:COUNTED_MOST].count())}
    values: dict[str, Any] = {"function": function.id, "email": user.email.lower(), "most": COUNTED_MOST}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, values)
        row = cursor.fetchone()
    return {name: _shown(n) for name, n in zip(("inbox", "outbox", "mine", "outcomes"), row, strict=True)}


COUNTS = """
SELECT
    (SELECT count(*) FROM (SELECT FROM partners_ask
        WHERE to_function_id = %(function)s AND closed_at IS NULL LIMIT %(most)s) AS few),
    (SELECT count(*) FROM (SELECT FROM partners_ask
        WHERE from_function_id = %(function)s AND closed_at IS NULL LIMIT %(most)s) AS few),
    (SELECT count(*) FROM (SELECT FROM partners_ask
        WHERE to_email = %(email)s AND to_email <> '' AND closed_at IS NULL LIMIT %(most)s) AS few),
    (SELECT count(*) FROM (SELECT FROM partners_ask
        WHERE from_function_id = %(function)s AND state = 'answered' AND outcome = '' LIMIT %(most)s) AS few)
"""


def _shown(count: int) -> str:
    return f"{COUNTED_MOST - 1}+" if count >= COUNTED_MOST else str(count or "")


@dataclass(frozen=True, slots=True)
class Wait:
    """What one side waits for from another: how many asks, how many of them late, when the next is due."""

    count: int
    late: int
    next_due: datetime | None
    asked_back: int

    @property
    def shown(self) -> str:
        return _shown(self.count)

    @property
    def shown_late(self) -> str:
        return _shown(self.late)


@dataclass(frozen=True, slots=True)
class WaitLine:
    """A function: what we wait for from it, and it from us. Asked back: the asker must explain first."""

    function: Function
    from_them: Wait
    from_us: Wait


WAITS = """
SELECT f.id, theirs.n, theirs.late, theirs.next_due, back.n, ours.n, ours.late, ours.next_due, ours_back.n
FROM unnest(%(functions)s::uuid[]) AS f(id)
CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE due_at < %(now)s) AS late, min(due_at) AS next_due
    FROM (SELECT due_at FROM partners_ask WHERE to_function_id = f.id AND closed_at IS NULL
        AND state IN ('asked', 'acknowledged') ORDER BY due_at, id LIMIT %(most)s) AS few) AS theirs
CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE due_at < %(now)s) AS late, min(due_at) AS next_due
    FROM (SELECT due_at FROM partners_ask WHERE from_function_id = f.id AND closed_at IS NULL
        AND state IN ('asked', 'acknowledged') ORDER BY due_at, id LIMIT %(most)s) AS few) AS ours
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM partners_ask
    WHERE from_function_id = f.id AND state = 'clarifying' LIMIT %(most)s) AS few) AS back
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM partners_ask
    WHERE to_function_id = f.id AND closed_at IS NULL AND state = 'clarifying' LIMIT %(most)s) AS few) AS ours_back
"""


def waits(functions: Sequence[Function]) -> list[WaitLine]:
    """Who waits on whom, T&S against each function: the most late first. One query."""
    by_id = {function.id: function for function in functions if function.slug != OURS}
    values: dict[str, Any] = {"functions": list(by_id), "now": timezone.now(), "most": COUNTED_MOST}
    with connection.cursor() as cursor:
        cursor.execute(WAITS, values)
        rows = cursor.fetchall()
    lines = [WaitLine(by_id[row[0]], Wait(*row[1:5]), Wait(*row[5:9])) for row in rows]
    return sorted(lines, key=lambda line: (-line.from_them.late - line.from_us.late, line.function.name))


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the thread with its files."""

    message: AskMessage
    files: list[Attachment]


@dataclass(slots=True)
class AskPage:
    """Everything that stands on an ask's page, for either side."""

    ask: Ask
    thread: list[Said]
    form: tuple[Field, ...]
    answers: list[tuple[str, str]]
    links: list[AskLink]
    events: list[Event]


def page_of(ask: Ask, *, inside: bool = True) -> AskPage:
    """Four queries; for somebody with a link (not `inside`) without links and story."""
    form = fields_of(ask.form)
    return AskPage(
        ask=ask,
        thread=thread_of(ask),
        form=form,
        answers=[(field.label, ask.form_answers[field.key]) for field in form if field.key in ask.form_answers],
        links=list(ask.links.order_by("id")[:20]) if inside else [],
        events=list(Event.objects.filter(subject_id=ask.id).order_by("-id")[:EVENTS_SHOWN]) if inside else [],
    )


def thread_of(ask: Ask) -> list[Said]:
    """The newest messages, the oldest of them first. Two queries."""
    messages = list(ask.messages.order_by("-id")[:MESSAGES_SHOWN])[::-1]
    files = evidence.of_many([message.id for message in messages])
    return [Said(message, files[message.id]) for message in messages]


def asks_about(user: User, id: UUID) -> QuerySet[Ask]:
    """What was asked about a record, as far as this person may see it, the newest first."""
    return asks_of(user).filter(about_id=id).order_by("-id")
