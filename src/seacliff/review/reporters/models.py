"""Rows about reporters: who is a trusted flagger on which terms, and groups that look like brigades."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.record.ids import uuid7


class Trust(models.Model):
    """That somebody is a trusted flagger: in which harms, until when, on whose word. Never changed, only ended; other
    terms are another row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="trusts")
    categories = ArrayField(models.TextField(), default=list, help_text="Harms they are expert in; empty for all")
    expires_on = models.DateField(null=True, help_text="The last day on which it holds")
    reason = models.TextField(help_text="Who awarded it, or what they are known for")
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["reporter"], condition=Q(ended_at__isnull=True), name="trust_once"),
        ]
        indexes = [models.Index(fields=["expires_on"], name="trust_holds", condition=Q(ended_at__isnull=True))]


class Brigade(models.Model):
    """Reporters who report the same cases within the same hour, again and again. A suspicion for people to look at."""

    class State(models.TextChoices):
        SUSPECTED = "suspected", "Suspected"
        CONFIRMED = "confirmed", "A brigade"
        DISMISSED = "dismissed", "No brigade"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.TextField(choices=State, default=State.SUSPECTED)
    members = ArrayField(models.TextField(), help_text="Reporter keys")
    size = models.PositiveIntegerField()
    cases = models.PositiveIntegerField(default=0, help_text="Cases that several of them reported within the hour")
    targets = models.PositiveIntegerField(default=0, help_text="How many different targets those are about")
    decided = models.PositiveIntegerField(default=0, help_text="Of the cases, decided")
    rejected = models.PositiveIntegerField(default=0, help_text="Of those, without a violation")
    last_at = models.DateTimeField(help_text="When they last reported together")
    reason = models.TextField(default="", help_text="Why somebody confirmed or dismissed it")
    judged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-last_at"]
        indexes = [
            models.Index(fields=["-last_at", "-id"], name="brigade_newest"),
            GinIndex(fields=["members"], name="brigade_members"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="suspected") | Q(judged_by__isnull=False, judged_at__isnull=False),
                name="brigade_judged_by_whom",
            )
        ]

    @property
    def share_rejected(self) -> float | None:
        return self.rejected / self.decided if self.decided else None
