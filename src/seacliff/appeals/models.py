"""Appeals against decisions: one for each side of a decision, with a clock of its own."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from seacliff.people.models import User
from seacliff.policy.models import PolicyVersion
from seacliff.record.ids import uuid7
from seacliff.review.models import Case, Decision, Deliberation
from seacliff.targets.models import Target


class Appeal(models.Model):
    CLOCK = "appeal"

    class Side(models.TextChoices):
        AFFECTED = "affected", "Affected user"
        REPORTER = "reporter", "Reporter"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a reviewer"
        PANEL = "panel", "With the panel"
        DECIDED = "decided", "Decided"

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "The decision stands"
        OVERTURNED = "overturned", "The decision was overturned"
        CHANGED = "changed", "The decision was changed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("appeals_appeal_number"), function="nextval")
    )
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    side = models.TextField(choices=Side)
    report_id = models.UUIDField(null=True, help_text="The reporter's report")
    target = models.ForeignKey(
        Target, null=True, on_delete=models.PROTECT, related_name="+", help_text="Who is affected"
    )
    language = models.CharField(max_length=12)
    address = models.TextField(blank=True, default="", help_text="Where the appellant is told")
    statement = models.TextField(help_text="In the appellant's words")
    state = models.TextField(choices=State, default=State.WAITING)
    tier = models.PositiveSmallIntegerField(help_text="The lowest tier that may decide it")
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    holder = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lease_until = models.DateTimeField(null=True)
    deliberation = models.ForeignKey(Deliberation, null=True, on_delete=models.PROTECT, related_name="appeals")
    outcome = models.TextField(choices=Outcome, default="", blank=True)
    reasons = models.TextField(blank=True, default="", help_text="For colleagues; never told outside")
    answer = models.TextField(blank=True, default="", help_text="In words, to the appellant")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    new_decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    # As they were when it was decided against: statistics are read off these alone.
    policy_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+")
    category = models.TextField()
    reviewer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    first_tier = models.PositiveSmallIntegerField()
    automated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "side", "report_id"], nulls_distinct=False, name="appeal_once_a_side"
            ),
            models.CheckConstraint(
                condition=~Q(state="decided") | ~Q(outcome="") & Q(decided_at__isnull=False), name="appeal_decided_how"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(reviewer__isnull=True) | ~Q(decided_by=models.F("reviewer")),
                name="appeal_by_somebody_else",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="appeal_open", condition=~Q(state="decided")),
            models.Index(fields=["state", "-id"], name="appeal_state"),
            models.Index(fields=["side", "-id"], name="appeal_side"),
            models.Index(fields=["decided_at"], name="appeal_decided", condition=Q(state="decided")),
            models.Index(fields=["holder"], name="appeal_holder", condition=Q(holder__isnull=False)),
            models.Index(fields=["deliberation"], name="appeal_panel", condition=Q(deliberation__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"A-{self.number}"

    def is_held(self, now: datetime) -> bool:
        return self.holder_id is not None and self.lease_until is not None and self.lease_until > now
