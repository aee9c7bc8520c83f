"""People who work with Seacliff: users, their roles and skills, functions and teams, invitations, API tokens."""

from functools import cached_property
from typing import Any

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from seacliff.people.permissions import Permission, Role, granted
from seacliff.record.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


@pghistory.track(model_name="UserHistory", exclude=["password", "last_login", "secluded_at", "secluded_until"])
class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    roles = ArrayField(models.TextField(choices=Role), default=list, blank=True)
    language = models.CharField(max_length=12, default="en")
    time_zone = models.TextField(default="UTC")
    # A reviewer's part. Empty skills mean: whatever comes.
    tier = models.PositiveSmallIntegerField(default=1, help_text="Highest tier this person may review at")
    categories = ArrayField(models.TextField(), default=list, blank=True)
    languages = ArrayField(models.TextField(), default=list, blank=True)
    joined_at = models.DateTimeField(db_default=Now())
    # While they judge a matter afresh: the one page that is open to them (record/seclusion.py).
    secluded_at = models.TextField(default="", db_default="", blank=True)
    secluded_until = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(tier__range=(1, 9)), name="user_tier_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return granted(self.roles) if self.is_active else frozenset()

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


class Function(models.Model):
    """A part of the company, such as Communications."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.TextField()
    description = models.TextField(blank=True)


class Team(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="teams")
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["function", "name"], name="team_once")]


class Membership(models.Model):
    """Who works in which function, and in which team of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "function"], name="membership_once")]


class Invitation(models.Model):
    """An invitation to join with given roles. Only the digest of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    name = models.TextField(blank=True)
    roles = ArrayField(models.TextField(choices=Role), default=list)
    tier = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


@pghistory.track(model_name="ApiTokenHistory", exclude=["digest", "last_used_at"])
class ApiToken(models.Model):
    """A key for a program. Shown once; only its SHA-256 is kept (random and long: a slow hash adds nothing)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.TextField(), default=list, help_text="Permissions, never more than its owner holds")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Rate(models.Model):
    """How much of its allowance a key has used (see rates.py). The table is UNLOGGED."""

    key = models.CharField(primary_key=True, max_length=64)
    rests_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["rests_at"], name="rate_at_rest")]
