"""Identifiers that carry their time: UUID version 7 (RFC 9562, section 5.7).

Reports and events are partitioned by their id, so "this month" is a range of ids, and newest-first is an order by id.
"""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7 as uuid7_now


def uuid7(at: datetime | None = None) -> UUID:
    """A new id for now, or for a past moment `at` (aware) when history is imported."""
    if at is None:
        return uuid7_now()
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62))


def first_id(at: datetime) -> UUID:
    """The smallest id of the millisecond `at`: the bound of a partition, the start of a search by time."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def time_of(id: UUID) -> datetime:
    """When the id was made, to the millisecond."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, tz=UTC)
