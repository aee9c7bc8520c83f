"""Configuration in versions: none is ever changed, the next one ends it; the one without an end is in force."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from seacliff.record.ids import uuid7


class Version(models.Model):
    """A room adds what the version says. Its Meta extends this one's with a constraint `one_in_force`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True)
    change = models.TextField()
    live_from = models.DateTimeField(db_default=Now())
    live_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-number"]

    @classmethod
    def in_force(cls) -> Self | None:
        return cls._default_manager.filter(live_until=None).first()

    @classmethod
    def succeed(cls, change: str, **said: Any) -> Self:
        """The next version holds from now on. Called in the transaction that notes it in the record."""
        now = timezone.now()
        versions = cls._default_manager
        last = versions.select_for_update().order_by("-number").first()
        versions.filter(live_until=None).update(live_until=now)
        number = last.number + 1 if last else 1
        return versions.create(number=number, change=change.strip(), live_from=now, **said)


def one_in_force(name: str) -> models.UniqueConstraint:
    """At most one version has no end."""
    return models.UniqueConstraint(
        fields=["live_until"], condition=Q(live_until__isnull=True), nulls_distinct=False, name=name
    )
