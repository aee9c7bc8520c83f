"""What comes in. A report is written once and never changed; what becomes of it is written by the rooms above."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.record.ids import uuid7
from seacliff.targets.models import Kind


class Channel(models.TextChoices):
    FORM = "form", "Public form"
    API = "api", "API"
    XARF = "xarf", "XARF"
    EMAIL = "email", "E-mail"
    IMPORT = "import", "Import"


class Reporter(models.Model):
    """Somebody who reports, as a summary of what came of it. The key is a normalised address or a product's user id."""

    class Kind(models.TextChoices):
        PERSON = "person"
        USER = "user"
        ORGANISATION = "organisation"
        TRUSTED_FLAGGER = "trusted-flagger"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.TextField(unique=True, help_text='"mail:ann@example.org" or "user:<product slug>:<ref>"')
    kind = models.TextField(choices=Kind, default=Kind.PERSON)
    name = models.TextField(default="")
    reports = models.PositiveIntegerField(default=0)
    upheld = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(
                fields=["-rejected", "id"],
                name="reporter_seldom_right",
                condition=Q(rejected__gte=8, rejected__gt=models.F("upheld") * 4),
            )
        ]

    @property
    def address(self) -> str:
        """Who it is, to read: the mail address, or the user of a product."""
        return address_of(self.key)


def address_of(key: str) -> str:
    """A reporter's key in the words of a reader."""
    kind, _, rest = key.partition(":")
    return rest if kind == "mail" else f"user {rest.partition(':')[2]} of {rest.partition(':')[0]}"


class Report(models.Model):
    """One message that something breaks the rules, as its sender put it. Insert-only; partitioned by id.

    The target is named in the sender's words (kind, ref); routing resolves it to a Target row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product_id = models.UUIDField()
    channel = models.TextField(choices=Channel)
    category = models.TextField(help_text="The category the reporter chose; the one found is the decision's")
    target_kind = models.TextField(choices=Kind)
    target_ref = models.TextField()
    target_name = models.TextField(default="")
    target_tree = models.JSONField(
        default=list, help_text='The account tree above the target, nearest first: [{"kind", "ref", "name", ...}]'
    )
    reporter_key = models.TextField(default="", help_text="Reporter.key; empty for an anonymous report")
    reporter_name = models.TextField(default="")
    reporter_email = models.TextField(default="")
    language = models.CharField(max_length=12, default="")
    subject = models.TextField(default="")
    text = models.TextField(default="")
    url = models.TextField(default="")
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    external_ref = models.TextField(default="", help_text="The sender's own number for it")
    message_id = models.UUIDField(null=True, help_text="The Message it was read from")
    extra = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_ref", "id"], name="report_target"),
            models.Index(fields=["reporter_key", "id"], name="report_reporter", condition=~Q(reporter_key="")),
        ]

    def __str__(self) -> str:
        return f"{self.category} report on {self.target_kind} {self.target_ref}"


class Unrouted(models.Model):
    """The reports that wait for routing: a slim queue beside the wide table. A routed report's row leaves."""

    report_id = models.UUIDField(primary_key=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="", help_text="Why routing failed; such a report is shown to a human")


class IdempotencyKey(models.Model):
    """The promise that a request sent twice makes one report. Kept for 30 days."""

    pk = models.CompositePrimaryKey("owner_id", "key")
    owner_id = models.UUIDField()
    key = models.TextField()
    report_id = models.UUIDField()
    digest = models.BinaryField(help_text="SHA-256 of the body: the same key with another body is refused")
    created_at = models.DateTimeField(db_default=Now())


class Message(models.Model):
    """A raw input (a mail, a piped file), committed before anything is read from it, and kept."""

    class State(models.TextChoices):
        UNREAD = "unread"
        READ = "read"
        NEEDS_HUMAN = "needs-human"
        HANDLED = "handled", "Handled by a person"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.TextField(help_text="lmtp, smtp, imap, pipe, api")
    product_id = models.UUIDField()
    raw = models.BinaryField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of raw")
    sender = models.TextField(default="")
    recipients = ArrayField(models.TextField(), default=list)
    subject = models.TextField(default="")
    format = models.TextField(default="")
    state = models.TextField(choices=State, default=State.UNREAD)
    reason = models.TextField(default="", help_text="Why a human is needed, in a sentence")
    warnings = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="message_unread", condition=Q(state="unread")),
            models.Index(fields=["-id"], name="message_needs_human", condition=Q(state="needs-human")),
            models.Index(fields=["-id"], name="message_handled", condition=Q(state="handled")),
            models.Index(fields=["digest"], name="message_digest"),
        ]
