"""Is the port free, and is it our web server that answers there?"""

import contextlib
import http.client
import socket
import time

from seacliff.supervisor import CannotStart

INSTANCE_HEADER = "Seacliff-Instance"


def reachable(host: str) -> str:
    """The address under which a server that listens on `host` answers from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def refuse_busy_port(host: str, port: int, patience: float = 0.0) -> None:
    """Raise CannotStart when somebody listens on the port, after waiting `patience` seconds for them to go away."""
    deadline = time.monotonic() + patience
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen(1)
            return
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise CannotStart(_why_not(host, port, error)) from error


def free_port(wanted: int) -> int:
    """The wanted port of this machine, or another one where it is taken."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError, OverflowError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise CannotStart("This machine has no free port left.")


def _why_not(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"{host} is no address of this machine. Name another by --host."
    if isinstance(error, PermissionError):
        return f"Port {port} is reserved for root. Choose one above 1023 by --port (with make: PORT=8000)."
    if error.errno == 98 or "in use" in str(error):
        return (
            f"Port {port} on {host} is taken by another program. Stop that program, or choose another port by --port "
            f"(with make: PORT={port + 1})."
        )
    return f"Seacliff can't listen on {host}, port {port}: {error.strerror}. Choose others by --host and --port."


def is_ours(host: str, port: int, instance: str) -> bool:
    """Whether the web server of this very start answers; another program, or an earlier start, doesn't count."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        answer.read()
        return answer.status < 500 and answer.headers.get(INSTANCE_HEADER) == instance
    except (OSError, http.client.HTTPException):
        return False
    finally:
        with contextlib.suppress(OSError):
            connection.close()
