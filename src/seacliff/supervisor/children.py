"""The processes that the supervisor starts: their output, their end, and how they are ended."""

import contextlib
import fcntl
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence

COLOURS = {
    "seacliff": "1;36",
    "postgres": "34",
    "migrate": "35",
    "sample": "35",
    "web": "32",
    "worker": "33",
    "product": "36",
}
NAME_WIDTH = 8


def say(text: str, name: str = "seacliff") -> None:
    """One line on standard output, with the name of who says it in front; colours only on a terminal."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        line = f"\033[{COLOURS.get(name, '36')}m{name:<{NAME_WIDTH}} |\033[0m {text}\n"
    else:
        line = f"{name:<{NAME_WIDTH}} | {text}\n"
    with contextlib.suppress(OSError):  # the terminal is gone; that is no reason to stop serving
        sys.stdout.write(line)
        sys.stdout.flush()


class Child:
    """One child process in a session of its own (Ctrl-C reaches the supervisor alone), its last lines kept."""

    def __init__(
        self, name: str, command: Sequence[str], environ: Mapping[str, str], *, piped: bool = True, quiet: bool = False
    ) -> None:
        self.name = name
        self.quiet = quiet
        self.last: deque[str] = deque(maxlen=12)
        self._rest = b""
        self.process = subprocess.Popen(  # noqa: S603
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else None,
            stderr=subprocess.STDOUT if piped else None,
            start_new_session=True,
        )
        if self.process.stdout:
            flags = fcntl.fcntl(self.process.stdout, fcntl.F_GETFL)
            fcntl.fcntl(self.process.stdout, fcntl.F_SETFL, flags | os.O_NONBLOCK)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def how(self) -> str:
        """How the process ended, for a person."""
        code = self.process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def pump(self) -> bool:
        """Pass on what the process has written so far; False when it will write no more."""
        if not self.process.stdout:
            return False
        try:
            while chunk := os.read(self.process.stdout.fileno(), 65536):
                *lines, self._rest = (self._rest + chunk).split(b"\n")
                for line in lines:
                    self._pass_on(line)
        except BlockingIOError:
            return True
        if self._rest:
            self._pass_on(self._rest)
            self._rest = b""
        return False

    def _pass_on(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.last.append(text)
        if not self.quiet:
            say(text, self.name)

    def signal(self, number: signal.Signals) -> None:
        if not self.ended:
            self.process.send_signal(number)

    def sweep(self) -> None:
        """Kill whatever the process left behind in its session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def wait(child: Child, within: float) -> bool:
    """Pass output on until the process has ended or `within` seconds are over; whether it ended."""
    deadline = time.monotonic() + within
    with selectors.DefaultSelector() as selector:
        if child.process.stdout:
            selector.register(child.process.stdout, selectors.EVENT_READ)
        while not child.ended and time.monotonic() < deadline:
            if selector.get_map() and selector.select(0.05):
                if not child.pump() and child.process.stdout:
                    selector.unregister(child.process.stdout)
            elif not selector.get_map():
                time.sleep(0.05)
    child.pump()
    return child.ended
