"""Rules of retention, what is held back from them, the runs that apply them, and what people ask about their data."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.intake.models import Reporter
from seacliff.people.models import User
from seacliff.record.ids import uuid7
from seacliff.record.versions import Version, one_in_force
from seacliff.review.models import Case
from seacliff.targets.models import Target


class RetentionPlan(Version):
    """A version of the rules (plan.py says what is in it). The one without an end is in force."""

    plan = models.JSONField()
    change = models.TextField(help_text="What changed and why")
    created_by = models.UUIDField(null=True)

    class Meta(Version.Meta):
        constraints = [one_in_force("retention_one")]


class Hold(models.Model):
    """Something must not be forgotten, whatever a rule or a request says, until somebody releases it or its day comes."""

    class On(models.TextChoices):
        CASE = "case", "A case"
        TARGET = "target", "A target alone"
        TREE = "tree", "An account and everything below it"
        REPORTER = "reporter", "A reporter"
        WORDS = "words", "Cases in which words are found"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    on = models.TextField(choices=On)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="holds")
    target = models.ForeignKey(Target, null=True, on_delete=models.PROTECT, related_name="holds")
    reporter = models.ForeignKey(Reporter, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True, default="")
    matter = models.TextField(help_text="What it is for, such as a court's number")
    reason = models.TextField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=Now())
    review_on = models.DateField(help_text="When somebody asks whether it is still needed")
    until = models.DateField(null=True, blank=True, help_text="When it ends by itself")
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_because = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(on="case", case__isnull=False)
                | Q(on__in=["target", "tree"], target__isnull=False)
                | Q(on="reporter", reporter__isnull=False)
                | Q(on="words") & ~Q(words=""),
                name="hold_on_something",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | ~Q(released_because=""), name="hold_released_why"
            ),
        ]
        indexes = [
            models.Index(fields=["case"], name="hold_case", condition=Q(released_at__isnull=True)),
            models.Index(fields=["target"], name="hold_target", condition=Q(released_at__isnull=True)),
        ]

    @property
    def thing(self) -> str:
        """What is held, in words that name no reporter."""
        if self.case is not None:
            return self.case.ref
        if self.target is not None:
            return f"{self.target.get_kind_display()} {self.target}"
        return f"“{self.words}”" if self.words else f"reporter {str(self.reporter_id)[:13]}"


class Request(models.Model):
    """What somebody outside asks about their own data: to erase it (GDPR art. 17), or to see it (art. 15)."""

    CLOCK = "data subject's request"

    class Kind(models.TextChoices):
        ERASURE = "erasure", "Erase their data"
        ACCESS = "access", "Show them their data"

    class Party(models.TextChoices):
        REPORTER = "reporter", "Somebody who reported"
        AFFECTED = "affected", "Somebody who was reported"

    class State(models.TextChoices):
        RECEIVED = "received", "Who they are is to be checked"
        IDENTIFIED = "identified", "Identity checked"
        CHECKING = "checking", "Two people check the export"
        RUNNING = "running", "Being erased"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("privacy_request_number"), function="nextval")
    )
    kind = models.TextField(choices=Kind)
    party = models.TextField(choices=Party)
    reporter = models.ForeignKey(Reporter, null=True, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Target, null=True, on_delete=models.PROTECT, related_name="+")
    asked_as = models.TextField(help_text="Address or identifier that they gave")
    contact = models.TextField(blank=True, default="", help_text="Where they are answered")
    said = models.TextField(blank=True, default="", help_text="What they asked for, in their words")
    state = models.TextField(choices=State, default=State.RECEIVED)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    identified_how = models.TextField(blank=True, default="")
    identified_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="", help_text="What they were told")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["done", "refused"]) | Q(closed_at__isnull=False), name="request_closed_when"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "refused"]) | ~Q(identified_how=""), name="request_identified_how"
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="request_open", condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return f"D-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def subject_known(self) -> bool:
        return self.reporter_id is not None or self.target_id is not None


class Run(models.Model):
    """One going-through of the classes: first shown (which rows would go), then approved, then done in batches."""

    class State(models.TextChoices):
        WAITING = "waiting", "The preview is being made"
        READY = "ready", "Shown; waits for approval"
        ASKS = "asks", "Stopped: needs a look"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(RetentionPlan, null=True, on_delete=models.PROTECT, related_name="runs")
    request = models.ForeignKey(Request, null=True, on_delete=models.PROTECT, related_name="runs")
    state = models.TextField(choices=State, default=State.WAITING)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    preview = models.JSONField(default=list, help_text="Per class: total, goes, oldest, sample, kept and why")
    shown_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True, help_text="When it begins by itself, where the plan says so")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    question = models.TextField(blank=True, default="", help_text="Why it stopped")
    done = models.JSONField(default=dict, help_text="Per class: rows gone so far")
    spared = models.PositiveIntegerField(default=0, help_text="Rows that were kept after all")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(plan__isnull=False) ^ Q(request__isnull=False), name="run_for_one_thing"
            ),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state__in=["waiting", "ready", "asks", "running"], plan__isnull=False),
                name="run_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="run_to_do", condition=Q(state__in=["waiting", "running"]))]

    @property
    def goes(self) -> int:
        return sum(line["goes"] for line in self.preview)

    @property
    def gone(self) -> int:
        return sum(self.done.values())


class Doomed(models.Model):
    """One row that a run was shown to forget: what goes is what was shown, and nothing else."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="doomed", db_index=False)
    data_class = models.TextField()
    row = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["run", "id"], name="doomed_of_run")]


class Export(models.Model):
    """What one person is given of their data: a ZIP, checked by two people, let out by a link that ends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="exports")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    opened_by = models.JSONField(default=list, help_text="Ids of colleagues who have looked at it")
    first_check = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    second_check = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(second_check__isnull=True) | ~Q(second_check=models.F("first_check")),
                name="export_checked_by_two",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(second_check__isnull=False, expires_at__isnull=False),
                name="export_released_when_checked",
            ),
        ]

    def is_out(self, now: datetime) -> bool:
        return self.released_at is not None and self.expires_at is not None and now < self.expires_at
