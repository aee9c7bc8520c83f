"""/metrics for Prometheus: what waits, from the database, and how requests go, counted by every web process."""

import os
import time
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from seacliff.operate.state import remembered

# With PROMETHEUS_MULTIPROC_DIR, as the supervisor sets it, every web process counts into files that any of them adds up.
SHARED = bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
OWN = CollectorRegistry()
REQUESTS = Histogram(
    "seacliff_request_seconds",
    "Requests by page and status",
    ["method", "page", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=OWN,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Measured:
    """Middleware: how long each page takes. Pages are named by their address pattern, so that there are few."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        found = request.resolver_match
        page = (found.route if found else "") or request.path_info.partition("/api/v1/reports")[1] or "other"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, page, response.status_code).observe(time.perf_counter() - began)
        return response


class Waiting(Collector):
    """What state.waiting() knows, as gauges."""

    def collect(self) -> Iterator[Metric]:
        now = remembered()
        yield GaugeMetricFamily("seacliff_reports_unrouted", "Reports that wait for routing", value=now.unrouted)
        yield GaugeMetricFamily("seacliff_reports_unroutable", "Of these, tried in vain", value=now.unroutable)
        yield GaugeMetricFamily("seacliff_cases_breached", "Open cases past their time", value=now.breached)
        for name, about, values in (
            ("messages", "Messages by state", now.messages),
            ("deliveries", "Webhooks that wait, and that were given up", now.deliveries),
            ("notices", "Mails that wait, and that failed", now.notices),
            ("dispatches", "News of asks that waits, and that reached nobody", now.dispatches),
            ("referrals", "Reports to the hotline that wait, and that it did not take", now.referrals),
            ("emergencies", "Threats to life that are open, and of these past their hour", now.emergencies),
        ):
            family = GaugeMetricFamily(f"seacliff_{name}", about, labels=["state"])
            for state, count in values.items():
                family.add_metric([state], count)
            yield family
        cases = GaugeMetricFamily("seacliff_cases", "Open cases by queue", labels=["queue", "state"])
        for labels, count in now.cases.items():
            cases.add_metric(list(labels), count)
        yield cases
        for name, about, age in (
            ("oldest_unsealed", "Age of the oldest event that waits for its seal", now.unsealed),
            ("worker_silence", "Since a worker's last sign of life; absent when there never was one", now.silence),
        ):
            if age is not None:
                yield GaugeMetricFamily(f"seacliff_{name}_seconds", about, value=age)


def exposition() -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(Waiting())
    if SHARED:
        MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(OWN)
