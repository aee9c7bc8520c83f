"""The web server: granian in front of Django's WSGI application.

Over WSGI a request costs Django less than half of what it costs over ASGI (measured; docs/decisions tells). Each
worker is a process forked after Django was loaded, so that workers share what doesn't change.
"""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from seacliff.supervisor.health import INSTANCE_HEADER
from seacliff.supervisor.lifeline import die_with_parent

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_instance(application: WsgiApplication, instance: str) -> WsgiApplication:
    """Let /livez tell which start of Seacliff answers."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/livez":
            return application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, (INSTANCE_HEADER, instance)], *rest)

        return application(environ, start)

    return answer


def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are given a few seconds to end."""
    from seacliff.wsgi import application  # loads Django, once for all workers

    instance = os.environ.get("SEACLIFF_INSTANCE", "")
    served = with_instance(application, instance) if instance else application
    starter = os.getpid()

    def in_worker() -> WsgiApplication:
        die_with_parent(starter)
        return served

    multiprocessing.set_start_method("fork")
    gc.collect()
    gc.freeze()  # what was loaded so far is shared with the workers as long as nobody touches it
    server = Granian(
        "seacliff.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=2048,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=8,  # seconds; a client that keeps its connection open must not keep us from stopping
    )
    server.serve(target_loader=in_worker, wrap_loader=False)
