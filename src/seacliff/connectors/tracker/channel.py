"""Out: an ask becomes an issue, what is said about it comments. Each is looked for before it is made a second time."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from seacliff.connectors.models import Thread
from seacliff.connectors.tracker import wording
from seacliff.connectors.tracker.issues import Tracker, marker
from seacliff.partners.models import Ask, Dispatch
from seacliff.record.ids import time_of

CLOCKS_DIFFER = timedelta(hours=1)
FIRST_LOOK = timedelta(minutes=1)
Purpose = Dispatch.Purpose


class TrackerChannel:
    """A charter names it like the tracker; the address is the repository or project."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.name = tracker, tracker.name

    def send(self, dispatch: Dispatch) -> str:
        """The issue's id, and the comment's behind #. The thread's row is locked meanwhile: what is sent twice at once waits."""
        ask = dispatch.ask
        if ask is None:
            return ""
        with transaction.atomic():
            thread = Thread.locked(ask, self.name, dispatch.address)
            if not thread.external_id:  # also when other news overtook the ask itself
                self._open(thread, ask, sure=dispatch.attempts > 1 or dispatch.purpose != Purpose.ASKED)
            said = wording.comment(dispatch, ask)
            comment = self._comment(thread, dispatch, said) if said else ""
            self._move(thread, dispatch)
        return f"{thread.external_id}#{comment}" if comment else thread.external_id

    def _open(self, thread: Thread, ask: Ask, *, sure: bool) -> None:
        found = None
        if sure:  # an earlier try may have made it
            found = self.tracker.find(thread.address, marker(ask.id), time_of(ask.id) - CLOCKS_DIFFER)
        title, text = wording.title(ask), wording.text(ask) + self.tracker.marked(str(ask.id))
        issue = found or self.tracker.open(thread.address, title, text)
        thread.external_id, thread.url, thread.is_open = issue.id, issue.url, issue.is_open
        thread.look_at = timezone.now() + FIRST_LOOK
        thread.save()

    def _comment(self, thread: Thread, dispatch: Dispatch, said: str) -> str:
        if dispatch.attempts > 1:
            for each in self.tracker.comments(thread.address, thread.external_id):
                if marker(dispatch.id) in each.text:
                    return each.id
        text = said + self.tracker.marked(str(dispatch.id))
        return self.tracker.comment(thread.address, thread.external_id, text)

    def _move(self, thread: Thread, dispatch: Dispatch) -> None:
        if dispatch.purpose == Purpose.WITHDRAWN:
            self.tracker.close(thread.address, thread.external_id)
            thread.is_open = False
        elif dispatch.purpose == Purpose.CHANGED and dispatch.data.get("changed") == "reopened" and not thread.is_open:
            self.tracker.reopen(thread.address, thread.external_id)
            thread.is_open = True
        else:
            return
        thread.save(update_fields=["is_open"])
