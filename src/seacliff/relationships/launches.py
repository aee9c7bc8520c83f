"""Whether a function was engaged before something went live or after: for asks about records that go live.

A room whose records do registers them with launch_like(). For asks about anything else the question makes no sense, and
nothing is said.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from seacliff.policy.models import PolicyVersion

LiveFrom = Callable[[Sequence[UUID]], dict[UUID, datetime]]
LAUNCH_LIKE: dict[str, LiveFrom] = {}


def launch_like(kind: str, live_from: LiveFrom) -> None:
    """Register, in an AppConfig.ready(), a kind of record and since when those with these ids are live; left out: not yet."""
    LAUNCH_LIKE[kind] = live_from


def policy_versions(ids: Sequence[UUID]) -> dict[UUID, datetime]:
    live = PolicyVersion.objects.filter(id__in=ids, effective_at__isnull=False).exclude(state="draft")
    return {id: at for id, at in live.values_list("id", "effective_at") if at is not None}
