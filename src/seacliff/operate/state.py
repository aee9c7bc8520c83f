"""What waits where, in a handful of small queries: for metrics and for the doctor."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from django.db.models import Count, Q
from django.utils import timezone

from seacliff.connectors.models import Incoming
from seacliff.enforcement.models import Delivery, Notice
from seacliff.intake.models import Message, Unrouted
from seacliff.operate import heartbeat
from seacliff.partners.models import Dispatch
from seacliff.record import seals
from seacliff.restricted.models import Emergency, Referral
from seacliff.review.models import Work
from seacliff.review.queries import queue_lines

REMEMBERED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts, and ages in seconds (None when there is nothing to be old)."""

    unrouted: int = 0
    unroutable: int = 0  # of these, tried in vain
    messages: dict[str, int] = field(default_factory=dict)
    cases: dict[tuple[str, str], int] = field(default_factory=dict)  # (queue, free or claimed or held)
    breached: int = 0
    deliveries: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    referrals: dict[str, int] = field(default_factory=dict)
    emergencies: dict[str, int] = field(default_factory=dict)
    dispatches: dict[str, int] = field(default_factory=dict)
    replies: int = 0  # that wait for a person
    unsealed: float | None = None
    silence: float | None = None


def waiting() -> Waiting:
    now = timezone.now()
    silence = heartbeat.age()
    return Waiting(
        unrouted=Unrouted.objects.count(),
        unroutable=Unrouted.objects.exclude(error="").count(),
        messages={state: Message.objects.filter(state=state).count() for state in ("unread", "needs-human")},
        cases={
            (line.queue.slug, state): count
            for line in queue_lines()
            for state, count in (("free", line.total), ("claimed", line.claimed), ("held", line.held))
        },
        breached=Work.objects.filter(due_at__lt=now, held_until=None).count(),
        deliveries=_by_state(Delivery, Delivery.State.PENDING, Delivery.State.DEAD),
        notices=_by_state(Notice, Notice.State.PENDING, Notice.State.FAILED),
        referrals=_by_state(Referral, Referral.State.APPROVED, Referral.State.FAILED),
        emergencies={
            "open": Emergency.objects.filter(closed_at=None).count(),
            "overdue": Emergency.objects.filter(closed_at=None, due_at__lt=now).count(),
        },
        dispatches=_by_state(Dispatch, Dispatch.State.PENDING, Dispatch.State.FAILED),
        replies=Incoming.objects.filter(state=Incoming.State.NEEDS_HUMAN).count(),
        unsealed=_age(seals.unsealed_since(), now),
        silence=silence.total_seconds() if silence is not None else None,
    )


def _age(moment: datetime | None, now: datetime) -> float | None:
    return (now - moment).total_seconds() if moment else None


def _by_state(model: type[Delivery] | type[Dispatch] | type[Notice] | type[Referral], *states: str) -> dict[str, int]:
    wanted = {state: Count("pk", filter=Q(state=state)) for state in map(str, states)}
    return model.objects.filter(state__in=list(wanted)).aggregate(**wanted)


class Remembered:
    """The last answer, for whoever asks again within some seconds."""

    def __init__(self, look: Callable[[], Waiting]) -> None:
        self.look, self.until, self.lock = look, 0.0, Lock()
        self.value = Waiting()

    def __call__(self) -> Waiting:
        with self.lock:
            if time.monotonic() > self.until:
                self.value, self.until = self.look(), time.monotonic() + REMEMBERED_SECONDS
            return self.value


remembered = Remembered(waiting)
