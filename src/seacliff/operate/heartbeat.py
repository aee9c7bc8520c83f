"""Workers say that they are alive; whoever wants to know asks here."""

import os
import socket
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from seacliff.operate.models import Heartbeat

EVERY = 10.0  # seconds
STALE = timedelta(seconds=60)
FORGOTTEN = timedelta(days=1)


def beat() -> None:
    """This process is alive, by the database's clock."""
    Heartbeat.objects.update_or_create(name=f"{socket.gethostname()}:{os.getpid()}", defaults={"at": Now()})
    Heartbeat.objects.filter(at__lt=Now() - FORGOTTEN).delete()


def age() -> timedelta | None:
    """Since the latest sign of life of any worker; None when there never was one."""
    latest = Heartbeat.objects.order_by("-at").first()
    return timezone.now() - latest.at if latest else None


def problem() -> str:
    """What is wrong with the workers, as a sentence; empty when one is alive."""
    silence = age()
    if silence is None:
        return "No worker has ever run here: reports are taken, but not routed, and nobody is told. Start `seacliff worker`."
    if silence > STALE:
        return f"No worker has given a sign of life for {silence.total_seconds():.0f} s. Start `seacliff worker` again."
    return ""
