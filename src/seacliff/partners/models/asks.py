"""An ask: one request from a function to another, with its clock, its answer and what came of it."""

from datetime import datetime

import pghistory
from django.db import models
from django.db.models import F, Q

from seacliff.partners.models.charters import CharterVersion
from seacliff.people.models import Function, User
from seacliff.record.ids import time_of, uuid7


@pghistory.track(model_name="AskHistory", fields=["state", "due_at", "to_function", "to_email", "severity"])
class Ask(models.Model):
    CLOCK = "answer"

    class Kind(models.TextChoices):
        REVIEW = "review"
        APPROVE = "approve"
        ADVISE = "advise"
        BUILD = "build"
        PUBLISH = "publish"
        INFORM = "inform"

    class State(models.TextChoices):
        ASKED = "asked"
        ACKNOWLEDGED = "acknowledged"
        CLARIFYING = "clarifying", "Waits for the asker"
        PAUSED = "paused"
        ANSWERED = "answered"
        WITHDRAWN = "withdrawn"

    class Answer(models.TextChoices):
        YES = "yes"
        PARTLY = "partly"
        NO = "no"

    class Outcome(models.TextChoices):
        """What came of it, as the asker saw it later."""

        HELPED = "helped", "It changed the outcome"
        PARTLY = "partly", "It helped in part"
        NOTHING = "nothing", "Nothing came of it"
        OPEN = "open", "Too early to say"

    WAITING = (State.ASKED, State.ACKNOWLEDGED)  # the clock runs
    OPEN = (*WAITING, State.CLARIFYING, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("partners_ask_number"), function="nextval")
    )
    kind = models.TextField(choices=Kind)
    severity = models.PositiveSmallIntegerField(default=3)
    question = models.TextField()
    from_function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="asks_made")
    to_function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="asks_received")
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asker_name = models.TextField()
    asker_email = models.TextField(blank=True, default="", help_text="Where news of the ask goes")
    to_email = models.TextField(blank=True, default="", help_text="A named person of the function; empty: its contacts")
    about_kind = models.TextField(blank=True, default="", help_text="The record it is about, if any")
    about_id = models.UUIDField(null=True)
    about_label = models.TextField(blank=True, default="")
    shared = models.JSONField(
        default=list, help_text='What goes with it, frozen and redacted: [{"key", "label", "text"}]'
    )
    form = models.JSONField(default=list, help_text="Fields of the answer, as they were when it was asked")
    charter = models.ForeignKey(CharterVersion, null=True, on_delete=models.PROTECT, related_name="asks")
    key = models.TextField(null=True, unique=True, help_text="What made it, so that the same is not asked twice")
    state = models.TextField(choices=State, default=State.ASKED)
    due_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1, help_text="Grows when the due time is set anew")
    taken = models.DurationField(null=True, help_text="Time it has waited for an answer, in its charter's hours")
    counting_since = models.DateTimeField(null=True, help_text="Since when `taken` is to be added to")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(default="")
    answer = models.TextField(choices=Answer, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    form_answers = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(default="")
    answered_via = models.TextField(default="", help_text="console, link, email, slack, ...")
    closed_at = models.DateTimeField(null=True, help_text="Answered or withdrawn")
    outcome = models.TextField(choices=Outcome, blank=True, default="")
    outcome_text = models.TextField(blank=True, default="")
    outcome_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(severity__range=(1, 4)), name="ask_severity_known"),
            models.CheckConstraint(condition=~Q(from_function=F("to_function")), name="ask_of_another_function"),
            models.CheckConstraint(
                condition=~Q(state="answered") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="ask_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["answered", "withdrawn"], closed_at__isnull=False)
                | (~Q(state__in=["answered", "withdrawn"]) & Q(closed_at__isnull=True)),
                name="ask_closed_when",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=["partly", "no"]) | ~Q(reason=""), name="ask_refusal_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["to_function", "due_at", "id"], name="ask_inbox", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["from_function", "due_at", "id"], name="ask_outbox", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["due_at", "id"], name="ask_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["to_function", "-id"], name="ask_received"),
            models.Index(fields=["from_function", "-id"], name="ask_made"),
            models.Index(fields=["about_id", "-id"], name="ask_about", condition=Q(about_id__isnull=False)),
            models.Index(fields=["closed_at"], name="ask_closed", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["outcome_at", "id"], name="ask_outcome_told", condition=~Q(outcome="")),
            models.Index(fields=["answered_at"], name="ask_outcome_wanted", condition=Q(state="answered", outcome="")),
            models.Index(
                fields=["from_function", "-answered_at", "-id"],
                name="ask_outcome_board",
                condition=Q(state="answered", outcome=""),
            ),
            models.Index(
                fields=["to_email", "due_at", "id"],
                name="ask_to_person",
                condition=Q(closed_at__isnull=True) & ~Q(to_email=""),
            ),
            models.Index(fields=["from_function", "id"], name="ask_clarifying", condition=Q(state="clarifying")),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        return f"Q-{self.number}"

    @property
    def asked_at(self) -> datetime:
        return time_of(self.id)

    @property
    def stands_still(self) -> bool:
        return self.state in (self.State.CLARIFYING, self.State.PAUSED)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Reminder(models.Model):
    """One reminder or escalation of an ask, planned when its due time is set and written off in the transaction that
    orders its mails: neither missed nor doubled, whoever dies."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    round = models.PositiveSmallIntegerField()
    step = models.TextField(help_text="soon, due, late-<n>, escalate-<n>")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["ask", "round", "step"], name="reminder_once")]
        indexes = [models.Index(fields=["at", "id"], name="reminder_due", condition=Q(done_at__isnull=True))]
