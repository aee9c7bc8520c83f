"""What the worker reads off the inputs, daily and when somebody asks, so that no page waits for a year of rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from seacliff.value.alone import alone
from seacliff.value.models import Finding, Reading

log = structlog.get_logger("seacliff.value")
STALE = timedelta(days=1)
KIND = Reading.Kind
PAGES = {KIND.QUALITY: "value:data", KIND.OPERATIONS: "value:board", KIND.STAFFING: "value:staffing"}


def _quality() -> dict[str, Any]:
    from seacliff.value.inputs import quality
    from seacliff.value.inputs.source import opened

    with opened() as source:
        return quality.report(source)


def _operations() -> dict[str, Any]:
    from seacliff.value.board import charts
    from seacliff.value.board.operations import operations
    from seacliff.value.ledger.queries import standing_of

    found = operations()
    standing = standing_of(Finding.objects.select_related("current"))
    specs = {
        "bridge": charts.bridge(standing), "bridge-narrow": charts.bridge(standing, charts.NARROW),
        "service": charts.service(found["service"]), "service-narrow": charts.service(found["service"], charts.NARROW),
    }  # fmt: skip
    return found | {"charts": {name: charts.drawn(spec) for name, spec in specs.items()}}


def _staffing() -> dict[str, Any]:
    from seacliff.value.board.teamwork import staffing

    return staffing()


def _offers() -> dict[str, Any]:
    """What shipped long enough ago offers its finding."""
    from seacliff.value.ledger import offers

    return {"offered": offers.offer_all(), "launches": offers.launches_known()}


MAKERS: dict[str, Callable[[], dict[str, Any]]] = {
    KIND.QUALITY: _quality, KIND.OPERATIONS: _operations, KIND.STAFFING: _staffing, KIND.OFFERS: _offers,
}  # fmt: skip


def reading(kind: str) -> Reading | None:
    return Reading.objects.filter(kind=kind).first()


def waits() -> bool:
    """Whether a reading was asked for, is a day old, or was never made."""
    return _due().exists() or Reading.objects.filter(kind__in=MAKERS).count() < len(MAKERS)


def _due() -> QuerySet[Reading]:
    old = Q(asked_at__isnull=False) | Q(made_at__isnull=True) | Q(made_at__lt=timezone.now() - STALE)
    return Reading.objects.filter(old, kind__in=MAKERS).order_by(F("made_at").asc(nulls_first=True))


def make_one() -> int:
    """The desk: one reading that is due."""
    have = set(Reading.objects.values_list("kind", flat=True))
    for kind in MAKERS.keys() - have:
        Reading.objects.get_or_create(kind=kind)
    due = _due()
    for kind in due.values_list("kind", flat=True):
        with transaction.atomic():
            found = due.filter(kind=kind).first() if alone(f"reading {kind}") else None
            if found is not None:
                _make(found)
                return 1
    return 0


def _make(found: Reading) -> None:
    """Whoever asks for it anew in the meantime is not made to wait, nor forgotten: it is made once more."""
    from seacliff.value.designs.result import plain
    from seacliff.value.inputs.source import SourceError
    from seacliff.value.staffing.scenario import ScenarioError

    made = {"content": found.content, "error": "", "made_at": timezone.now()}
    try:
        with transaction.atomic():
            made["content"] = plain(MAKERS[found.kind]())
    except Exception as reason:  # shown on the page; the next try is tomorrow, or when somebody asks
        known = isinstance(reason, (SourceError, ScenarioError))
        made["error"] = str(reason) if known else "It could not be made: see the worker's log."
        if not known:
            log.exception("reading failed", kind=found.kind)
    Reading.objects.filter(kind=found.kind).update(**made)
    Reading.objects.filter(kind=found.kind, asked_at=found.asked_at).update(asked_at=None)
