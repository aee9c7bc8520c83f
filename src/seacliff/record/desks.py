"""Rooms leave work on the table; a desk is who picks it up.

A desk is a function that takes one batch of waiting rows (FOR UPDATE SKIP LOCKED), does it in one transaction and returns
how many it did. `seacliff worker` runs every desk in a thread of its own: again at once while there is work, otherwise when
PostgreSQL notifies its channel, otherwise after `every` seconds. A process that dies leaves the rows where they were.

A desk that needs hundreds of megabytes of libraries and tables works `apart`: in a process that ends when its work is done,
for a process of Python gives back little of the memory that it took once.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import OperationalError, close_old_connections, connection

log = structlog.get_logger("seacliff.desks")
BACKOFF_MOST = 30.0


@dataclass(frozen=True, slots=True)
class Desk:
    name: str
    work: Callable[[], int]
    every: float
    wake: str
    waits: Callable[[], bool] | None  # for a desk that works apart: whether there is something to do

    def take(self, stopping: threading.Event) -> int:
        """Work in a running worker: one batch here, or apart all that waits."""
        if self.waits is None:
            return self.work()
        if self.waits():
            connection.close()  # not held while another process works
            _apart(self.name, stopping)
        return 0


DESKS: dict[str, Desk] = {}


def desk(
    name: str, *, every: float = 1.0, wake: str = "", apart: Callable[[], bool] | None = None
) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a batch function under `name`; `wake` is the NOTIFY channel that ends its wait early.

    `apart` says cheaply whether work waits; the work is then done in a process of its own.
    """

    def register(work: Callable[[], int]) -> Callable[[], int]:
        DESKS[name] = Desk(name, work, every, wake, apart)
        return work

    return register


def wake(channel: str) -> None:
    """Tell the desks that listen on `channel`, once the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


def clear(*names: str, rounds: int = 1000) -> int:
    """Run the named desks (all of them when none is named) until nothing is left: tests and imports."""
    total = 0
    for _ in range(rounds):
        done = sum(DESKS[name].work() for name in names or DESKS)
        total += done
        if not done:
            return total
    raise RuntimeError(f"The desks {', '.join(names or DESKS)} still find work after {rounds} rounds")


def _apart(name: str, stopping: threading.Event) -> None:
    """Run `seacliff desk` to its end. It dies with us, and is stopped when we are: its batch waits for the next time."""
    environ = os.environ | {"SEACLIFF_SUPERVISOR": str(os.getpid())}
    with subprocess.Popen([sys.executable, "-m", "seacliff", "desk", name], env=environ) as process:  # noqa: S603 (ours)
        while process.poll() is None:
            if stopping.wait(0.5):
                process.terminate()
                return
    if process.returncode:
        raise RuntimeError(f"`seacliff desk {name}` ended with {process.returncode}; what it said last is above")


class Runner:
    """Runs desks until stopped. `bells` maps a channel to the event that its listener sets."""

    def __init__(self, desks: list[Desk]) -> None:
        self.stopping = threading.Event()
        self.bells = {desk.name: threading.Event() for desk in desks}
        self.threads = [threading.Thread(target=self._run, args=[desk], name=desk.name, daemon=True) for desk in desks]
        channels = {desk.wake for desk in desks if desk.wake}
        if channels:
            self.threads.append(
                threading.Thread(target=self._listen, args=[channels, desks], name="listen", daemon=True)
            )

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self, timeout: float = 20.0) -> None:
        """Let each desk finish its batch."""
        self.stopping.set()
        for bell in self.bells.values():
            bell.set()
        for thread in self.threads:
            thread.join(timeout)

    def _run(self, desk: Desk) -> None:
        pause = desk.every
        while not self.stopping.is_set():
            try:
                done = desk.take(self.stopping)
                pause = desk.every
            except Exception:
                # The batch was rolled back and waits; the next try comes later and later, never not at all.
                log.exception("desk failed", desk=desk.name, again_in=pause)
                done, pause = 0, min(pause * 2, BACKOFF_MOST)
            finally:
                close_old_connections()
            if not done:
                self.bells[desk.name].wait(pause)
                self.bells[desk.name].clear()

    def _listen(self, channels: set[str], desks: list[Desk]) -> None:
        while not self.stopping.is_set():
            try:
                with connection.cursor() as cursor:
                    for channel in channels:
                        cursor.execute(f'LISTEN "{channel}"')
                    while not self.stopping.is_set():
                        for notice in connection.connection.notifies(timeout=1.0, stop_after=1):
                            for desk in desks:
                                if desk.wake == notice.channel:
                                    self.bells[desk.name].set()
            except OperationalError:
                self.stopping.wait(1.0)
            finally:
                connection.close()
