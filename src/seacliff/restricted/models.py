"""Rows about restricted material: who was let at it and why, what was reported to the hotline, emergencies."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from seacliff.people.models import User
from seacliff.record.ids import uuid7
from seacliff.record.models import Attachment
from seacliff.review.models import Case


class Unlock(models.Model):
    """One person asks to be let at one file, another agrees; then the first may download it for half an hour."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agreed = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("asked_by")),
                name="unlock_by_two_people",
            ),
        ]
        indexes = [models.Index(fields=["-id"], name="unlock_waiting", condition=Q(agreed__isnull=True))]


@pghistory.track(model_name="ReferralHistory", fields=["state", "report_id"])
class Referral(models.Model):
    """A report to the hotline (a CyberTipline report), from draft to taken; kept with its files for a year."""

    class State(models.TextChoices):
        DRAFT = "draft"
        APPROVED = "approved", "Approved, on its way"
        SUBMITTED = "submitted", "Taken by the hotline"
        FAILED = "failed", "Given up; needs a person"

    class Incident(models.TextChoices):
        """The hotline's own kinds of incident, in its own words (CyberTipline API)."""

        MATERIAL = "Child Pornography (possession, manufacture, and distribution)"
        TRAFFICKING = "Child Sex Trafficking"
        TOURISM = "Child Sex Tourism"
        MOLESTATION = "Child Sexual Molestation"
        ENTICEMENT = "Online Enticement of Children for Sexual Acts"
        UNSOLICITED = "Unsolicited Obscene Material Sent to a Child"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    incident = models.TextField(choices=Incident, default=Incident.MATERIAL)
    incident_at = models.DateTimeField()
    urgent = models.TextField(blank=True, default="", help_text="Why it can't wait; empty when it can")
    said = models.TextField(blank=True, default="", help_text="What the hotline should know, in words")
    files = ArrayField(models.UUIDField(), default=list, help_text="Attachments that go with it")
    state = models.TextField(choices=State, default=State.DRAFT)
    live = models.BooleanField(default=False, help_text="Sent to the real hotline, not to its test system")
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    report_id = models.BigIntegerField(null=True, help_text="The hotline's number")
    uploaded = models.JSONField(
        default=dict, help_text="Attachment to the hotline's file id: what needn't be sent again"
    )
    described = ArrayField(models.UUIDField(), default=list, help_text="Files whose details the hotline has")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    submitted_at = models.DateTimeField(null=True)
    preserve_until = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("drafted_by")),
                name="referral_by_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(report_id__isnull=False, preserve_until__isnull=False),
                name="referral_submitted_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="referral_due", condition=Q(state="approved")),
            models.Index(fields=["case"], name="referral_case"),
        ]


class Contact(models.Model):
    """Whom to call when a life is in danger, by country."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166; empty for anywhere")
    name = models.TextField()
    how = models.TextField(help_text="Number, portal, hours")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["country", "position", "name"]


class Emergency(models.Model):
    """A threat to life in a case: what is done about it within the hour."""

    CLOCK = "emergency"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="emergency")
    threat = models.TextField(help_text="Who is in danger, from what, when, where")
    country = models.CharField(max_length=2, blank=True)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    alerted_at = models.DateTimeField(null=True, help_text="When leads and handlers were mailed")
    reminded_at = models.DateTimeField(null=True, help_text="When they were mailed again, half of the time being gone")
    told = models.TextField(blank=True, default="", help_text="Who was told what, when, with their reference")
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["due_at"], name="emergency_open", condition=Q(closed_at__isnull=True))]
