"""The one record: events, seals, links, clocks, notes, evidence. Every room writes here; whatever looks back reads here.

A record of any room is named by a pair (kind, id), such as ("case", UUID): rooms above are unknown here.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.record.ids import time_of, uuid7


class Event(models.Model):
    """Something that happened: who, what, on what, why, under which version. Append-only; the table is partitioned by id.

    `tx` and `seq` give the order of commits that seals rest on (see seals.py); nobody sets them.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person"
        TOKEN = "token"  # noqa: S105  a kind of actor
        PUBLIC = "public"
        SYSTEM = "system"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tx = models.BigIntegerField(
        db_default=models.Func(function="record_tx", output_field=models.BigIntegerField()), editable=False
    )
    seq = models.BigIntegerField(
        db_default=models.Func(models.Value("record_event_seq"), function="nextval"), editable=False
    )
    verb = models.TextField(help_text="<noun>.<past participle>, such as case.decided")
    actor_kind = models.TextField(choices=ActorKind)
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(default="")
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    story_id = models.UUIDField(null=True, help_text="The case (or ask, incident...) whose story this event belongs to")
    policy_version_id = models.UUIDField(null=True)
    reason = models.TextField(default="")
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_id", "id"], name="event_subject"),
            models.Index(fields=["story_id", "id"], name="event_story", condition=Q(story_id__isnull=False)),
            models.Index(fields=["actor_id", "id"], name="event_actor", condition=Q(actor_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"

    @property
    def at(self) -> datetime:
        return time_of(self.id)

    @property
    def words(self) -> str:
        """What happened, as the log says it: "case decided"."""
        return self.verb.replace(".", " ").replace("-", " ")

    @property
    def line(self) -> str:
        """What happened, to stand behind the actor's name in a story: "escalated the case to tier 2"."""
        from seacliff.record.wording import sentence_of

        return sentence_of(self)


class Seal(models.Model):
    """A block of events closed for good: its Merkle root, chained to the seal before, signed with a key the database hasn't."""

    number = models.PositiveBigIntegerField(primary_key=True)
    from_tx = models.BigIntegerField()
    from_seq = models.BigIntegerField()
    to_tx = models.BigIntegerField()
    to_seq = models.BigIntegerField()
    count = models.PositiveIntegerField()
    leaves = models.BinaryField(help_text="Per event 48 bytes: its id, its SHA-256. What lets verify name the row")
    root = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField(unique=True)
    mac = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["number"]


class Link(models.Model):
    """Any two things that belong together, and how."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    from_kind = models.TextField()
    from_id = models.UUIDField()
    to_kind = models.TextField()
    to_id = models.UUIDField()
    kind = models.TextField(help_text="such as duplicate-of, precedent-for, answers")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_id", "kind", "to_id"], name="link_once"),
        ]
        indexes = [models.Index(fields=["to_id", "kind"], name="link_back")]


class Calendar(models.Model):
    """A named business calendar: working hours by weekday in a time zone, and the public holidays of a region."""

    slug = models.SlugField(primary_key=True)
    name = models.TextField()
    time_zone = models.TextField(default="UTC")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 country whose public holidays don't count")
    subdivision = models.TextField(blank=True)
    hours = models.JSONField(
        default=dict, help_text='Weekday 0-6 (Monday first) to spans, such as {"0": [["09:00", "17:00"]]}'
    )

    def __str__(self) -> str:
        return self.name or self.slug


class Clock(models.Model):
    """What somebody waits for: when it started, when it is due, who owns it, whether it was met."""

    class Rule(models.TextChoices):
        ELAPSED = "elapsed", "elapsed hours"
        CALENDAR = "calendar", "calendar days"
        BUSINESS = "business", "business hours of a calendar"
        ORDER = "order", "a time given by an order"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    name = models.TextField(help_text="what is waited for, such as first decision")
    rule = models.TextField(choices=Rule)
    amount = models.DurationField(null=True, help_text="Length of the target; for the business rule in working time")
    calendar = models.ForeignKey(Calendar, null=True, on_delete=models.PROTECT)
    owner_kind = models.TextField(default="", help_text="queue, person or function")
    owner_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    paused_for = models.DurationField(null=True)
    stopped_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(
        null=True, help_text="Set by the job that notices; breach itself is due_at < now"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "name"], condition=Q(stopped_at__isnull=True), name="clock_runs_once"
            ),
            models.CheckConstraint(
                condition=Q(rule="business", calendar__isnull=False) | ~Q(rule="business"),
                name="clock_business_has_calendar",
            ),
            models.CheckConstraint(condition=~Q(rule="order") | Q(paused_at__isnull=True), name="clock_order_runs_on"),
            models.CheckConstraint(condition=Q(rule="order") | Q(amount__isnull=False), name="clock_has_amount"),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="clock_due", condition=Q(stopped_at__isnull=True, paused_at__isnull=True)
            ),
            models.Index(
                fields=["due_at"],
                name="clock_unnoticed",
                condition=Q(stopped_at__isnull=True, paused_at__isnull=True, breached_at__isnull=True),
            ),
            models.Index(fields=["subject_id"], name="clock_subject"),
        ]


class Note(models.Model):
    """A message in the thread of a record. Internal: no note ever reaches a reporter or an affected user."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    author_id = models.UUIDField(null=True)
    author_name = models.TextField()
    body = models.TextField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_id", "id"], name="note_thread")]

    @property
    def at(self) -> datetime:
        return time_of(self.id)


class Evidence(models.Model):
    """One content, stored once under its SHA-256 in the default Django storage."""

    class Kind(models.TextChoices):
        IMAGE = "image"
        VIDEO = "video"
        AUDIO = "audio"
        TEXT = "text"
        MAIL = "mail"
        JSON = "json"
        OTHER = "other"

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.TextField(help_text="Sniffed from the content, never taken from the sender")
    kind = models.TextField(choices=Kind)
    restricted = models.BooleanField(
        default=False, help_text="Never rendered, thumbnailed, indexed, exported or shared"
    )
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="evidence_is_hash")]


class Attachment(models.Model):
    """That a piece of evidence was attached to a record, under the name its sender gave."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT)
    name = models.TextField(default="")
    declared_type = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "evidence", "name"], name="attachment_once"),
        ]
