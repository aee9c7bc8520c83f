"""What is new in an issue: comments of others, who took it on, whether it was closed."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from seacliff.connectors import incoming
from seacliff.connectors.models import Incoming, Thread
from seacliff.connectors.tracker.issues import MARKER, Comment, Issue, Tracker
from seacliff.partners.models import Ask, Dispatch


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
    incoming.keep(
        thread.channel, _key(thread, key), raw, ask_id=thread.ask_id, sender=who or thread.channel, subject=subject
    )


def _key(thread: Thread, name: str) -> str:
    return f"{thread.ask_id}:{thread.address}:{thread.external_id}:{name}"
