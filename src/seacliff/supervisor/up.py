"""The course of `seacliff up`."""

import contextlib
import os
import secrets
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import LiteralString

import psycopg

from seacliff import embedded
from seacliff.sample import PRODUCT_SIDE
from seacliff.supervisor import CannotStart, data, health
from seacliff.supervisor.children import Child, say, wait

# What runs beside PostgreSQL, started in this order and stopped in the reverse one: the name of a `seacliff` command
# and the seconds it is given to stop.
CHILDREN: list[tuple[str, float]] = [("web", 10.0), ("worker", 25.0)]
FIRST_ANSWER_WITHIN = 60.0


class Stop(BaseException):
    """Somebody asked us to stop, by this signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class ChildDied(Exception):
    """A child ended although nobody asked it to."""


@dataclass
class Options:
    """What `seacliff up` was asked for."""

    host: str
    port: int
    sample: bool
    data: Path

    @property
    def base_url(self) -> str:
        """The address people are given: the one set for a proxy in front, or where we listen."""
        name = health.reachable(self.host)
        name = "localhost" if name in ("127.0.0.1", "::1") else f"[{name}]" if ":" in name else name
        return data.setting("SEACLIFF_BASE_URL", f"http://{name}:{self.port}").rstrip("/")


class Supervisor:
    """The children that run, and the loop that watches them."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.instance = secrets.token_hex(16)
        self.environ = dict(os.environ)
        self.postgres: embedded.Server | None = None
        self.children: list[Child] = []
        self.stopping = False

    # --- starting ---------------------------------------------------------------------------------------------------

    def start_database(self, stack: ExitStack) -> str:
        """DATABASE_URL as it is set, or the address of our own PostgreSQL, which is started."""
        if address := data.setting("DATABASE_URL"):
            return address
        began = time.monotonic()
        self.postgres = embedded.start(self.options.data / "postgres")
        stack.callback(self._stop_postgres)
        say(f"PostgreSQL is up ({time.monotonic() - began:.1f} s)")
        return self.postgres.url

    def prepare(self, address: str) -> None:
        """What every child is told."""
        data.secret_key(self.options.data)
        self.environ |= {
            "DATABASE_URL": address,
            "SEACLIFF_DATA_DIR": str(self.options.data),
            "SEACLIFF_BASE_URL": self.options.base_url,
            "SEACLIFF_INSTANCE": self.instance,
            "SEACLIFF_SUPERVISOR": str(os.getpid()),
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": data.fresh_directory(self.options.data / "metrics"),
        }
        self.environ.pop("DATABASE_URL_FILE", None)
        if sys.stdout.isatty():
            self.environ.setdefault("SEACLIFF_LOG_JSON", "false")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "seacliff", *arguments]

    def start(self, name: str, *arguments: str, piped: bool = True) -> Child:
        """Start a `seacliff` command; it is watched until it is taken off `children`."""
        child = Child(name, self.command(*arguments), self.environ, piped=piped)
        self.children.append(child)
        return child

    def finish(self, name: str, *arguments: str, piped: bool = True) -> None:
        """Run a `seacliff` command to its end; raise ChildDied unless it ends well."""
        child = self.start(name, *arguments, piped=piped)
        self.watch(until=lambda: child.ended, spare=child)
        self.children.remove(child)
        child.pump()
        if child.process.returncode != 0:
            raise ChildDied(f"`seacliff {' '.join(arguments)}` {child.how()}; what it said last is above.")

    def start_receiver(self) -> None:
        """Play the sample company's product, so that decisions have somebody to be delivered to.

        Deliveries never go to private addresses unless told so; this one receiver is told of, by host and port.
        """
        port = health.free_port(self.options.port + 1)
        allowed = self.environ.get("SEACLIFF_WEBHOOK_ALLOWED_PRIVATE", "")
        mine = f"127.0.0.1:{port}"
        self.environ["SEACLIFF_WEBHOOK_ALLOWED_PRIVATE"] = f"{allowed},{mine}" if allowed else mine
        self.start("product", "receiver", f"--port={port}")

    # --- watching ---------------------------------------------------------------------------------------------------

    def watch(self, until: Callable[[], bool], spare: Child | None = None, within: float | None = None) -> bool:
        """Pass output on and wait; True when `until` holds, False after `within` seconds.

        Raises ChildDied when a child other than `spare` ends, and lets Stop through.
        """
        deadline = None if within is None else time.monotonic() + within
        with selectors.DefaultSelector() as selector, _woken_by_signals() as bell:
            selector.register(bell, selectors.EVENT_READ, None)
            for child in self.children:
                if child.process.stdout:
                    selector.register(child.process.stdout, selectors.EVENT_READ, child)
            while not until():
                if deadline is not None and time.monotonic() > deadline:
                    return False
                for key, _ in selector.select(0.1 if deadline or spare else 2.0):
                    if key.data is None:
                        bell.recv(4096)
                    elif not key.data.pump():
                        selector.unregister(key.fileobj)
                self._look_for_the_dead(spare)
        return True

    def _look_for_the_dead(self, spare: Child | None) -> None:
        for child in self.children:
            if child is not spare and child.ended:
                child.pump()
                said = f" It said last:\n{_indented(child.last)}" if child.last else ""
                raise ChildDied(f"{child.name} {child.how()}, so everything is stopped.{said}")
        if self.postgres and self.postgres.process.poll() is not None:
            log = self.options.data / "postgres" / "server.log"
            said = _indented(log.read_text(errors="replace").splitlines()[-6:])
            raise ChildDied(f"PostgreSQL ended, so everything is stopped. It said last (more in {log}):\n{said}")

    # --- stopping ---------------------------------------------------------------------------------------------------

    def stop_children(self) -> None:
        """The last started is stopped first; who does not stop in time is killed."""
        self.stopping = True
        patience = dict(CHILDREN)
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
            without_database = self.postgres is not None and self.postgres.process.poll() is not None
            if not wait(child, 3.0 if without_database else patience.get(child.name, 5.0)):
                say(f"{child.name} did not stop in time and is killed")
                child.signal(signal.SIGKILL)
                wait(child, 5)
            child.sweep()

    def _stop_postgres(self) -> None:
        if self.postgres:
            self.postgres.stop()

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first signal stops in order; a second one, from somebody impatient, kills what still runs."""
        if not self.stopping:
            self.stopping = True
            raise Stop(number)
        for child in self.children:
            child.signal(signal.SIGKILL)


def run(options: Options) -> int:
    """Serve until asked to stop (0), or until something ends that should not (1). Raises CannotStart before that."""
    supervisor = Supervisor(options)
    began = time.monotonic()
    left_behind = data.was_left_behind(options.data)
    with ExitStack() as stack:
        if not options.data.exists():
            health.refuse_busy_port(options.host, options.port)
        about = f"process {os.getpid()} serves it at {options.base_url}"
        stack.enter_context(data.locked(options.data, about))
        # what a killed supervisor started may need a moment to notice
        health.refuse_busy_port(options.host, options.port, patience=10.0 if left_behind else 0.0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.on_signal)
        try:
            _serve(supervisor, stack, began)
        except Stop as stop:
            say(f"stopping ({signal.Signals(stop.number).name})")
        except ChildDied as death:
            say(str(death))
            return 1
        except embedded.EmbeddedError as error:
            raise CannotStart(str(error)) from error
        except OSError as error:
            raise CannotStart(data.sentence(error, options.data)) from error
        finally:
            supervisor.stopping = True
            stack.callback(supervisor.stop_children)
            stack.close()
    say("stopped")
    return 0


def _serve(supervisor: Supervisor, stack: ExitStack, began: float) -> None:
    options = supervisor.options
    address = supervisor.start_database(stack)
    supervisor.prepare(address)
    supervisor.finish("migrate", "migrate", "--static")
    if options.sample and _is_empty(address):
        supervisor.finish("sample", "sample", piped=False)
    with_link = _nobody_signed_in(address)
    if _has_sample_product(address):
        supervisor.start_receiver()
    supervisor.start("web", "web", f"--host={options.host}", f"--port={options.port}")
    for name, _ in CHILDREN[1:]:
        supervisor.start(name, name)
    ours = lambda: health.is_ours(options.host, options.port, supervisor.instance)  # noqa: E731
    if not supervisor.watch(until=ours, within=FIRST_ANSWER_WITHIN):
        raise ChildDied(f"The web server did not answer within {FIRST_ANSWER_WITHIN:.0f} s, so everything is stopped.")
    say(f"Seacliff is up: {options.base_url} ({time.monotonic() - began:.1f} s)")
    if with_link:
        _offer_link(supervisor)
    say("Ctrl-C stops it. Data: " + str(options.data))
    supervisor.watch(until=lambda: False)


def _has_sample_product(address: str) -> bool:
    with psycopg.connect(address) as connection:
        known = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM enforcement_endpoint WHERE name = %s AND is_active)", [PRODUCT_SIDE]
        ).fetchone()
    return bool(known and known[0])


def _is_empty(address: str) -> bool:
    return _is_true(
        address, "SELECT NOT EXISTS (SELECT 1 FROM people_user) AND NOT EXISTS (SELECT 1 FROM targets_product)"
    )


def _nobody_signed_in(address: str) -> bool:
    return _is_true(address, "SELECT NOT EXISTS (SELECT 1 FROM people_user WHERE last_login IS NOT NULL)")


def _is_true(address: str, question: LiteralString) -> bool:
    with psycopg.connect(address) as connection:
        row = connection.execute(question).fetchone()
    return bool(row and row[0])


def _offer_link(supervisor: Supervisor) -> None:
    """Print the address, good for one use, by which the first administrator gets in."""
    child = Child("admin-link", supervisor.command("admin-link"), supervisor.environ, quiet=True)
    supervisor.children.append(child)
    supervisor.watch(until=lambda: child.ended, spare=child)
    supervisor.children.remove(child)
    child.pump()
    link = next((line for line in reversed(child.last) if "://" in line), None)
    if child.process.returncode == 0 and link:
        say(f"Sign in as the administrator, once: {link.strip()}")
    else:
        say("No sign-in link could be made (`seacliff admin-link` tells why).")


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


@contextmanager
def _woken_by_signals() -> Iterator[socket.socket]:
    """A socket that becomes readable when a signal arrives (SIGCHLD above all), so that select need not poll."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    chld = signal.signal(signal.SIGCHLD, lambda number, frame: None)
    try:
        yield reading
    finally:
        signal.signal(signal.SIGCHLD, chld)
        with contextlib.suppress(ValueError):
            signal.set_wakeup_fd(before)
        reading.close()
        writing.close()
