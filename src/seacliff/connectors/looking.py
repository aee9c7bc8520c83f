"""In, from systems that can be asked: a thread is looked at, and what is new there is kept.

A webhook only says where to look; a round makes up for those lost. So nothing that it says is believed, and webhooks may
come late, twice, in any order or never.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from seacliff.connectors.models import Thread
from seacliff.partners.channels import NotSent
from seacliff.record.desks import desk, wake

log = structlog.get_logger("seacliff.connectors")
BELL = "connectors_look"
BATCH = 20
LEASE = timedelta(minutes=5)
ROUND = timedelta(minutes=5)
AFTER_ANSWER = timedelta(minutes=30)
LEFT_ALONE_AFTER = timedelta(days=30)
NOT_TWICE_WITHIN = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
Look = Callable[[Thread], None]

LOOKERS: dict[str, Look] = {}  # by channel; keeps what is new in a thread. Raises NotSent.


def look_soon(channel: str, address: str, external_id: str) -> bool:
    """Somebody says that there is news. Whether the thread is one of ours."""
    now = timezone.now()
    ours = Thread.objects.filter(channel=channel, address__iexact=address, external_id=external_id).first()
    if ours is None:
        return False
    soon = max(now, ours.looked_at + NOT_TWICE_WITHIN) if ours.looked_at else now
    Thread.objects.filter(id=ours.id).update(look_at=soon)
    wake(BELL)
    return True


@desk("threads", every=5.0, wake=BELL)
def look_at_threads() -> int:
    """Look at some of the issues and chat threads whose time has come."""
    claimed, lease = _claim()
    for thread in claimed:
        try:
            LOOKERS[thread.channel](thread)
        except NotSent as problem:
            _put_off(thread, lease, str(problem), problem.wait)
        except Exception as error:
            log.exception("a thread could not be looked at", thread=str(thread.id), channel=thread.channel)
            _put_off(thread, lease, f"{type(error).__name__}: {error}", None)
        else:
            _looked(thread, lease)
    return len(claimed)


def _claim() -> tuple[list[Thread], datetime]:
    now = timezone.now()
    lease = now + LEASE
    with transaction.atomic():
        due = Thread.objects.filter(look_at__lte=now, channel__in=LOOKERS).order_by("look_at", "id")
        rows = list(due.select_for_update(skip_locked=True, of=["self"]).select_related("ask")[:BATCH])
        Thread.objects.filter(id__in=[row.id for row in rows]).update(look_at=lease)
    return rows, lease


def _looked(thread: Thread, lease: datetime) -> None:
    now = timezone.now()
    thread.ask.refresh_from_db(fields=["closed_at"])
    closed = thread.ask.closed_at
    over = closed is not None and not thread.is_open and now - closed > LEFT_ALONE_AFTER
    following = None if over else now + (AFTER_ANSWER if closed else ROUND)
    Thread.objects.filter(id=thread.id).update(looked_at=now, failures=0, last_error="")
    Thread.objects.filter(id=thread.id, look_at=lease).update(look_at=following)  # unless somebody rang meanwhile


def _put_off(thread: Thread, lease: datetime, problem: str, wait: float | None) -> None:
    failures = min(thread.failures + 1, 1000)
    pause = min(timedelta(seconds=max(wait or 0.0, 10.0 * 2 ** min(failures, 12))), LONGEST_PAUSE)
    Thread.objects.filter(id=thread.id).update(failures=failures, last_error=problem[:500])
    Thread.objects.filter(id=thread.id, look_at=lease).update(look_at=timezone.now() + pause)
    log.warning("a thread can't be looked at", channel=thread.channel, failures=failures, problem=problem)
