"""Single reports that arrive at the same moment share one commit.

A commit waits for the disk, which takes as long for one report as for a hundred. So the requests of a process hand
their report to one thread, which commits what has gathered while the last commit was under way, and then answers all.
"""

import os
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue

import structlog
from django.db import Error, connection

from seacliff.intake.actions import Entry, take
from seacliff.intake.incoming import Outcome

log = structlog.get_logger("seacliff.intake")
MOST_WAITING = 2_000  # reports; more than that means that the database does not keep up
MOST_AT_ONCE = 200
PATIENCE = 20.0  # seconds a request waits for its commit
IDLE = 2.0  # seconds after which the connection is tried before it is trusted


class Busy(Exception):
    """The report may not have been taken; sending it again with its idempotency key is safe."""


class _Waiting:
    __slots__ = ("done", "entry", "outcome")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.outcome: Outcome | None = None
        self.done = threading.Lock()
        self.done.acquire()


class GroupCommit:
    """The queue and its thread. Started at the first report, so after a web server has forked its workers."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[_Waiting] = SimpleQueue()
        self.starting = threading.Lock()
        self.process = 0

    def take(self, entry: Entry) -> Outcome:
        """Take one report; returns after its commit. Raises Busy."""
        if self.process != os.getpid():
            self._start()
        if self.queue.qsize() >= MOST_WAITING:
            raise Busy("More reports arrive than can be written at the moment. This one was not taken; send it again.")
        if not connection.in_atomic_block:
            # Back to the pool: with all its connections in the hands of waiting requests, our thread would get none.
            connection.close()
        waiting = _Waiting(entry)
        self.queue.put(waiting)
        if not waiting.done.acquire(timeout=PATIENCE):
            raise Busy("The database is slow; the report may not have been taken. Send it again with the same key.")
        if waiting.outcome is None:
            raise Busy("The database did not answer; the report may not have been taken. Send it again.")
        return waiting.outcome

    def _start(self) -> None:
        with self.starting:
            if self.process != os.getpid():
                self.queue = SimpleQueue()
                threading.Thread(target=self._run, args=[self.queue], name="group-commit", daemon=True).start()
                self.process = os.getpid()

    def _run(self, queue: "SimpleQueue[_Waiting]") -> None:
        last = time.monotonic()
        while True:
            batch = [queue.get()]
            with suppress(Empty):
                while len(batch) < MOST_AT_ONCE:
                    batch.append(queue.get_nowait())
            if time.monotonic() - last > IDLE:
                connection.close_if_unusable_or_obsolete()
            self._commit(batch)
            last = time.monotonic()

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = take([waiting.entry for waiting in batch])
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.outcome = outcome
        except Exception as error:
            tell = log.warning if isinstance(error, Error) else log.exception
            tell("reports could not be committed", count=len(batch), error=str(error).partition("\n")[0])
            connection.close()
        finally:
            for waiting in batch:
                waiting.done.release()


GROUP = GroupCommit()
