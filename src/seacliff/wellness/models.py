"""Budgets that leads set, what reviewers opted out of, how media are shown to them, and the day's counts."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from seacliff.people.models import User
from seacliff.record.ids import uuid7


@pghistory.track(model_name="BudgetHistory")
class Budget(models.Model):
    """The most cases of a harm (of any harm, without one) that a person, or everybody, decides in a day. A hard stop."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="budgets")
    category = models.TextField(blank=True, default="", help_text="A harm's slug; empty for all harms together")
    most = models.PositiveSmallIntegerField(help_text="Cases a day")

    class Meta:
        ordering = ["category", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "category"], nulls_distinct=False, name="budget_once"),
            models.CheckConstraint(condition=Q(most__gte=1), name="budget_not_zero"),
        ]


class Preference(models.Model):
    """How one reviewer works: what they opted out of, how media come up, when a break is proposed."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="wellness")
    opted_out = ArrayField(models.TextField(), default=list, blank=True, help_text="Harms not offered to them")
    blurred = models.BooleanField(default=True)
    greyscale = models.BooleanField(default=True)
    muted = models.BooleanField(default=True)
    break_minutes = models.PositiveSmallIntegerField(default=50, help_text="Minutes at work before a break is proposed")


class Exposure(models.Model):
    """Cases that somebody opened to decide, by day (of their time zone) and harm: the count behind the budgets."""

    pk = models.CompositePrimaryKey("user_id", "day", "category")
    user_id = models.UUIDField()
    day = models.DateField()
    category = models.TextField()
    cases = models.PositiveIntegerField(default=0)
    severe = models.PositiveIntegerField(default=0, help_text="Of them, severity 1 or 2")

    class Meta:
        indexes = [models.Index(fields=["day", "category"], name="exposure_day")]
