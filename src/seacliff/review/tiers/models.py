"""Rows of the tiers: plans, deliberations with their seats and votes, precedents."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from seacliff.people.models import User
from seacliff.policy.models import PolicyVersion
from seacliff.record.ids import time_of, uuid7
from seacliff.record.versions import Version, one_in_force


class TierPlan(Version):
    """A version of the tiers' configuration (plan.py says what is in it). The one without an end is in force."""

    plan = models.JSONField()
    created_by = models.UUIDField(null=True)

    class Meta(Version.Meta):
        constraints = [one_in_force("tier_plan_one")]


class Deliberation(models.Model):
    """Several people decide one case. The terms are those of the plan it began under.

    Consensus: independent votes, then a discussion that ends in final votes; unanimous or passed on.
    Panel: a roster, votes, if need be second votes, then the chair writes; the outcome binds.
    """

    CLOCK = "deliberation"

    class Way(models.TextChoices):
        CONSENSUS = "consensus"
        PANEL = "panel"

    class Stage(models.TextChoices):
        VOTES = "votes", "Independent votes"
        DISCUSSION = "discussion", "Discussion and final votes"
        ROSTER = "roster", "Waits for its panel"
        PANEL = "panel", "The panel votes"
        SECOND = "second", "The panel votes again"
        WRITING = "writing", "The outcome is being written"
        DECIDED = "decided", "Decided"
        PASSED_ON = "passed-on", "Passed on without consensus"
        ENDED = "ended", "Ended: the case went another way"

    OVER = ("decided", "passed-on", "ended")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="deliberations")
    way = models.TextField(choices=Way)
    stage = models.TextField(choices=Stage)
    tier = models.PositiveSmallIntegerField()
    plan_number = models.PositiveIntegerField(default=0)
    voters = models.PositiveSmallIntegerField(help_text="Votes needed (consensus) or quorum (panel)")
    due_at = models.DateTimeField()
    corrects = models.ForeignKey(
        "review.Decision", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="The decision that is under appeal",
    )  # fmt: skip
    chair = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.JSONField(null=True, help_text="The ballot that prevailed (ballots.py)")
    casting = models.BooleanField(default=False, help_text="Whether the chair's vote decided a tie")
    decision = models.OneToOneField("review.Decision", null=True, on_delete=models.PROTECT, related_name="deliberation")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(closed_at__isnull=True), name="deliberation_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="deliberation_due", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["-id"], name="deliberation_newest"),
        ]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def round(self) -> int:
        """Which round of votes is being cast, or was the last."""
        return 2 if self.stage in (self.Stage.DISCUSSION, self.Stage.SECOND) else 1


class Seat(models.Model):
    """Somebody who decides with others: a voter, or a member of the panel with the function they come from."""

    class State(models.TextChoices):
        INVITED = "invited", "Has not declared yet"
        SEATED = "seated", "No conflict of interest"
        CONFLICTED = "conflicted", "Conflict of interest"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deliberation = models.ForeignKey(Deliberation, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="seats")
    function = models.TextField(default="", help_text="The part of the company, as it was then")
    state = models.TextField(choices=State, default=State.INVITED)
    conflict = models.TextField(default="")
    declared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["deliberation", "user"], name="seat_once")]
        indexes = [models.Index(fields=["user", "-id"], name="seat_user")]


class Vote(models.Model):
    """One ballot of one round; never changed. Nobody but its voter sees it before the round is over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deliberation = models.ForeignKey(Deliberation, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="votes")
    round = models.PositiveSmallIntegerField()
    ballot = models.JSONField(help_text="ballots.py: finding, category, policy version, actions")
    reasons = models.TextField()
    cast_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["deliberation", "user", "round"], name="vote_once")]


class Precedent(models.Model):
    """What several people decided, kept for the next similar case; retired when the words it rests on change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(
        unique=True, editable=False, db_default=models.Func(models.Value("review_precedent_number"), function="nextval")
    )
    decision = models.OneToOneField("review.Decision", on_delete=models.PROTECT, related_name="precedent")
    case = models.ForeignKey("review.Case", on_delete=models.PROTECT, related_name="precedents")
    tier = models.PositiveSmallIntegerField()
    category = models.TextField()
    finding = models.TextField()
    target_kind = models.TextField()
    actions = ArrayField(models.TextField(), default=list)
    policy_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="precedents")
    passage = models.TextField(blank=True, default="", help_text="The words of the rule that it turns on, as quoted")
    question = models.TextField(help_text="What had to be decided, in a sentence")
    opinion = models.TextField(help_text="What was decided and why")
    dissents = models.JSONField(default=list, help_text='[{"name", "function", "text"}]')
    retired_at = models.DateTimeField(null=True)
    retired_because = models.TextField(default="")
    document = models.GeneratedField(
        expression=SearchVector("question", "opinion", "passage", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["category", "-id"], name="precedent_category", condition=Q(retired_at__isnull=True)),
            GinIndex(fields=["document"], name="precedent_document"),
        ]

    def __str__(self) -> str:
        return f"P-{self.number}"

    @property
    def at(self) -> datetime:
        return time_of(self.id)
