"""Logs: one line of JSON per event, every line carrying the id of the request it belongs to."""

import logging
import logging.config
import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from uuid_utils import uuid7

log = structlog.get_logger("seacliff.web")
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}\Z")


def logging_config(*, json: bool, level: str) -> None:
    """Send structlog's and the standard library's records through one chain to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Local variables hold passwords, addresses, what people reported: a log has the places alone.
    without_values = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    final: list[Any] = (
        [structlog.processors.ExceptionRenderer(without_values), structlog.processors.JSONRenderer()]
        if json
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.request": {"level": "ERROR"},
                "httpx": {"level": "WARNING"},
                "mail.log": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
            },
        }
    )


class RequestLog:
    """Give each request an id (the caller's X-Request-ID when it is well formed), log its outcome, answer with the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.match(given) else str(uuid7())
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if not request.path.startswith(("/static/", "/livez", "/readyz", "/metrics")):
                log.info(
                    "request",
                    method=request.method,
                    path=request.path,
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
        response["X-Request-ID"] = request_id
        return response
