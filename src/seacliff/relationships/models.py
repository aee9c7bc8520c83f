"""What this room keeps beside what it reads off the record: a lead's words for a win, digests sent, the pulse."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from seacliff.partners.models import Ask
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


class PulseShare(models.Model):
    """After how many of a hundred answered asks the two questions of the pulse are put: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    percent = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="pulse_share_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="pulse_share_of_hundred"),
        ]


class Pulse(models.Model):
    """The two questions, put to one person after one ask. The answers stand here until their round is closed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="+")
    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="+", db_index=False)
    email = models.EmailField()
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    easy = models.PositiveSmallIntegerField(null=True, help_text="1 very hard to 5 very easy")
    worth = models.PositiveSmallIntegerField(null=True, help_text="1 not at all to 5 very much")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["ask", "email"], name="pulse_once"),
            models.CheckConstraint(
                condition=Q(easy__isnull=True, worth__isnull=True)
                | Q(easy__range=(1, 5), worth__range=(1, 5), answered_at__isnull=False),
                name="pulse_answered_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["email", "-asked_at"], name="pulse_of_person"),
            models.Index(fields=["function"], name="pulse_not_counted", condition=Q(easy__isnull=False)),
            models.Index(fields=["-asked_at"], name="pulse_asked"),
        ]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.expires_at > timezone.now()


class PulseRound(models.Model):
    """Answers of a function that were added up together: how many said 1, 2, 3, 4 and 5."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="+", db_index=False)
    closed_at = models.DateTimeField(default=timezone.now)
    people = models.PositiveSmallIntegerField()
    easy = ArrayField(models.PositiveSmallIntegerField(), size=5)
    worth = ArrayField(models.PositiveSmallIntegerField(), size=5)

    class Meta:
        ordering = ["-closed_at"]
        indexes = [models.Index(fields=["function", "-closed_at"], name="pulse_round_of")]
