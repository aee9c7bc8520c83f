"""Whom and what a report can be about: the products, and the account tree under each."""

import pghistory
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from seacliff.record.ids import uuid7


class Product(models.Model):
    """A product people report about; it has its own public form."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.TextField()
    languages = models.JSONField(default=list, help_text="Languages of the public form, the first is the default")
    is_open = models.BooleanField(default=True, help_text="Whether the public form takes reports")

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """Account tree: organisation -> account (its admin) -> user -> event; then whatever else a report names."""

    ORGANISATION = "organisation"
    ACCOUNT = "account"
    USER = "user"
    EVENT = "event"
    CONTENT = "content"
    URL = "url"
    IP = "ip"
    DOMAIN = "domain"
    EMAIL = "email"
    PHONE = "phone"
    OTHER = "other"


@pghistory.track(model_name="TargetHistory", fields=["state", "parent", "email"])
class Target(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active"
        RESTRICTED = "restricted"
        SUSPENDED = "suspended"
        REMOVED = "removed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    kind = models.TextField(choices=Kind)
    ref = models.TextField(help_text="The product's own identifier, normalised")
    name = models.TextField(default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    email = models.TextField(default="", help_text="Where the affected user is told")
    language = models.CharField(max_length=12, default="")
    plan = models.TextField(default="")
    country = models.CharField(max_length=2, default="")
    created_at = models.DateTimeField(null=True, help_text="When it came to be in the product")
    state = models.TextField(choices=State, default=State.ACTIVE)
    strikes = models.PositiveSmallIntegerField(default=0, help_text="Unexpired strikes: a summary kept by enforcement")
    details = models.JSONField(default=dict)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "kind", "ref"], name="target_once"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="target_not_own_parent"),
        ]
        indexes = [
            models.Index(fields=["parent"], name="target_children"),
            models.Index(fields=["ref"], name="target_ref"),
            models.Index(OpClass("ref", "text_pattern_ops"), name="target_ref_begins"),
            models.Index(OpClass(Lower("name"), "text_pattern_ops"), name="target_name_begins"),
            models.Index(fields=["email"], name="target_email", condition=~Q(email="")),
            models.Index(fields=["kind", "-id"], name="target_kind"),
        ]

    def __str__(self) -> str:
        return self.name or self.ref
