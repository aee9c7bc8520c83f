"""Second looks at decisions: the sampling plan, the checks, what is known to be right, sessions of calibration."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from seacliff.people.models import User
from seacliff.policy.models import PolicyVersion
from seacliff.record.ids import time_of, uuid7
from seacliff.record.versions import Version, one_in_force
from seacliff.review.models import Case, Decision, Queue


class QualityPlan(Version):
    """A version of the sampling plan (plan.py says what is in it). The one without an end is in force."""

    plan = models.JSONField()
    created_by = models.UUIDField(null=True)

    class Meta(Version.Meta):
        constraints = [one_in_force("quality_plan_one")]


class Unsampled(models.Model):
    """Decisions that have just become final, however late: left by a trigger on Decision, taken by the sampling desk."""

    decision_id = models.UUIDField(primary_key=True)


class Golden(models.Model):
    """A case whose right verdict is known: a copy without people's data, frozen. It serves while its rule's wording holds."""

    class Source(models.TextChoices):
        SETTLED = "settled", "A difference that was settled"
        PRECEDENT = "precedent", "A precedent"
        PICKED = "picked", "Picked by hand"
        CALIBRATION = "calibration", "A calibration session"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", help_text="What it was copied from")
    source = models.TextField(choices=Source)
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    category = models.TextField(help_text="The harm reported")
    tier = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=12, default="")
    copy = models.JSONField(help_text="The matter as it is shown (dossier.py), with invented names")
    finding = models.TextField(choices=Decision.Finding)
    found = models.TextField(help_text="The right harm")
    actions = ArrayField(models.TextField(), default=list)
    why = models.TextField(help_text="Why this is right; told after an answer")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_because = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(retired_at__isnull=True), name="golden_once_a_case")
        ]
        indexes = [models.Index(fields=["category"], name="golden_in_use", condition=Q(retired_at__isnull=True))]

    @property
    def added_at(self) -> datetime:
        return time_of(self.id)


class Session(models.Model):
    """A calibration: several people decide the same cases, each alone; then they compare and agree."""

    class State(models.TextChoices):
        DECIDING = "deciding", "Everybody decides alone"
        COMPARING = "comparing", "Compared and discussed"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.TextField()
    state = models.TextField(choices=State, default=State.DECIDING)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    members = models.ManyToManyField(User, related_name="calibrations")
    due_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def opened_at(self) -> datetime:
        return time_of(self.id)


class SessionCase(models.Model):
    """One case of a calibration, by the decision that stood when it was picked; at the end what was agreed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="cases")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    finding = models.TextField(choices=Decision.Finding, blank=True, default="", help_text="Agreed at the end")
    found = models.TextField(blank=True, default="")
    why = models.TextField(blank=True, default="")
    golden = models.OneToOneField(Golden, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["session", "decision"], name="session_case_once")]


class Check(models.Model):
    """One blind look by one person: at a sampled decision, at a golden case, or at a case of a calibration."""

    CLOCK = "re-review"

    class Kind(models.TextChoices):
        SAMPLE = "sample"
        GOLDEN = "golden"
        CALIBRATION = "calibration"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a second look"
        AGREED = "agreed", "Both found the same"
        DIFFERS = "differs", "The two differ"
        SETTLED = "settled", "Settled"
        ANSWERED = "answered", "Answered"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Right(models.TextChoices):
        FIRST = "first", "The first decision was right"
        SECOND = "second", "The second look was right"
        NEITHER = "neither", "Neither was right"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("quality_check_number"), function="nextval")
    )
    kind = models.TextField(choices=Kind, default=Kind.SAMPLE)
    state = models.TextField(choices=State, default=State.WAITING)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="checks")
    golden = models.ForeignKey(Golden, null=True, on_delete=models.PROTECT, related_name="checks")
    of_session = models.ForeignKey(SessionCase, null=True, on_delete=models.CASCADE, related_name="checks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    for_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", help_text="Nobody else's")
    # What claiming asks, and what agreement is read off: as it was when the decision was drawn.
    policy_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+")
    category = models.TextField(help_text="The harm reported")
    queue = models.ForeignKey(Queue, null=True, on_delete=models.PROTECT, related_name="+")
    tier = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=12, default="")
    first = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", help_text="Who decided it")
    first_finding = models.TextField(blank=True, default="")
    first_found = models.TextField(blank=True, default="")
    first_actions = ArrayField(models.TextField(), default=list)
    plan_number = models.PositiveIntegerField(default=0)
    chance = models.FloatField(null=True, help_text="How likely this decision was to be drawn: its weight is 1/chance")
    week = models.DateField(null=True, help_text="The Monday of the week in which it was decided")
    due_at = models.DateTimeField()
    holder = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lease_until = models.DateTimeField(null=True)
    barred = ArrayField(models.UUIDField(), default=list, help_text="They saw it and gave it back: never offered again")
    # The second look.
    second = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.TextField(blank=True, default="")
    found = models.TextField(blank=True, default="")
    actions = ArrayField(models.TextField(), default=list)
    rationale = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    agrees = models.BooleanField(null=True, help_text="With the first decision, or with what is known to be right")
    # Which of the two was right.
    right = models.TextField(choices=Right, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    new_decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="corrected_after")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["decision"], condition=Q(kind="sample"), name="check_once_a_decision"),
            models.UniqueConstraint(
                fields=["golden", "for_user"], condition=Q(kind="golden"), name="check_golden_once"
            ),
            models.UniqueConstraint(
                fields=["of_session", "for_user"], condition=Q(kind="calibration"), name="check_session_once"
            ),
            models.UniqueConstraint(fields=["holder"], condition=Q(holder__isnull=False), name="check_held_one"),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | Q(first__isnull=True) | ~Q(second=models.F("first")),
                name="check_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(kind="sample") | Q(decision__isnull=False, chance__gt=0, chance__lte=1),
                name="check_sample_weighed",
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True, lease_until__isnull=True)
                | Q(holder__isnull=False, lease_until__isnull=False, state="waiting"),
                name="check_lease_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "differs", "settled", "answered"])
                | Q(second__isnull=False, answered_at__isnull=False) & ~Q(finding=""),
                name="check_answered_how",
            ),
            models.CheckConstraint(condition=~Q(state="settled") | ~Q(right=""), name="check_settled_how"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="check_waiting", condition=Q(state="waiting", kind="sample")),
            models.Index(fields=["for_user"], name="check_for", condition=Q(state="waiting", for_user__isnull=False)),
            models.Index(fields=["lease_until"], name="check_lease", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["-id"], name="check_differs", condition=Q(state="differs")),
            models.Index(fields=["answered_at"], name="check_answered", condition=Q(answered_at__isnull=False)),
            models.Index(fields=["second", "-id"], name="check_second", condition=Q(second__isnull=False)),
            models.Index(fields=["first", "week"], name="check_first", condition=Q(kind="sample")),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"S-{self.number}"  # a second look; Q is an ask

    def is_held_by(self, user: User, now: datetime) -> bool:
        return self.holder_id == user.id and self.lease_until is not None and self.lease_until > now


class Opinion(models.Model):
    """Which of the two was right, in the view of one of several who settle a difference together; each speaks once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="opinions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    right = models.TextField(choices=Check.Right)
    reason = models.TextField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["of", "user"], name="opinion_once")]
