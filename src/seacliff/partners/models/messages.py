"""The thread of an ask, and what is carried to people outside: by mail, chat or tracker."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from seacliff.partners.models.asks import Ask
from seacliff.people.models import User
from seacliff.record.ids import time_of, uuid7


class AskMessage(models.Model):
    """What somebody said about an ask. Both sides read it: nothing internal belongs here."""

    class Side(models.TextChoices):
        ASKER = "asker"
        ASKED = "asked"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="messages", db_index=False)
    side = models.TextField(choices=Side)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.TextField()
    body = models.TextField()
    via = models.TextField(default="console")
    external_id = models.TextField(null=True, unique=True, help_text="<channel>:<its id>: the same is kept once")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ask", "id"], name="ask_thread")]

    @property
    def at(self) -> datetime:
        return time_of(self.id)


class AskLink(models.Model):
    """A signed address that opens one ask to one person without an account; it expires and can be revoked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="links")
    email = models.EmailField()
    name = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ask", "email"], name="ask_link_once")]


class Dispatch(models.Model):
    """Something to be carried to somebody by a channel: at least once, under one key. The channel words it."""

    class Purpose(models.TextChoices):
        ASKED = "asked"
        REMINDER = "reminder"
        ESCALATED = "escalated"
        MESSAGE = "message"
        ACKNOWLEDGED = "acknowledged"
        ANSWERED = "answered"
        WITHDRAWN = "withdrawn"
        CHANGED = "changed", "Due time, owner or severity changed"
        OUTCOME_WANTED = "outcome-wanted"
        OUTCOME = "outcome"
        DIGEST = "digest"
        UNREACHED = "unreached", "News of it came to nobody"
        UNDERSTOOD = "understood", "How a reply from outside was understood"

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"
        OBSOLETE = "obsolete", "Overtaken before it was sent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.TextField(unique=True, help_text="What it is: the same is carried once")
    channel = models.TextField()
    address = models.TextField(help_text="Of the channel's own kind: a mail address, a chat channel, a repository")
    recipient_name = models.TextField(blank=True, default="")
    ask = models.ForeignKey(Ask, null=True, on_delete=models.CASCADE, related_name="dispatches")
    message = models.ForeignKey(AskMessage, null=True, on_delete=models.CASCADE, related_name="+")
    purpose = models.TextField(choices=Purpose)
    data = models.JSONField(default=dict)
    state = models.TextField(choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    last_error = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    external_id = models.TextField(blank=True, default="", help_text="What the outside system calls it")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["channel", "next_at", "id"], name="dispatch_due", condition=Q(state="pending")),
            models.Index(fields=["ask", "id"], name="dispatch_of_ask"),
            models.Index(fields=["-id"], name="dispatch_failed", condition=Q(state="failed")),
            models.Index(fields=["channel", "external_id"], name="dispatch_outside", condition=~Q(external_id="")),
        ]
