"""How often somebody may do something. One row per key in an UNLOGGED table, which writes no WAL and is never synced:
a crash forgets the counts, nothing else.

The generic cell rate algorithm (ITU-T I.371, annex A): the row holds the time at which the key would be back at rest.
A refused call writes nothing, so a flood costs reads.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

TAKE = """
INSERT INTO people_rate AS rate (key, rests_at)
VALUES (%(key)s, clock_timestamp() + %(step)s * interval '1 second')
ON CONFLICT (key) DO UPDATE
    SET rests_at = greatest(rate.rests_at, clock_timestamp()) + %(step)s * interval '1 second'
    WHERE greatest(rate.rests_at, clock_timestamp()) + %(step)s * interval '1 second'
          <= clock_timestamp() + (%(seconds)s + 0.001) * interval '1 second'
RETURNING true
"""
WAIT = """
SELECT extract(epoch FROM rests_at - clock_timestamp()) + %(step)s - %(seconds)s FROM people_rate WHERE key = %(key)s
"""


def allow(key: str, limit: int, seconds: float) -> bool:
    """Take one of `limit` per `seconds` for `key` ("form:203.0.113.7"); False when they are used up.

    They come back evenly, one each `seconds / limit`. Call it outside a transaction, or the row stays locked.
    """
    return wait(key, limit, seconds) == 0


def wait(key: str, limit: int, seconds: float) -> float:
    """As allow(), but 0.0 when allowed and otherwise the seconds until it will be."""
    values: dict[str, str | float] = {"key": _hidden(key), "step": seconds / limit, "seconds": seconds}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.fetchone():
            return 0.0
        cursor.execute(WAIT, values)
        row = cursor.fetchone()
    return max(float(row[0]), 0.001) if row else 0.001


LOOKS_PER_MACHINE, WRONG_PER_MACHINE, LINK_SECONDS = 600, 30, 600


def for_links(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """View decorator for what a signed link opens, without an account: so many looks for each machine, whatever the links;
    and few at links that do not exist (Http404), which is what guessing is. Where many people share a machine's address,
    one of them who guesses closes nothing to the others."""

    @wraps(view)
    def slowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        machine = address_of(request)
        if seconds := wait(f"link:{machine}", LOOKS_PER_MACHINE, LINK_SECONDS):
            return _later(request, seconds)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if seconds := wait(f"wrong-link:{machine}", WRONG_PER_MACHINE, LINK_SECONDS):
                return _later(request, seconds)
            raise

    return slowed


def _later(request: HttpRequest, seconds: float) -> HttpResponse:
    answer = render(request, "429.html", status=429)
    answer.headers["Retry-After"] = str(ceil(seconds))
    return answer


def _hidden(key: str) -> str:
    """Keys name addresses and people: only a keyed digest of them is stored."""
    return hmac.new(settings.SECRET_KEY.encode(), key.encode(errors="replace"), hashlib.sha256).hexdigest()


def clean() -> int:
    """Drop the keys that are at rest; a job calls this."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_rate WHERE rests_at < clock_timestamp()")
        return cursor.rowcount


def address_of(request: HttpRequest) -> str:
    """The client's address. Behind a proxy (SEACLIFF_BEHIND_PROXY) the one that the nearest proxy saw and appended."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")
