"""Playbooks with versions; their runs, with a row for every step; what starts runs by itself."""

from functools import cached_property
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from seacliff.partners.models import Ask
from seacliff.people.models import Function, User
from seacliff.playbooks.document import Playbook as Document
from seacliff.playbooks.document import Step, book_of, step_of
from seacliff.record.ids import uuid7

KEEP_VERSION = """
IF TG_OP = 'DELETE' OR ROW(NEW.playbook_id, NEW.number, NEW.state, NEW.source, NEW.content, NEW.effective_at)
        IS DISTINCT FROM ROW(OLD.playbook_id, OLD.number, OLD.state, OLD.source, OLD.content, OLD.effective_at) THEN
    RAISE EXCEPTION 'Version % of this playbook is published: runs go by its words. Publish a new version instead.',
        OLD.number USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
"""


class Playbook(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.TextField(help_text="As its newest version calls it")
    retired_at = models.DateTimeField(null=True)
    next_start_at = models.DateTimeField(null=True, help_text="When it is to be run next, by its calendar")

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["next_start_at"], name="playbook_due", condition=Q(next_start_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name


class PlaybookVersion(models.Model):
    """One wording of a playbook. A draft may change; a published one stays, and runs that began with it keep it."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.TextField(choices=State, default=State.DRAFT)
    source = models.TextField(help_text="YAML, as it was written")
    content = models.JSONField(null=True, help_text="What the source says; null while it can't be read")
    change = models.TextField(blank=True, default="", help_text="What changes and why")
    effective_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["playbook", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["playbook", "number"], name="playbook_version_once"),
            models.UniqueConstraint(fields=["playbook"], condition=Q(state="draft"), name="playbook_one_draft"),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(effective_at__isnull=False, published_at__isnull=False, content__isnull=False),
                name="playbook_published_whole",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_playbook_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func=KEEP_VERSION,
            )
        ]

    def __str__(self) -> str:
        return f"{self.playbook}, version {self.number}"

    @property
    def document(self) -> Document:
        """What it says. What is published is read once."""
        if self.state != self.State.PUBLISHED:
            return book_of(self.content or {})
        return _read_once(self)[0]

    @property
    def steps(self) -> dict[str, Step]:
        """The steps of a published version by their keys."""
        return _read_once(self)[1]


_read: dict[UUID, tuple[Document, dict[str, Step]]] = {}


def _read_once(version: PlaybookVersion) -> tuple[Document, dict[str, Step]]:
    if version.id not in _read:
        if len(_read) > 500:
            _read.clear()
        document = book_of(version.content or {})
        _read[version.id] = document, {step.key: step for step in document.steps}
    return _read[version.id]


class Run(models.Model):
    """One use of a playbook. `attend_at`: when the desk looks at it next; null while it waits for somebody."""

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished", "Finished"
        ENDED = "ended", "Ended early"
        CANCELLED = "cancelled"

    class Via(models.TextChoices):
        HAND = "hand", "By hand"
        ROUTING = "routing", "By a routing rule"
        EVENT = "event", "By an event"
        DATE = "date", "By its calendar"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("playbooks_run_number"), function="nextval")
    )
    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="runs", db_index=False)
    title = models.TextField()
    state = models.TextField(choices=State, default=State.RUNNING)
    severity = models.PositiveSmallIntegerField()
    inputs = models.JSONField(default=dict)
    about_kind = models.TextField(blank=True, default="")
    about_id = models.UUIDField(null=True)
    about_label = models.TextField(blank=True, default="")
    lead = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+",
                             help_text="For whom it asks, and who hears of the answers")  # fmt: skip
    started_by = models.TextField()
    via = models.TextField(choices=Via, default=Via.HAND)
    key = models.TextField(null=True, unique=True, help_text="What started it, so that the same doesn't start it twice")
    started_at = models.DateTimeField()
    attend_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True, default="", help_text="Why the desk can't go on with it")
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="run_severity_known"),
            models.CheckConstraint(
                condition=Q(state="running", ended_at__isnull=True) | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="run_ended_when",
            ),
        ]
        indexes = [
            models.Index(fields=["attend_at", "id"], name="run_attend", condition=Q(attend_at__isnull=False)),
            models.Index(fields=["state", "-id"], name="run_state"),
            models.Index(fields=["playbook", "-id"], name="run_playbook"),
            models.Index(fields=["playbook", "state", "-id"], name="run_playbook_state"),
            models.Index(fields=["version"], name="run_version"),
            models.Index(fields=["about_id", "-id"], name="run_about", condition=Q(about_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"R-{self.number}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING


class RunStep(models.Model):
    """A step of a run: of its version, or added while it ran. `attempt` grows when it is given to somebody else."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for others"
        SCHEDULED = "scheduled", "Begins later"
        OPEN = "open"
        DONE = "done"
        SKIPPED = "skipped"
        DROPPED = "dropped", "Dropped at the end"

    CLOCK = "step"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps", db_index=False)
    key = models.TextField()
    position = models.PositiveSmallIntegerField()
    state = models.TextField(choices=State, default=State.WAITING)
    added = models.JSONField(null=True, help_text="Its words, when it was added or given to somebody else in this run")
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="+", db_index=False)
    assigned_to = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ask = models.ForeignKey(Ask, null=True, on_delete=models.PROTECT, related_name="run_steps", db_index=False)
    attempt = models.PositiveSmallIntegerField(default=1)
    opens_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    values = models.JSONField(default=dict)
    written = models.TextField(blank=True, default="", help_text="Its text as it was when it began")

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="run_step_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "scheduled", "open"], done_at__isnull=True)
                | Q(state__in=["done", "skipped", "dropped"], done_at__isnull=False),
                name="run_step_done_when",
            ),
        ]
        indexes = [
            models.Index(fields=["ask"], name="run_step_asked", condition=Q(state="open", ask__isnull=False)),
            models.Index(fields=["due_at", "id"], name="run_step_due", condition=Q(state="open", due_at__isnull=False)),
            models.Index(fields=["function", "due_at", "id"], name="run_step_of", condition=Q(state="open")),
        ]

    @cached_property
    def spec(self) -> Step:
        """What it says."""
        return step_of(self.added) if self.added else self.run.version.steps[self.key]

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and (self.done_at or timezone.now()) > self.due_at


class Heard(models.Model):
    """How far the record has been listened to for events that start runs: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    tx = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())
