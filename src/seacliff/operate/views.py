"""For those who watch over Seacliff: is it alive, can it serve, how much waits."""

import hmac
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seacliff.operate import heartbeat, metrics

_migrated = False


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nobody else."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served, 503 with sentences when not. A missing worker is told, but pages work without."""
    problems = _problems()
    worker = "" if problems else heartbeat.problem()
    answer = {"ready": not problems, "problems": problems, "worker": worker or "alive" if not problems else "unknown"}
    return JsonResponse(answer, status=503 if problems else 200)


def _problems() -> list[str]:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
            _migrated = not missing
            if missing:
                return [f"{len(missing)} migrations wait: run `seacliff migrate`."]
    except DatabaseError:
        return ["The database does not answer."]
    return []


@require_safe
@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    """With SEACLIFF_METRICS_TOKEN for whoever bears it; without, for this machine alone."""
    wanted = settings.METRICS_TOKEN
    if wanted:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return HttpResponse("Send `Authorization: Bearer ...` with SEACLIFF_METRICS_TOKEN.\n", status=401)
    elif request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1") or "HTTP_X_FORWARDED_FOR" in request.META:
        return HttpResponse("Set SEACLIFF_METRICS_TOKEN to read the metrics from elsewhere.\n", status=404)
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/livez": livez,
    "/readyz": readyz,
    "/metrics": show_metrics,
}


class Probes:
    """Middleware, before all others: probes are answered under any host name, whatever SEACLIFF_ALLOWED_HOSTS says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)
