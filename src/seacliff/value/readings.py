"""What the worker reads off the inputs, daily and when somebody asks, so that no page waits for a year of rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from seacliff.record.desks import wake
from seacliff.value.designs.result import plain
from seacliff.value.inputs import quality
from seacliff.value.inputs.source import SourceError, opened
from seacliff.value.models import Reading

log = structlog.get_logger("seacliff.value")
CHANNEL = "value-readings"
STALE = timedelta(days=1)
KIND = Reading.Kind
PAGES = {KIND.QUALITY: "value:data"}


def _quality() -> dict[str, Any]:
    with opened() as source:
        return quality.report(source)


MAKERS: dict[str, Callable[[], dict[str, Any]]] = {KIND.QUALITY: _quality}


def reading(kind: str) -> Reading | None:
    return Reading.objects.filter(kind=kind).first()


def ask(kind: str) -> None:
    """Have it made anew, soon."""
    with transaction.atomic():
        Reading.objects.update_or_create(kind=kind, defaults={"asked_at": timezone.now()})
        wake(CHANNEL)


def make_one() -> int:
    """The desk: one reading that was asked for, is a day old, or was never made."""
    have = set(Reading.objects.values_list("kind", flat=True))
    for kind in MAKERS.keys() - have:
        Reading.objects.get_or_create(kind=kind)
    old = Q(asked_at__isnull=False) | Q(made_at__isnull=True) | Q(made_at__lt=timezone.now() - STALE)
    with transaction.atomic():
        due = Reading.objects.filter(old, kind__in=MAKERS).order_by(F("made_at").asc(nulls_first=True))
        found = due.select_for_update(skip_locked=True).first()
        if found is None:
            return 0
        found.made_at, found.asked_at, found.error = timezone.now(), None, ""
        try:
            with transaction.atomic():
                found.content = plain(MAKERS[found.kind]())
        except Exception as reason:  # shown on the page; the next try is tomorrow, or when somebody asks
            known = isinstance(reason, SourceError)
            found.error = str(reason) if known else "It could not be made: see the worker's log."
            if not known:
                log.exception("reading failed", kind=found.kind)
        found.save()
    return 1
