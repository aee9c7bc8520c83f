"""What this room keeps beside what it reads off the record: a lead's words for a win, digests sent."""

from django.db import models
from django.db.models import Q

from seacliff.people.models import Function, User
from seacliff.record.ids import uuid7


class Win(models.Model):
    """A lead's words for something that went well, and that it stays on top. The win itself is in the record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.TextField(help_text="ask, or policy-version")
    subject_id = models.UUIDField()
    words = models.TextField(blank=True, default="")
    pinned_at = models.DateTimeField(null=True)
    edited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pinned_at"]
        constraints = [models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="win_worded_once")]
        indexes = [models.Index(fields=["-pinned_at"], name="win_pinned", condition=Q(pinned_at__isnull=False))]


class DigestChoice(models.Model):
    """A function that wants no weekly digest, or wants it again."""

    function = models.OneToOneField(Function, primary_key=True, on_delete=models.CASCADE, related_name="+")
    wanted = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)


class Digest(models.Model):
    """The digest of a function's week was made: the row stands for "once", whatever dies or runs twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="+", db_index=False)
    week = models.DateField(help_text="Its Monday")
    recipients = models.PositiveSmallIntegerField(help_text="0: there was nothing to say, or nobody to say it to")

    class Meta:
        ordering = ["-week"]
        constraints = [models.UniqueConstraint(fields=["function", "week"], name="digest_once")]
