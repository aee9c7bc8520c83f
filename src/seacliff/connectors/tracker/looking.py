"""In: an issue is looked at, and what is new there is kept. A webhook only says where to look; a round makes up for those lost.

So nothing that a webhook says is believed, and webhooks may come late, twice, in any order or never.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from seacliff.connectors import incoming
from seacliff.connectors.models import Incoming, Thread
from seacliff.connectors.tracker.issues import MARKER, TRACKERS, Comment, Issue, Tracker
from seacliff.partners.channels import NotSent
from seacliff.partners.models import Ask, Dispatch
from seacliff.record.desks import desk, wake

log = structlog.get_logger("seacliff.connectors")
BELL = "tracker_look"
BATCH = 20
LEASE = timedelta(minutes=5)
ROUND = timedelta(minutes=5)
AFTER_ANSWER = timedelta(minutes=30)
LEFT_ALONE_AFTER = timedelta(days=30)
NOT_TWICE_WITHIN = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)


def look_soon(channel: str, address: str, external_id: str) -> bool:
    """Somebody says that there is news. Whether the issue is one of ours."""
    now = timezone.now()
    ours = Thread.objects.filter(channel=channel, address__iexact=address, external_id=external_id).first()
    if ours is None:
        return False
    soon = max(now, ours.looked_at + NOT_TWICE_WITHIN) if ours.looked_at else now
    Thread.objects.filter(id=ours.id).update(look_at=soon)
    wake(BELL)
    return True


@desk("trackers", every=5.0, wake=BELL)
def look_at_trackers() -> int:
    """Look at some of the issues whose time has come."""
    claimed, lease = _claim()
    for thread in claimed:
        try:
            look(TRACKERS[thread.channel], thread)
        except NotSent as problem:
            _put_off(thread, lease, str(problem), problem.wait)
        except Exception as error:
            log.exception("an issue could not be looked at", thread=str(thread.id), channel=thread.channel)
            _put_off(thread, lease, f"{type(error).__name__}: {error}", None)
        else:
            _looked(thread, lease)
    return len(claimed)


def _claim() -> tuple[list[Thread], datetime]:
    now = timezone.now()
    lease = now + LEASE
    with transaction.atomic():
        due = Thread.objects.filter(look_at__lte=now, channel__in=TRACKERS).order_by("look_at", "id")
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
    log.warning("an issue can't be looked at", channel=thread.channel, failures=failures, problem=problem)


def look(tracker: Tracker, thread: Thread) -> None:
    """Keep what is new in an issue: comments of others, and a change of its state."""
    issue = tracker.issue(thread.address, thread.external_id)
    comments = tracker.comments(thread.address, thread.external_id)
    ours = {str(id) for id in Dispatch.objects.filter(ask=thread.ask_id).values_list("id", flat=True)}
    known = set(Incoming.objects.filter(ask=thread.ask_id, channel=thread.channel).values_list("key", flat=True))
    with transaction.atomic():
        for each in comments:
            new = _key(thread, f"comment:{each.id}") not in known
            if new and not any(id in ours for id in MARKER.findall(each.text)):
                _keep(thread, f"comment:{each.id}", {"what": "comment", "text": each.text}, each.author)
        _keep_state(thread, issue, comments)


def _keep_state(thread: Thread, issue: Issue, comments: list[Comment]) -> None:
    row = Thread.objects.select_for_update().get(id=thread.id)
    if issue.assignee and thread.ask.state == Ask.State.ASKED:
        _keep(thread, f"assigned:{issue.assignee}", {"what": "assigned"}, issue.assignee)
    if row.is_open == issue.is_open:
        return
    if issue.is_open:
        _keep(thread, f"reopened:{len(comments)}:{timezone.now():%Y%m%d%H%M%S}", {"what": "reopened", "url": issue.url})
    else:
        closed = {"what": "closed", "done": issue.done, "url": issue.url, "at": issue.changed}
        _keep(thread, f"closed:{issue.changed}", closed, issue.assignee)
    row.is_open = thread.is_open = issue.is_open
    row.save(update_fields=["is_open"])


def _keep(thread: Thread, key: str, what: dict[str, Any], who: str = "") -> None:
    raw = json.dumps(what).encode()
    subject = f"{thread.channel} {thread.address} {thread.external_id}"
    incoming.keep(thread.channel, _key(thread, key), raw, ask=thread.ask, sender=who or thread.channel, subject=subject)


def _key(thread: Thread, name: str) -> str:
    return f"{thread.ask_id}:{thread.address}:{thread.external_id}:{name}"
